#include "app/new_key.h"

#include <string>

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/sequence_random.h"

namespace heare::app {
namespace {

Result<keys::NewKey> make(const CreateFlags& flags) {
  heare::testing::SequenceRandom random;
  return make_new_key(flags, heare::testing::FakeClock().now(), random);
}

std::string error_of(const CreateFlags& flags) {
  const Result<keys::NewKey> key = make(flags);
  if (key) return "no error";
  EXPECT_EQ(key.error().code, ErrorCode::invalid);
  return key.error().message;
}

TEST(NewKey, HasAnIdASecretAndTheTime) {
  const Result<keys::NewKey> key = make({.name = "My Service"});
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->name, "My Service");
  EXPECT_TRUE(key->id.starts_with("key_"));
  EXPECT_TRUE(key->secret.reveal().starts_with("sec_"));
  EXPECT_EQ(key->secret_type, "shared_secret");
  EXPECT_EQ(key->created_at, "2026-01-20T10:30:00.123456Z");
  EXPECT_EQ(key->expires_at, std::nullopt);
  EXPECT_EQ(key->metadata_json, "{}");
}

TEST(NewKey, KeepsTheMetadataAsItWasTyped) {
  EXPECT_EQ(make({.name = "n", .metadata = R"( {"n": 1.50, "n": 1E-400} )"})->metadata_json,
            R"({"n": 1.50, "n": 1E-400})");
}

TEST(NewKey, KeepsItsExpiryInUtc) {
  EXPECT_EQ(make({.name = "n", .expires_at = "2027-01-31"})->expires_at, "2027-01-31T00:00:00.000000Z");
  EXPECT_EQ(make({.name = "n", .expires_at = "2027-01-31 12:00+02:00"})->expires_at, "2027-01-31T10:00:00.000000Z");
}

TEST(NewKey, TakesANameOf256CharactersAndNoMore) {
  std::string name;
  for (int i = 0; i < 256; ++i) name += "ü";
  EXPECT_TRUE(make({.name = name}));
  EXPECT_EQ(error_of({.name = name + "x"}), "--name: too long (257 characters), at most 256");
}

TEST(NewKey, RefusesBadValuesByTheNameOfTheirOption) {
  EXPECT_EQ(error_of({}), "--name: missing, for example --name \"My Service\"");
  EXPECT_EQ(error_of({.name = " "}), "--name: empty");
  EXPECT_EQ(error_of({.name = "\xFF"}), "--name: not valid UTF-8");
  EXPECT_EQ(error_of({.name = "n", .secret_type = ""}), "--secret-type: empty");
  EXPECT_EQ(error_of({.name = "n", .metadata = "[]"}),
            "--metadata: not a JSON object, for example {\"env\": \"prod\"}");
  EXPECT_TRUE(error_of({.name = "n", .metadata = "{"}).starts_with("--metadata: not JSON ("));
  EXPECT_EQ(error_of({.name = "n", .expires_at = "tomorow"}),
            "--expires-at: not an ISO 8601 time (tomorow), for example 2027-01-31T00:00:00Z");
}

TEST(NewKey, TakesMetadataOf500LevelsAndNoMore) {
  const auto nested = [](size_t levels) {
    return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  EXPECT_TRUE(make({.name = "n", .metadata = nested(500)}));
  EXPECT_TRUE(error_of({.name = "n", .metadata = nested(501)}).starts_with("--metadata: not JSON ("));
}

}  // namespace
}  // namespace heare::app
