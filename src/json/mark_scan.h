#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "json/byte_scan.h"

namespace heare::json {

/// Where in each block of 64 bytes of a text the bytes are that its reader has to look at.
class MarkedBlocks {
 public:
  MarkedBlocks(const char* begin, const char* end) : next_(begin), end_(end) {}

  struct Block {
    const char* begin;
    /// Bit n stands for byte n. None only at the end of the text.
    uint64_t marks;
  };
  /// The next block that has any. Not inlined: what is called for each mark must be short.
  [[gnu::noinline]] Block next() {
    while (next_ != end_) {
      const char* const begin = next_;
      if (const uint64_t marks = look_at_next(); marks != 0) return {begin, marks};
    }
    return {end_, 0};
  }

  const char* end() const { return end_; }

 private:
  uint64_t look_at_next() {
    const auto left = static_cast<size_t>(end_ - next_);
    if (left >= kBlockBytes) {
      next_ += kBlockBytes;
      return marks_of(token_masks(next_ - kBlockBytes));
    }
    std::array<char, kBlockBytes> padded;
    padded.fill(' ');
    std::memcpy(padded.data(), next_, left);
    next_ = end_;
    return marks_of(token_masks(padded.data()));
  }

  uint64_t marks_of(const TokenMasks& masks) {
    const uint64_t quotes = masks.quotes & ~escaped_bytes(masks.backslashes, escaped_);
    // From an opening quote up to, but without, the closing one.
    const uint64_t strings = prefix_xor(quotes) ^ (in_string_ ? ~uint64_t{0} : 0);
    in_string_ = strings >> 63 != 0;
    return quotes | (~masks.spaces & ~strings) | (masks.special & strings);
  }

  const char* next_;
  const char* const end_;
  bool in_string_ = false;
  /// The first byte of the next block stands after a backslash that is not itself escaped.
  bool escaped_ = false;
};

/// Finds the bytes of a text that its reader has to look at, one after another: outside of strings all but white space,
/// the quotes that begin and end strings, and within strings control characters, backslashes and what is no ASCII. That
/// is so as far as the text is valid JSON; after its first fault, marks mean nothing.
///
/// Marks are found for 64 bytes at a time, so that what the reader does with one need not be done before the next is
/// known: that is what makes it fast. It also takes that this lives in registers: where it is a local variable, and no
/// function that takes it by reference is called but inline.
class MarkScan {
 public:
  explicit MarkScan(MarkedBlocks& blocks) : blocks_(blocks) {}

  /// The next mark, or the end of the text.
  [[gnu::always_inline]] const char* next() {
    if (block_.marks == 0) {
      block_ = blocks_.next();
      if (block_.marks == 0) return block_.begin;
    }
    const char* const mark = block_.begin + std::countr_zero(block_.marks);
    block_.marks &= block_.marks - 1;
    return mark;
  }

  /// The next mark that is not before `at`, or the end of the text.
  [[gnu::always_inline]] const char* next_from(const char* at) {
    for (;;) {
      const char* const mark = next();
      if (mark >= at) return mark;
    }
  }

 private:
  MarkedBlocks& blocks_;
  MarkedBlocks::Block block_ = {};
};

}  // namespace heare::json
