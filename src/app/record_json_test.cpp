#include "app/record_json.h"

#include <gtest/gtest.h>

namespace heare::app {
namespace {

std::string laid_out(std::string_view record, size_t indent = 0, std::span<const ExtraMember> extra = {}) {
  json::Reader reader;
  std::string out;
  RecordPrinter().append(out, reader.read(record).value(), indent, extra);
  return out;
}

TEST(RecordPrinter, LaysFieldsOutInTheirOrder) {
  EXPECT_EQ(laid_out(R"({"id":"a","metadata":{"n":1.50,"l":[]}, "x_custom": 123456789012345678901234567890})"),
            "{\n"
            "  \"id\": \"a\",\n"
            "  \"metadata\": {\n"
            "    \"n\": 1.50,\n"
            "    \"l\": []\n"
            "  },\n"
            "  \"x_custom\": 123456789012345678901234567890\n"
            "}");
}

TEST(RecordPrinter, SecretsAndDigestsAreLeftOut) {
  EXPECT_EQ(laid_out(R"({"secret":"s","id":"a","secret_sha256":"d"})"), "{\n  \"id\": \"a\"\n}");
}

TEST(RecordPrinter, ASecretUnderAnEscapedNameIsLeftOut) {
  EXPECT_EQ(laid_out(R"({"id":"a","secr\u0065t":"s"})"), "{\n  \"id\": \"a\"\n}");
}

TEST(RecordPrinter, DigestsOfPreviousSecretsAreLeftOut) {
  EXPECT_EQ(laid_out(R"({"previous":[{"secret_sha256":"d","expires_at":"t"},"d",{"secret":"s"}]})"),
            "{\n"
            "  \"previous\": [\n"
            "    {\n"
            "      \"expires_at\": \"t\"\n"
            "    },\n"
            "    {}\n"
            "  ]\n"
            "}");
}

TEST(RecordPrinter, APreviousThatIsNoArrayIsLeftOut) {
  EXPECT_EQ(laid_out(R"({"previous":"d"})"), "{}");
}

TEST(RecordPrinter, OfANameGivenTwiceTheLastIsShown) {
  EXPECT_EQ(laid_out(R"({"name":"a","id":"k","name":"b"})"), "{\n  \"name\": \"b\",\n  \"id\": \"k\"\n}");
}

TEST(RecordPrinter, WhatJsonDoesNotKnowIsMadeValid) {
  EXPECT_EQ(laid_out(R"({"a":NaN,"b":"\ud800"})"), "{\n  \"a\": null,\n  \"b\": \"\uFFFD\"\n}");
}

TEST(RecordPrinter, NoNameIsThereTwice) {
  const ExtraMember extra[] = {{"refresh", "null"}};
  EXPECT_EQ(laid_out(R"({"refresh":"mine","id":"a"})", 0, extra), "{\n  \"id\": \"a\",\n  \"refresh\": null\n}");
}

TEST(RecordPrinter, ExtraMembersComeLastAndIndentationHoldsForAll) {
  const ExtraMember extra[] = {{"secret", "\"s\""}, {"refresh", "null"}};
  EXPECT_EQ(laid_out(R"({"id":"a"})", 4, extra),
            "{\n"
            "      \"id\": \"a\",\n"
            "      \"secret\": \"s\",\n"
            "      \"refresh\": null\n"
            "    }");
}

}  // namespace
}  // namespace heare::app
