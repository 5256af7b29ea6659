#pragma once

#include <chrono>
#include <cstddef>

#include "base/limits.h"

namespace heare::http {

/// How long a connection may take for each of its steps. Tests have shorter ones.
struct Timeouts {
  using Duration = std::chrono::milliseconds;

  Duration header = limits::kHeaderTimeout;
  Duration body = limits::kBodyTimeout;
  Duration write = limits::kWriteTimeout;
  Duration idle = limits::kIdleTimeout;
  Duration idle_when_full = limits::kIdleTimeoutWhenFull;
  /// After our last answer, for its reader to take it and to close: closing at once, with bytes of the client unread,
  /// would send a reset that can overtake the answer (RFC 9112 section 9.6).
  Duration linger = std::chrono::seconds(2);
  /// When stopping: for a client that has connected to send its first byte.
  Duration first_byte_when_stopping = std::chrono::seconds(1);
  /// When stopping: for requests in flight.
  Duration drain = limits::kDrainTimeout;
  /// How often deadlines are looked at: one timer for all connections of a thread costs a request nothing.
  Duration sweep = std::chrono::milliseconds(500);
};

/// What is read and thrown away of a client that goes on sending after our last answer.
inline constexpr size_t kLingerBytesMax = size_t{1024} * 1024;

}  // namespace heare::http
