#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace heare {
namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

unsigned char byte_at(std::string_view text, size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// Printable ASCII that a JSON string holds as it is.
bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/// A word whose eight bytes are all `byte`.
constexpr uint64_t repeat(uint8_t byte) {
  return uint64_t{0x0101010101010101} * byte;
}

/// True where each of the eight bytes at `data` is plain: the usual text takes a few instructions for eight bytes.
bool eight_are_plain(const char* data) {
  uint64_t word = 0;
  std::memcpy(&word, data, sizeof word);
  // The high bit of a byte comes out set where that byte is (or, by a borrow, one below it is) what is looked for.
  const auto has_zero = [](uint64_t v) { return (v - repeat(1)) & ~v; };
  const uint64_t control = (word - repeat(0x20)) & ~word;
  const uint64_t delete_or_more = word | (word + repeat(1));
  const uint64_t quote = has_zero(word ^ repeat('"'));
  const uint64_t backslash = has_zero(word ^ repeat('\\'));
  return ((control | delete_or_more | quote | backslash) & repeat(0x80)) == 0;
}

/// A control character past U+007F, or a separator of lines or paragraphs: JSON has them as they are, but terminals
/// obey the first, and some readers end a line at each of them.
bool is_line_breaker(std::string_view sequence) {
  if (sequence.size() == 2) return sequence[0] == '\xC2' && byte_at(sequence, 1) < 0xA0;
  return sequence == "\xE2\x80\xA8" || sequence == "\xE2\x80\xA9";
}

/// Bytes at the beginning of `text` that a JSON string holds as they are.
size_t plain_length(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    if (text.size() - i >= 8 && eight_are_plain(text.data() + i)) {
      i += 8;
    } else if (is_plain(byte_at(text, i))) {
      ++i;
    } else {
      const size_t sequence = byte_at(text, i) < 0x80 ? 0 : utf8_sequence_length(text.substr(i));
      if (sequence == 0 || is_line_breaker(text.substr(i, sequence))) break;
      i += sequence;
    }
  }
  return i;
}

void append_hex_escape(std::string& out, unsigned char c) {
  static constexpr std::string_view kHexDigits = "0123456789abcdef";
  out += "\\u00";
  out += kHexDigits[c >> 4];
  out += kHexDigits[c & 0xF];
}

void append_escaped_byte(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (c >= 0x80) {
    out += kReplacementCharacter;
    return;
  }
  append_hex_escape(out, c);
}

/// Of what is not plain at the beginning of `text`; how many bytes of it that was.
size_t append_escaped(std::string& out, std::string_view text) {
  const std::string_view sequence = text.substr(0, utf8_sequence_length(text));
  if (!is_line_breaker(sequence)) {
    append_escaped_byte(out, byte_at(text, 0));
    return 1;
  }
  if (sequence.size() == 2) {
    append_hex_escape(out, byte_at(sequence, 1));
  } else {
    out += sequence.back() == '\xA8' ? "\\u2028" : "\\u2029";
  }
  return sequence.size();
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

size_t utf8_sequence_length(std::string_view text) {
  const unsigned char first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  // Only the second byte has bounds of its own: against overlong forms, surrogates and what is past U+10FFFF.
  const unsigned char second = byte_at(text, 1);
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (second < low || second > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

size_t count_characters(std::string_view utf8) {
  const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<size_t>(std::ranges::count_if(utf8, begins_character));
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const size_t plain = plain_length(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    text.remove_prefix(append_escaped(out, text));
  }
  out += '"';
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::string ascii_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

bool internal::same_size_equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

}  // namespace heare
