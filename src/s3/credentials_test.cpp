// The chain as a whole: real sources, real files, a real client against sockets on loopback.

#include "s3/credentials.h"

#include <gtest/gtest.h>

#include "base/time_format.h"
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
using testing::json_credentials;
using testing::sts_credentials;
using testing::Variables;
using testing::write_file;
using namespace std::chrono_literals;

class CredentialsChain : public ::testing::Test {
 protected:
  CredentialsChain() {
    variables_["HOME"] = folder_.path();
    // Whatever this machine is: its own service must not be asked.
    variables_["AWS_EC2_METADATA_DISABLED"] = "true";
    std::filesystem::create_directory(folder_ / ".aws");
  }

  void set_environment() {
    variables_["AWS_ACCESS_KEY_ID"] = "ENVIRONMENT";
    variables_["AWS_SECRET_ACCESS_KEY"] = "shhh";
  }
  void set_web_identity(const RawServer& sts) {
    write_file(folder_ / "token", "shhh-token-1");
    variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder_ / "token";
    variables_["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/keys";
    variables_["AWS_ENDPOINT_URL_STS"] = sts.url("");
  }
  void set_profile() {
    write_file(folder_ / ".aws/credentials", "[default]\naws_access_key_id = PROFILE\naws_secret_access_key = shhh\n");
  }
  void set_container(const RawServer& endpoint) {
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url("/creds");
  }
  void set_instance(const RawServer& service) {
    variables_.unset("AWS_EC2_METADATA_DISABLED");
    variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = service.url("");
  }

  std::unique_ptr<CredentialsProvider> chain() {
    return make_credentials_chain({variables_.environment(), "eu-west-1"}, *http_, clock_);
  }
  /// The key id that a new chain gives, and where from.
  std::string first() {
    const auto provider = chain();
    const Result<Credentials> credentials = provider->get();
    if (!credentials) {
      EXPECT_FALSE(contains(credentials.error().message, testing::kSecretMark)) << credentials.error().message;
      return credentials.error().message;
    }
    return fmt::format("{} from {}", credentials->access_key_id, provider->source());
  }
  std::string in_an_hour() const { return format_utc(clock_.now() + 1h); }

  TempDir folder_;
  Variables variables_;
  FakeClock clock_;
  const std::unique_ptr<fetch::HttpClient> http_ = fetch::make_http_client();
};

TEST_F(CredentialsChain, SourcesAreAskedInTheOrderOfTheSdks) {
  const std::string expiration = in_an_hour();
  const RawServer sts({answer(200, sts_credentials("WEB", expiration))});
  const RawServer container({answer(200, json_credentials("CONTAINER", expiration))});
  const RawServer instance(
      {answer(200, "token"), answer(200, "role"), answer(200, json_credentials("INSTANCE", expiration))});
  set_environment();
  set_web_identity(sts);
  set_profile();
  set_container(container);
  set_instance(instance);

  EXPECT_EQ(first(), "ENVIRONMENT from the environment");
  variables_.unset("AWS_ACCESS_KEY_ID");
  variables_.unset("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(first(), "WEB from web identity (AWS_WEB_IDENTITY_TOKEN_FILE)");
  variables_.unset("AWS_WEB_IDENTITY_TOKEN_FILE");
  EXPECT_EQ(first(), "PROFILE from the profile 'default' of " + (folder_ / ".aws/credentials").string());
  std::filesystem::remove(folder_ / ".aws/credentials");
  EXPECT_EQ(first(), "CONTAINER from the container endpoint");
  variables_.unset("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  EXPECT_EQ(first(), "INSTANCE from the instance metadata service");
}

TEST_F(CredentialsChain, BrokenSourceStopsAlthoughAWeakerOneIsGood) {
  set_profile();
  variables_["AWS_ACCESS_KEY_ID"] = "ENVIRONMENT";
  EXPECT_EQ(first(), "credentials from the environment: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  variables_.unset("AWS_ACCESS_KEY_ID");

  const RawServer sts({answer(403, "")});
  set_web_identity(sts);
  EXPECT_EQ(first(),
            "credentials from web identity (AWS_WEB_IDENTITY_TOKEN_FILE): asking STS: answered with status 403");
  variables_.unset("AWS_WEB_IDENTITY_TOKEN_FILE");

  const RawServer container({answer(404, "")});
  set_container(container);
  write_file(folder_ / ".aws/credentials", "[default]\naws_access_key_id = shhh\n");
  EXPECT_EQ(first(), fmt::format("credentials from the profile 'default' of {}: the secret access key is missing",
                                 (folder_ / ".aws/credentials").string()));
  std::filesystem::remove(folder_ / ".aws/credentials");
  EXPECT_EQ(first(), "credentials from the container endpoint: answered with status 404");
}

TEST_F(CredentialsChain, NothingConfiguredListsEverySource) {
  EXPECT_EQ(first(),
            "credentials: none found; looked for the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), web "
            "identity (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN), the profile 'default' in the shared files "
            "(AWS_PROFILE, ~/.aws/credentials, ~/.aws/config), the container endpoint "
            "(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI), the instance metadata "
            "service (disabled by AWS_EC2_METADATA_DISABLED). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "write a profile with `aws configure`");
}

TEST_F(CredentialsChain, RenewalReadsTheTokenFileAgain) {
  const RawServer sts({answer(200, sts_credentials("FIRST", in_an_hour())),
                       answer(200, sts_credentials("SECOND", format_utc(clock_.now() + 2h)))});
  set_web_identity(sts);
  const auto provider = chain();
  ASSERT_EQ(provider->get().value().access_key_id, "FIRST");
  write_file(folder_ / "token", "shhh-token-2");
  clock_.advance(56min);
  ASSERT_EQ(provider->get().value().access_key_id, "SECOND");
  EXPECT_TRUE(sts.requests().at(0).body.ends_with("=shhh-token-1"));
  EXPECT_TRUE(sts.requests().at(1).body.ends_with("=shhh-token-2"));
}

TEST_F(CredentialsChain, MetadataServiceThatFailsCostsNothingUntilTheCredentialsEnd) {
  const RawServer instance(
      {answer(200, "token"), answer(200, "role"), answer(200, json_credentials("INSTANCE", in_an_hour()))});
  set_instance(instance);
  const auto provider = chain();
  ASSERT_EQ(provider->get().value().access_key_id, "INSTANCE");
  clock_.advance(59min);
  EXPECT_EQ(provider->get().value().access_key_id, "INSTANCE");
  clock_.advance(1min);
  const Result<Credentials> ended = provider->get();
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(ended.error().message.starts_with("credentials from the instance metadata service: "))
      << ended.error().message;
}

TEST_F(CredentialsChain, ProfileThatIsRewrittenIsReadAgain) {
  set_profile();
  const auto provider = chain();
  ASSERT_EQ(provider->get().value().access_key_id, "PROFILE");
  write_file(folder_ / ".aws/credentials", "[default]\naws_access_key_id = NEW\naws_secret_access_key = shhh\n");
  clock_.advance(1min);
  EXPECT_EQ(provider->get().value().access_key_id, "NEW");
}

TEST_F(CredentialsChain, EnvironmentThatHasExpiredIsAnErrorWithTheTime) {
  set_environment();
  variables_["AWS_CREDENTIAL_EXPIRATION"] = "2026-01-20T10:40:00Z";
  const auto provider = chain();
  ASSERT_TRUE(provider->get().has_value());
  clock_.advance(10min);
  const Result<Credentials> ended = provider->get();
  ASSERT_FALSE(ended.has_value());
  EXPECT_TRUE(contains(ended.error().message,
                       "credentials from the environment: what it gives expired at 2026-01-20T10:40:00.000000Z"))
      << ended.error().message;
}

}  // namespace
}  // namespace heare::s3
