#include "json/byte_scan.h"

#include <string>

#include <gtest/gtest.h>

#include "json/json_test_support.h"

namespace heare::json {
namespace {

/// Blocks of every byte value, dense in those that matter.
std::string random_block(RandomText& random) {
  static constexpr std::string_view kMatter = "\"\\[]{}";
  std::string block;
  while (block.size() < kBlockBytes) {
    block += random.below(2) == 0 ? kMatter[random.below(kMatter.size())] : static_cast<char>(random.below(256));
  }
  return block;
}

void expect_masks_of(const std::string& block, const BlockMasks& masks) {
  for (size_t n = 0; n < kBlockBytes; ++n) {
    const char byte = block[n];
    ASSERT_EQ((masks.quotes >> n & 1) != 0, byte == '"') << n;
    ASSERT_EQ((masks.backslashes >> n & 1) != 0, byte == '\\') << n;
    ASSERT_EQ((masks.opens >> n & 1) != 0, byte == '[' || byte == '{') << n;
    ASSERT_EQ((masks.closes >> n & 1) != 0, byte == ']' || byte == '}') << n;
  }
}

TEST(ByteScan, MasksMarkWhatTheyName) {
  RandomText random(1);
  for (int round = 0; round < 500; ++round) {
    const std::string block = random_block(random);
    expect_masks_of(block, words::block_masks(block.data()));
    expect_masks_of(block, widest::block_masks(block.data()));
  }
}

TEST(ByteScan, SkippingStopsAtTheFirstByteThatIsNotPlain) {
  for (int stop = 0; stop < 256; ++stop) {
    for (size_t at = 0; at < 40; ++at) {
      std::string text(40, 'x');
      text[at] = static_cast<char>(stop);
      const char* const end = text.data() + text.size();
      const char* const expected = is_plain(text[at]) ? end : text.data() + at;
      ASSERT_EQ(skip_plain(text.data(), end), expected) << stop << " at " << at;

      const char* words_at = text.data();
      ASSERT_EQ(words::skip_plain(words_at, end), expected != end) << stop << " at " << at;
      ASSERT_EQ(words_at, expected) << stop << " at " << at;  // 40 is a whole number of words
    }
  }
}

TEST(ByteScan, PlainIsPrintableAsciiWithoutQuoteAndBackslash) {
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(is_plain(static_cast<char>(byte)), byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') << byte;
  }
}

}  // namespace
}  // namespace heare::json
