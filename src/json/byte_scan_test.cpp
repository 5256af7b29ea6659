#include "json/byte_scan.h"

#include <string>

#include <gtest/gtest.h>

#include "json/json_test_support.h"

namespace heare::json {
namespace {

/// Blocks of every byte value, dense in those that matter.
std::string random_block(RandomText& random) {
  static constexpr std::string_view kMatter = "\"\\[]{}:, \n\r\t";
  std::string block;
  while (block.size() < kBlockBytes) {
    block += random.below(2) == 0 ? kMatter[random.below(kMatter.size())] : static_cast<char>(random.below(256));
  }
  return block;
}

void expect_masks_of(const std::string& block, const BracketMasks& masks) {
  for (size_t n = 0; n < kBlockBytes; ++n) {
    const char byte = block[n];
    ASSERT_EQ((masks.quotes >> n & 1) != 0, byte == '"') << n;
    ASSERT_EQ((masks.backslashes >> n & 1) != 0, byte == '\\') << n;
    ASSERT_EQ((masks.opens >> n & 1) != 0, byte == '[' || byte == '{') << n;
    ASSERT_EQ((masks.closes >> n & 1) != 0, byte == ']' || byte == '}') << n;
  }
}

void expect_masks_of(const std::string& block, const TokenMasks& masks) {
  for (size_t n = 0; n < kBlockBytes; ++n) {
    const char byte = block[n];
    const auto code = static_cast<unsigned char>(byte);
    const bool printable_ascii = code >= 0x20 && code <= 0x7F;
    ASSERT_EQ((masks.quotes >> n & 1) != 0, byte == '"') << n;
    ASSERT_EQ((masks.backslashes >> n & 1) != 0, byte == '\\') << n;
    ASSERT_EQ((masks.spaces >> n & 1) != 0, is_space(byte)) << n;
    ASSERT_EQ((masks.special >> n & 1) != 0, !printable_ascii || byte == '\\') << n;
  }
}

TEST(ByteScan, MasksMarkWhatTheyName) {
  RandomText random(1);
  for (int round = 0; round < 500; ++round) {
    const std::string block = random_block(random);
    expect_masks_of(block, words::bracket_masks(block.data()));
    expect_masks_of(block, widest::bracket_masks(block.data()));
    expect_masks_of(block, words::token_masks(block.data()));
    expect_masks_of(block, widest::token_masks(block.data()));
  }
}

TEST(ByteScan, MasksAreRightForEveryByteBesideEveryOther) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      std::string block(kBlockBytes, static_cast<char>(first));
      for (size_t n = 1; n < kBlockBytes; n += 2) block[n] = static_cast<char>(second);
      const TokenMasks expected = words::token_masks(block.data());
      const TokenMasks widest = widest::token_masks(block.data());
      ASSERT_EQ(widest.quotes, expected.quotes) << first << ' ' << second;
      ASSERT_EQ(widest.spaces, expected.spaces) << first << ' ' << second;
      ASSERT_EQ(widest.special, expected.special) << first << ' ' << second;
    }
  }
}

}  // namespace
}  // namespace heare::json
