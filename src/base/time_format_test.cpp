#include "base/time_format.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace heare {
namespace {

using std::chrono::microseconds;
using namespace std::chrono_literals;

/// What `text` is read as, as UTC; "nothing" where it is no time.
std::string read(std::string_view text) {
  const auto time = parse_iso8601(text);
  return time ? format_utc(*time) : "nothing";
}

TEST(FormatUtc, AlwaysWritesSixDigitsAndZ) {
  EXPECT_EQ(format_utc(WallTime(microseconds(1'768'905'000'123'456))), "2026-01-20T10:30:00.123456Z");
  EXPECT_EQ(format_utc(WallTime(microseconds(0))), "1970-01-01T00:00:00.000000Z");
}

TEST(FormatUtc, WritesTimesBefore1970) {
  EXPECT_EQ(format_utc(WallTime(microseconds(-1))), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_utc(std::chrono::sys_days(std::chrono::year(1) / 1 / 1)), "0001-01-01T00:00:00.000000Z");
}

TEST(AppendUtc, KeepsWhatWasThere) {
  std::string out = "at ";
  append_utc(out, WallTime(microseconds(7)));
  EXPECT_EQ(out, "at 1970-01-01T00:00:00.000007Z");
}

struct Reading {
  std::string_view text;
  std::string_view utc;
};

void PrintTo(const Reading& reading, std::ostream* out) {
  *out << reading.text;
}

// What /usr/bin/python3.11 makes of each was looked up, not guessed.
class Iso8601 : public ::testing::TestWithParam<Reading> {};

TEST_P(Iso8601, IsReadAsPythonReadsIt) {
  EXPECT_EQ(read(GetParam().text), GetParam().utc);
}

INSTANTIATE_TEST_SUITE_P(Dates, Iso8601,
                         ::testing::Values(Reading{"2026-01-20", "2026-01-20T00:00:00.000000Z"},
                                           Reading{"20260120", "2026-01-20T00:00:00.000000Z"},
                                           Reading{"2024-02-29", "2024-02-29T00:00:00.000000Z"},
                                           Reading{"9999-12-31", "9999-12-31T00:00:00.000000Z"},
                                           Reading{"2026-02-29", "nothing"}, Reading{"2026-13-01", "nothing"},
                                           Reading{"2026-00-10", "nothing"}, Reading{"0000-01-01", "nothing"},
                                           Reading{"2026-0120", "nothing"}, Reading{"202601-20", "nothing"},
                                           Reading{"2026-1-2", "nothing"}, Reading{"2026-01", "nothing"},
                                           Reading{"2026-W04", "nothing"}, Reading{"2026W042", "nothing"},
                                           Reading{"2026-01-20T", "nothing"}, Reading{" 2026-01-20", "nothing"},
                                           Reading{"", "nothing"}, Reading{"tomorrow", "nothing"}));

INSTANTIATE_TEST_SUITE_P(
    Times, Iso8601,
    ::testing::Values(Reading{"2026-01-20T10:30:00.123456Z", "2026-01-20T10:30:00.123456Z"},
                      Reading{"2026-01-20 10:30:00", "2026-01-20T10:30:00.000000Z"},
                      Reading{"2026-01-20t10", "2026-01-20T10:00:00.000000Z"},
                      Reading{"2026-01-20é10:30", "2026-01-20T10:30:00.000000Z"},
                      Reading{"2026-01-20☃10:30", "2026-01-20T10:30:00.000000Z"},
                      Reading{"2026-01-20😀10:30", "2026-01-20T10:30:00.000000Z"},
                      Reading{"20260120T103000", "2026-01-20T10:30:00.000000Z"},
                      Reading{"20260120T10:30", "2026-01-20T10:30:00.000000Z"},
                      Reading{"2026-01-20T1030", "2026-01-20T10:30:00.000000Z"},
                      Reading{"2026-01-20T10:30:00.5", "2026-01-20T10:30:00.500000Z"},
                      Reading{"2026-01-20T10:30:00,25Z", "2026-01-20T10:30:00.250000Z"},
                      Reading{"2026-01-20T10:30:00.1234569", "2026-01-20T10:30:00.123456Z"},
                      Reading{"2026-01-20T23:59:59", "2026-01-20T23:59:59.000000Z"},
                      Reading{"2026-01-20T24:00", "nothing"}, Reading{"2026-01-20T23:60", "nothing"},
                      Reading{"2026-01-20T23:59:60", "nothing"}, Reading{"2026-01-20T1", "nothing"},
                      Reading{"2026-01-20T10:", "nothing"}, Reading{"2026-01-20T10:3000", "nothing"},
                      Reading{"2026-01-20T1030:00", "nothing"}, Reading{"2026-01-20T10:30:00.", "nothing"},
                      Reading{"2026-01-20T10:30:00.12x", "nothing"}, Reading{"2026-01-20T10:30 ", "nothing"},
                      Reading{"2026-01-20T10:30z", "nothing"}, Reading{"2026-01-20T10:30ZZ", "nothing"}));

INSTANTIATE_TEST_SUITE_P(
    Offsets, Iso8601,
    ::testing::Values(Reading{"2026-01-20T10:30+02:00", "2026-01-20T08:30:00.000000Z"},
                      Reading{"2026-01-20T10:30-0530", "2026-01-20T16:00:00.000000Z"},
                      Reading{"2026-01-20T10:30+02", "2026-01-20T08:30:00.000000Z"},
                      Reading{"2026-01-20T10:30+00:00:01.5", "2026-01-20T10:29:58.500000Z"},
                      Reading{"2026-01-20T10:30-23:59:59.999999", "2026-01-21T10:29:59.999999Z"},
                      Reading{"2026-01-20T10:30+05:99", "2026-01-20T03:51:00.000000Z"},
                      Reading{"2026-01-20T10:30+24:00", "nothing"}, Reading{"2026-01-20T10:30-23:60", "nothing"},
                      Reading{"2026-01-20T10:30+", "nothing"}, Reading{"2026-01-20T10:30+0", "nothing"},
                      Reading{"2026-01-20T10:30+02:", "nothing"}, Reading{"2026-01-20T10:30+02:00Z", "nothing"}));

// Not ISO 8601, but documents that Python reads hold them.
INSTANTIATE_TEST_SUITE_P(Leniencies, Iso8601,
                         ::testing::Values(Reading{"2026-01-20T10.5", "2026-01-20T10:00:00.500000Z"},
                                           Reading{"2026-01-20T103000123", "2026-01-20T10:30:00.123000Z"},
                                           Reading{"2026-01-20T10:30:00:5", "2026-01-20T10:30:00.500000Z"},
                                           Reading{"2026-01-20T10:30x+02:00", "2026-01-20T08:30:00.000000Z"},
                                           Reading{"2026-01-20T10:30:00.1234567xZ", "2026-01-20T10:30:00.123456Z"},
                                           Reading{"2026-01-20T10:30+00:00:00.5", "2026-01-20T10:30:00.000000Z"},
                                           Reading{std::string_view("2026-01-20T10:30\0", 17),
                                                   "2026-01-20T10:30:00.000000Z"}));

// Python compares such times without writing them as UTC, so they count: as past, or as future.
INSTANTIATE_TEST_SUITE_P(BeyondTheCalendar, Iso8601,
                         ::testing::Values(Reading{"0001-01-01T00:00+23:59", "0001-01-01T00:00:00.000000Z"},
                                           Reading{"9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59.999999Z"}));

TEST(Iso8601, EveryTruncationOfATextIsReadWithinItsBounds) {
  const std::string whole = "2026-01-20T10:30:00.123456+02:00:00.5";
  for (size_t length = 0; length < whole.size(); ++length) {
    const std::string exact(whole, 0, length);
    const bool begins_with_a_date = read(exact).starts_with("2026-01-20T");
    // Cut after the date, whole minutes, seconds or their fraction, or a whole part of the offset.
    const bool whole_parts = length == 10 || length == 13 || length == 16 || length == 19 ||
                             (length > 20 && length <= 26) || length == 29 || length == 32 || length == 35;
    EXPECT_EQ(begins_with_a_date, whole_parts) << exact;
  }
}

TEST(Duration, UnitsAreRead) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("15m"), 15min);
  EXPECT_EQ(parse_duration("24h"), 24h);
  EXPECT_EQ(parse_duration("7d"), std::chrono::days(7));
  EXPECT_EQ(parse_duration("10"), 10s);
  EXPECT_EQ(parse_duration("0"), 0ms);
}

TEST(Duration, DecimalsAreRead) {
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration("0.25"), 250ms);
  EXPECT_EQ(parse_duration("0.000000001d"), 1ms);
}

TEST(Duration, OnlyZeroIsZero) {
  EXPECT_EQ(parse_duration("0.0001s"), 1ms);
  EXPECT_EQ(parse_duration("0.2ms"), 1ms);
  EXPECT_EQ(parse_duration("0.000d"), 0ms);
}

TEST(Duration, WhatIsNoneIsRefused) {
  for (const std::string_view text : {"", "s", "ms", "-1s", "+1s", "1 s", " 1", "1w", "1H", "1.s", ".5s", "1..5s",
                                      "1e3", "0x10", "1h30m", "1,5h", "1.0000000001s", "inf", "nan"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, MoreThanACenturyIsRefused) {
  EXPECT_EQ(parse_duration("36525d"), std::chrono::days(36'525));
  EXPECT_FALSE(parse_duration("36525.1d"));
  EXPECT_FALSE(parse_duration("36526d"));
  EXPECT_FALSE(parse_duration("99999999999999999999999999s"));
  EXPECT_FALSE(parse_duration("3155760000001d"));
}

}  // namespace
}  // namespace heare
