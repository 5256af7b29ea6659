#pragma once

#include <cstddef>
#include <span>

namespace heare::keys {

/// What one entry of a page table's last level but one spans: a page of that size needs one entry of the processor's
/// cache of addresses where 512 small ones would be needed.
inline constexpr size_t kHugePageBytes = size_t{2} << 20;

/// Zeroed memory straight from the operating system, for what is large and lives long: given back for certain when it
/// is freed, and no sooner looked for than touched. Move-only.
class MemoryBlock {
 public:
  enum class Pages {
    small,  ///< takes room as it is touched
    huge,   ///< aligned to huge pages, and of huge pages where the system has them
  };

  /// Huge ones where so many bytes fill one.
  static Pages pages_for(size_t bytes) { return bytes < kHugePageBytes ? Pages::small : Pages::huge; }

  MemoryBlock() = default;
  /// Throws std::bad_alloc where there is no memory to be had.
  MemoryBlock(size_t bytes, Pages pages);
  MemoryBlock(MemoryBlock&& other) noexcept;
  MemoryBlock& operator=(MemoryBlock&& other) noexcept;
  /// Gives the memory back in steps, so that threads that need the address space meanwhile get their turn.
  ~MemoryBlock();

  /// Makes the system find all of the memory now, rather than when it is first touched. It zeroes it, which takes its
  /// time: a thread that has nothing else to do may call this for one that has.
  void populate() const;

  std::byte* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }

 private:
  std::span<std::byte> bytes_;
};

}  // namespace heare::keys
