#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <span>
#include <vector>

#include "keys/memory_block.h"

namespace heare::keys {

/// Memory that only grows, for many small things that go together. Nothing in it ever moves, and each has a place of 32
/// bits, half of what a pointer takes.
class Arena {
 public:
  /// Counted in units of 8 bytes, which reaches 32 GiB. Never 0.
  using Place = uint32_t;
  static constexpr size_t kUnitBytes = 8;

  struct Allocation {
    Place place;
    std::byte* memory;
  };
  /// Zeroed. Throws std::bad_alloc where memory or places run out.
  Allocation allocate(size_t bytes);

  const std::byte* at(Place place) const { return memory_at(place); }

  /// What was allocated, in order and without gaps: from `begin` on, up to `end`.
  struct Stretch {
    Place begin;
    Place end;
  };
  std::span<const Stretch> stretches() const { return stretches_; }

  /// Nothing more will be allocated.
  void finish() { spare_ = {}; }

  /// Of so many bytes.
  static Place units(size_t bytes) { return static_cast<Place>((bytes + kUnitBytes - 1) / kUnitBytes); }

 private:
  static constexpr size_t kBlockUnits = kHugePageBytes / kUnitBytes;

  std::byte* memory_at(Place place) const { return blocks_[place / kBlockUnits] + place % kBlockUnits * kUnitBytes; }
  /// Behind the last place that there is memory for.
  size_t end() const { return blocks_.size() * kBlockUnits; }
  void grow(size_t units);
  MemoryBlock take_block(size_t bytes);

  /// Of one huge page each, or more for what does not fit into one.
  std::vector<MemoryBlock> memory_;
  /// Where each huge page's worth of places is.
  std::vector<std::byte*> blocks_;
  std::vector<Stretch> stretches_;
  /// The next one, in the making.
  std::future<MemoryBlock> spare_;
};

}  // namespace heare::keys
