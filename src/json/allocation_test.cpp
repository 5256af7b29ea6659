// The thread sanitizer brings an operator new of its own, which leaves no place for one that counts.
#if defined(__SANITIZE_THREAD__)
#define HEARE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HEARE_THREAD_SANITIZER 1
#endif
#endif

#ifndef HEARE_THREAD_SANITIZER

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "json/reader.h"
#include "json/splitter.h"

namespace {

std::atomic<size_t> allocations = 0;

}  // namespace

// Every allocation of this program goes through here and is counted. Not inlined: GCC would take one half of a pair,
// seen alone, for a mismatch.
// NOLINTBEGIN(cppcoreguidelines-no-malloc): what `new` and `delete` are made of
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t /*size*/) noexcept {
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace heare::json {
namespace {

constexpr std::string_view kRecord =
    R"({"id":"key_0001xVceXj6hR4dZO53","secret":"sec_0123456789","name":"caf\u00e9","metadata":{"a":[1,{"b":null}]}})";

TEST(Allocation, ReadingASecondTextNeedsNone) {
  Reader reader;
  ASSERT_TRUE(reader.read(kRecord));
  const size_t before = allocations;
  size_t found = 0;
  for (int n = 0; n < 100; ++n) {
    const Result<Value> record = reader.read(kRecord);
    if (record && record->find("metadata").is_object() && !record->find("owner")) ++found;
  }
  const size_t after = allocations;
  EXPECT_EQ(found, 100U);
  EXPECT_EQ(after, before);
}

TEST(Allocation, SplittingWholePiecesNeedsNone) {
  class Counting final : public SplitterEvents {
   public:
    void begin_array(uint64_t) override {}
    Result<> element(const Result<Value>&, Span) override {
      ++elements;
      return {};
    }
    void end_array(uint64_t) override {}
    void member(std::string_view, Value, Span) override {}
    size_t elements = 0;
  };
  std::string pieces(kRecord);
  pieces += ',';
  Counting events;
  Splitter splitter("keys", events);
  ASSERT_TRUE(splitter.append(R"({"keys":[)"));
  ASSERT_TRUE(splitter.append(pieces));
  const size_t before = allocations;
  bool good = true;
  for (int n = 0; n < 100; ++n) good = good && splitter.append(pieces);
  const size_t after = allocations;
  EXPECT_TRUE(good);
  EXPECT_EQ(events.elements, 101U);
  EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace heare::json

#endif  // HEARE_THREAD_SANITIZER
