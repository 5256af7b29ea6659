#include "http/time_text.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

namespace heare::http {
namespace {

TEST(TimeText, DateIsWrittenAsHttpWantsIt) {
  TimeText times;
  EXPECT_EQ(times.http_date(*parse_iso8601("1994-11-06T08:49:37.999999Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(times.http_date(*parse_iso8601("2026-01-01T00:00:00Z")), "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(times.http_date(*parse_iso8601("2028-02-29T23:59:59Z")), "Tue, 29 Feb 2028 23:59:59 GMT");
}

TEST(TimeText, StampFollowsEveryMicrosecond) {
  TimeText times;
  for (const std::string_view text :
       {"2026-01-20T10:30:00.123456Z", "2026-01-20T10:30:00.000001Z", "2026-01-20T10:30:00.999999Z",
        "2026-01-20T10:30:01.000000Z", "2026-01-20T10:30:00.000000Z", "1969-12-31T23:59:59.250000Z"}) {
    EXPECT_EQ(times.rfc3339(*parse_iso8601(text)), text);
  }
}

}  // namespace
}  // namespace heare::http
