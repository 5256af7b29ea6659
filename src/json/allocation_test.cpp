#include "support/counted_new.h"

#ifdef HEARE_COUNTS_ALLOCATIONS

#include <string>

#include <gtest/gtest.h>

#include "json/reader.h"
#include "json/splitter.h"

namespace heare::json {
namespace {

using heare::testing::allocations;

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

#endif
