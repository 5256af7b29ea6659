#include "base/secret.h"

#include <algorithm>
#include <concepts>
#include <ostream>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace heare {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Streamable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!std::convertible_to<Secret, std::string_view>);
static_assert(!std::convertible_to<std::string_view, Secret>);

TEST(Secret, RevealsWhatItWasGiven) {
  EXPECT_EQ(Secret("sec_1").reveal(), "sec_1");
  EXPECT_EQ(Secret(std::string_view("a\0b", 3)).reveal(), std::string_view("a\0b", 3));
}

TEST(Secret, WithoutTextIsEmpty) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
  EXPECT_EQ(Secret().reveal(), "");
  EXPECT_FALSE(Secret("x").empty());
}

TEST(Secret, TakingWipesTheSource) {
  std::string text = "sec_1234567890123456789012345678901234567890";
  const char* memory = text.data();
  const Secret secret = Secret::take(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.data(), memory);
  EXPECT_TRUE(std::ranges::all_of(memory, memory + text.capacity(), [](char c) { return c == 0; }));
  EXPECT_EQ(secret.reveal(), "sec_1234567890123456789012345678901234567890");
}

TEST(Secret, CopiesAreTheirOwn) {
  Secret first("one");
  const Secret copy = first;
  first = Secret("two");
  EXPECT_EQ(copy.reveal(), "one");
  EXPECT_EQ(first.reveal(), "two");
}

TEST(Secret, MovedFromIsEmpty) {
  Secret first("one");
  const Secret second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the claim
  EXPECT_EQ(second.reveal(), "one");
}

TEST(Wipe, ReachesWhatALongerTextLeftBehindTheEnd) {
  std::string text(100, 's');
  text.resize(3);
  const char* memory = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_TRUE(std::ranges::all_of(memory, memory + text.capacity(), [](char c) { return c == 0; }));
}

}  // namespace
}  // namespace heare
