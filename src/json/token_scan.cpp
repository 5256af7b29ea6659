#include "json/token_scan.h"

#include <bit>

#include "json/byte_scan.h"

namespace heare::json {

namespace {

bool ends_word(char byte) {
  return byte == ',' || byte == ']' || byte == '}' || is_space(byte);
}

}  // namespace

void TokenScan::begin(char first) {
  kind_ = first == '"' ? Kind::string : first == '{' || first == '[' ? Kind::container : Kind::word;
  ended_ = false;
  in_string_ = false;
  escaped_ = false;
  depth_ = 0;
}

size_t TokenScan::look(std::string_view bytes, size_t from) {
  if (kind_ == Kind::word) return look_for_word_end(bytes, from);
  while (kind_ == Kind::container && bytes.size() - from >= kBlockBytes) {
    from += step_block(bytes.data() + from);
    if (ended_) return from;
  }
  while (from < bytes.size() && !ended_) step(bytes[from++]);
  return from;
}

size_t TokenScan::look_for_word_end(std::string_view bytes, size_t from) {
  while (from < bytes.size() && !ends_word(bytes[from])) ++from;
  ended_ = from < bytes.size();
  return from;
}

void TokenScan::step(char byte) {
  if (byte == '\\') {
    escaped_ = !escaped_;
    return;
  }
  if (byte == '"') {
    if (!escaped_) {
      in_string_ = !in_string_;
      ended_ = kind_ == Kind::string && !in_string_;
    }
  } else if (!in_string_ && kind_ == Kind::container) {
    if (byte == '{' || byte == '[') ++depth_;
    if (byte == '}' || byte == ']') ended_ = --depth_ == 0;
  }
  escaped_ = false;
}

size_t TokenScan::step_block(const char* at) {
  const BracketMasks masks = bracket_masks(at);
  const uint64_t quotes = masks.quotes & ~escaped_bytes(masks.backslashes, escaped_);
  const uint64_t in_string = prefix_xor(quotes) ^ (in_string_ ? ~uint64_t{0} : 0);
  const uint64_t opens = masks.opens & ~in_string;
  uint64_t closes = masks.closes & ~in_string;
  in_string_ = in_string >> 63 != 0;

  // Only where there are as many ends as levels can it end here.
  const auto close_count = static_cast<uint64_t>(std::popcount(closes));
  if (close_count >= depth_) {
    for (uint64_t closed = 1; closes != 0; ++closed, closes &= closes - 1) {
      const uint64_t before = (closes & -closes) - 1;
      if (depth_ + static_cast<uint64_t>(std::popcount(opens & before)) == closed) {
        ended_ = true;
        return static_cast<size_t>(std::countr_zero(closes)) + 1;
      }
    }
  }
  depth_ = depth_ + static_cast<uint64_t>(std::popcount(opens)) - close_count;
  return kBlockBytes;
}

}  // namespace heare::json
