#include "base/random.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "support/sequence_random.h"

namespace heare {
namespace {

/// Gives the numbers it was made with, in order, and counts them.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::vector<uint32_t> numbers) : numbers_(std::move(numbers)) {}
  void fill(std::span<std::byte> out) override { std::memcpy(out.data(), &numbers_.at(used_++), out.size()); }
  size_t used() const { return used_; }

 private:
  std::vector<uint32_t> numbers_;
  size_t used_ = 0;
};

TEST(Random, ValuesOfTheIncompleteLastRoundAreDrawnAgain) {
  // 2^32 is 4 above a multiple of 62: the last four values would favour 0 to 3.
  constexpr uint32_t kMax = std::numeric_limits<uint32_t>::max();
  ScriptedRandom random({kMax, kMax - 3, kMax - 4});
  EXPECT_EQ(random.below(62), 61U);
  EXPECT_EQ(random.used(), 3U);
}

TEST(Random, ABoundThatDividesTheRangeNeedsOneDraw) {
  ScriptedRandom random({std::numeric_limits<uint32_t>::max()});
  EXPECT_EQ(random.below(64), 63U);
}

TEST(Random, ABoundOfOneIsZero) {
  ScriptedRandom random({7});
  EXPECT_EQ(random.below(1), 0U);
}

TEST(SystemRandom, FillsTheWholeSpan) {
  // Beyond 256 bytes getrandom may be interrupted half-way; a byte that is zero in eight fills was left out.
  std::array<std::byte, 1000> seen{};
  for (int i = 0; i < 8; ++i) {
    std::array<std::byte, 1000> bytes{};
    system_random().fill(bytes);
    std::ranges::transform(seen, bytes, seen.begin(), [](std::byte a, std::byte b) { return a | b; });
  }
  EXPECT_EQ(std::ranges::count(seen, std::byte{0}), 0);
}

TEST(SystemRandom, TwoFillsDiffer) {
  std::array<std::byte, 32> first{};
  std::array<std::byte, 32> second{};
  system_random().fill(first);
  system_random().fill(second);
  EXPECT_NE(first, second);
}

TEST(SequenceRandom, IsTheSameForTheSameSeed) {
  testing::SequenceRandom first(7);
  testing::SequenceRandom second(7);
  testing::SequenceRandom other(8);
  std::array<std::byte, 20> a{};
  std::array<std::byte, 20> b{};
  std::array<std::byte, 20> c{};
  first.fill(a);
  second.fill(b);
  other.fill(c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  first.fill(b);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace heare
