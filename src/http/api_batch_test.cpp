#include <fmt/format.h>

#include "base/limits.h"

#include "http/api_test_support.h"

namespace heare::http {
namespace {

using testing::kInvalidKey;

class ApiBatchTest : public testing::ApiTest {
 protected:
  const Response& verify_batch(std::string_view body) { return ask("POST", "/verify/batch", body); }
  size_t lines(std::string_view event) {
    const std::string text = log_text();
    size_t count = 0;
    for (size_t at = 0; (at = text.find(event, at)) != std::string::npos; ++at) ++count;
    return count;
  }
};

/// `{"api_keys":[…]}` with `count` times that key.
std::string batch_of(size_t count, std::string_view key) {
  std::string body = R"({"api_keys":[)";
  for (size_t i = 0; i < count; ++i) body += fmt::format("{}\"{}\"", i == 0 ? "" : ",", key);
  return body + "]}";
}

TEST_F(ApiBatchTest, EachKeyIsAnsweredInOrderAsByVerify) {
  std::string expected = R"({"results":[)";
  for (const std::string_view secret : {"sec_good", "sec_other", "sec_rich", "sec_disabled", "sec_expired"}) {
    if (!expected.ends_with('[')) expected += ',';
    expected += verify(fmt::format(R"({{"api_key":"{}"}})", secret)).body;
  }
  const Response& response =
      verify_batch(R"({"api_keys":["sec_good","sec_other","sec_rich","sec_disabled","sec_expired"]})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, expected + "]}");
  EXPECT_EQ(response.fields, "");
}

TEST_F(ApiBatchTest, EachKeyIsLogged) {
  verify_batch(R"({"api_keys":["sec_good","sec_good","sec_expired","sec_rich",""]})");
  EXPECT_EQ(lines(R"("event":"verification_success")"), 3U);
  EXPECT_EQ(lines(R"("secret_prefix":"sec_","reason":"expired")"), 1U);
  EXPECT_EQ(lines(R"("secret_prefix":"***","reason":"not_found")"), 1U);
}

TEST_F(ApiBatchTest, EmptyBatchHasNoResults) {
  EXPECT_EQ(verify_batch(R"({"api_keys":[]})").body, R"({"results":[]})");
  EXPECT_EQ(response_.status, 200);
}

TEST_F(ApiBatchTest, HundredKeysAreAnsweredAndMoreAreNot) {
  EXPECT_EQ(verify_batch(batch_of(limits::kBatchKeysMax, "sec_good")).status, 200);
  EXPECT_EQ(lines("verification_success"), limits::kBatchKeysMax);
  EXPECT_EQ(verify_batch(batch_of(limits::kBatchKeysMax + 1, "sec_good")).status, 400);
  EXPECT_EQ(response_.body, R"-({"error":"Too many api_keys (limit 100)"})-");
  EXPECT_EQ(lines("verification_success"), limits::kBatchKeysMax);
}

TEST_F(ApiBatchTest, BodyWithoutAnArrayOfStringsIsToldSoAndNothingIsVerified) {
  for (const std::string_view body :
       {"{}", "[]", "null", R"({"api_keys":null})", R"({"api_keys":"sec_good"})", R"({"api_keys":{"a":"sec_good"}})",
        R"({"api_keys":["sec_good",1]})", R"({"api_keys":["sec_good",null]})", R"({"api_keys":[["sec_good"]]})",
        R"({"api_key":["sec_good"]})", R"({"api_keys":["sec_good"],"api_keys":7})"}) {
    EXPECT_EQ(verify_batch(body).status, 400) << body;
    EXPECT_EQ(response_.body, R"({"error":"Missing api_keys field"})") << body;
  }
  EXPECT_EQ(verify_batch("{").body, R"({"error":"Invalid JSON"})");
  EXPECT_EQ(response_.status, 400);
  EXPECT_EQ(log_text(), "");
}

TEST_F(ApiBatchTest, KeysAreComparedUnescaped) {
  EXPECT_EQ(verify_batch(R"({"api\u005fkeys":["sec_\n\u00e4","sec_goo\u0064"]})").body.find(kInvalidKey),
            std::string::npos);
}

TEST_F(ApiBatchTest, WhatCannotBeVerifiedNowIsNeverCalledInvalid) {
  context_.stale = true;
  EXPECT_EQ(verify_batch("{").status, 503);
  EXPECT_EQ(response_.body, R"({"error":"Keys too old"})");
  context_ = {.index = nullptr, .now = testing::kNow};
  EXPECT_EQ(verify_batch(R"({"api_keys":["sec_good"]})").body, R"({"error":"Keys not loaded"})");
}

TEST_F(ApiBatchTest, OnlyPostVerifies) {
  EXPECT_EQ(ask("GET", "/verify/batch").status, 405);
  EXPECT_EQ(response_.fields, "Allow: POST\r\n");
}

}  // namespace
}  // namespace heare::http
