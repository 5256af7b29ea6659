#include "base/text.h"

#include <string>

#include <gtest/gtest.h>

namespace heare {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(Utf8, LengthOfEachForm) {
  EXPECT_EQ(utf8_sequence_length("a"), 1U);
  EXPECT_EQ(utf8_sequence_length(std::string_view("\0", 1)), 1U);
  EXPECT_EQ(utf8_sequence_length("é!"), 2U);
  EXPECT_EQ(utf8_sequence_length("☃!"), 3U);
  EXPECT_EQ(utf8_sequence_length("😀!"), 4U);
}

TEST(Utf8, FirstAndLastOfEachRowOfTheTableAreWellFormed) {
  for (const std::string_view text : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xE0\xBF\xBF", "\xEC\xBF\xBF",
                                      "\xED\x80\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                                      "\xF0\x90\x80\x80", "\xF3\xBF\xBF\xBF", "\xF4\x80\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(utf8_sequence_length(text), text.size()) << json(text);
  }
}

TEST(Utf8, WhatIsNotWellFormedHasNoLength) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xC2\xC0", "\xE0\x9F\xBF", "\xE1\x80",
        "\xE1\x80\x41", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF1\x80\x80", "\xF1\x80\x80\xC0",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(utf8_sequence_length(text), 0U) << json(text);
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Utf8, AWholeTextIsJudged) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("naïve ☃ 😀"));
  EXPECT_FALSE(is_utf8("naïve \xFF"));
  EXPECT_FALSE(is_utf8("cut \xE2\x98"));
}

TEST(Utf8, CharactersAreCountedNotBytes) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("aé☃😀"), 4U);
}

TEST(JsonString, PlainTextStaysAsItIs) {
  EXPECT_EQ(json(""), R"("")");
  EXPECT_EQ(json("Mozilla/5.0 Linux x86_64"), R"("Mozilla/5.0 Linux x86_64")");
  EXPECT_EQ(json("naïve ☃ 😀"), R"("naïve ☃ 😀")");
}

TEST(JsonString, IsAppended) {
  std::string out = "x:";
  append_json_string(out, "y");
  EXPECT_EQ(out, R"(x:"y")");
}

TEST(JsonString, QuotesBackslashesAndControlCharactersAreEscaped) {
  EXPECT_EQ(json(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json(std::string_view("\0\x01\x1B\x1F\x7F", 5)), R"("\u0000\u0001\u001b\u001f\u007f")");
}

TEST(JsonString, WhatTerminalsObeyOrReadersTakeForTheEndOfALineIsEscaped) {
  EXPECT_EQ(json("a\u0080\u0085\u009bz"), R"("a\u0080\u0085\u009bz")");
  EXPECT_EQ(json("a\u2028\u2029z"), R"("a\u2028\u2029z")");
  EXPECT_EQ(json("\u00a0\u2027\u202a"), "\"\u00a0\u2027\u202a\"");
}

TEST(JsonString, EachByteThatIsNotUtf8IsReplaced) {
  EXPECT_EQ(json("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(json("\xE2\x98"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(json("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

// Eight bytes are looked at together: each value must be seen at each place of the eight, whatever stands beside it.
TEST(JsonString, EveryByteIsTreatedAlikeAtEveryPlace) {
  for (int value = 0; value < 256; ++value) {
    const std::string alone(1, static_cast<char>(value));
    const std::string escaped = json(alone);
    const std::string inner = escaped.substr(1, escaped.size() - 2);
    for (size_t place = 0; place < 17; ++place) {
      const std::string before(place, '!');
      const std::string after(16 - place, '~');
      EXPECT_EQ(json(before + alone + after), '"' + before + inner + after + '"') << value << " at " << place;
    }
    EXPECT_EQ(json(alone + alone + "12345678"), '"' + inner + inner + "12345678\"") << value;
  }
}

TEST(EqualIgnoringCase, LooksAtAsciiLettersOnly) {
  EXPECT_TRUE(equal_ignoring_case("Content-Length", "cONTENT-lENGTH"));
  EXPECT_TRUE(equal_ignoring_case("", ""));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("@[`{", "`{@["));
  EXPECT_FALSE(equal_ignoring_case("É", "é"));
}

TEST(Append, PutsAllPartsBehindWhatIsThere) {
  std::string out = "a";
  const std::string part = "-string";
  append(out, "-literal", std::string_view("-view"), part, std::string_view(), "");
  EXPECT_EQ(out, "a-literal-view-string");
}

TEST(Append, KeepsZeroBytes) {
  std::string out;
  append(out, std::string_view("a\0b", 3), "\0");
  EXPECT_EQ(out, std::string_view("a\0b\0", 4));
}

}  // namespace
}  // namespace heare
