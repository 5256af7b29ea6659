#pragma once

// For one source of a test program: replaces its operator new by one that counts. The thread sanitizer brings an
// operator new of its own, which leaves no place for this one: then HEARE_COUNTS_ALLOCATIONS is not defined.
#if defined(__SANITIZE_THREAD__)
#define HEARE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HEARE_THREAD_SANITIZER 1
#endif
#endif

#ifndef HEARE_THREAD_SANITIZER
#define HEARE_COUNTS_ALLOCATIONS 1

#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace heare::testing {

/// Allocations of the whole program so far, and of the calling thread.
inline std::atomic<size_t> allocations = 0;
inline thread_local size_t thread_allocations = 0;
/// What the whole program has now.
inline std::atomic<size_t> live_bytes = 0;

}  // namespace heare::testing

// Not inlined: GCC would take one half of a pair, seen alone, for a mismatch.
// NOLINTBEGIN(cppcoreguidelines-no-malloc): what `new` and `delete` are made of
// NOLINTBEGIN(misc-definitions-in-headers): included by one source of a program
[[gnu::noinline]] void* operator new(size_t size) {
  ++heare::testing::allocations;
  ++heare::testing::thread_allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  heare::testing::live_bytes += malloc_usable_size(memory);
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  heare::testing::live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t /*size*/) noexcept {
  operator delete(memory);
}
// NOLINTEND(misc-definitions-in-headers)
// NOLINTEND(cppcoreguidelines-no-malloc)

#endif
