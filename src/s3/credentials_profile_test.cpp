#include "s3/credentials_profile.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include "s3/credentials_test_support.h"

namespace heare::s3 {
namespace {

using heare::testing::FakeClock;
using heare::testing::TempDir;
using testing::contains;
using testing::FakeHttp;
using testing::sts_credentials;
using testing::Variables;
using testing::write_file;

class ProfileCredentials : public ::testing::Test {
 protected:
  ProfileCredentials() {
    variables_["HOME"] = folder_.path();
    std::filesystem::create_directory(folder_ / ".aws");
  }

  void credentials_file(std::string_view text) { write_file(credentials_path_, text); }
  void config_file(std::string_view text) { write_file(config_path_, text); }

  Result<std::optional<Credentials>> load() {
    WebIdentityExchange exchange(variables_.environment(), "eu-west-1", {http_, clock_});
    const auto source = make_profile_source(variables_.environment(), exchange);
    Result<std::optional<Credentials>> result = source->load();
    name_ = source->name();
    return result;
  }
  std::string key_id() {
    const auto result = load();
    if (!result) return result.error().message;
    return *result ? (*result)->access_key_id : "nothing";
  }
  /// Errors name the profile by `name_`.
  Error error() {
    const auto result = load();
    const Error error = result ? Error{ErrorCode::invalid, "no error"} : result.error();
    EXPECT_FALSE(contains(error.message, testing::kSecretMark)) << error.message;
    return error;
  }

  TempDir folder_;
  const std::string credentials_path_ = folder_ / ".aws/credentials";
  const std::string config_path_ = folder_ / ".aws/config";
  Variables variables_;
  FakeHttp http_;
  FakeClock clock_;
  std::string name_;
};

constexpr std::string_view kKeys = "aws_access_key_id = AKID\naws_secret_access_key = shhh\n";

std::string with_keys(std::string_view header) {
  return fmt::format("{}\n{}", header, kKeys);
}

TEST_F(ProfileCredentials, WithoutFilesNothingIsConfigured) {
  EXPECT_EQ(key_id(), "nothing");
  variables_.unset("HOME");
  EXPECT_EQ(key_id(), "nothing");
}

TEST_F(ProfileCredentials, DefaultProfileIsTakenWhole) {
  credentials_file(with_keys("[default]") + "aws_session_token = shhh/token\n");
  const auto result = load();
  ASSERT_TRUE(result && *result) << result.error().message;
  EXPECT_EQ((*result)->access_key_id, "AKID");
  EXPECT_EQ((*result)->secret_access_key.reveal(), "shhh");
  EXPECT_EQ((*result)->session_token.reveal(), "shhh/token");
  EXPECT_FALSE((*result)->expires_at);
  EXPECT_EQ(name_, "the profile 'default' of " + credentials_path_);
}

TEST_F(ProfileCredentials, ProfileIsChosenByVariable) {
  credentials_file("[default]\naws_access_key_id = A\naws_secret_access_key = shhh\n" + with_keys("[prod]"));
  EXPECT_EQ(key_id(), "A");
  variables_["AWS_DEFAULT_PROFILE"] = "prod";
  EXPECT_EQ(key_id(), "AKID");
  variables_["AWS_PROFILE"] = "default";
  EXPECT_EQ(key_id(), "A");
}

TEST_F(ProfileCredentials, ConfigFileCountsUnderItsOwnNames) {
  variables_["AWS_PROFILE"] = "prod";
  config_file(with_keys("[profile prod]"));
  EXPECT_EQ(key_id(), "AKID");
  EXPECT_EQ(name_, "the profile 'prod' of " + config_path_);
  config_file(with_keys("[prod]"));
  EXPECT_TRUE(contains(key_id(), "there is no such profile"));
}

TEST_F(ProfileCredentials, CredentialsFileIsStronger) {
  config_file("[default]\naws_access_key_id = WEAK\naws_secret_access_key = shhh\n");
  EXPECT_EQ(key_id(), "WEAK");
  credentials_file(with_keys("[default]"));
  EXPECT_EQ(key_id(), "AKID");
}

TEST_F(ProfileCredentials, PairIsNotMixedFromBothFiles) {
  credentials_file("[default]\naws_access_key_id = AKID\n");
  config_file("[default]\naws_secret_access_key = shhh\n");
  EXPECT_EQ(error().message, "the secret access key is missing");
  EXPECT_EQ(name_, "the profile 'default' of " + credentials_path_);
}

TEST_F(ProfileCredentials, FilesAreFoundByVariable) {
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = folder_ / "mine";
  write_file(folder_ / "mine", with_keys("[default]"));
  EXPECT_EQ(key_id(), "AKID");
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = "~/mine";
  EXPECT_EQ(key_id(), "AKID");
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
  EXPECT_EQ(key_id(), "nothing");
}

TEST_F(ProfileCredentials, FileThatIsNamedAndMissingStops) {
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = folder_ / "none";
  EXPECT_EQ(error().code, ErrorCode::unauthorized);
  EXPECT_TRUE(error().message.starts_with("AWS_SHARED_CREDENTIALS_FILE: reading ")) << error().message;
  variables_.unset("AWS_SHARED_CREDENTIALS_FILE");
  variables_["AWS_CONFIG_FILE"] = folder_ / "none";
  EXPECT_TRUE(error().message.starts_with("AWS_CONFIG_FILE: reading ")) << error().message;
}

TEST_F(ProfileCredentials, ProfileThatIsNamedAndMissingStops) {
  variables_["AWS_PROFILE"] = "prod";
  EXPECT_EQ(error().code, ErrorCode::unauthorized);
  EXPECT_EQ(error().message, fmt::format("there is no such profile in {} or {}", credentials_path_, config_path_));
  EXPECT_EQ(name_, "the profile 'prod'");
}

TEST_F(ProfileCredentials, ProfileWithoutCredentialsIsNotConfigured) {
  variables_["AWS_PROFILE"] = "prod";
  config_file("[profile prod]\nregion = eu-west-1\n");
  EXPECT_EQ(key_id(), "nothing");
}

TEST_F(ProfileCredentials, BrokenFileStopsAndNamesTheLine) {
  credentials_file("[default]\nshhh\n");
  EXPECT_EQ(error().message, fmt::format("reading {}: line 2: neither [section] nor name = value", credentials_path_));
}

TEST_F(ProfileCredentials, EndlessFileStops) {
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/zero";
  EXPECT_EQ(error().message, "reading /dev/zero: more than 1048576 bytes");
  EXPECT_EQ(error().code, ErrorCode::unauthorized);
}

TEST_F(ProfileCredentials, FolderInPlaceOfAFile) {
  std::filesystem::create_directory(credentials_path_);
  EXPECT_EQ(key_id(), "nothing");
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = credentials_path_;
  EXPECT_TRUE(contains(error().message, "Is a directory")) << error().message;
}

TEST_F(ProfileCredentials, WhatIsNotSupportedSaysWhatToDo) {
  variables_["AWS_PROFILE"] = "prod";
  for (const std::string_view property :
       {"role_arn", "sso_session", "sso_start_url", "login_session", "credential_process"}) {
    config_file(fmt::format("[profile prod]\n{} = shhh\nsource_profile = default\n", property));
    const Error refusal = error();
    EXPECT_EQ(refusal.code, ErrorCode::unauthorized);
    EXPECT_TRUE(contains(refusal.message, property)) << refusal.message;
    EXPECT_TRUE(contains(refusal.message, "`aws configure export-credentials --profile prod --format env`"))
        << refusal.message;
    EXPECT_EQ(name_, "the profile 'prod' of " + config_path_);
  }
}

TEST_F(ProfileCredentials, KeysBesideSingleSignOnAreTaken) {
  config_file("[default]\nsso_session = x\ncredential_process = y\n");
  credentials_file(with_keys("[default]"));
  EXPECT_EQ(key_id(), "AKID");
}

TEST_F(ProfileCredentials, KeysBesideARoleAreNotTakenForTheRole) {
  config_file("[default]\nrole_arn = arn\nsource_profile = default\n");
  credentials_file(with_keys("[default]"));
  EXPECT_TRUE(contains(error().message, "it assumes a role (role_arn), which is not supported"));
}

TEST_F(ProfileCredentials, RoleWithAWebIdentityIsExchanged) {
  write_file(folder_ / "token", "shhh.token");
  config_file(fmt::format("[default]\nrole_arn = arn:x\nweb_identity_token_file = {}\nrole_session_name = me\n",
                          (folder_ / "token").string()));
  http_.answer = [](const fetch::Request& request) {
    EXPECT_TRUE(contains(request.body, "RoleArn=arn%3Ax&RoleSessionName=me&WebIdentityToken=shhh.token"));
    return FakeHttp::status(200, sts_credentials("ASIA1", "2026-01-20T11:30:00Z"));
  };
  EXPECT_EQ(key_id(), "ASIA1");
  EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(ProfileCredentials, RegionIsTakenFromTheProfileInUse) {
  EXPECT_EQ(profile_region(variables_.environment()), std::nullopt);
  config_file("[default]\nregion = eu-west-1 # c\ns3 =\n  region = x\n[profile prod]\nregion = eu-west-2\n");
  EXPECT_EQ(profile_region(variables_.environment()), "eu-west-1");
  variables_["AWS_PROFILE"] = "prod";
  EXPECT_EQ(profile_region(variables_.environment()), "eu-west-2");
  variables_["AWS_PROFILE"] = "none";
  EXPECT_EQ(profile_region(variables_.environment()), std::nullopt);
  variables_["AWS_PROFILE"] = "prod";
  credentials_file("[prod]\nregion = eu-west-3\n");
  EXPECT_EQ(profile_region(variables_.environment()), "eu-west-3");
  credentials_file("broken\n");
  EXPECT_EQ(profile_region(variables_.environment()), "eu-west-2");
}

}  // namespace
}  // namespace heare::s3
