#include "http/line_scanner.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace heare::http {
namespace {

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// True where one of the eight bytes is a control character: the classic "has a byte less than" on a whole word.
bool any_control(const char* eight) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  uint64_t word = 0;
  std::memcpy(&word, eight, sizeof(word));
  const uint64_t deletes = word ^ (kOnes * 0x7F);
  const uint64_t below_space = (word - kOnes * 0x20) & ~word;
  const uint64_t is_delete = (deletes - kOnes) & ~deletes;
  return ((below_space | is_delete) & kHighs) != 0;
}

size_t find_control(std::string_view text, size_t begin, size_t end) {
  while (begin + 8 <= end && !any_control(text.data() + begin)) begin += 8;
  while (begin < end && !is_control(text[begin])) ++begin;
  return begin;
}

}  // namespace

LineScanner::Step LineScanner::next(std::string_view text, size_t end) {
  end = std::min(end, text.size());
  while (true) {
    const size_t found = find_control(text, scanned_, end);
    scanned_ = found;
    if (found == end) return {Outcome::more, {}};
    if (text[found] == '\t') {
      ++scanned_;
      continue;
    }
    if (text[found] != '\r') return {Outcome::bad, {}};
    if (found + 1 == end) return {Outcome::more, {}};
    if (text[found + 1] != '\n') return {Outcome::bad, {}};
    const auto line = text.substr(begin_, found - begin_);
    begin_ = scanned_ = found + 2;
    return {Outcome::line, line};
  }
}

size_t token_size(std::string_view text) {
  return static_cast<size_t>(std::ranges::find_if_not(text, is_token_character) - text.begin());
}

bool is_token(std::string_view text) {
  return !text.empty() && token_size(text) == text.size();
}

size_t field_name_size(std::string_view line) {
  const size_t size = token_size(line);
  return size < line.size() && line[size] == ':' ? size : 0;
}

std::string_view trim(std::string_view text) {
  size_t begin = 0;
  size_t end = text.size();
  while (begin < end && is_blank(text[begin])) ++begin;
  while (begin < end && is_blank(text[end - 1])) --end;
  return text.substr(begin, end - begin);
}

}  // namespace heare::http
