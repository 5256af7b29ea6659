#include "keys/memory_block.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace heare::keys {
namespace {

std::byte* map(size_t bytes) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(memory);
}

/// A mapping is aligned to small pages only, so one that is too long by a huge page is made and cut on both sides.
std::byte* map_aligned(size_t bytes) {
  std::byte* const mapped = map(bytes + kHugePageBytes);
  const size_t before = (kHugePageBytes - reinterpret_cast<uintptr_t>(mapped) % kHugePageBytes) % kHugePageBytes;
  if (before != 0) ::munmap(mapped, before);
  ::munmap(mapped + before + bytes, kHugePageBytes - before);
  // Refused where the system has none: then small ones have to do.
  (void)::madvise(mapped + before, bytes, MADV_HUGEPAGE);
  return mapped + before;
}

size_t rounded_up(size_t bytes, size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

MemoryBlock::MemoryBlock(size_t bytes, Pages pages) {
  if (pages == Pages::huge) {
    bytes = rounded_up(bytes, kHugePageBytes);
    bytes_ = {map_aligned(bytes), bytes};
  } else {
    bytes_ = {map(bytes), bytes};
  }
}

void MemoryBlock::populate() const {
  // Unknown before Linux 5.14: then it is found page by page.
  (void)::madvise(bytes_.data(), bytes_.size(), MADV_POPULATE_WRITE);
}

MemoryBlock::MemoryBlock(MemoryBlock&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MemoryBlock& MemoryBlock::operator=(MemoryBlock&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MemoryBlock::~MemoryBlock() {
  for (std::span<std::byte> rest = bytes_; !rest.empty();) {
    const std::span<std::byte> step = rest.first(std::min(rest.size(), kHugePageBytes));
    ::munmap(step.data(), step.size());
    rest = rest.subspan(step.size());
  }
}

}  // namespace heare::keys
