#include "keys/arena.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <gtest/gtest.h>

namespace heare::keys {
namespace {

bool is_zeroed(const std::byte* memory, size_t bytes) {
  return std::all_of(memory, memory + bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

TEST(Arena, KeepsEachThingWhereItIsWhileItGrows) {
  Arena arena;
  std::vector<Arena::Allocation> allocations;
  // More than two blocks, of sizes that do not fill them evenly.
  for (uint32_t n = 0; n < 20'000; ++n) {
    const size_t bytes = sizeof n + n % 500;
    allocations.push_back(arena.allocate(bytes));
    ASSERT_TRUE(is_zeroed(allocations.back().memory, bytes));
    std::memcpy(allocations.back().memory, &n, sizeof n);
  }
  for (uint32_t n = 0; n < allocations.size(); ++n) {
    ASSERT_NE(allocations[n].place, 0U);
    ASSERT_EQ(arena.at(allocations[n].place), allocations[n].memory);
    uint32_t held = 0;
    std::memcpy(&held, allocations[n].memory, sizeof held);
    ASSERT_EQ(held, n);
  }
}

TEST(Arena, HoldsWhatIsLargerThanABlockInOnePiece) {
  Arena arena;
  const Arena::Allocation small = arena.allocate(10);
  constexpr size_t kLarge = 3 * kHugePageBytes + 1;
  const Arena::Allocation large = arena.allocate(kLarge);
  std::memset(large.memory, 7, kLarge);
  const Arena::Allocation after = arena.allocate(kHugePageBytes - 8);
  EXPECT_TRUE(is_zeroed(after.memory, kHugePageBytes - 8));
  EXPECT_TRUE(is_zeroed(small.memory, 10));
  EXPECT_EQ(arena.at(after.place), after.memory);
  EXPECT_EQ(arena.at(large.place + Arena::units(kLarge) - 1), large.memory + kLarge - 1);
}

TEST(Arena, StretchesAreWhatWasAllocatedInItsOrder) {
  Arena arena;
  std::vector<Arena::Place> allocated;
  constexpr size_t kBytes = 1000;
  for (int n = 0; n < 5'000; ++n) allocated.push_back(arena.allocate(kBytes).place);
  std::vector<Arena::Place> walked;
  for (const Arena::Stretch& stretch : arena.stretches()) {
    for (Arena::Place place = stretch.begin; place != stretch.end; place += Arena::units(kBytes)) {
      walked.push_back(place);
    }
  }
  EXPECT_EQ(walked, allocated);
}

TEST(MemoryBlock, HugePagesAreAlignedAndFilled) {
  const MemoryBlock block(kHugePageBytes + 1, MemoryBlock::Pages::huge);
  EXPECT_EQ(block.size(), 2 * kHugePageBytes);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(block.data()) % kHugePageBytes, 0U);
  block.populate();
  EXPECT_TRUE(is_zeroed(block.data(), block.size()));
}

TEST(MemoryBlock, MovesItsMemory) {
  MemoryBlock block(100, MemoryBlock::Pages::small);
  std::byte* const memory = block.data();
  MemoryBlock taken = std::move(block);
  EXPECT_EQ(taken.data(), memory);
  MemoryBlock other;
  other = std::move(taken);
  EXPECT_EQ(other.data(), memory);
}

}  // namespace
}  // namespace heare::keys
