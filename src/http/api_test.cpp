#include "http/api.h"

#include <gtest/gtest.h>

#include "http/api_test_support.h"

namespace heare::http {
namespace {

using testing::ApiTest;
using testing::kInvalidKey;
using testing::kNow;
using testing::MemoryLogger;

constexpr std::string_view kMissingKey = R"({"error":"Missing api_key field"})";
constexpr std::string_view kInvalidJson = R"({"error":"Invalid JSON"})";

// --- POST /verify

TEST_F(ApiTest, GoodKeyIsAnsweredWithExactlyFourFields) {
  const Response& response = verify(R"({"api_key":"sec_good"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"valid":true,"key_id":"key_1","name":"My Service","metadata":{"env":"prod"}})");
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.fields, "");
}

TEST_F(ApiTest, GoodKeyWithScopesAndOwnerTellsThem) {
  EXPECT_EQ(verify(R"({"api_key":"sec_rich"})").body,
            R"({"valid":true,"key_id":"key_2","name":"a \"name\"","metadata":{},)"
            R"("scopes":["reports:*","b"],"owner":"team"})");
}

TEST_F(ApiTest, RefusalsHaveOneBodyAndTellTheReasonInAHeader) {
  for (const std::string_view reason : {"not_found", "disabled", "expired"}) {
    const Response& response = verify(std::string(R"({"api_key":"sec_)") + std::string(reason) + "\"}");
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(response.body, kInvalidKey);
    EXPECT_EQ(response.fields, "X-Auth-Reason: " + std::string(reason) + "\r\n");
  }
}

TEST_F(ApiTest, EmptyCredentialIsUnknown) {
  EXPECT_EQ(verify(R"({"api_key":""})").status, 403);
}

TEST_F(ApiTest, BodyWithoutAKeyIsToldSo) {
  for (const std::string_view body : {"{}", R"({"api_key":null})", R"({"api_key":1})", R"({"api_key":["sec_good"]})",
                                      R"({"API_KEY":"sec_good"})", "[]", "null", R"("sec_good")", "1", "NaN"}) {
    const Response& response = verify(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(response.body, kMissingKey) << body;
  }
}

TEST_F(ApiTest, BrokenJsonIsInvalidWhateverItBeginsWith) {
  for (const std::string_view body :
       {"", " ", "{", "[1", R"({"api_key":"sec_good"} x)", R"({"api_key":"sec_good",})", "sec_good",
        "\xEF\xBB\xBF{\"api_key\":\"sec_good\"}", "{'api_key':'sec_good'}", "{\"api_key\":\"\xFF\"}"}) {
    const Response& response = verify(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(response.body, kInvalidJson) << body;
  }
}

TEST_F(ApiTest, BodyNestedTooDeeplyIsInvalid) {
  const auto body = [](size_t levels) {
    return R"({"api_key":"sec_good","x":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_EQ(verify(body(limits::kNestingMax)).status, 200);
  EXPECT_EQ(verify(body(limits::kNestingMax + 1)).body, kInvalidJson);
}

TEST_F(ApiTest, LastOfTwoKeysCounts) {
  EXPECT_EQ(verify(R"({"api_key":"sec_other","api_key":"sec_good"})").status, 200);
  EXPECT_EQ(verify(R"({"api_key":"sec_good","api_key":"sec_other"})").status, 403);
  EXPECT_EQ(verify(R"({"api_key":"sec_good","api_key":7})").body, kMissingKey);
}

TEST_F(ApiTest, NamesAndCredentialsAreComparedUnescaped) {
  EXPECT_EQ(verify(R"({"api_\u006bey":"sec_goo\u0064"})").status, 200);
  EXPECT_EQ(verify(R"({"api_key":"sec_\n\u00e4"})").status, 200);
  EXPECT_EQ(verify(R"({"api_key":"sec_other","api_\u006bey":"sec_good"})").status, 200);
}

TEST_F(ApiTest, WhatCannotBeVerifiedNowIsNeverCalledInvalid) {
  context_.stale = true;
  EXPECT_EQ(verify(R"({"api_key":"sec_other"})").status, 503);
  EXPECT_EQ(response_.body, R"({"error":"Keys too old"})");
  context_ = {.index = nullptr, .now = kNow};
  EXPECT_EQ(verify(R"({"api_key":"sec_other"})").status, 503);
  EXPECT_EQ(response_.body, R"({"error":"Keys not loaded"})");
  EXPECT_EQ(log_text(), "");
}

TEST_F(ApiTest, KeysAreVerifiedWhileTheServiceStops) {
  context_.stopping = true;
  EXPECT_EQ(verify(R"({"api_key":"sec_good"})").status, 200);
}

TEST_F(ApiTest, OnlyPostVerifies) {
  for (const std::string_view method : {"GET", "HEAD", "PUT", "OPTIONS", "post", "BREW"}) {
    EXPECT_EQ(ask(method, "/verify", R"({"api_key":"sec_good"})").status, 405);
    EXPECT_EQ(response_.body, R"({"error":"Method not allowed"})");
    EXPECT_EQ(response_.fields, "Allow: POST\r\n");
  }
}

TEST_F(ApiTest, UnknownPathsAreNotFoundAlsoWithASlashTooMany) {
  for (const std::string_view path :
       {"/", "/verify/", "//verify", "/Verify", "/verify/batch/", "/authx", "/metrics/", "/%76erify", "/healthz", ""}) {
    EXPECT_EQ(ask("POST", path).status, 404) << path;
    EXPECT_EQ(response_.body, R"({"error":"Not found"})");
    EXPECT_EQ(response_.fields, "");
  }
}

// --- Log lines of verifications

TEST_F(ApiTest, SuccessIsLoggedWithTheKeyAndNoPartOfTheSecret) {
  verify(R"({"api_key":"sec_rich"})");
  EXPECT_EQ(log_text(),
            R"({"event":"verification_success","key_id":"key_2","key_name":"a \"name\"","user_agent":"curl/7.88",)"
            R"("timestamp":"2026-01-20T15:30:00.123456Z","level":"info"})"
            "\n");
}

TEST_F(ApiTest, FailureIsLoggedWithFourCharactersAndTheReason) {
  verify(R"({"api_key":"sec_expired"})");
  EXPECT_EQ(log_text(),
            R"({"event":"verification_failed","secret_prefix":"sec_","reason":"expired","user_agent":"curl/7.88",)"
            R"("timestamp":"2026-01-20T15:30:00.123456Z","level":"warning"})"
            "\n");
}

TEST_F(ApiTest, ShortCredentialIsNotShownAtAll) {
  verify(R"({"api_key":"1234567"})");
  verify(R"({"api_key":""})");
  // Seven characters, more bytes.
  verify("{\"api_key\":\"\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\"}");
  const std::string text = log_text();
  size_t hidden = 0;
  for (size_t at = 0; (at = text.find(R"("secret_prefix":"***")", at)) != std::string::npos; ++at) ++hidden;
  EXPECT_EQ(hidden, 3U);
}

TEST_F(ApiTest, PrefixCountsCharactersAndNotBytes) {
  verify(
      "{\"api_key\":\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\x91"
      "defgh\"}");
  EXPECT_NE(log_text().find("\"secret_prefix\":\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\x91"
                            "d\""),
            std::string::npos);
}

TEST_F(ApiTest, UserAgentNeverBreaksALogLine) {
  fields_ = {{"user-agent", "a\"b\\\t\xFF"}};
  verify(R"({"api_key":"sec_good"})");
  const std::string text = log_text();
  EXPECT_NE(text.find("\"user_agent\":\"a\\\"b\\\\\\t\xEF\xBF\xBD\""), std::string::npos) << text;
  json::Reader reader;
  EXPECT_TRUE(reader.read(text));
}

TEST_F(ApiTest, UserAgentIsLoggedUpToABound) {
  const std::string agent(30'000, 'x');
  fields_ = {{"user-agent", agent}};
  verify(R"({"api_key":"sec_good"})");
  EXPECT_NE(log_text().find("\"user_agent\":\"" + agent.substr(0, 512) + "\""), std::string::npos);
}

TEST_F(ApiTest, MissingUserAgentIsUnknown) {
  fields_.clear();
  verify(R"({"api_key":"sec_good"})");
  EXPECT_NE(log_text().find(R"("user_agent":"unknown")"), std::string::npos);
}

TEST_F(ApiTest, QuietLevelsAreNotLogged) {
  MemoryLogger quiet(log::Level::error);
  const auto batch = quiet.make_batch();
  Api api({*batch, requests_, metrics_page_});
  Request request = {};
  request.method = "POST";
  request.path = "/verify";
  for (const std::string_view body : {R"({"api_key":"sec_good"})", R"({"api_key":"sec_other"})"}) {
    request.body = body;
    api.handle(request, context_, response_);
  }
  EXPECT_TRUE(batch->empty());
}

TEST_F(ApiTest, MetricsAreAPageForThisMachine) {
  EXPECT_EQ(ask("GET", "/metrics").body, "heare_auth_keys 1\n");
  EXPECT_EQ(response_.status, 200);
  EXPECT_EQ(response_.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(ApiTest, MetricsAreRefusedToWhoeverMayNotRefresh) {
  constexpr std::string_view kRefused = R"({"error":"Metrics endpoint only accessible from localhost"})";
  peer_ = "192.0.2.1";
  EXPECT_EQ(ask("GET", "/metrics").body, kRefused);
  EXPECT_EQ(response_.status, 403);
  EXPECT_EQ(response_.content_type, "application/json");
  peer_ = "127.0.0.1";
  fields_ = {{"X-Forwarded-For", "192.0.2.1"}};
  EXPECT_EQ(ask("HEAD", "/metrics").body, kRefused);
}

TEST_F(ApiTest, AddressForScrapersHasNothingButMetrics) {
  Api api({*batch_, requests_, metrics_page_}, {.metrics_only = true});
  Request request = {};
  request.method = "GET";
  request.peer_address = "192.0.2.1";
  request.path = "/metrics";
  api.handle(request, context_, response_);
  EXPECT_EQ(response_.status, 200);
  for (const std::string_view path : {"/health", "/verify", "/auth", "/auth/metrics", "/refresh", "/metrics/"}) {
    request.path = path;
    api.handle(request, context_, response_);
    EXPECT_EQ(response_.status, 404) << path;
  }
}

TEST_F(ApiTest, HealthChecksAndRejectedRefreshesAreCounted) {
  ask("GET", "/health");
  ask("HEAD", "/health");
  ask("POST", "/refresh");
  peer_ = "192.0.2.1";
  ask("POST", "/refresh");
  EXPECT_EQ(requests_.read().health, 2);
  EXPECT_EQ(requests_.read().refreshes_rejected, 1);
}

TEST_F(ApiTest, RequestsThatVerifyNothingAreNotLogged) {
  verify("{");
  verify("{}");
  ask("GET", "/health");
  EXPECT_EQ(log_text(), "");
}

// --- POST /refresh

TEST_F(ApiTest, RefreshIsForThisMachine) {
  EXPECT_TRUE(may_refresh());
  peer_ = "::1";
  EXPECT_TRUE(may_refresh());
  peer_ = "::ffff:127.0.0.1";
  EXPECT_TRUE(may_refresh());
}

TEST_F(ApiTest, RefreshFromElsewhereIsRefusedAndLogged) {
  peer_ = "10.0.0.7";
  EXPECT_FALSE(may_refresh());
  EXPECT_EQ(response_.status, 403);
  EXPECT_EQ(response_.body, R"({"error":"Refresh endpoint only accessible from localhost"})");
  const std::string text = log_text();
  EXPECT_TRUE(text.starts_with(R"({"event":"refresh_rejected","client_host":"10.0.0.7","forwarded_for":"")")) << text;
  EXPECT_NE(text.find(R"("level":"warning")"), std::string::npos);
}

TEST_F(ApiTest, HeaderAloneOpensNothing) {
  peer_ = "10.0.0.7";
  fields_ = {{"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=127.0.0.1"}, {"X-Real-IP", "127.0.0.1"}};
  EXPECT_FALSE(may_refresh());
}

TEST_F(ApiTest, EveryForwardedAddressMustBeLoopback) {
  fields_ = {{"X-Forwarded-For", "127.0.0.1"}, {"forwarded", "for=\"[::1]:80\""}, {"X-Real-IP", "::1"}};
  EXPECT_TRUE(may_refresh());
  const std::vector<Field> refused = {{"x-forwarded-for", "127.0.0.1, 10.0.0.7"},
                                      {"X-Forwarded-For", "localhost"},
                                      {"X-Real-IP", "10.0.0.7"},
                                      {"X-REAL-IP", "unknown"},
                                      {"Forwarded", "for=10.0.0.7"},
                                      {"Forwarded", "proto=https"}};
  for (const Field& field : refused) {
    fields_ = {{"X-Forwarded-For", "127.0.0.1"}, field};
    EXPECT_FALSE(may_refresh()) << field.name << ": " << field.value;
  }
}

TEST_F(ApiTest, EmptyForwardingHeaderCountsAsAbsent) {
  fields_ = {{"X-Forwarded-For", ""}, {"Forwarded", ""}, {"X-Real-IP", ""}};
  EXPECT_TRUE(may_refresh());
}

TEST_F(ApiTest, RejectedRefreshTellsWhatEveryProxySaid) {
  fields_ = {{"X-Forwarded-For", "10.0.0.7"}, {"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=x"}};
  EXPECT_FALSE(may_refresh());
  EXPECT_NE(log_text().find(R"("forwarded_for":"10.0.0.7, 127.0.0.1, for=x")"), std::string::npos);
}

TEST_F(ApiTest, RefreshAnswersWithTheNumberOfKeys) {
  api_.refresh_answer(5, kNow, response_);
  EXPECT_EQ(response_.status, 200);
  EXPECT_EQ(response_.body, R"({"success":true,"keys_loaded":5,"timestamp":"2026-01-20T15:30:00.123456Z"})");
}

TEST_F(ApiTest, FailedRefreshTellsWhy) {
  api_.refresh_answer(fail(ErrorCode::unavailable, "reading \"x\": denied"), kNow, response_);
  EXPECT_EQ(response_.status, 500);
  EXPECT_EQ(response_.body, R"({"error":"Failed to refresh keys: reading \"x\": denied"})");
}

// --- /health, /ready

TEST_F(ApiTest, HealthSaysNothingButOk) {
  context_ = {.index = nullptr, .stopping = true, .now = kNow};
  for (const std::string_view method : {"GET", "HEAD"}) {
    EXPECT_EQ(ask(method, "/health").status, 200);
    EXPECT_EQ(response_.body, R"({"status":"ok"})");
  }
  EXPECT_EQ(ask("POST", "/health").status, 405);
  EXPECT_EQ(response_.fields, "Allow: GET, HEAD\r\n");
}

TEST_F(ApiTest, ReadyTellsTheStateOfTheService) {
  const auto ready = [this](const Context& context) {
    context_ = context;
    return std::pair<int, std::string>(ask("GET", "/ready").status, response_.body);
  };
  const auto* const index = index_.get();
  using Answer = std::pair<int, std::string>;
  EXPECT_EQ(ready({.index = index, .loaded = true, .now = kNow}), Answer(200, R"({"status":"ready"})"));
  EXPECT_EQ(ready({.index = index, .loaded = false, .now = kNow}), Answer(503, R"({"status":"loading"})"))
      << "another thread has no keys yet";
  EXPECT_EQ(ready({.index = nullptr, .now = kNow}), Answer(503, R"({"status":"loading"})"));
  EXPECT_EQ(ready({.index = index, .loaded = true, .stale = true, .now = kNow}), Answer(503, R"({"status":"stale"})"));
  EXPECT_EQ(ready({.index = index, .loaded = true, .stale = true, .stopping = true, .now = kNow}),
            Answer(503, R"({"status":"stopping"})"));
}

TEST_F(ApiTest, RefusalIsAnErrorBody) {
  refusal(refuse(431), response_);
  EXPECT_EQ(response_.status, 431);
  EXPECT_EQ(response_.body, R"({"error":"Request header too large"})");
  refusal(refuse(400), response_);
  EXPECT_EQ(response_.body, R"({"error":"Bad request"})");
}

TEST_F(ApiTest, CountsVerificationsAndNothingElse) {
  verify(R"({"api_key":"sec_good"})");
  verify(R"({"api_key":"sec_unknown"})");
  verify(R"({"api_key":7})");
  verify("no json");
  ask("GET", "/health");
  EXPECT_EQ(requests_.verifications.read().verdicts, (std::array<uint64_t, metrics::kVerdicts>{1, 0, 0, 1, 0, 0, 0}));
  EXPECT_TRUE(requests_.verifications.any_untimed());
}

}  // namespace
}  // namespace heare::http
