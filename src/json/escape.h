#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace heare::json {

/// What stands for a lone surrogate, which UTF-8 cannot hold.
inline constexpr char32_t kReplacementCharacter = 0xFFFD;

/// The value of a hexadecimal digit of either case, or -1.
int hex_digit(char byte);

/// One escape of a string, a pair of surrogates being one.
struct Escape {
  /// The character that it stands for; U+FFFD for a lone surrogate.
  char32_t character = 0;
  /// Its length in the text, backslash included.
  size_t length = 0;
  bool lone_surrogate = false;
};

/// Reads the escape that `text` begins with. It must be well-formed, as it is in what a Reader has read.
Escape read_escape(std::string_view text);

/// Appends a Unicode scalar value.
void append_utf8(std::string& out, char32_t character);

}  // namespace heare::json
