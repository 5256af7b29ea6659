#include "app/suggestion.h"

#include <gtest/gtest.h>

namespace heare::app {
namespace {

const std::string kCommands[] = {"serve", "create", "list", "show", "delete", "refresh", "health"};

TEST(Suggestion, SwappedLettersAreForgiven) {
  EXPECT_EQ(suggest("craete", kCommands), "create");
}

TEST(Suggestion, AMissingLetterIsForgiven) {
  EXPECT_EQ(suggest("lst", kCommands), "list");
}

TEST(Suggestion, ALetterTooManyIsForgiven) {
  EXPECT_EQ(suggest("sserve", kCommands), "serve");
}

TEST(Suggestion, TheNearestIsTaken) {
  EXPECT_EQ(suggest("refrsh", kCommands), "refresh");
}

TEST(Suggestion, ADistantWordGetsNone) {
  EXPECT_EQ(suggest("frobnicate", kCommands), std::nullopt);
}

TEST(Suggestion, AnEmptyWordGetsNone) {
  EXPECT_EQ(suggest("", kCommands), std::nullopt);
}

TEST(Suggestion, AVeryLongWordGetsNone) {
  EXPECT_EQ(suggest(std::string(100'000, 'x'), kCommands), std::nullopt);
}

}  // namespace
}  // namespace heare::app
