#include "s3/answer.h"

#include <chrono>

#include <gtest/gtest.h>

namespace heare::s3 {
namespace {

using namespace std::chrono_literals;

const WallTime kTime = std::chrono::sys_days(std::chrono::year(2026) / 1 / 20) + 10h + 30min + 5s;

Answer answer_with(int status, std::string code, std::vector<fetch::Header> headers = {}) {
  Answer answer;
  answer.http.status = status;
  answer.http.headers = std::move(headers);
  answer.error.code = std::move(code);
  return answer;
}

TEST(Answer, BodyOfASuccessIsNoError) {
  const fetch::Response response = {.status = 200, .headers = {}, .body = "<Error><Code>NoSuchKey</Code></Error>"};
  EXPECT_EQ(read_answer(response).error.code, "");
}

TEST(Answer, HttpDateIsRead) {
  EXPECT_EQ(parse_http_date("Tue, 20 Jan 2026 10:30:05 GMT"), kTime);
}

TEST(Answer, WhatIsNoHttpDateIsNothing) {
  for (const char* text :
       {"", "Tue, 20 Jan 2026 10:30:05", "Tue, 20 Jan 2026 10:30:05 CET", "Tue, 20 Foo 2026 10:30:05 GMT",
        "Tue, 31 Feb 2026 10:30:05 GMT", "Tue, 20 Jan 2026 24:30:05 GMT", "Tue, 20 Jan 2026 10:60:05 GMT",
        "Tue, xx Jan 2026 10:30:05 GMT", "Tue, 20 Jan -026 10:30:05 GMT", "Tuesday, 20-Jan-26 10:30:05 GMT",
        "Tue, 20 Jan 2026 -1:30:05 GMT", "Tue, 20 Jan 2026 10:30:05 GMTX"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

TEST(Answer, ServerTimeThatCannotBeReadLeavesTheDate) {
  Answer answer = answer_with(403, "RequestTimeTooSkewed", {{"Date", "Tue, 20 Jan 2026 10:30:05 GMT"}});
  answer.error.server_time = "yesterday";
  EXPECT_EQ(server_time(answer), kTime);
  EXPECT_EQ(server_time(answer_with(403, "RequestTimeTooSkewed")), std::nullopt);
}

TEST(Answer, RegionIsTakenFromRedirectsAndWrongSignaturesOnly) {
  const std::vector<fetch::Header> header = {{"x-amz-bucket-region", "eu-west-1"}};
  EXPECT_EQ(named_region(answer_with(301, "PermanentRedirect", header)), "eu-west-1");
  EXPECT_EQ(named_region(answer_with(307, "TemporaryRedirect", header)), "eu-west-1");
  EXPECT_EQ(named_region(answer_with(400, "AuthorizationHeaderMalformed", header)), "eu-west-1");
  EXPECT_EQ(named_region(answer_with(400, "", header)), "eu-west-1");
  EXPECT_EQ(named_region(answer_with(400, "InvalidRequest", header)), std::nullopt);
  EXPECT_EQ(named_region(answer_with(403, "AccessDenied", header)), std::nullopt);
  EXPECT_EQ(named_region(answer_with(200, "", header)), std::nullopt);
}

TEST(Answer, RegionOfTheBodyCountsWhereNoHeaderNamesIt) {
  Answer answer = answer_with(400, "AuthorizationHeaderMalformed");
  answer.error.region = "eu-central-1";
  EXPECT_EQ(named_region(answer), "eu-central-1");
}

TEST(Answer, WhatMayPassIsKnownByStatusOrCode) {
  EXPECT_TRUE(may_pass(answer_with(503, "")));
  EXPECT_TRUE(may_pass(answer_with(400, "RequestTimeout")));
  EXPECT_FALSE(may_pass(answer_with(501, "NotImplemented")));
  EXPECT_FALSE(may_pass(answer_with(403, "AccessDenied")));
  EXPECT_FALSE(may_pass(answer_with(412, "PreconditionFailed")));
  EXPECT_FALSE(may_pass(answer_with(200, "")));
}

}  // namespace
}  // namespace heare::s3
