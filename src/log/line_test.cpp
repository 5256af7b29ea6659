#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "log/logger.h"

namespace heare::log {
namespace {

constexpr WallTime kTime = WallTime(std::chrono::microseconds(1'768'905'000'123'456));

std::string line(std::string_view event, std::initializer_list<Field> fields) {
  std::string out;
  append_line(out, Level::info, event, fields, kTime);
  return out;
}

TEST(Line, HoldsEventFieldsTimestampAndLevelInThisOrder) {
  EXPECT_EQ(line("verification_success",
                 {{"key_id", "key_0001xVceXj6hR4dZO53"}, {"key_name", "My Service"}, {"user_agent", "curl/8.0"}}),
            R"({"event":"verification_success","key_id":"key_0001xVceXj6hR4dZO53","key_name":"My Service",)"
            R"("user_agent":"curl/8.0","timestamp":"2026-01-20T10:30:00.123456Z","level":"info"})"
            "\n");
}

TEST(Line, NeedsNoFields) {
  EXPECT_EQ(line("shutdown", {}),
            "{\"event\":\"shutdown\",\"timestamp\":\"2026-01-20T10:30:00.123456Z\",\"level\":\"info\"}\n");
}

TEST(Line, NumbersAreWrittenAsSuch) {
  EXPECT_EQ(line("e", {{"a", 5}, {"b", int64_t{-9'000'000'000}}, {"c", 12.5}}).substr(0, 43),
            R"({"event":"e","a":5,"b":-9000000000,"c":12.5)");
}

TEST(Line, NumbersThatJsonDoesNotHaveAreNull) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(line("e", {{"a", infinity}, {"b", -infinity}, {"c", std::numeric_limits<double>::quiet_NaN()}})
                  .starts_with(R"({"event":"e","a":null,"b":null,"c":null,)"));
}

TEST(Line, IsAppendedWithTheNameOfItsLevel) {
  std::string out = "before\n";
  append_line(out, Level::error, "e", {}, kTime);
  append_line(out, Level::debug, "e", {}, kTime);
  append_line(out, Level::warning, "e", {}, kTime);
  EXPECT_TRUE(out.starts_with("before\n{"));
  EXPECT_NE(out.find(R"("level":"error"})"), std::string::npos);
  EXPECT_NE(out.find(R"("level":"debug"})"), std::string::npos);
  EXPECT_NE(out.find(R"("level":"warning"})"), std::string::npos);
}

TEST(Line, HostileTextIsEscaped) {
  EXPECT_TRUE(line("e", {{"user_agent", "a\"b\\c\r\n{\x1B[31m\x7F\xFF\xE2\x98"}})
                  .starts_with(R"({"event":"e","user_agent":"a\"b\\c\r\n{\u001b[31m\u007f)"
                               "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\",\"timestamp\":"));
}

TEST(Line, AnyBytesGiveOneLineOfUtf8) {
  std::string hostile;
  for (int i = 0; i < 256; ++i) {
    hostile += static_cast<char>(i);
    hostile += static_cast<char>(255 - i);
  }
  const std::string out = line("e", {{"user_agent", hostile}});
  EXPECT_TRUE(is_utf8(out));
  EXPECT_EQ(out.find_first_of("\n\r"), out.size() - 1);
}

TEST(Level, NamesAreReadExactly) {
  EXPECT_EQ(parse_level("debug"), Level::debug);
  EXPECT_EQ(parse_level("info"), Level::info);
  EXPECT_EQ(parse_level("warning"), Level::warning);
  EXPECT_EQ(parse_level("error"), Level::error);
  for (const std::string_view text : {"", "Info", "INFO", "warn", "info ", "trace"}) EXPECT_FALSE(parse_level(text));
}

}  // namespace
}  // namespace heare::log
