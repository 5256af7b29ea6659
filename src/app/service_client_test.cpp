#include "app/service_client.h"

#include <gtest/gtest.h>

#include "app/app_test_support.h"

namespace heare::app {
namespace {

constexpr const char* kUrl = "http://ann:hunter2@localhost:1/refresh";

std::string refresh_error(FakeService service) {
  FakeHttpClient client(service);
  const Result<RefreshAnswer> answer = call_refresh(client, kUrl);
  return answer ? "no error" : answer.error().message;
}

FakeService answering(int status, std::string body) {
  FakeService service;
  service.answer_with(status, std::move(body));
  return service;
}

TEST(CallRefresh, GivesTheNumberOfKeysAndTheAnswer) {
  FakeService service = answering(200, R"({"success":true,"keys_loaded":5})");
  FakeHttpClient client(service);
  const Result<RefreshAnswer> answer = call_refresh(client, kUrl);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->keys_loaded, 5U);
  EXPECT_EQ(answer->json, "{\n  \"success\": true,\n  \"keys_loaded\": 5\n}");
  EXPECT_EQ(service.calls, std::vector<std::string>{std::string("POST ") + kUrl});
}

TEST(CallRefresh, ARefusalIsQuotedWithItsStatusAndWithoutThePassword) {
  EXPECT_EQ(refresh_error(answering(403, R"({"error":"Refresh endpoint only accessible from localhost"})")),
            "POST http://localhost:1/refresh: Refresh endpoint only accessible from localhost (HTTP 403)");
}

TEST(CallRefresh, AnotherServerSAnswerIsRecognised) {
  EXPECT_EQ(refresh_error(answering(404, "<html>")), "POST http://localhost:1/refresh: HTTP 404: <html>");
  EXPECT_EQ(refresh_error(answering(502, "")), "POST http://localhost:1/refresh: HTTP 502");
  for (const char* const body : {"", "ok", "[]", "{}", R"({"keys_loaded":"5"})", R"({"keys_loaded":-1})"}) {
    EXPECT_EQ(refresh_error(answering(200, body)), "http://localhost:1/refresh: not an answer of heare-auth");
  }
}

TEST(CallRefresh, NoAnswerIsToldWithItsReason) {
  FakeService service;
  service.answer = std::unexpected(fetch::Failure{true, false, "POST http://localhost:1/refresh: connection refused"});
  EXPECT_EQ(refresh_error(service), "POST http://localhost:1/refresh: connection refused");
}

TEST(CallHealth, IsGoodWhereTheServiceSaysSo) {
  FakeService service = answering(200, R"({"status":"ok"})");
  FakeHttpClient client(service);
  EXPECT_TRUE(call_health(client, kUrl));
  EXPECT_EQ(service.calls, std::vector<std::string>{std::string("GET ") + kUrl});
}

TEST(CallHealth, AnythingElseIsAFailure) {
  for (const char* const body : {"", "{}", R"({"status":"loading"})", R"({"status":1})"}) {
    FakeService service = answering(200, body);
    FakeHttpClient client(service);
    EXPECT_FALSE(call_health(client, kUrl)) << body;
  }
}

}  // namespace
}  // namespace heare::app
