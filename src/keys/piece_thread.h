#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "base/mutex.h"
#include "base/thread_annotations.h"

namespace heare::keys {

/// Takes bytes in and works on them on a thread of its own, so that whoever brings them can go on: while one piece is
/// read or decrypted, the one before it is parsed. Holds at most kPieces of them, of kPieceBytes each. What is smaller
/// than one piece starts no thread. Used by one thread; the consumer is called by one thread at a time.
class PieceThread {
 public:
  /// An error ends the work: the consumer is not called again. So does a lack of memory, an error `unavailable`.
  using Consumer = std::function<Result<>(std::string_view)>;

  static constexpr size_t kPieces = 4;
  /// Well within the processor's caches, and long enough that handing one over costs nothing beside it.
  static constexpr size_t kPieceBytes = size_t{256} * 1024;

  explicit PieceThread(Consumer consumer) : consumer_(std::move(consumer)) {}
  /// Without `finish`, what has not been worked on is dropped.
  ~PieceThread();
  PieceThread(const PieceThread&) = delete;
  PieceThread& operator=(const PieceThread&) = delete;

  /// Copies `bytes`; waits where the consumer is behind. Returns the consumer's error once there is one, which may be
  /// of an earlier piece.
  Result<> append(std::string_view bytes);
  /// Waits until all has been worked on; the thread has ended then.
  Result<> finish();

 private:
  bool start();
  Result<> hand_over();
  void work();
  Result<> consume(std::string_view piece);
  void end();
  Result<> work_on_the_last();

  const Consumer consumer_;
  std::thread thread_;
  /// Each is filled, counted as filled, worked on by the thread, and counted as used.
  std::array<std::string, kPieces> pieces_;
  /// The one that is being filled.
  size_t filling_ = 0;

  Mutex mutex_;
  Condition changed_;
  size_t filled_ HEARE_GUARDED_BY(mutex_) = 0;
  size_t used_ HEARE_GUARDED_BY(mutex_) = 0;
  /// No more will be filled.
  bool ending_ HEARE_GUARDED_BY(mutex_) = false;
  Result<> result_ HEARE_GUARDED_BY(mutex_);
};

}  // namespace heare::keys
