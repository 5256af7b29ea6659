#include "base/character_set.h"

#include <string>

#include <gtest/gtest.h>

namespace heare {
namespace {

std::string members(const CharacterSet& set) {
  std::string found;
  for (int c = 0; c < 256; ++c) {
    if (set.contains(static_cast<char>(c))) found += static_cast<char>(c);
  }
  return found;
}

TEST(CharacterSet, HoldsTheCharactersOfItsTextAndNoOther) {
  EXPECT_EQ(members(CharacterSet("zab\xFF")), "abz\xFF");
  EXPECT_EQ(members(CharacterSet("")), "");
}

TEST(CharacterSet, HoldsThoseThatItsPredicateTakes) {
  EXPECT_EQ(members(CharacterSet([](char c) { return c >= '1' && c <= '5'; })), "12345");
  EXPECT_EQ(members(CharacterSet([](char) { return true; })).size(), 256U);
}

}  // namespace
}  // namespace heare
