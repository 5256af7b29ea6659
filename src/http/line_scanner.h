#pragma once

#include <cstddef>
#include <string_view>

#include "base/character_set.h"

namespace heare::http {

/// Finds the lines of a head, of a chunked body's framing or of trailers, in bytes that arrive piece by piece. A line
/// ends with CRLF and with nothing else; a bare CR or LF, NUL or any other control character but HTAB makes it bad, as
/// soon as it is seen: what ends a line or a message must be beyond doubt for every proxy on the way. No byte is
/// looked at twice, however small the pieces.
class LineScanner {
 public:
  enum class Outcome { more, line, bad };

  struct Step {
    Outcome outcome;
    /// Without its CRLF; of the text given.
    std::string_view line;
  };

  /// The next line. `text` begins as it did at the calls before, and may have grown; nothing from `end` on is looked
  /// at.
  Step next(std::string_view text, size_t end);

  /// Goes on at `position` of the text, where a line begins.
  void restart(size_t position) { begin_ = scanned_ = position; }

  /// `count` bytes before `position` have been taken out of the text.
  void drop(size_t count) {
    begin_ -= count;
    scanned_ -= count;
  }

  /// Where the line begins that is to be found next.
  size_t position() const { return begin_; }

 private:
  size_t begin_ = 0;
  size_t scanned_ = 0;
};

inline constexpr CharacterSet kTokenCharacters(
    "!#$%&'*+-.^_`|~0123456789"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz");

/// A character of a token (RFC 9110 section 5.6.2): what methods and field names are made of.
inline bool is_token_character(char c) {
  return kTokenCharacters.contains(c);
}

/// How many characters at the beginning of `text` a token is made of.
size_t token_size(std::string_view text);

/// True where `text` is one or more token characters.
bool is_token(std::string_view text);

/// The length of the name of a field line (`name: value`), which stands at the line's very begin and touches the colon;
/// 0 for any other line, such as one with obs-fold, white space before the colon or no name.
size_t field_name_size(std::string_view line);

/// White space within a line (OWS of RFC 9110 section 5.6.3).
inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Without the spaces and tabs around it.
std::string_view trim(std::string_view text);

}  // namespace heare::http
