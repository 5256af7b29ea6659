#include "app/display_text.h"

#include <gtest/gtest.h>

namespace heare::app {
namespace {

TEST(ColumnsOf, AnOrdinaryCharacterTakesOne) {
  EXPECT_EQ(columns_of(""), 0U);
  EXPECT_EQ(columns_of("Brüder ✓"), 8U);
}

TEST(ColumnsOf, AWideCharacterTakesTwo) {
  EXPECT_EQ(columns_of("鍵"), 2U);
  EXPECT_EQ(columns_of("키"), 2U);
  EXPECT_EQ(columns_of("🔑"), 2U);
  EXPECT_EQ(columns_of("Ａ"), 2U);
}

TEST(ColumnsOf, WhatCombinesTakesNone) {
  EXPECT_EQ(columns_of("e\u0301"), 1U);
  EXPECT_EQ(columns_of("\u200D"), 0U);
  EXPECT_EQ(columns_of("\uFE0F"), 0U);
}

TEST(CutToColumns, WhatFitsStays) {
  EXPECT_EQ(cut_to_columns("abc", 3), "abc");
  EXPECT_EQ(cut_to_columns("鍵", 2), "鍵");
  EXPECT_EQ(cut_to_columns("", 0), "");
}

TEST(CutToColumns, WhatDoesNotFitEndsInAnEllipsisWithinTheColumns) {
  EXPECT_EQ(cut_to_columns("abcd", 3), "ab…");
  EXPECT_EQ(cut_to_columns("abcd", 1), "…");
  EXPECT_EQ(cut_to_columns("abcd", 0), "");
}

TEST(CutToColumns, AWideCharacterIsNotHalved) {
  EXPECT_EQ(cut_to_columns("鍵鍵鍵", 5), "鍵鍵…");
  EXPECT_EQ(cut_to_columns("鍵鍵鍵", 4), "鍵…");
  EXPECT_EQ(cut_to_columns("鍵鍵", 1), "…");
}

TEST(CutToColumns, WhatCombinesStaysWithItsCharacter) {
  EXPECT_EQ(cut_to_columns("e\u0301bc", 2), "e\u0301…");
}

TEST(FoldCase, LettersOfThreeScriptsAreMadeSmall) {
  EXPECT_EQ(fold_case("AZaz09_-"), "azaz09_-");
  EXPECT_EQ(fold_case("BRÜDER ŽĀŁŚ"), "brüder žāłś");
  EXPECT_EQ(fold_case("ΑΩ Ж Ё"), "αω ж ё");
}

TEST(FoldCase, WhatHasNoCaseStays) {
  EXPECT_EQ(fold_case("×÷ 鍵 🔑 ß"), "×÷ 鍵 🔑 ß");
}

}  // namespace
}  // namespace heare::app
