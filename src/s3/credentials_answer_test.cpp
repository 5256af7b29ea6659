#include "s3/credentials_answer.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

#include "s3/credentials_test_support.h"

namespace heare::s3 {
namespace {

using testing::json_credentials;
using testing::sts_credentials;

void expect_refused(const Result<Credentials>& result, std::string_view message) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::unauthorized);
  EXPECT_EQ(result.error().message, message);
}

std::string expiration_read(std::string_view text) {
  const Result<Credentials> json = read_json_answer(json_credentials("ASIA", text));
  const Result<Credentials> sts = read_sts_answer(sts_credentials("ASIA", text));
  if (!json || !sts) return "refused";
  EXPECT_EQ(json->expires_at, sts->expires_at);
  return format_utc(json->expires_at.value());
}

TEST(JsonAnswer, IsReadWhole) {
  const Result<Credentials> credentials = read_json_answer(json_credentials("ASIA", "2026-01-20T11:00:00Z"));
  ASSERT_TRUE(credentials.has_value()) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "ASIA");
  EXPECT_EQ(credentials->secret_access_key.reveal(), "shhh/secret+1");
  EXPECT_EQ(credentials->session_token.reveal(), "shhh/token==");
  EXPECT_EQ(format_utc(credentials->expires_at.value()), "2026-01-20T11:00:00.000000Z");
}

TEST(JsonAnswer, EscapesAreResolved) {
  const Result<Credentials> credentials =
      read_json_answer(R"({"AccessKeyId":"AS\u0049A","SecretAccessKey":"shhh\/secret","Token":null})");
  ASSERT_TRUE(credentials.has_value()) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "ASIA");
  EXPECT_EQ(credentials->secret_access_key.reveal(), "shhh/secret");
  EXPECT_TRUE(credentials->session_token.empty());
  EXPECT_FALSE(credentials->expires_at);
}

TEST(JsonAnswer, WhatIsNoObjectIsRefused) {
  for (const std::string_view text : {"", "null", "[1]", "shhh", "{\"AccessKeyId\":\"shhh", "<html>shhh</html>"}) {
    expect_refused(read_json_answer(text), "the answer is not a JSON object");
  }
}

TEST(JsonAnswer, MissingOrWronglyTypedPartsAreRefused) {
  expect_refused(read_json_answer("{}"), "the answer is not usable: the access key id is missing");
  expect_refused(read_json_answer(R"({"AccessKeyId":7,"SecretAccessKey":"shhh"})"),
                 "the answer is not usable: the access key id is missing");
  expect_refused(read_json_answer(R"({"AccessKeyId":"ASIA","SecretAccessKey":["shhh"]})"),
                 "the answer is not usable: the secret access key is missing");
}

TEST(JsonAnswer, HeaderInjectionIsRefused) {
  expect_refused(read_json_answer(R"({"AccessKeyId":"A\r\nX: shhh","SecretAccessKey":"shhh"})"),
                 "the answer is not usable: the access key id holds a space, a newline or another character that "
                 "cannot be sent");
}

TEST(JsonAnswer, FailureIsToldByItsCode) {
  expect_refused(read_json_answer(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"shhh"})"),
                 "the answer says AssumeRoleUnauthorizedAccess");
  expect_refused(read_json_answer(R"({"Code":"sh hh"})"), "the answer says that there are none");
}

TEST(JsonAnswer, ExpirationThatIsNoTimeIsRefused) {
  for (const std::string_view expiration : {"\"soon\"", "\"\"", "1768906800", "{}"}) {
    expect_refused(read_json_answer(
                       fmt::format(R"({{"AccessKeyId":"ASIA","SecretAccessKey":"shhh","Expiration":{}}})", expiration)),
                   "the answer's Expiration is not an ISO 8601 time");
  }
}

TEST(CredentialsExpiration, IsReadInEveryFormThatIsSeen) {
  EXPECT_EQ(expiration_read("2026-01-20T11:00:00Z"), "2026-01-20T11:00:00.000000Z");
  EXPECT_EQ(expiration_read("2026-01-20T11:00:00.123Z"), "2026-01-20T11:00:00.123000Z");
  EXPECT_EQ(expiration_read("2026-01-20T11:00:00.123456789Z"), "2026-01-20T11:00:00.123456Z");
  EXPECT_EQ(expiration_read("2026-01-20T12:00:00+01:00"), "2026-01-20T11:00:00.000000Z");
  EXPECT_EQ(expiration_read("2026-01-20T11:00:00+0000"), "2026-01-20T11:00:00.000000Z");
  EXPECT_EQ(expiration_read("20260120T110000Z"), "2026-01-20T11:00:00.000000Z");
  EXPECT_EQ(expiration_read("2026-01-20 11:00:00"), "2026-01-20T11:00:00.000000Z");
  EXPECT_EQ(expiration_read("2026-13-20T11:00:00Z"), "refused");
  EXPECT_EQ(expiration_read("20 Jan 2026"), "refused");
}

TEST(StsAnswer, IsReadWhole) {
  const Result<Credentials> credentials = read_sts_answer(sts_credentials("ASIA", "2026-01-20T11:00:00Z"));
  ASSERT_TRUE(credentials.has_value()) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "ASIA");
  EXPECT_EQ(credentials->secret_access_key.reveal(), "shhh/secret+1");
  EXPECT_EQ(credentials->session_token.reveal(), "shhh/token==");
  EXPECT_EQ(format_utc(credentials->expires_at.value()), "2026-01-20T11:00:00.000000Z");
}

TEST(StsAnswer, AnyOtherTextIsRefused) {
  for (const std::string_view text : {"", "{}", "<html>shhh</html>", "<Expiration>", "<Expiration>soon</Expiration>"}) {
    expect_refused(read_sts_answer(text), "the answer's Expiration is not an ISO 8601 time");
  }
}

TEST(StsAnswer, IsRefusedWhereItIsCutAnywhereInTheCredentials) {
  const std::string whole = sts_credentials("ASIA", "2026-01-20T11:00:00Z");
  const size_t end = whole.find("</AccessKeyId>") + std::string_view("</AccessKeyId>").size();
  ASSERT_TRUE(read_sts_answer(whole.substr(0, end)).has_value());
  for (size_t size = 0; size < end; ++size) {
    EXPECT_FALSE(read_sts_answer(whole.substr(0, size)).has_value()) << size;
  }
}

TEST(StsAnswer, ElementWithSomethingInsideIsRefused) {
  std::string nested = sts_credentials("ASIA<b>X</b>", "2026-01-20T11:00:00Z");
  expect_refused(read_sts_answer(nested), "the answer is not usable: the access key id is missing");
  std::string entity = sts_credentials("ASIA&#10;X", "2026-01-20T11:00:00Z");
  expect_refused(read_sts_answer(entity), "the answer is not usable: the access key id is missing");
}

}  // namespace
}  // namespace heare::s3
