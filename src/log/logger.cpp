#include "log/logger.h"

#include <pthread.h>
#include <signal.h>
#include <thread>
#include <utility>

#include "base/limits.h"
#include "log/writer.h"

namespace heare::log {
namespace {

/// What a line may take beyond a full batch without the buffer growing.
constexpr size_t kLineBytesUsual = size_t{4} * 1024;

class WriterBatch final : public Batch {
 public:
  explicit WriterBatch(std::shared_ptr<Writer> writer) : writer_(std::move(writer)) { make_room(); }
  ~WriterBatch() override { hand_over(); }
  WriterBatch(const WriterBatch&) = delete;
  WriterBatch& operator=(const WriterBatch&) = delete;

  bool wants(Level level) const override { return level >= writer_->threshold(); }
  std::string& buffer() override { return piece_.bytes; }
  void commit() override {
    ++piece_.lines;
    if (piece_.bytes.size() < limits::kLogBatchBytes) return;
    hand_over();
    make_room();
  }
  void flush() override {
    hand_over();
    make_room();
  }
  bool empty() const override { return piece_.lines == 0; }

 private:
  void hand_over() {
    if (!empty()) writer_->put_batch(piece_);
  }
  void make_room() { piece_.bytes.reserve(limits::kLogBatchBytes + kLineBytesUsual); }

  const std::shared_ptr<Writer> writer_;
  Piece piece_;
};

/// A write to a pipe without a reader then fails with EPIPE. The signal goes to the thread that writes, so it is enough
/// to block it in that one.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

/// Where its thread is stuck in write(2) at the end, it is left behind together with the Writer. Polling before each
/// write instead does not do: another process may fill the pipe in between, and making the descriptor non-blocking
/// would change it for those who share it.
class ThreadLogger final : public Logger {
 public:
  ThreadLogger(int fd, Level threshold, const Clock& clock)
      : writer_(std::make_shared<Writer>(fd, threshold, clock)), thread_([writer = writer_] {
          block_sigpipe();
          pthread_setname_np(pthread_self(), "heare-log");
          writer->run();
        }) {}
  ~ThreadLogger() override {
    if (writer_->stop(deadline_in(limits::kFlushTimeout))) {
      thread_.join();
    } else {
      thread_.detach();
    }
  }
  ThreadLogger(const ThreadLogger&) = delete;
  ThreadLogger& operator=(const ThreadLogger&) = delete;

  void event(Level level, std::string_view event, std::initializer_list<Field> fields) override {
    if (level < writer_->threshold()) return;
    std::string line;
    append_line(line, level, event, fields, writer_->clock().now());
    writer_->put_event(std::move(line));
  }
  std::unique_ptr<Batch> make_batch() override { return std::make_unique<WriterBatch>(writer_); }
  uint64_t lines_dropped() const override { return writer_->lines_dropped(); }
  bool flush(std::chrono::milliseconds timeout) override { return writer_->flush(deadline_in(timeout)); }

 private:
  /// By the machine's own clock, which the waiting goes by as well; an injected one may stand still.
  static SteadyTime deadline_in(std::chrono::milliseconds timeout) {
    return std::chrono::steady_clock::now() + timeout;
  }

  const std::shared_ptr<Writer> writer_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Logger> make_logger(int fd, Level threshold, const Clock& clock) {
  return std::make_unique<ThreadLogger>(fd, threshold, clock);
}

}  // namespace heare::log
