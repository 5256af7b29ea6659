#include "s3/credentials_source.h"

#include <gtest/gtest.h>

namespace heare::s3 {
namespace {

Credentials good() {
  return {"AKIDEXAMPLE", Secret("shhh/secret+1"), Secret("shhh/token=="), std::nullopt};
}

void expect_refused(const Credentials& credentials, std::string_view what) {
  const Result<Credentials> result = checked(credentials);
  ASSERT_FALSE(result.has_value()) << what;
  EXPECT_EQ(result.error().code, ErrorCode::unauthorized);
  EXPECT_NE(result.error().message.find(what), std::string::npos) << result.error().message;
  EXPECT_EQ(result.error().message.find("shhh"), std::string::npos) << result.error().message;
}

TEST(CheckedCredentials, GoodOnesPassUnchanged) {
  const Result<Credentials> result = checked(good());
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(result->secret_access_key.reveal(), "shhh/secret+1");
  EXPECT_EQ(result->session_token.reveal(), "shhh/token==");
}

TEST(CheckedCredentials, SessionTokenMayBeMissing) {
  Credentials credentials = good();
  credentials.session_token = Secret();
  EXPECT_TRUE(checked(credentials).has_value());
}

TEST(CheckedCredentials, SecretMayHoldSpacesAndUmlauts) {
  Credentials credentials = good();
  credentials.secret_access_key = Secret("shhh, \xC3\xA4 secret");
  EXPECT_TRUE(checked(credentials).has_value());
}

TEST(CheckedCredentials, HalfAPairIsRefused) {
  Credentials credentials = good();
  credentials.access_key_id.clear();
  expect_refused(credentials, "access key id is missing");
  credentials = good();
  credentials.secret_access_key = Secret();
  expect_refused(credentials, "secret access key is missing");
}

TEST(CheckedCredentials, NewlineAnywhereIsRefused) {
  Credentials credentials = good();
  credentials.access_key_id += "\r\nX-Injected: 1";
  expect_refused(credentials, "access key id holds");
  credentials = good();
  credentials.secret_access_key = Secret("shhh/secret\n");
  expect_refused(credentials, "secret access key holds");
  credentials = good();
  credentials.session_token = Secret("shhh/token\n");
  expect_refused(credentials, "session token holds");
}

}  // namespace
}  // namespace heare::s3
