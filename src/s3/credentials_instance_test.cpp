#include "s3/credentials_instance.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

#include "s3/credentials_test_support.h"

namespace heare::s3 {
namespace {

using heare::testing::FakeClock;
using heare::testing::RawServer;
using testing::answer;
using testing::contains;
using testing::FakeHttp;
using testing::json_credentials;
using testing::Variables;

constexpr std::string_view kExpiration = "2026-01-20T11:30:00Z";

class InstanceCredentials : public ::testing::Test {
 protected:
  /// From a service at an endpoint that is configured.
  Result<std::optional<Credentials>> load_from(const RawServer& server) {
    variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.url("/");
    const auto http = fetch::make_http_client();
    return make_instance_source(variables_.environment(), {*http, clock_})->load();
  }
  Error error_from(std::vector<RawServer::Answer> script) {
    const RawServer server(std::move(script));
    const auto result = load_from(server);
    const Error error = result ? Error{ErrorCode::invalid, "no error"} : result.error();
    EXPECT_FALSE(contains(error.message, testing::kSecretMark)) << error.message;
    return error;
  }

  /// From the usual endpoint, which answers everything with `outcome`.
  Result<std::optional<Credentials>> load(FakeHttp::Outcome outcome) {
    http_.answer = [outcome = std::move(outcome)](const fetch::Request&) { return outcome; };
    return source_->load();
  }
  /// Why the service counts as absent.
  std::string absence(FakeHttp::Outcome outcome) {
    const auto result = load(std::move(outcome));
    if (!result) return "error: " + result.error().message;
    return *result ? "credentials" : source_->looked_for();
  }

  Variables variables_;
  FakeClock clock_;
  FakeHttp http_;
  const std::unique_ptr<CredentialsSource> source_ = make_instance_source(variables_.environment(), {http_, clock_});
};

RawServer::Answer good_token() {
  return answer(200, "shhh-token==");
}

/// Answers as the service does, each path its own.
FakeHttp::Outcome as_service(const fetch::Request& request) {
  if (request.method == "PUT") return FakeHttp::status(200, "shhh-token==");
  if (request.url.ends_with('/')) return FakeHttp::status(200, "keys-role");
  return FakeHttp::status(200, json_credentials("ASIA1", kExpiration));
}

TEST_F(InstanceCredentials, TokenRoleAndCredentialsAreAskedForInTurn) {
  const RawServer server(
      {good_token(), answer(200, "keys-role\n"), answer(200, json_credentials("ASIA1", kExpiration))});
  const auto result = load_from(server);
  ASSERT_TRUE(result && *result) << result.error().message;
  EXPECT_EQ((*result)->access_key_id, "ASIA1");

  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_TRUE(requests[0].head.starts_with("PUT /latest/api/token HTTP/1.1\r\n"));
  EXPECT_TRUE(contains(requests[0].head, "\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
  EXPECT_TRUE(requests[1].head.starts_with("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n"));
  EXPECT_TRUE(contains(requests[1].head, "\r\nX-aws-ec2-metadata-token: shhh-token==\r\n"));
  EXPECT_TRUE(requests[2].head.starts_with("GET /latest/meta-data/iam/security-credentials/keys-role HTTP/1.1\r\n"));
  EXPECT_TRUE(contains(requests[2].head, "\r\nX-aws-ec2-metadata-token: shhh-token==\r\n"));
}

TEST_F(InstanceCredentials, UsualEndpointIsAskedWithOneSecond) {
  http_.answer = as_service;
  ASSERT_TRUE(source_->load().value().has_value());
  ASSERT_EQ(http_.requests.size(), 3U);
  EXPECT_EQ(http_.requests[0].url, "http://169.254.169.254/latest/api/token");
  for (const fetch::Request& request : http_.requests) {
    EXPECT_EQ(request.timeout, std::chrono::seconds(1));
    EXPECT_EQ(request.connect_timeout, std::chrono::seconds(1));
  }
}

TEST_F(InstanceCredentials, DisabledMeansThatNothingIsAsked) {
  variables_["AWS_EC2_METADATA_DISABLED"] = "True";
  EXPECT_EQ(absence(FakeHttp::unreachable()), "the instance metadata service (disabled by AWS_EC2_METADATA_DISABLED)");
  EXPECT_TRUE(http_.requests.empty());
  variables_["AWS_EC2_METADATA_DISABLED"] = "false";
  http_.answer = as_service;
  EXPECT_TRUE(source_->load().value().has_value());
}

TEST_F(InstanceCredentials, ServiceThatIsNotThereIsNotConfiguredAndAskedOnce) {
  EXPECT_EQ(absence(FakeHttp::unreachable()), "the instance metadata service (not reachable)");
  EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(InstanceCredentials, AnotherCloudsServiceIsNotConfigured) {
  EXPECT_EQ(absence(FakeHttp::status(405, "shhh")),
            "the instance metadata service (switched off, or none of EC2's: answered with status 405)");
}

TEST_F(InstanceCredentials, InstanceWithoutARoleIsNotConfigured) {
  http_.answer = [](const fetch::Request& request) {
    return request.method == "PUT" ? FakeHttp::status(200, "shhh-token==") : FakeHttp::status(404, "shhh");
  };
  EXPECT_FALSE(source_->load().value().has_value());
  EXPECT_EQ(source_->looked_for(), "the instance metadata service (no role is attached to this instance)");
}

TEST_F(InstanceCredentials, SilenceAfterConnectingIsAnErrorThatNamesTheHopLimit) {
  const auto result = load(FakeHttp::silent());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(contains(result.error().message, "hop limit")) << result.error().message;
}

TEST_F(InstanceCredentials, ConfiguredServiceThatIsAbsentStops) {
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://[fd00:ec2::254]";
  EXPECT_EQ(absence(FakeHttp::unreachable()), "error: not reachable");
  EXPECT_EQ(http_.requests.at(0).url, "http://[fd00:ec2::254]/latest/api/token");
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "fd00:ec2::254";
  EXPECT_EQ(absence(FakeHttp::unreachable()), "error: AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http or https URL");
}

TEST_F(InstanceCredentials, ServiceThatHasAnsweredAndIsGoneMayComeBack) {
  http_.answer = as_service;
  ASSERT_TRUE(source_->load().value().has_value());
  const auto result = load(FakeHttp::unreachable());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  http_.answer = as_service;
  EXPECT_TRUE(source_->load().value().has_value());
}

TEST_F(InstanceCredentials, OutageIsUnavailable) {
  const Error error = error_from({answer(503, "shhh")});
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.message, "asking for a token: answered with status 503");
  EXPECT_EQ(error_from({good_token(), answer(500, ""), answer(500, "")}).message,
            "asking for the role: answered with status 500");
}

TEST_F(InstanceCredentials, WrongTokenIsRefused) {
  for (const std::string_view token : {"", "shhh\r\nX-Injected: 1", "<html> shhh </html>"}) {
    EXPECT_EQ(error_from({answer(200, token)}).message, "asking for a token: the answer is none");
  }
}

TEST_F(InstanceCredentials, WrongRoleIsRefused) {
  for (const std::string_view role : {"", "\n", "../../user-data", "a b", "<html>shhh</html>", "a?x"}) {
    const Error error = error_from({good_token(), answer(200, role)});
    EXPECT_EQ(error.code, ErrorCode::unauthorized);
    EXPECT_EQ(error.message, "asking for the role: the answer does not name a role");
  }
  EXPECT_EQ(error_from({good_token(), answer(200, std::string(65, 'a'))}).message,
            "asking for the role: the answer does not name a role");
}

TEST_F(InstanceCredentials, WrongCredentialsAreRefused) {
  const auto message = [&](std::string_view body) {
    return error_from({good_token(), answer(200, "keys-role"), answer(200, body)}).message;
  };
  EXPECT_EQ(message("shhh"), "asking for the role's credentials: the answer is not a JSON object");
  EXPECT_EQ(message(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"shhh"})"),
            "asking for the role's credentials: the answer says AssumeRoleUnauthorizedAccess");
  EXPECT_EQ(message(R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"shhh","Token":"shhh"})"),
            "asking for the role's credentials: the answer has no Token or no Expiration");
}

TEST_F(InstanceCredentials, RoleThatIsGoneInBetweenIsRefused) {
  EXPECT_EQ(error_from({good_token(), answer(200, "keys-role"), answer(404, "shhh")}).message,
            "asking for the role's credentials: answered with status 404");
}

}  // namespace
}  // namespace heare::s3
