#pragma once

#include <cstdint>
#include <functional>

namespace heare::keys {

/// What a long read, edit or import is at, and what the count beside it counts.
enum class Step {
  /// The document arrives: bytes so far.
  reading,
  /// It is parsed: bytes in all.
  checking,
  /// The edit is made: bytes in all.
  changing,
  /// The document is sent: bytes in all.
  writing,
  /// Keys to import are read: keys so far.
  taking,
};

/// Hears of each step, so that whoever waits can be told. Called often: it must be quick.
using Progress = std::function<void(Step step, uint64_t count)>;

}  // namespace heare::keys
