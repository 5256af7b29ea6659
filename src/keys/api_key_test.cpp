#include "keys/api_key.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace heare::keys {
namespace {

struct Parsed {
  Result<> result;
  ApiKey key;
};

/// Also expects that reading the head alone tells the same.
Parsed parse(std::string_view json) {
  json::Reader reader;
  RecordReader records;
  Parsed parsed;
  parsed.result = records.read(*reader.read(json), parsed.key);
  RecordHead head;
  const Result<> read = records.read_head(*reader.read(json), head);
  EXPECT_EQ(read ? "" : read.error().message, parsed.result ? "" : parsed.result.error().message) << json;
  if (read) {
    EXPECT_EQ(head.id, parsed.key.id) << json;
    EXPECT_EQ(head.storage, parsed.key.storage) << json;
  }
  return parsed;
}

constexpr std::string_view kDigestOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(ApiKey, RecordWithIdAndSecretAloneIsGoodForEver) {
  const Parsed parsed = parse(R"({"id":"key_min","secret":"abc"})");
  ASSERT_TRUE(parsed.result);
  EXPECT_EQ(parsed.key.id, "key_min");
  EXPECT_EQ(parsed.key.name, "");
  EXPECT_EQ(to_hex(parsed.key.digest), kDigestOfAbc);
  EXPECT_EQ(parsed.key.storage, SecretStorage::plain);
  EXPECT_TRUE(parsed.key.enabled);
  EXPECT_FALSE(parsed.key.expires_at);
  EXPECT_EQ(parsed.key.metadata_json, "{}");
  EXPECT_TRUE(parsed.key.doubtful.empty());
}

TEST(ApiKey, NullOptionalFieldsCountAsMissing) {
  const Parsed parsed = parse(R"({"id":"k","secret":"abc","secret_sha256":null,"name":null,"expires_at":null,
    "metadata":null,"owner":null,"scopes":null,"previous":null,"updated_at":null})");
  ASSERT_TRUE(parsed.result);
  EXPECT_TRUE(parsed.key.doubtful.empty());
}

TEST(ApiKey, DigestTakesThePlaceOfTheSecret) {
  const Parsed parsed = parse(fmt::format(R"({{"id":"k","secret_sha256":"{}"}})", kDigestOfAbc));
  ASSERT_TRUE(parsed.result);
  EXPECT_EQ(to_hex(parsed.key.digest), kDigestOfAbc);
  EXPECT_EQ(parsed.key.storage, SecretStorage::hashed);
}

TEST(ApiKey, LastOfEqualNamesCountsAndNamesAreComparedUnescaped) {
  const Parsed parsed = parse(R"({"id":"a","\u0069d":"b","secret":"x","s\u0065cret":"abc","name":"1","name":"2"})");
  ASSERT_TRUE(parsed.result);
  EXPECT_EQ(parsed.key.id, "b");
  EXPECT_EQ(parsed.key.name, "2");
  EXPECT_EQ(to_hex(parsed.key.digest), kDigestOfAbc);
}

TEST(ApiKey, RecordsThatCannotBeAKeyAreRefused) {
  const std::string_view bad[] = {
      R"([])",
      R"("text")",
      R"({"secret":"abc"})",
      R"({"id":"","secret":"abc"})",
      R"({"id":7,"secret":"abc"})",
      R"({"id":null,"secret":"abc"})",
      R"({"id":"k"})",
      R"({"id":"k","secret":""})",
      R"({"id":"k","secret":7})",
      R"({"id":"k","secret":null})",
      R"({"id":"k","secret":"abc","secret":null})",
      R"({"id":"k","secret_sha256":"ba78"})",
      R"({"id":"k","secret_sha256":"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"})",
      R"({"id":"k","secret_sha256":7})",
      R"({"id":"k","secret":"a","secret_sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})",
  };
  for (const std::string_view json : bad) {
    const Parsed parsed = parse(json);
    ASSERT_FALSE(parsed.result) << json;
    EXPECT_EQ(parsed.result.error().code, ErrorCode::corrupt) << json;
    EXPECT_EQ(parsed.result.error().message.find("abc"), std::string::npos) << "an error quotes a secret: " << json;
  }
}

TEST(ApiKey, OptionalFieldsOfAWrongTypeAreDoubtfulAndNeverRefuse) {
  const Parsed parsed = parse(R"({"id":"k","secret":"abc","name":1,"enabled":"yes","expires_at":"next tuesday",
    "owner":[],"scopes":["good","not good"],"previous":[{"secret_sha256":"zz"}],"metadata":[]})");
  ASSERT_TRUE(parsed.result);
  EXPECT_FALSE(parsed.key.enabled);
  EXPECT_FALSE(parsed.key.expires_at);
  EXPECT_FALSE(parsed.key.owner);
  EXPECT_TRUE(parsed.key.scopes.empty());
  EXPECT_TRUE(parsed.key.previous.empty());
  EXPECT_EQ(parsed.key.metadata_json, "{}");
  const std::vector<std::string_view> all = {"name",   "enabled",  "expires_at", "owner",
                                             "scopes", "previous", "metadata"};
  EXPECT_EQ(parsed.key.doubtful, all);
}

TEST(ApiKey, OnlyAFalseOrDoubtfulEnabledDisables) {
  EXPECT_TRUE(parse(R"({"id":"k","secret":"abc","enabled":true})").key.enabled);
  EXPECT_FALSE(parse(R"({"id":"k","secret":"abc","enabled":false})").key.enabled);
  EXPECT_FALSE(parse(R"({"id":"k","secret":"abc","enabled":null})").key.enabled);
  EXPECT_FALSE(parse(R"({"id":"k","secret":"abc","enabled":1})").key.enabled);
}

TEST(ApiKey, NothingIsLeftOfTheRecordBefore) {
  json::Reader reader;
  RecordReader records;
  ApiKey key;
  ASSERT_TRUE(records.read(*reader.read(R"({"id":"a","secret":"x","name":"n","enabled":false,"owner":"o",
    "scopes":["s"],"expires_at":"2020-01-01","metadata":{"m":1},"bad":1})"),
                           key));
  ASSERT_TRUE(records.read(*reader.read(R"({"id":"b","secret":"y"})"), key));
  EXPECT_EQ(key.name, "");
  EXPECT_TRUE(key.enabled);
  EXPECT_FALSE(key.owner);
  EXPECT_TRUE(key.scopes.empty());
  EXPECT_FALSE(key.expires_at);
  EXPECT_EQ(key.metadata_json, "{}");
}

TEST(ApiKey, ScopesHaveTheirOwnAlphabet) {
  EXPECT_TRUE(is_scope("reports:read"));
  EXPECT_TRUE(is_scope("a.b_c/*-Z9"));
  EXPECT_FALSE(is_scope(""));
  EXPECT_FALSE(is_scope("a b"));
  EXPECT_FALSE(is_scope("a\"b"));
  EXPECT_FALSE(is_scope("\xc3\xa9"));
}

}  // namespace
}  // namespace heare::keys
