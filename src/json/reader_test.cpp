#include "json/reader.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "json/json_test_support.h"

namespace heare::json {
namespace {

using std::string_view_literals::operator""sv;

std::string nested(size_t levels, std::string_view open = "[", std::string_view inside = "",
                   std::string_view close = "]") {
  std::string text;
  for (size_t n = 0; n < levels; ++n) text += open;
  text += inside;
  for (size_t n = 0; n < levels; ++n) text += close;
  return text;
}

std::string error_of(std::string_view text) {
  Reader reader;
  const Result<Value> value = reader.read(text);
  return value ? "accepted" : value.error().message;
}

TEST(Reader, ValidTextIsAccepted) {
  for (const std::string_view text : {
           "null"sv,
           "true"sv,
           "false"sv,
           "0"sv,
           "-0"sv,
           "10"sv,
           "-120.5"sv,
           "0.0"sv,
           "0e0"sv,
           "1E+2"sv,
           "1e-2"sv,
           "1E-400"sv,
           "123456789012345678901234567890"sv,
           R"("")"sv,
           R"("text")"sv,
           R"("\"\\\/\b\f\n\r\t\u00e9\uABCD")"sv,
           "\"\x7f\""sv,
           "\"\u00e9\u20ac\uFFFF\U0001F600\U0010FFFF\""sv,
           "\"\xEF\xBB\xBF\""sv,  // within a string it is a character like any other
           "[]"sv,
           "{}"sv,
           "[ ]"sv,
           "{\n}"sv,
           "[1]"sv,
           "[1,2 , 3]"sv,
           R"({"a":1})"sv,
           R"({"a":1,"a":2,"":[{},[]]})"sv,
           " \t\r\n[ \t\r\n1 \t\r\n, 2 ] \t\r\n"sv,
       }) {
    EXPECT_EQ(error_of(text), "accepted") << text;
  }
}

TEST(Reader, WhatPythonWritesBeyondTheStandardIsAcceptedWhereverAValueMayStand) {
  for (const std::string_view text :
       {"NaN"sv, "Infinity"sv, "-Infinity"sv, "[NaN,Infinity , -Infinity]"sv, R"({"a":NaN,"b":-Infinity})"sv,
        R"("\ud800")"sv, R"("\udc00\ud800")"sv, R"({"\udfff":1})"sv}) {
    EXPECT_EQ(error_of(text), "accepted") << text;
  }
}

constexpr std::string_view kInvalidTexts[] = {
    // not a value
    ""sv, " "sv, "nul"sv, "nulll"sv, "Null"sv, "TRUE"sv, "tru e"sv, "nan"sv, "+NaN"sv, "-NaN"sv, "inf"sv, "Infinit"sv,
    "-Inf"sv, "- Infinity"sv, "undefined"sv, "\0"sv, "null\0"sv,
    // numbers
    "01"sv, "-01"sv, "00"sv, "+1"sv, ".5"sv, "-.5"sv, "1."sv, "1.e1"sv, "1e"sv, "1e+"sv, "1E-"sv, "-"sv, "--1"sv,
    "0x10"sv, "1_000"sv, "1 2"sv, "1,2"sv, "\xD9\xA1"sv,
    // strings
    "\""sv, "\"a"sv, "'a'"sv, "\"a\nb\""sv, "\"\x01\""sv, "\"\x1f\""sv, "\"\0\""sv, R"("\)"sv, R"("\")"sv,
    R"("\x41")"sv, R"("\'")"sv, R"("\u")"sv, R"("\u12")"sv, R"("\u12G4")"sv, R"("\U0041")"sv, "\"\\\n\""sv,
    // UTF-8
    "\"\x80\""sv, "\"\xC3\""sv, "\"\xC0\xAF\""sv, "\"\xE0\x80\xAF\""sv, "\"\xED\xA0\x80\""sv, "\"\xF4\x90\x80\x80\""sv,
    "\"\xF8\x88\x80\x80\x80\""sv, "\"\xFF\""sv, "\"\xE2\x82\""sv, "\"\xE2\x82"sv,
    // arrays and objects
    "["sv, "]"sv, "[,]"sv, "[1,]"sv, "[,1]"sv, "[1,,2]"sv, "[1 2]"sv, "[1}"sv, "{"sv, "}"sv, "{,}"sv, R"({"a":1,})"sv,
    R"({"a"})"sv, R"({"a":})"sv, R"({"a" 1})"sv, R"({"a":1 "b":2})"sv, R"({a:1})"sv, R"({'a':1})"sv, R"({1:1})"sv,
    R"({null:1})"sv, R"({"a":1])"sv, R"({"a"::1})"sv, R"({"a":1,,"b":2})"sv, "[[]"sv, "[]]"sv, R"([{"a":[}])"sv,
    // around the value
    "{} {}"sv, "[]x"sv, "nullnull"sv, "\xEF\xBB\xBF{}"sv, "\xFE\xFF"sv, "\f1"sv, "\v1"sv, "1\xC2\xA0"sv, "// c\n1"sv,
    "/* c */ 1"sv, "1 // c"sv, "# c\n1"sv, "[1 /* c */]"sv};

TEST(Reader, InvalidTextIsRefused) {
  for (const std::string_view text : kInvalidTexts) {
    EXPECT_NE(error_of(text), "accepted") << text;
  }
}

TEST(Reader, EveryTruncationIsRefused) {
  const std::string text = R"({"a":[1.5e+3,{"b":"\u00e9\n"},true,null],"c":-Infinity})";
  ASSERT_EQ(error_of(text), "accepted");
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(error_of(text.substr(0, length)), "accepted") << length;
  }
}

TEST(Reader, ErrorNamesTheByteAndTheProblem) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "not valid JSON at byte 0: the text ends where a value was expected"},
      {"  ", "not valid JSON at byte 2: the text ends where a value was expected"},
      {"\xEF\xBB\xBF{}", "not valid JSON at byte 0: it begins with a byte order mark"},
      {R"({"a": 1, "secret: 2})", "not valid JSON at byte 9: a string is not closed"},
      {"[1", "not valid JSON at byte 2: the text ends within an array or object"},
      {"[1 2]", "not valid JSON at byte 3: a comma or the end of the array was expected"},
      {R"({"a":1;)", "not valid JSON at byte 6: a comma or the end of the object was expected"},
      {"{1:2}", "not valid JSON at byte 1: a member's name in double quotes was expected"},
      {R"({"a" 2})", "not valid JSON at byte 5: a colon was expected"},
      {"[-]", "not valid JSON at byte 2: a digit was expected"},
      {"[1,]", "not valid JSON at byte 3: a value was expected"},
      {"-Info", "not valid JSON at byte 0: a value was expected"},
      {"{} x", "not valid JSON at byte 3: something follows the value"},
      {"\"a\tb\"", "not valid JSON at byte 2: a control character in a string"},
      {"\"a\xFF\"", "not valid JSON at byte 2: a string is not UTF-8"},
      {R"("a\q")", "not valid JSON at byte 2: an unknown escape in a string"},
      {R"("a\u12x4")", "not valid JSON at byte 2: four hexadecimal digits were expected after \\u"},
      {R"("a\u1)", "not valid JSON at byte 2: the text ends within an escape"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(error_of(text), message);
}

TEST(Reader, ErrorIsOfTheInvalidCodeAndCountsFromTheGivenOffset) {
  Reader reader;
  const Result<Value> value = reader.read("[x]", 10, uint64_t{5} << 32);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::invalid);
  EXPECT_EQ(value.error().message, "not valid JSON at byte 21474836481: a value was expected");
}

TEST(Reader, NestingIsBounded) {
  Reader reader;
  EXPECT_TRUE(reader.read("1", 0));
  EXPECT_FALSE(reader.read("[]", 0));
  EXPECT_TRUE(reader.read("[[],[]]", 2));
  EXPECT_TRUE(reader.read(nested(501)));
  const Result<Value> deeper = reader.read(nested(502));
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().message, "not valid JSON at byte 501: arrays and objects are nested too deep");
  EXPECT_TRUE(reader.read(nested(501, R"({"a":)", "1", "}")));
  EXPECT_FALSE(reader.read(nested(502, R"({"a":)", "1", "}")));
}

TEST(Reader, DepthCostsNoStack) {
  Reader reader;
  EXPECT_TRUE(reader.read(nested(200'000), 200'000));
}

/// What a read found, without where in the text.
std::string outcome_of(const Result<Value>& value, uint64_t offset) {
  if (value) return "accepted " + std::string(value->raw());
  std::string message = value.error().message;
  const size_t place = message.find_first_of("0123456789");
  const size_t place_end = message.find_first_not_of("0123456789", place);
  return fmt::format("{} {}", std::stoull(message.substr(place)) - offset, message.substr(place_end));
}

TEST(Reader, FindsTheSameWhereverInABlockATextBegins) {
  RandomText random(3);
  Reader reader;
  for (int round = 0; round < 1'000; ++round) {
    const std::string text = round % 3 == 0 ? random.value(4) : random.damaged(random.value(4));
    if (text.starts_with('\xEF')) continue;  // only the first byte of all can be a byte order mark
    const std::string expected = outcome_of(reader.read(text), 0);
    for (const size_t spaces : {1U, 7U, 31U, 32U, 50U, 63U, 64U, 65U, 127U}) {
      const std::string moved = std::string(spaces, ' ') + text;
      ASSERT_EQ(outcome_of(reader.read(moved), spaces), expected) << text;
    }
  }
}

TEST(Reader, StringsOfEveryLengthEndAtTheirQuote) {
  Reader reader;
  std::string scratch;
  for (size_t length = 0; length < 200; ++length) {
    for (const std::string_view last : {"", "\\\\", "\\\"", "\u00e9", "\U0001F600"}) {
      const std::string text = "[\"" + std::string(length, 'x') + std::string(last) + "\", 1]";
      const Result<Value> array = reader.read(text);
      ASSERT_TRUE(array) << text;
      ASSERT_EQ(array->first().raw().size(), length + last.size() + 2) << text;
      ASSERT_EQ(array->first().next().raw(), "1") << text;
      ASSERT_EQ(array->first().is_escaped(), last.contains('\\')) << text;
    }
  }
}

TEST(Reader, OfAFrontTakesOneValueAndLeavesTheRest) {
  Reader reader;
  EXPECT_EQ(reader.read_front(R"({"a":[1]} , {"b")", 10).raw(), R"({"a":[1]})");
  EXPECT_EQ(reader.read_front("[]\"", 10).raw(), "[]");
  EXPECT_EQ(reader.read_front("[[]]]", 10).raw(), "[[]]");
  EXPECT_FALSE(reader.read_front(R"({"a":[1])", 10));
  EXPECT_FALSE(reader.read_front(R"({"a":01} )", 10));
  EXPECT_FALSE(reader.read_front("[[]]", 1));
  EXPECT_FALSE(reader.read_front("", 10));
}

TEST(Reader, IsUsableAfterAnError) {
  Reader reader;
  EXPECT_FALSE(reader.read("[[[{\"a\":"));
  const Result<Value> value = reader.read("[7]");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->first().raw(), "7");
  EXPECT_FALSE(value->first().next());
}

TEST(Value, KnowsItsTypeAndItsOwnBytes) {
  Reader reader;
  const std::string text = R"( [ null , true,false, -1.50e3 ,NaN, -Infinity, "a\n" , [ 1 , 2 ] , {"x" : [ ]} ] )";
  const Result<Value> array = reader.read(text);
  ASSERT_TRUE(array);
  EXPECT_EQ(array->raw(), std::string_view(text).substr(1, text.size() - 2));

  const std::pair<Type, std::string_view> expected[] = {
      {Type::null, "null"},       {Type::boolean, "true"},    {Type::boolean, "false"},
      {Type::number, "-1.50e3"},  {Type::number, "NaN"},      {Type::number, "-Infinity"},
      {Type::string, R"("a\n")"}, {Type::array, "[ 1 , 2 ]"}, {Type::object, R"({"x" : [ ]})"}};
  Value element = array->first();
  for (const auto& [type, raw] : expected) {
    ASSERT_TRUE(element);
    EXPECT_EQ(element.type(), type);
    EXPECT_EQ(element.raw(), raw);
    EXPECT_EQ(element.is_true(), raw == "true");
    EXPECT_FALSE(element.name());
    element = element.next();
  }
  EXPECT_FALSE(element);
}

TEST(Value, WalksTheMembersOfAnObjectInTheirOrder) {
  Reader reader;
  const Result<Value> object = reader.read(R"({"a":[1,{"z":2}],"b":{},"a":"last"})");
  ASSERT_TRUE(object);
  std::vector<std::string> seen;
  for (Value member = object->first(); member; member = member.next()) {
    seen.push_back(std::string(member.name().raw()) + "=" + std::string(member.raw()));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{R"("a"=[1,{"z":2}])", R"("b"={})", R"("a"="last")"}));
}

TEST(Value, EmptyContainersHoldNothing) {
  Reader reader;
  const Result<Value> value = reader.read("[[],{},[ ],{ },3]");
  ASSERT_TRUE(value);
  size_t count = 0;
  for (Value element = value->first(); element; element = element.next(), ++count) EXPECT_FALSE(element.first());
  EXPECT_EQ(count, 5U);
}

TEST(Value, NothingBehavesAsNullThatIsNotThere) {
  const Value nothing;
  EXPECT_FALSE(nothing);
  EXPECT_TRUE(nothing.is_null());
  EXPECT_EQ(nothing.raw(), "");
  EXPECT_FALSE(nothing.is_true());
  EXPECT_FALSE(nothing.find("a"));
  EXPECT_FALSE(nothing.first());
  EXPECT_FALSE(nothing.next());
  EXPECT_FALSE(nothing.name());
}

TEST(Value, FindTakesTheLastOfEqualNamesComparedUnescaped) {
  Reader reader;
  const Result<Value> object = reader.read(
      R"({"api_key":1,"api_\u006bey":2,"x":{"api_key":9},"\ud83d\ude00":3,"a\/b":4,"\ud800":5,"":6,"n":null})");
  ASSERT_TRUE(object);
  EXPECT_EQ(object->find("api_key").raw(), "2");
  EXPECT_EQ(object->find("\U0001F600").raw(), "3");
  EXPECT_EQ(object->find("a/b").raw(), "4");
  EXPECT_EQ(object->find("\uFFFD").raw(), "5");
  EXPECT_EQ(object->find("").raw(), "6");
  EXPECT_TRUE(object->find("n"));
  EXPECT_TRUE(object->find("n").is_null());
  EXPECT_FALSE(object->find("api_ke"));
  EXPECT_FALSE(object->find("api_key "));
  EXPECT_FALSE(object->first().find("api_key"));
}

TEST(Value, TextIsUnescaped) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"("")", ""},
      {R"("plain")", "plain"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u0000x")", "\0x"sv},
      {R"("\u007f\u0080\u07ff\u0800\uffff")", "\x7f\u0080\u07ff\u0800\uffff"},
      {R"("\ud83d\ude00\uD83D\uDE00")", "\U0001F600\U0001F600"},
      {R"("\ud800\udc00\udbff\udfff")", "\U00010000\U0010FFFF"},
      {R"("a\ud800")", "a\uFFFD"},
      {R"("\ud800\u0041")", "\uFFFDA"},
      {R"("\ud800\n")", "\uFFFD\n"},
      {R"("\ud800A\udc00")", "\uFFFDA\uFFFD"},
      {R"("\udc00\ud800")", "\uFFFD\uFFFD"},
      {R"("\ud800\ud83d\ude00")", "\uFFFD\U0001F600"},
      {R"("\\ud800")", "\\ud800"},
  };
  for (const auto& [raw, text] : cases) {
    Reader reader;
    std::string scratch = "left from before";
    const Result<Value> value = reader.read(raw);
    ASSERT_TRUE(value) << raw;
    EXPECT_EQ(value->text(scratch), text) << raw;
  }
}

TEST(Value, TextWithoutEscapesIsAViewOfTheText) {
  Reader reader;
  const std::string raw = R"("caf)"
                          "\u00e9\"";
  const Result<Value> value = reader.read(raw);
  ASSERT_TRUE(value);
  std::string scratch;
  EXPECT_EQ(value->text(scratch).data(), raw.data() + 1);
  EXPECT_EQ(value->text(scratch).size(), raw.size() - 2);
}

}  // namespace
}  // namespace heare::json
