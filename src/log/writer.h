#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "log/logger.h"

namespace heare::log {

/// Whole lines on their way to the descriptor.
struct Piece {
  std::string bytes;
  /// Lines that may be dropped; 0 for an event.
  uint64_t lines = 0;
};

/// The queue between those who log and the thread that writes, and that thread's work. The logger and the thread share
/// it: a thread that is stuck in write(2) when the logger goes is left behind with it.
class Writer {
 public:
  /// Duplicates `fd`.
  Writer(int fd, Level threshold, const Clock& clock);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Level threshold() const { return threshold_; }
  const Clock& clock() const { return clock_; }

  /// Queues `line`, whatever waits already.
  void put_event(std::string line) HEARE_EXCLUDES(mutex_);
  /// Queues `piece`, or drops it where the queue is full, and puts an empty one with memory to write to in its place.
  void put_batch(Piece& piece) HEARE_EXCLUDES(mutex_);
  uint64_t lines_dropped() const HEARE_EXCLUDES(mutex_);
  bool flush(SteadyTime deadline) HEARE_EXCLUDES(mutex_);

  /// What the thread does until told to stop, and everything queued before is written.
  void run() HEARE_EXCLUDES(mutex_);
  /// Lets `run` write the rest until `deadline`. True where it is about to return: its thread can be joined. Else its
  /// thread may be stuck; it ends when it can, and touches nothing but this object.
  bool stop(SteadyTime deadline) HEARE_EXCLUDES(mutex_);

 private:
  void put(Piece piece) HEARE_REQUIRES(mutex_);
  void drop(uint64_t lines) HEARE_REQUIRES(mutex_);
  void queue_drop_report() HEARE_REQUIRES(mutex_);
  bool take_queue(std::vector<Piece>& taken) HEARE_EXCLUDES(mutex_);
  void finish(Piece& piece, bool written) HEARE_EXCLUDES(mutex_);
  bool write_all(std::string_view bytes) HEARE_EXCLUDES(mutex_);
  bool has_given_up() const HEARE_EXCLUDES(mutex_);
  void wait_before_retry() HEARE_EXCLUDES(mutex_);

  const Level threshold_;
  /// The program's; not to be used once abandoned.
  const Clock& clock_;

  /// Belongs to `run`, which closes it at its end.
  int fd_;

  mutable Mutex mutex_;
  Condition work_;      ///< there is something to write, or to stop for
  Condition progress_;  ///< something was written, or never will be
  std::vector<Piece> queue_ HEARE_GUARDED_BY(mutex_);
  /// Memory of pieces that were written, for those to come.
  std::vector<std::string> spare_ HEARE_GUARDED_BY(mutex_);
  /// Of all that was queued and is not written yet.
  size_t waiting_bytes_ HEARE_GUARDED_BY(mutex_) = 0;
  uint64_t pieces_put_ HEARE_GUARDED_BY(mutex_) = 0;
  uint64_t pieces_done_ HEARE_GUARDED_BY(mutex_) = 0;
  uint64_t lines_dropped_ HEARE_GUARDED_BY(mutex_) = 0;
  uint64_t lines_unreported_ HEARE_GUARDED_BY(mutex_) = 0;
  bool reader_gone_ HEARE_GUARDED_BY(mutex_) = false;
  bool stopping_ HEARE_GUARDED_BY(mutex_) = false;
  bool abandoned_ HEARE_GUARDED_BY(mutex_) = false;
  bool finished_ HEARE_GUARDED_BY(mutex_) = false;
};

}  // namespace heare::log
