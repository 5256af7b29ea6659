#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace heare::json {

/// Finds where a string, number, word, array or object ends, over any number of pieces, without checking it: it only
/// counts brackets outside of strings. For valid JSON the end is right; for anything else it is somewhere, the same
/// whatever the pieces.
class TokenScan {
 public:
  /// A new token begins, with this byte.
  void begin(char first);
  /// Looks on in `bytes` from `from`, where the token begins or goes on, and returns the position after its last byte
  /// there; ended() tells whether it is the token's last. A number or word ends before the byte that cannot be part of
  /// it.
  size_t look(std::string_view bytes, size_t from);
  bool ended() const { return ended_; }

 private:
  enum class Kind : uint8_t { word, string, container };

  size_t look_for_word_end(std::string_view bytes, size_t from);
  /// Looks at one byte of a string or container.
  void step(char byte);
  /// Looks at 64 bytes; the position after the container's last where it ends there.
  size_t step_block(const char* at);

  Kind kind_ = Kind::word;
  bool ended_ = false;
  bool in_string_ = false;
  /// The next byte stands after a backslash that is not itself escaped.
  bool escaped_ = false;
  uint64_t depth_ = 0;
};

}  // namespace heare::json
