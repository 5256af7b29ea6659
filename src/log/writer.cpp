#include "log/writer.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "base/limits.h"

namespace heare::log {
namespace {

using namespace std::chrono_literals;

/// For a disk that is full, or a descriptor that somebody made non-blocking.
constexpr auto kRetryDelay = 1s;
constexpr auto kPollTimeout = 100ms;
/// Buffers kept for reuse: a batch in each of 64 threads. What a stall needed beyond that is freed.
constexpr size_t kSparesMax = 64;
constexpr size_t kQueuePiecesUsual = 256;

/// True where no later write can succeed either.
bool is_final(int error) {
  return error == EPIPE || error == EBADF || error == EINVAL || error == ECONNRESET || error == ENOTCONN;
}

}  // namespace

// Where there is no duplicate to be had the first write fails with EBADF, and the reader counts as gone.
Writer::Writer(int fd, Level threshold, const Clock& clock)
    : threshold_(threshold), clock_(clock), fd_(fcntl(fd, F_DUPFD_CLOEXEC, 0)) {
  const MutexLock lock(mutex_);
  queue_.reserve(kQueuePiecesUsual);
  spare_.reserve(kSparesMax);
}

Writer::~Writer() {
  if (fd_ >= 0) close(fd_);
}

void Writer::put_event(std::string line) {
  const MutexLock lock(mutex_);
  if (!reader_gone_) put({.bytes = std::move(line)});
}

void Writer::put_batch(Piece& piece) {
  const MutexLock lock(mutex_);
  if (reader_gone_ || waiting_bytes_ + piece.bytes.size() > limits::kLogQueueBytesMax) {
    drop(piece.lines);
    piece.bytes.clear();
    piece.lines = 0;
    return;
  }
  put(std::exchange(piece, {}));
  if (spare_.empty()) return;
  piece.bytes = std::move(spare_.back());
  spare_.pop_back();
}

uint64_t Writer::lines_dropped() const {
  const MutexLock lock(mutex_);
  return lines_dropped_;
}

bool Writer::flush(SteadyTime deadline) {
  MutexLock lock(mutex_);
  const uint64_t target = pieces_put_;
  while (pieces_done_ < target && !reader_gone_) {
    if (!progress_.wait_until(lock, deadline)) break;
  }
  return pieces_done_ >= target;
}

void Writer::run() {
  std::vector<Piece> taken;
  taken.reserve(kQueuePiecesUsual);
  while (take_queue(taken)) {
    for (Piece& piece : taken) finish(piece, write_all(piece.bytes));
    taken.clear();
  }
  // Now, not with the last batch: a reader waits for the end.
  close(std::exchange(fd_, -1));
  const MutexLock lock(mutex_);
  finished_ = true;
  progress_.notify_all();
}

bool Writer::stop(SteadyTime deadline) {
  MutexLock lock(mutex_);
  stopping_ = true;
  work_.notify_all();
  while (!finished_) {
    if (!progress_.wait_until(lock, deadline)) break;
  }
  abandoned_ = !finished_;
  work_.notify_all();
  return finished_;
}

void Writer::put(Piece piece) {
  waiting_bytes_ += piece.bytes.size();
  ++pieces_put_;
  queue_.push_back(std::move(piece));
  work_.notify_one();
}

void Writer::drop(uint64_t lines) {
  lines_dropped_ += lines;
  if (reader_gone_ || threshold_ > Level::warning) return;
  lines_unreported_ += lines;
  work_.notify_one();
}

void Writer::queue_drop_report() {
  std::string line;
  const auto count = static_cast<int64_t>(std::exchange(lines_unreported_, 0));
  append_line(line, Level::warning, "log_lines_dropped", {{"count", count}}, clock_.now());
  put({.bytes = std::move(line)});
}

/// Waits for work and moves it to `taken`, which is empty. False where there is none and never will be.
bool Writer::take_queue(std::vector<Piece>& taken) {
  MutexLock lock(mutex_);
  while (queue_.empty() && lines_unreported_ == 0 && !stopping_) work_.wait(lock);
  if (abandoned_) return false;
  // What was dropped came after what had filled the queue: so does the report.
  if (lines_unreported_ > 0) queue_drop_report();
  taken.swap(queue_);
  return !taken.empty();
}

void Writer::finish(Piece& piece, bool written) {
  const MutexLock lock(mutex_);
  waiting_bytes_ -= piece.bytes.size();
  if (written) {
    ++pieces_done_;
    if (piece.lines > 0 && spare_.size() < kSparesMax) {
      piece.bytes.clear();
      spare_.push_back(std::move(piece.bytes));
    }
  } else {
    reader_gone_ = true;
    lines_unreported_ = 0;
    drop(piece.lines);
  }
  progress_.notify_all();
}

/// False where the reader has gone, or the logger.
bool Writer::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    if (has_given_up()) return false;
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
      continue;
    }
    const int error = written < 0 ? errno : 0;
    if (error == EINTR) continue;
    if (is_final(error)) return false;
    if (error == EAGAIN) {
      pollfd poll_entry{.fd = fd_, .events = POLLOUT, .revents = 0};
      poll(&poll_entry, 1, static_cast<int>(kPollTimeout / 1ms));
    } else {
      wait_before_retry();
    }
  }
  return true;
}

bool Writer::has_given_up() const {
  const MutexLock lock(mutex_);
  return reader_gone_ || abandoned_;
}

/// The rest of a line that was cut waits with it, so that the line comes out whole.
void Writer::wait_before_retry() {
  const SteadyTime deadline = std::chrono::steady_clock::now() + kRetryDelay;
  MutexLock lock(mutex_);
  while (!abandoned_) {
    if (!work_.wait_until(lock, deadline)) break;
  }
}

}  // namespace heare::log
