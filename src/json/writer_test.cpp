#include "json/writer.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "json/json_test_support.h"

namespace heare::json {
namespace {

constexpr size_t kAnyDepth = 100'000;

std::string compact(std::string_view text) {
  Reader reader;
  const Result<Value> value = reader.read(text, kAnyDepth);
  if (!value) return value.error().message;
  std::string out;
  append_compact(out, *value);
  return out;
}

std::string indented(std::string_view text, size_t indent = 0) {
  Reader reader;
  const Result<Value> value = reader.read(text, kAnyDepth);
  if (!value) return value.error().message;
  std::string out;
  append_indented(out, *value, indent);
  return out;
}

TEST(AppendCompact, LeavesOutWhiteSpaceAndKeepsTheRest) {
  EXPECT_EQ(compact(R"( { "a" : [ 1 , 1E-400 , 123456789012345678901234567890 , -0.10 ] , "b" : { } , "c" : [ ] } )"),
            R"({"a":[1,1E-400,123456789012345678901234567890,-0.10],"b":{},"c":[]})");
  EXPECT_EQ(compact("[true,false,null]"), "[true,false,null]");
  EXPECT_EQ(compact(" 7 "), "7");
}

TEST(AppendCompact, AppendsToWhatIsThere) {
  Reader reader;
  std::string out = "before ";
  append_compact(out, *reader.read("[1]"));
  append_compact(out, Value());
  EXPECT_EQ(out, "before [1]null");
}

TEST(AppendCompact, OneWriterWritesManyValues) {
  CompactWriter writer;
  Reader reader;
  std::string out;
  for (const std::string_view text : {R"({ "a\n" : 1, "b" : 2 })", "[ 1, [ ] ]", R"({"a\n":{"\u0061":0,"a":3}})"}) {
    writer.append(out, *reader.read(text));
  }
  EXPECT_EQ(out, R"({"a\n":1,"b":2}[1,[]]{"a\n":{"\u0061":3}})");
}

TEST(AppendCompact, WhatJsonHasNoNumberForIsNull) {
  EXPECT_EQ(compact(R"([NaN,Infinity,-Infinity,{"a":NaN}])"), R"([null,null,null,{"a":null}])");
}

TEST(AppendCompact, LoneSurrogatesAreReplacedAndOtherEscapesStay) {
  EXPECT_EQ(compact(R"("\ud800")"), "\"\uFFFD\"");
  EXPECT_EQ(compact(R"(["\ud83d\ude00\n\u0041\/\\ud800\"","\udc00\ud800x"])"),
            "[\"\\ud83d\\ude00\\n\\u0041\\/\\\\ud800\\\"\",\"\uFFFD\uFFFDx\"]");
  EXPECT_EQ(compact(R"({"\ud800":"\ud800\ud83d\ude00"})"), "{\"\uFFFD\":\"\uFFFD\\ud83d\\ude00\"}");
}

TEST(AppendCompact, OfMembersWithOneNameTheLastStandsInTheFirstOnesPlace) {
  EXPECT_EQ(compact(R"({"a":1,"b":2,"a":3,"\u0061":{"x":1,"x":2}})"), R"({"a":{"x":2},"b":2})");
  EXPECT_EQ(compact(R"([{"a":[{"b":1,"b":[]}]},{"c":1}])"), R"([{"a":[{"b":[]}]},{"c":1}])");
  // As answered, these two are one name.
  EXPECT_EQ(compact(R"({"\ud800":1,"\udbff":2})"), "{\"\uFFFD\":2}");
}

TEST(AppendCompact, ManyMembersAreUnitedAsFewAre) {
  std::string text = "{";
  std::string expected = "{";
  for (int n = 0; n < 100; ++n) text += R"("n)" + std::to_string(n) + R"(":"first",)";
  for (int n = 0; n < 100; n += 3) text += R"("\u006e)" + std::to_string(n) + R"(":"last",)";
  for (int n = 0; n < 100; ++n) {
    expected += R"("n)" + std::to_string(n) + (n % 3 == 0 ? R"(":"last",)" : R"(":"first",)");
  }
  text.back() = '}';
  expected.back() = '}';
  EXPECT_EQ(compact(text), expected);
}

TEST(AppendCompact, HostileObjectsAreNotQuadratic) {
  std::string equal = "{";
  std::string distinct = "{";
  std::string escaped = "{";
  for (int n = 0; n < 100'000; ++n) {
    equal += R"("name":)" + std::to_string(n) + ",";
    distinct += "\"" + std::to_string(n) + R"(":0,)";
    escaped += R"("\u006e)" + std::to_string(n) + R"(":0,)";
  }
  equal.back() = '}';
  distinct.back() = '}';
  escaped.back() = '}';
  EXPECT_EQ(compact(equal), R"({"name":99999})");
  EXPECT_EQ(compact(distinct), distinct);
  EXPECT_EQ(compact(escaped), escaped);
}

TEST(AppendCompact, DepthCostsNoStack) {
  const std::string deep = std::string(kAnyDepth, '[') + std::string(kAnyDepth, ']');
  EXPECT_EQ(compact(deep), deep);
}

TEST(AppendCompact, ItsOutputIsValidAndAFixedPoint) {
  RandomText random(20);
  for (int round = 0; round < 2'000; ++round) {
    const std::string text = random.document();
    const std::string once = compact(text);
    ASSERT_TRUE(once.starts_with('{')) << text << '\n' << once;
    ASSERT_EQ(compact(once), once) << text;
    ASSERT_EQ(once.find("NaN"), std::string::npos) << text;
    ASSERT_EQ(once.find("Infinity"), std::string::npos) << text;
  }
}

TEST(AppendIndented, LaysOutAsPythonDoes) {
  EXPECT_EQ(indented(R"({"a":1,"b":[1,[],{},[2]],"c":{"d":"\u00e9"},"e":[{"f":null}]})"), R"({
  "a": 1,
  "b": [
    1,
    [],
    {},
    [
      2
    ]
  ],
  "c": {
    "d": "\u00e9"
  },
  "e": [
    {
      "f": null
    }
  ]
})");
  EXPECT_EQ(indented("{ }"), "{}");
  EXPECT_EQ(indented("[\n]"), "[]");
  EXPECT_EQ(indented(R"( "a" )"), R"("a")");
}

TEST(AppendIndented, IndentsEachLineButTheFirst) {
  EXPECT_EQ(indented(R"({"a":[1]})", 4), "{\n      \"a\": [\n        1\n      ]\n    }");
}

TEST(AppendIndented, KeepsEveryMemberNumberAndString) {
  EXPECT_EQ(indented(R"({"a":1E-400,"a":NaN,"\u0061":"\ud800"})"),
            "{\n  \"a\": 1E-400,\n  \"a\": NaN,\n  \"\\u0061\": \"\\ud800\"\n}");
}

TEST(AppendIndented, ChangesNothingButLayout) {
  RandomText random(21);
  for (int round = 0; round < 1'000; ++round) {
    const std::string text = random.document();
    ASSERT_EQ(compact(indented(text, random.below(5))), compact(text)) << text;
    ASSERT_EQ(indented(indented(text)), indented(text)) << text;
  }
}

}  // namespace
}  // namespace heare::json
