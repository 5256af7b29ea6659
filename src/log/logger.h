#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace heare::log {

enum class Level { debug, info, warning, error };

/// `debug`, `info`, `warning` or `error`; nothing for any other text.
std::optional<Level> parse_level(std::string_view text);

/// One named value of a line. Texts are escaped; they may hold any bytes. A number that is none (NaN, infinity) is
/// written as null.
struct Field {
  std::string_view name;
  std::variant<std::string_view, int64_t, double> value;
};

/// Appends one line: `{"event":…,fields…,"timestamp":…,"level":…}` and a newline, without spaces. Allocates nothing
/// where `out` has room.
void append_line(std::string& out, Level level, std::string_view event, std::initializer_list<Field> fields,
                 WallTime time);

/// Gathers one thread's verification lines and hands them to the logger in large pieces: no lock and, in the steady
/// state, no allocation for a line. Belongs to one thread. Whatever it still holds when destroyed is handed on; what is
/// handed on after the logger's end is lost.
class Batch {
 public:
  virtual ~Batch() = default;
  /// True where lines of this level are wanted at all.
  virtual bool wants(Level level) const = 0;
  /// The buffer to append whole lines to (see `append_line`); call `commit` after each.
  virtual std::string& buffer() = 0;
  /// Counts the line just appended, and hands the batch on once it is full. A batch that is not full waits for its
  /// owner to call `flush`: within limits::kLogBatchDelay, so that lines are seen in time.
  virtual void commit() = 0;
  /// Hands on what there is, without waiting. Where the queue is full, these lines are dropped and counted.
  virtual void flush() = 0;
  virtual bool empty() const = 0;
};

/// Structured lines to a file descriptor. A thread of its own writes, so that a reader who stalls stops nobody: its
/// queue is bounded (limits::kLogQueueBytesMax); over it the lines of batches are dropped, counted, and reported as
/// `log_lines_dropped` once there is room; other events never are. A full disk and the like are tried again every
/// second. Once the reader has gone for good (EPIPE) everything is dropped, and batch lines counted: no reason to
/// stop, SIGPIPE included. Safe from any thread.
class Logger {
 public:
  virtual ~Logger() = default;
  /// Writes an event that is never dropped. Returns at once.
  virtual void event(Level level, std::string_view event, std::initializer_list<Field> fields) = 0;
  virtual std::unique_ptr<Batch> make_batch() = 0;
  /// Lines of batches dropped since the start.
  virtual uint64_t lines_dropped() const = 0;
  /// Waits until everything handed over so far is written, or the time is up. True where all was.
  virtual bool flush(std::chrono::milliseconds timeout) = 0;
};

/// Starts a logger that writes the lines from `threshold` on. `fd` stays the caller's, who may close it at any time:
/// the logger has a duplicate. Its destructor writes what it can within limits::kFlushTimeout, then leaves the rest,
/// even where a write(2) blocks for good. A program with a deadline calls `flush` instead, and where that fails ends
/// without the destructor, which would wait once more.
std::unique_ptr<Logger> make_logger(int fd, Level threshold, const Clock& clock);

}  // namespace heare::log
