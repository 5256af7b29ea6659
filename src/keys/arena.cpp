#include "keys/arena.h"

#include <new>

namespace heare::keys {

Arena::Allocation Arena::allocate(size_t bytes) {
  const Place count = units(bytes);
  if (stretches_.empty() || count > end() - stretches_.back().end) grow(count);
  const Place place = stretches_.back().end;
  stretches_.back().end += count;
  return {place, memory_at(place)};
}

void Arena::grow(size_t units) {
  // The first unit of all is left out: its place would be 0.
  const size_t first = blocks_.empty() ? 1 : 0;
  const size_t block_count = (first + units + kBlockUnits - 1) / kBlockUnits;
  if (block_count > (size_t{UINT32_MAX} + 1) / kBlockUnits - blocks_.size() - 1) throw std::bad_alloc();
  const MemoryBlock& added = memory_.emplace_back(take_block(block_count * kHugePageBytes));
  const auto begin = static_cast<Place>(end() + first);
  stretches_.push_back({begin, begin});
  for (size_t n = 0; n < block_count; ++n) blocks_.push_back(added.data() + n * kHugePageBytes);
}

MemoryBlock Arena::take_block(size_t bytes) {
  // A small document must not take a huge page.
  if (memory_.empty()) return {bytes, MemoryBlock::Pages::small};
  if (bytes != kHugePageBytes) return {bytes, MemoryBlock::Pages::huge};
  // Where there is no thread to be had, it is made when it is taken.
  const auto make_spare = [] {
    return std::async([] {
      MemoryBlock block(kHugePageBytes, MemoryBlock::Pages::huge);
      block.populate();
      return block;
    });
  };
  if (!spare_.valid()) spare_ = make_spare();
  MemoryBlock taken = spare_.get();
  spare_ = make_spare();
  return taken;
}

}  // namespace heare::keys
