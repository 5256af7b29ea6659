#include "s3/credentials_environment.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

#include "s3/credentials_test_support.h"

namespace heare::s3 {
namespace {

using testing::Variables;

Result<std::optional<Credentials>> load(Variables::Map variables) {
  return make_environment_source(Variables(std::move(variables)).environment())->load();
}

std::string error_of(Variables::Map variables) {
  const auto result = load(std::move(variables));
  return result ? "" : result.error().message;
}

TEST(EnvironmentCredentials, NothingSetIsNotConfigured) {
  const auto result = load({{"AWS_SESSION_TOKEN", "shhh/left over"}});
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->has_value());
}

TEST(EnvironmentCredentials, LongLivedOnesDoNotExpire) {
  const auto result = load({{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "shhh"}});
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->access_key_id, "AKID");
  EXPECT_EQ((*result)->secret_access_key.reveal(), "shhh");
  EXPECT_TRUE((*result)->session_token.empty());
  EXPECT_FALSE((*result)->expires_at);
}

TEST(EnvironmentCredentials, SessionTokenIsTakenUnderBothNames) {
  const Variables::Map pair = {{"AWS_ACCESS_KEY_ID", "ASIA"}, {"AWS_SECRET_ACCESS_KEY", "shhh"}};
  Variables::Map variables = pair;
  variables["AWS_SECURITY_TOKEN"] = "old-name";
  EXPECT_EQ(load(variables).value()->session_token.reveal(), "old-name");
  variables["AWS_SESSION_TOKEN"] = "new-name";
  EXPECT_EQ(load(variables).value()->session_token.reveal(), "new-name");
}

TEST(EnvironmentCredentials, ExpirationIsTaken) {
  const auto result = load({{"AWS_ACCESS_KEY_ID", "ASIA"},
                            {"AWS_SECRET_ACCESS_KEY", "shhh"},
                            {"AWS_CREDENTIAL_EXPIRATION", "2026-01-20T12:00:00+01:00"}});
  ASSERT_TRUE(result && *result && (*result)->expires_at);
  EXPECT_EQ(format_utc(*(*result)->expires_at), "2026-01-20T11:00:00.000000Z");
}

TEST(EnvironmentCredentials, HalfAPairStopsAndNamesTheOther) {
  EXPECT_EQ(error_of({{"AWS_ACCESS_KEY_ID", "AKID"}}), "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  EXPECT_EQ(error_of({{"AWS_SECRET_ACCESS_KEY", "shhh"}}),
            "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
}

TEST(EnvironmentCredentials, ExpirationThatIsNoTimeStops) {
  EXPECT_EQ(error_of({{"AWS_ACCESS_KEY_ID", "ASIA"},
                      {"AWS_SECRET_ACCESS_KEY", "shhh"},
                      {"AWS_CREDENTIAL_EXPIRATION", "tomorrow"}}),
            "AWS_CREDENTIAL_EXPIRATION is not an ISO 8601 time");
}

}  // namespace
}  // namespace heare::s3
