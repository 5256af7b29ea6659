#include "keys/piece_thread.h"

#include <system_error>
#include <utility>

#include "base/out_of_memory.h"
#include "base/secret.h"

namespace heare::keys {

PieceThread::~PieceThread() {
  {
    const MutexLock lock(mutex_);
    // Nobody wants what still waits.
    result_ = fail(ErrorCode::unavailable, "the work was abandoned");
  }
  end();
  // They have held documents with plain secrets.
  for (std::string& piece : pieces_) wipe(piece);
}

Result<> PieceThread::append(std::string_view bytes) {
  while (!bytes.empty()) {
    std::string& piece = pieces_[filling_];
    const std::string_view part = bytes.substr(0, kPieceBytes - piece.size());
    piece += part;
    bytes.remove_prefix(part.size());
    if (piece.size() < kPieceBytes) break;
    if (Result<> done = start() ? hand_over() : work_on_the_last(); !done) return done;
  }
  return {};
}

/// False where the system has no thread to give: then this one does the work.
bool PieceThread::start() {
  if (thread_.joinable()) return true;
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

Result<> PieceThread::hand_over() {
  filling_ = (filling_ + 1) % kPieces;
  MutexLock lock(mutex_);
  ++filled_;
  changed_.notify_all();
  while (filled_ - used_ == kPieces) changed_.wait(lock);
  return result_;
}

void PieceThread::work() {
  MutexLock lock(mutex_);
  while (true) {
    while (used_ == filled_ && !ending_) changed_.wait(lock);
    if (used_ == filled_) return;
    std::string& piece = pieces_[used_ % kPieces];
    const bool wanted = result_.has_value();
    lock.unlock();
    Result<> done = wanted ? consume(piece) : Result<>();
    piece.clear();
    lock.lock();
    if (!done && result_) result_ = std::move(done);
    ++used_;
    changed_.notify_all();
  }
}

Result<> PieceThread::consume(std::string_view piece) {
  return within_memory([&] { return consumer_(piece); });
}

void PieceThread::end() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

Result<> PieceThread::finish() {
  end();
  return work_on_the_last();
}

/// While no thread runs.
Result<> PieceThread::work_on_the_last() {
  const MutexLock lock(mutex_);
  std::string& piece = pieces_[filling_];
  if (result_ && !piece.empty()) result_ = consume(piece);
  piece.clear();
  return result_;
}

}  // namespace heare::keys
