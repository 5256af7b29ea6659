#include <fmt/format.h>

#include "http/api_test_support.h"

namespace heare::http {
namespace {

using testing::kInvalidKey;

constexpr std::string_view kRealm = R"(WWW-Authenticate: Bearer realm="heare-auth")";
constexpr std::string_view kNobody = R"({"valid":false,"error":"Missing API key"})";

class ApiForwardAuthTest : public testing::ApiTest {
 protected:
  /// Asks /auth with those fields besides the User-Agent.
  const Response& ask_with(std::initializer_list<Field> fields, std::string_view query = {}) {
    fields_ = {{"User-Agent", "curl/7.88"}};
    fields_.insert(fields_.end(), fields);
    return ask("GET", "/auth", {}, query);
  }
  const Response& ask_with_key(std::string_view key, std::string_view query = {}) {
    return ask_with({{"X-API-Key", key}}, query);
  }
  void expect_denied(int status, std::string_view body, std::string_view challenge, std::string_view reason) const {
    EXPECT_EQ(response_.status, status);
    EXPECT_EQ(response_.body, body);
    EXPECT_EQ(response_.content_type, "application/json");
    EXPECT_EQ(response_.fields, fmt::format("{}{}\r\nX-Auth-Reason: {}\r\n", kRealm, challenge, reason));
  }
};

TEST_F(ApiForwardAuthTest, GoodKeyIsAnsweredWithFourFieldsAndNoBody) {
  const Response& response = ask_with_key("sec_rich");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.content_type, "");
  EXPECT_EQ(response.fields,
            "X-Auth-Key-Id: key_2\r\nX-Auth-Key-Name: a%20\"name\"\r\nX-Auth-Owner: team\r\n"
            "X-Auth-Scopes: reports:* b\r\n");
}

TEST_F(ApiForwardAuthTest, FieldsAreThereAlsoWithoutOwnerAndScopes) {
  EXPECT_EQ(ask_with({{"authorization", "bEARER sec_good"}}).fields,
            "X-Auth-Key-Id: key_1\r\nX-Auth-Key-Name: My%20Service\r\nX-Auth-Owner: -\r\nX-Auth-Scopes: -\r\n");
}

TEST_F(ApiForwardAuthTest, AnyMethodAsksAndSoDoesAnyPathBelow) {
  for (const std::string_view method : {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "BREW", "get"}) {
    fields_ = {{"X-API-Key", "sec_good"}};
    EXPECT_EQ(ask(method, "/auth", "not read").status, 200) << method;
    for (const std::string_view path : {"/auth/", "/auth/a/b", "/auth//", "/auth/../refresh", "/auth/%00"}) {
      EXPECT_EQ(ask(method, path).status, 200) << path;
    }
  }
  fields_.clear();
  EXPECT_EQ(ask("PUT", "/auth/").status, 401);
  for (const std::string_view path : {"/authx", "/Auth", "//auth", "/auth%2F", "/aut"}) {
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  }
}

TEST_F(ApiForwardAuthTest, RequestWithoutAKeyIsChallenged) {
  ask_with({});
  expect_denied(401, kNobody, "", "missing");
  ask_with({{"Authorization", "Basic c2VjX2dvb2Q="}, {"X-API-Key", ""}, {"Cookie", "X-API-Key=sec_good"}});
  expect_denied(401, kNobody, "", "missing");
  ask_with({{"Authorization", "Bearer"}}, "api_key=sec_good&key=sec_good");
  expect_denied(401, kNobody, "", "missing");
}

TEST_F(ApiForwardAuthTest, RefusedKeyIsAnInvalidToken) {
  for (const std::string_view reason : {"not_found", "expired", "disabled"}) {
    ask_with_key(fmt::format("sec_{}", reason));
    expect_denied(401, kInvalidKey, R"(, error="invalid_token")", reason);
  }
}

TEST_F(ApiForwardAuthTest, TwoKeysAreNoneEvenWhereTheyAreTheSame) {
  const Field bearer = {"Authorization", "Bearer sec_good"};
  const Field header = {"X-API-Key", "sec_good"};
  for (const auto& fields : {std::initializer_list<Field>{bearer, header}, {bearer, bearer}, {header, header}}) {
    ask_with(fields);
    expect_denied(401, kInvalidKey, R"(, error="invalid_token")", "malformed");
  }
  EXPECT_EQ(ask_with({header, {"Authorization", "Basic x"}, {"X-API-Key", ""}}).status, 200);
}

// --- Scopes

TEST_F(ApiForwardAuthTest, KeyNeedsEveryScopeThatQueryAndHeaderName) {
  EXPECT_EQ(ask_with_key("sec_rich", "scope=b&scope=reports:read").status, 200);
  EXPECT_EQ(ask_with_key("sec_rich", "scope=b&x=y&scope=c").status, 403);
  EXPECT_EQ(ask_with_key("sec_good", "scope=b").status, 403);
  const Field key = {"X-API-Key", "sec_rich"};
  EXPECT_EQ(ask_with({key, {"X-Auth-Required-Scope", "b reports:a"}}).status, 200);
  EXPECT_EQ(ask_with({key, {"x-auth-required-scope", "b"}, {"X-Auth-Required-Scope", "c"}}).status, 403);
  EXPECT_EQ(ask_with({key, {"x-auth-required-scope", "c"}}, "scope=b").status, 403);
  EXPECT_EQ(ask_with({key, {"x-auth-required-scope", ""}}, "scope=").status, 200);
}

TEST_F(ApiForwardAuthTest, MissingScopeIsForbiddenAndAllThatAreNeededAreNamed) {
  ask_with({{"X-API-Key", "sec_rich"}, {"X-Auth-Required-Scope", "\t reports:x  d"}}, "scope=b&scope=c");
  expect_denied(403, R"({"valid":false,"error":"Insufficient scope"})",
                R"(, error="insufficient_scope", scope="b c reports:x d")", "scope");
}

TEST_F(ApiForwardAuthTest, WhatIsNoScopeIsNeverCoveredAndNotNamed) {
  ask_with({{"X-API-Key", "sec_rich"}, {"X-Auth-Required-Scope", "b a\"b, c,"}});
  expect_denied(403, R"({"valid":false,"error":"Insufficient scope"})", R"(, error="insufficient_scope", scope="b")",
                "scope");
  ask_with_key("sec_rich", "scope=%0d%0aSet-Cookie:%20a=b");
  expect_denied(403, R"({"valid":false,"error":"Insufficient scope"})", R"(, error="insufficient_scope")", "scope");
}

TEST_F(ApiForwardAuthTest, QueryBelowAuthIsTheClientsOwn) {
  fields_ = {{"X-API-Key", "sec_good"}};
  EXPECT_EQ(ask("GET", "/auth/", {}, "scope=b").status, 200);
  EXPECT_EQ(ask("GET", "/auth/scope=b", {}, "scope=b").status, 200);
  fields_.push_back({"X-Auth-Required-Scope", "b"});
  EXPECT_EQ(ask("GET", "/auth/x").status, 403);
}

TEST_F(ApiForwardAuthTest, ScopesAreNoneOfAnUnknownKeysBusiness) {
  ask_with_key("sec_other", "scope=b");
  expect_denied(401, kInvalidKey, R"(, error="invalid_token")", "not_found");
}

// --- What else there is

TEST_F(ApiForwardAuthTest, EachAnswerIsLoggedAsAVerification) {
  ask_with_key("sec_good");
  ask_with({});
  ask_with({{"Authorization", "Bearer sec_good"}, {"X-API-Key", "sec_rich"}});
  ask_with_key("sec_expired");
  ask_with_key("sec_rich", "scope=c");
  constexpr std::string_view kEnd = R"("user_agent":"curl/7.88","timestamp":"2026-01-20T15:30:00.123456Z","level":")";
  const auto failed = [kEnd](std::string_view prefix, std::string_view reason) {
    return fmt::format("{{\"event\":\"verification_failed\",\"secret_prefix\":\"{}\",\"reason\":\"{}\",{}warning\"}}\n",
                       prefix, reason, kEnd);
  };
  EXPECT_EQ(log_text(), fmt::format("{{\"event\":\"verification_success\",\"key_id\":\"key_1\",\"key_name\":\"My "
                                    "Service\",{}info\"}}\n",
                                    kEnd) +
                            failed("***", "missing") + failed("***", "malformed") + failed("sec_", "expired") +
                            failed("sec_", "scope"));
}

TEST_F(ApiForwardAuthTest, WhatCannotBeVerifiedNowIsNeverCalledInvalid) {
  context_.stale = true;
  EXPECT_EQ(ask_with({}).status, 503);
  EXPECT_EQ(response_.body, R"({"error":"Keys too old"})");
  EXPECT_EQ(response_.fields, "");
  context_ = {.index = nullptr, .now = testing::kNow};
  EXPECT_EQ(ask_with_key("sec_good").status, 503);
  EXPECT_EQ(response_.body, R"({"error":"Keys not loaded"})");
  EXPECT_EQ(log_text(), "");
}

}  // namespace
}  // namespace heare::http
