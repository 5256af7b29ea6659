#include "s3/credentials_container.h"

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
using testing::json_credentials;
using testing::Variables;
using testing::write_file;

constexpr std::string_view kExpiration = "2026-01-20T11:30:00Z";

class ContainerCredentials : public ::testing::Test {
 protected:
  Result<std::optional<Credentials>> load(fetch::HttpClient& http) {
    return make_container_source(variables_.environment(), {http, clock_})->load();
  }
  Result<std::optional<Credentials>> load_from(const RawServer& server) {
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url("/shhh/creds?id=1");
    const auto http = fetch::make_http_client();
    return load(*http);
  }
  Error error_from(const RawServer& server) {
    const auto result = load_from(server);
    const Error error = result ? Error{ErrorCode::invalid, "no error"} : result.error();
    EXPECT_FALSE(contains(error.message, testing::kSecretMark)) << error.message;
    return error;
  }
  /// The Authorization of the only request so far, or what is wrong.
  std::string authorization() {
    FakeHttp http;
    variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/creds";
    http.answer = [](const fetch::Request&) { return FakeHttp::status(200, json_credentials("ASIA1", kExpiration)); };
    if (const auto result = load(http); !result) return result.error().message;
    for (const fetch::Header& header : http.requests.front().headers) {
      if (header.name == "Authorization") return header.value;
    }
    return "none";
  }

  Variables variables_;
  FakeClock clock_;
  TempDir folder_;
};

TEST_F(ContainerCredentials, WithoutAUriItIsNotConfigured) {
  FakeHttp http;
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "shhh";
  const auto result = load(http);
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->has_value());
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(ContainerCredentials, FullUriIsAsked) {
  const RawServer server({answer(200, json_credentials("ASIA1", kExpiration))});
  const auto result = load_from(server);
  ASSERT_TRUE(result && *result) << result.error().message;
  EXPECT_EQ((*result)->access_key_id, "ASIA1");
  EXPECT_TRUE((*result)->expires_at);
  EXPECT_TRUE(server.requests().at(0).head.starts_with("GET /shhh/creds?id=1 HTTP/1.1\r\n"));
  EXPECT_FALSE(contains(server.requests().at(0).head, "Authorization"));
}

TEST_F(ContainerCredentials, RelativeUriIsAskedAtEcsAndStrongerThanTheFullOne) {
  FakeHttp http;
  http.answer = [](const fetch::Request&) { return FakeHttp::status(200, json_credentials("ASIA1", kExpiration)); };
  variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/uuid";
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1/other";
  ASSERT_TRUE(load(http).has_value());
  EXPECT_EQ(http.requests.at(0).url, "http://169.254.170.2/v2/credentials/uuid");
}

TEST_F(ContainerCredentials, RelativeUriCannotNameAnotherHost) {
  FakeHttp http;
  for (const std::string_view path : {"@evil.example/", ".evil.example/", ":80@evil.example/", "/a b", "/a\r\nX: y"}) {
    variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = path;
    const auto result = load(http);
    ASSERT_FALSE(result.has_value()) << path;
    EXPECT_EQ(result.error().message, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path that begins with '/'");
  }
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(ContainerCredentials, PlainHttpGoesToThisMachineAndThePlatformOnly) {
  FakeHttp http;
  http.answer = [](const fetch::Request&) { return FakeHttp::status(200, json_credentials("ASIA1", kExpiration)); };
  const auto taken = [&](const std::string& url) {
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    http.requests.clear();
    const bool loaded = load(http).has_value();
    EXPECT_EQ(loaded, !http.requests.empty()) << url;
    return loaded;
  };
  for (const std::string url :
       {"http://127.0.0.1/", "http://127.9.9.9:80/x", "http://localhost:1338/", "http://[::1]/x", "http://[::1]:80/x",
        "http://169.254.170.2/", "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials",
        "http://[fd00:0ec2:0:0::0023]/", "http://127.0.0.1?x", "https://creds.example/x", "https://10.0.0.1/"}) {
    EXPECT_TRUE(taken(url)) << url;
  }
  for (const std::string url : {"http://creds.example/",
                                "http://10.0.0.1/",
                                "http://169.254.169.254/",
                                "http://169.254.170.3/",
                                "http://[fd00:ec2::24]/",
                                "http://[::2]/",
                                "http://[::1/",
                                "http://localhost.evil.example/",
                                "http://127.0.0.1.evil.example/",
                                "http://127.1/",
                                "http://0x7f000001/",
                                "http://evil@127.0.0.1/",
                                "http://127.0.0.1@evil.example/",
                                "http://127.0.0.1\\@evil.example/",
                                "http://evil.example#127.0.0.1",
                                "http://127.0.0.1 evil.example/",
                                "http:///x",
                                "ftp://127.0.0.1/",
                                "HTTP://127.0.0.1/",
                                "127.0.0.1",
                                "http://"}) {
    EXPECT_FALSE(taken(url)) << url;
  }
}

TEST_F(ContainerCredentials, RefusedHostIsToldWithWhatIsAllowed) {
  FakeHttp http;
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://shhh.example/";
  const auto result = load(http);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::unauthorized);
  EXPECT_EQ(result.error().message,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is refused: without https only loopback, 169.254.170.2, "
            "169.254.170.23 and fd00:ec2::23 are asked");
}

TEST_F(ContainerCredentials, TokenIsSentAsItIs) {
  EXPECT_EQ(authorization(), "none");
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic c2hoaA==";
  EXPECT_EQ(authorization(), "Basic c2hoaA==");
}

TEST_F(ContainerCredentials, TokenFileIsStrongerAndReadEachTime) {
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "weak";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder_ / "token";
  write_file(folder_ / "token", "first\n");
  EXPECT_EQ(authorization(), "first");
  write_file(folder_ / "token", "second\n");
  EXPECT_EQ(authorization(), "second");
}

TEST_F(ContainerCredentials, BrokenTokenStops) {
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "shhh\r\nX-Injected: 1";
  EXPECT_EQ(authorization(), "AWS_CONTAINER_AUTHORIZATION_TOKEN is not one line of printable characters");
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder_ / "token";
  EXPECT_TRUE(contains(authorization(), "No such file"));
  write_file(folder_ / "token", "shhh\r\nX-Injected: 1");
  EXPECT_TRUE(contains(authorization(), "not one line"));
}

TEST_F(ContainerCredentials, WhatMayPassIsTriedThreeTimes) {
  const RawServer server({answer(500, ""), answer(429, ""), answer(200, json_credentials("ASIA1", kExpiration))});
  EXPECT_TRUE(load_from(server).has_value());
  EXPECT_EQ(clock_.sleeps().size(), 2U);
}

TEST_F(ContainerCredentials, RefusalIsToldByStatus) {
  const RawServer server({answer(403, R"({"code":"AccessDenied","message":"shhh"})")});
  const Error error = error_from(server);
  EXPECT_EQ(error.code, ErrorCode::unauthorized);
  EXPECT_EQ(error.message, "answered with status 403");
}

TEST_F(ContainerCredentials, OutageIsUnavailable) {
  const RawServer server({answer(503, ""), answer(503, ""), answer(503, "shhh")});
  const Error error = error_from(server);
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.message, "answered with status 503");
}

TEST_F(ContainerCredentials, NoAnswerIsUnavailableAndDoesNotTellThePath) {
  const RawServer server({});
  const Error error = error_from(server);
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.message, "no answer");
}

TEST_F(ContainerCredentials, SilenceIsUnavailable) {
  FakeHttp http;
  variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/creds";
  http.answer = [](const fetch::Request&) { return FakeHttp::silent(); };
  const auto result = load(http);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_EQ(result.error().message, "no answer in time");
}

TEST_F(ContainerCredentials, DamagedAnswerIsRefused) {
  const RawServer server({answer(200, R"({"AccessKeyId":"shhh)")});
  EXPECT_EQ(error_from(server).message, "the answer is not a JSON object");
}

}  // namespace
}  // namespace heare::s3
