#include "json/escape.h"

namespace heare::json {

namespace {

/// Four hexadecimal digits after `\u`.
char32_t code_unit(std::string_view digits) {
  char32_t unit = 0;
  for (const char digit : digits.substr(0, 4)) unit = unit * 16 + static_cast<char32_t>(hex_digit(digit));
  return unit;
}

bool is_high_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

Escape read_unicode_escape(std::string_view text) {
  const char32_t unit = code_unit(text.substr(2));
  if (is_high_surrogate(unit) && text.size() >= 12 && text[6] == '\\' && text[7] == 'u') {
    const char32_t low = code_unit(text.substr(8));
    if (is_low_surrogate(low)) return {0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), 12, false};
  }
  if (is_high_surrogate(unit) || is_low_surrogate(unit)) return {kReplacementCharacter, 6, true};
  return {unit, 6, false};
}

}  // namespace

int hex_digit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

Escape read_escape(std::string_view text) {
  switch (text[1]) {
    case 'b':
      return {U'\b', 2, false};
    case 'f':
      return {U'\f', 2, false};
    case 'n':
      return {U'\n', 2, false};
    case 'r':
      return {U'\r', 2, false};
    case 't':
      return {U'\t', 2, false};
    case 'u':
      return read_unicode_escape(text);
    default:  // a quote, a backslash or a slash stands for itself
      return {static_cast<char32_t>(text[1]), 2, false};
  }
}

void append_utf8(std::string& out, char32_t character) {
  const auto append = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (character < 0x80) {
    append(character);
  } else if (character < 0x800) {
    append(0xC0 | (character >> 6));
    append(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    append(0xE0 | (character >> 12));
    append(0x80 | ((character >> 6) & 0x3F));
    append(0x80 | (character & 0x3F));
  } else {
    append(0xF0 | (character >> 18));
    append(0x80 | ((character >> 12) & 0x3F));
    append(0x80 | ((character >> 6) & 0x3F));
    append(0x80 | (character & 0x3F));
  }
}

}  // namespace heare::json
