#include "s3/credentials_web_identity.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include "s3/credentials_test_support.h"

namespace heare::s3 {
namespace {

using heare::testing::FakeClock;
using heare::testing::RawServer;
using heare::testing::TempDir;
using testing::answer;
using testing::contains;
using testing::FakeHttp;
using testing::sts_credentials;
using testing::Variables;
using testing::write_file;

constexpr std::string_view kExpiration = "2026-01-20T11:30:00Z";

std::string sts_error(std::string_view code, std::string_view message) {
  return fmt::format(
      R"(<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>r</RequestId></ErrorResponse>)",
      code, message);
}

class WebIdentityCredentials : public ::testing::Test {
 protected:
  WebIdentityCredentials() {
    write_file(token_file_, "shhhead.shhhpayload/+.shhhsignature\n");
    variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = token_file_;
    variables_["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/keys";
  }

  Result<std::optional<Credentials>> load(fetch::HttpClient& http, const std::string& region = "eu-west-1") {
    WebIdentityExchange exchange(variables_.environment(), region, {http, clock_});
    return make_web_identity_source(variables_.environment(), exchange)->load();
  }
  Result<std::optional<Credentials>> load_from(const RawServer& server) {
    variables_["AWS_ENDPOINT_URL_STS"] = server.url("/");
    const auto http = fetch::make_http_client();
    return load(*http);
  }
  Error error_from(const RawServer& server) {
    const auto result = load_from(server);
    const Error error = result ? Error{ErrorCode::invalid, "no error"} : result.error();
    EXPECT_FALSE(contains(error.message, testing::kSecretMark)) << error.message;
    return error;
  }

  TempDir folder_;
  const std::string token_file_ = folder_ / "token";
  Variables variables_;
  FakeClock clock_;
};

TEST_F(WebIdentityCredentials, TokenIsExchangedByAPostedForm) {
  const RawServer server({answer(200, sts_credentials("ASIA1", kExpiration))});
  const auto credentials = load_from(server);
  ASSERT_TRUE(credentials && *credentials) << credentials.error().message;
  EXPECT_EQ((*credentials)->access_key_id, "ASIA1");

  ASSERT_EQ(server.requests().size(), 1U);
  const auto request = server.requests().front();
  EXPECT_TRUE(request.head.starts_with("POST / HTTP/1.1\r\n")) << request.head;
  EXPECT_TRUE(contains(request.head, "\r\nContent-Type: application/x-www-form-urlencoded\r\n")) << request.head;
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2F"
            "keys&RoleSessionName=heare-auth&WebIdentityToken=shhhead.shhhpayload%2F%2B.shhhsignature");
}

TEST_F(WebIdentityCredentials, SessionNameIsTaken) {
  const RawServer server({answer(200, sts_credentials("ASIA1", kExpiration))});
  variables_["AWS_ROLE_SESSION_NAME"] = "pod 1";
  ASSERT_TRUE(load_from(server).has_value());
  EXPECT_TRUE(contains(server.requests().front().body, "&RoleSessionName=pod%201&"));
}

TEST_F(WebIdentityCredentials, TokenFileIsReadEachTime) {
  const RawServer server(
      {answer(200, sts_credentials("ASIA1", kExpiration)), answer(200, sts_credentials("ASIA2", kExpiration))});
  ASSERT_TRUE(load_from(server).has_value());
  write_file(token_file_, "renewed");
  ASSERT_TRUE(load_from(server).has_value());
  EXPECT_TRUE(server.requests().at(1).body.ends_with("&WebIdentityToken=renewed"));
}

TEST_F(WebIdentityCredentials, WithoutATokenFileItIsNotConfigured) {
  variables_.unset("AWS_WEB_IDENTITY_TOKEN_FILE");
  FakeHttp http;
  const auto result = load(http);
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->has_value());
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(WebIdentityCredentials, TokenFileWithoutARoleStops) {
  variables_.unset("AWS_ROLE_ARN");
  FakeHttp http;
  EXPECT_EQ(load(http).error().message, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
}

TEST_F(WebIdentityCredentials, MissingEmptyOrBinaryTokenFileStops) {
  FakeHttp http;
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder_ / "none";
  EXPECT_TRUE(contains(load(http).error().message, "none: No such file"));
  EXPECT_EQ(load(http).error().code, ErrorCode::unauthorized);
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = token_file_;
  write_file(token_file_, " \n");
  EXPECT_TRUE(contains(load(http).error().message, "it is empty"));
  write_file(token_file_, "shhh\nshhh");
  EXPECT_TRUE(contains(load(http).error().message, "not one line"));
  write_file(token_file_, std::string((size_t{1} << 20) + 1, 'x'));
  EXPECT_TRUE(contains(load(http).error().message, "more than 1048576 bytes"));
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(WebIdentityCredentials, EndpointIsTheRegionsOwnUnlessConfigured) {
  FakeHttp http;
  const auto asked = [&](const std::string& region) {
    http.requests.clear();
    EXPECT_FALSE(load(http, region).has_value());
    return http.requests.empty() ? "" : http.requests.front().url;
  };
  EXPECT_EQ(asked("eu-west-1"), "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(asked("cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(asked("eusc-de-east-1"), "https://sts.eusc-de-east-1.amazonaws.eu/");
  EXPECT_EQ(asked("us-iso-east-1"), "https://sts.us-iso-east-1.c2s.ic.gov/");
  EXPECT_EQ(asked("us-gov-west-1"), "https://sts.us-gov-west-1.amazonaws.com/");
  EXPECT_EQ(asked("aws-global"), "https://sts.amazonaws.com/");
  EXPECT_EQ(asked(""), "https://sts.amazonaws.com/");
  EXPECT_EQ(asked("evil.example/"), "");
  variables_["AWS_ENDPOINT_URL"] = "https://minio.example:9000/";
  EXPECT_EQ(asked("eu-west-1"), "https://minio.example:9000/");
  variables_["AWS_ENDPOINT_URL_STS"] = "https://sts.example";
  EXPECT_EQ(asked("eu-west-1"), "https://sts.example/");
  variables_["AWS_ENDPOINT_URL_STS"] = "sts.example";
  EXPECT_EQ(load(http).error().message, "AWS_ENDPOINT_URL_STS is not an http or https URL");
}

TEST_F(WebIdentityCredentials, RefusalIsToldWithCodeAndMessage) {
  const RawServer server({answer(400, sts_error("ExpiredTokenException", "Token expired: current date/time"))});
  const Error error = error_from(server);
  EXPECT_EQ(error.code, ErrorCode::unauthorized);
  EXPECT_EQ(error.message,
            "asking STS: answered with status 400, ExpiredTokenException: Token expired: current date/time");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(WebIdentityCredentials, MessageThatQuotesTheTokenIsLeftOut) {
  const RawServer server({answer(400, sts_error("InvalidIdentityToken", "cannot parse shhhpayload/+"))});
  EXPECT_EQ(error_from(server).message, "asking STS: answered with status 400, InvalidIdentityToken");
}

TEST_F(WebIdentityCredentials, WhatMayPassIsTriedTwice) {
  const RawServer server({answer(503, "shhh"), answer(200, sts_credentials("ASIA1", kExpiration))});
  EXPECT_TRUE(load_from(server).has_value());
  EXPECT_EQ(clock_.sleeps().size(), 1U);
}

TEST_F(WebIdentityCredentials, OutageIsUnavailable) {
  const RawServer server({answer(503, "shhh"), answer(500, "shhh")});
  const Error error = error_from(server);
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.message, "asking STS: answered with status 500");
}

TEST_F(WebIdentityCredentials, IssuerThatCannotBeReachedIsUnavailable) {
  const RawServer server({answer(400, sts_error("IDPCommunicationError", "try again"))});
  EXPECT_EQ(error_from(server).code, ErrorCode::unavailable);
}

TEST_F(WebIdentityCredentials, NoAnswerIsUnavailable) {
  const RawServer server({});
  const Error error = error_from(server);
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_TRUE(error.message.starts_with("asking STS: no answer (")) << error.message;
}

TEST_F(WebIdentityCredentials, AnswerWithoutCredentialsIsRefused) {
  const RawServer server({answer(200, "<html>shhh</html>")});
  EXPECT_EQ(error_from(server).message, "asking STS: the answer's Expiration is not an ISO 8601 time");
}

TEST_F(WebIdentityCredentials, EndlessAnswerIsRefused) {
  const std::string endless(200'000, 'x');
  const RawServer server({answer(200, endless), answer(200, endless)});
  EXPECT_TRUE(contains(error_from(server).message, "the answer has more than 65536 bytes"));
}

TEST_F(WebIdentityCredentials, RedirectIsNotFollowed) {
  const RawServer elsewhere({answer(200, sts_credentials("ASIA1", kExpiration))});
  const RawServer server({heare::testing::answer_with(
      fmt::format("HTTP/1.1 307 Go\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", elsewhere.url("/")))});
  EXPECT_EQ(error_from(server).message, "asking STS: answered with status 307");
  EXPECT_TRUE(elsewhere.requests().empty());
}

}  // namespace
}  // namespace heare::s3
