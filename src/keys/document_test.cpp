#include "keys/document.h"

#include <random>

#include <gtest/gtest.h>

namespace heare::keys {
namespace {

NewKey new_key(std::string id = "key_new") {
  NewKey key;
  key.id = std::move(id);
  key.secret = Secret("abc");
  key.name = "Ünï \"x\"";
  key.created_at = "2026-01-20T10:30:00.123456Z";
  key.metadata_json = R"({"env":"prod","big":123456789012345678901234567890,"list":[1,{}]})";
  return key;
}

constexpr std::string_view kTwo = R"({
  "note": 1E-400, "keys": [
    {"id": "a", "secret": "1", "x": {"big": 123456789012345678901234567890}},
    {
      "id": "b", "secret": "2"
    }
  ], "after": [NaN, "\ud800"]
}
)";

KeyDocument parsed(std::string_view json) {
  Result<KeyDocument> document = KeyDocument::parse(std::string(json));
  EXPECT_TRUE(document) << document.error().message;
  return std::move(*document);
}

TEST(KeyDocument, CreatedRecordIsLaidOutAsPythonWould) {
  KeyDocument document = KeyDocument::empty();
  ASSERT_TRUE(document.append(std::vector{new_key()}, SecretStorage::hashed));
  EXPECT_EQ(document.json(), R"({
  "secret_storage": "hashed",
  "keys": [
    {
      "id": "key_new",
      "secret_sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "name": "Ünï \"x\"",
      "secret_type": "shared_secret",
      "created_at": "2026-01-20T10:30:00.123456Z",
      "updated_at": null,
      "expires_at": null,
      "metadata": {
        "env": "prod",
        "big": 123456789012345678901234567890,
        "list": [
          1,
          {}
        ]
      }
    }
  ]
})");
}

TEST(KeyDocument, PlainRecordHoldsItsSecret) {
  KeyDocument document = parsed(kTwo);
  ASSERT_TRUE(document.append(std::vector{new_key()}, SecretStorage::plain));
  EXPECT_TRUE(document.json().contains(R"("secret": "abc")"));
}

TEST(KeyDocument, CreatingAndDeletingLeavesEveryByteAsItWas) {
  for (const std::string_view json :
       {kTwo, std::string_view(R"({"keys":[{"id":"a","secret":"1"}]})"), std::string_view("{\"keys\": []}\n")}) {
    KeyDocument document = parsed(json);
    ASSERT_TRUE(document.append(std::vector{new_key("key_1"), new_key("key_2")}, SecretStorage::plain));
    EXPECT_EQ(document.erase("key_1"), 1U);
    EXPECT_EQ(document.erase("key_2"), 1U);
    EXPECT_EQ(document.json(), json);
  }
}

TEST(KeyDocument, DeletingTouchesNothingElse) {
  KeyDocument first =
      parsed(R"({"keys": [ {"id":"a","secret":"1"} , {"id":"b","secret":"2"} ,{"id":"c","secret":"3"} ]})");
  EXPECT_EQ(first.erase("a"), 1U);
  EXPECT_EQ(first.json(), R"({"keys": [ {"id":"b","secret":"2"} ,{"id":"c","secret":"3"} ]})");
  EXPECT_EQ(first.erase("c"), 1U);
  EXPECT_EQ(first.json(), R"({"keys": [ {"id":"b","secret":"2"} ]})");
  EXPECT_EQ(first.erase("b"), 1U);
  EXPECT_EQ(first.json(), R"({"keys": []})");
}

TEST(KeyDocument, DeletingRemovesAllRecordsOfThatId) {
  KeyDocument document = parsed(
      R"({"keys": [{"id":"a","secret":"1"}, {"id":"\u0061","secret":"2"}, {"id":"b","secret":"3"}, {"id":"a","secret":"4"}]})");
  EXPECT_EQ(document.erase("a"), 3U);
  EXPECT_EQ(document.json(), R"({"keys": [{"id":"b","secret":"3"}]})");
  EXPECT_EQ(document.erase("nobody"), 0U);
}

TEST(KeyDocument, LastRecordOfAnIdIsFound) {
  const KeyDocument document =
      parsed(R"({"keys": [{"id":"a","secret":"1"}, {"id":"a","secret":"2"}, {"id":"b","secret":"3"}]})");
  EXPECT_EQ(document.find("a"), 1U);
  EXPECT_EQ(document.find("c"), std::nullopt);
}

TEST(KeyDocument, ChangedFieldsAreSplicedAndTheRestKeepsItsBytes) {
  KeyDocument document =
      parsed(R"({"keys": [{"id":"a","name":"1","secret":"1", "big": 1E-400,"name":"2"  ,"n\u0061me":"3"}]})");
  const FieldChange rename[] = {{"name", R"("new")"}, {"updated_at", "null"}};
  ASSERT_TRUE(document.set_fields(0, rename));
  EXPECT_EQ(document.json(),
            "{\"keys\": [{\"id\":\"a\",\"secret\":\"1\", \"big\": 1E-400  ,\"n\\u0061me\":\"new\",\n      "
            "\"updated_at\": null}]}");
  const FieldChange remove[] = {{"big", std::nullopt}, {"nothing", std::nullopt}};
  ASSERT_TRUE(document.set_fields(0, remove));
  EXPECT_EQ(document.json(),
            "{\"keys\": [{\"id\":\"a\",\"secret\":\"1\"  ,\"n\\u0061me\":\"new\",\n      \"updated_at\": null}]}");
}

/// What an edit knows without reading again must be what reading again finds.
void expect_as_read_again(const KeyDocument& document) {
  const KeyDocument read = parsed(document.json());
  ASSERT_EQ(document.record_count(), read.record_count()) << document.json();
  for (size_t position = 0; position < read.record_count(); ++position) {
    ASSERT_EQ(document.record(position), read.record(position)) << document.json();
  }
  ASSERT_EQ(document.secret_storage(), read.secret_storage()) << document.json();
  for (const std::string_view id : {"a", "b", "c", "d"}) ASSERT_EQ(document.find(id), read.find(id)) << id;
}

TEST(KeyDocument, AfterAnyEditsItIsAsIfReadAgain) {
  std::mt19937 random(1);
  const auto below = [&random](size_t bound) { return random() % bound; };
  const auto any_id = [&] { return std::string(1, static_cast<char>('a' + below(4))); };
  for (int round = 0; round < 200; ++round) {
    KeyDocument document = below(4) == 0
                               ? KeyDocument::empty()
                               : parsed("{ \"x\": 1, \"keys\": [ " + std::string(below(3), ' ') + "] , \"y\": [2] }\n");
    for (int edit = 0; edit < 12; ++edit) {
      const size_t position = document.record_count() == 0 ? 0 : below(document.record_count());
      if (below(2) == 0 || document.record_count() == 0) {
        std::vector<NewKey> keys;
        for (size_t n = 1 + below(3); n > 0; --n) keys.push_back(new_key(any_id()));
        ASSERT_TRUE(document.append(keys, below(2) == 0 ? SecretStorage::plain : SecretStorage::hashed));
      } else if (below(2) == 0) {
        ASSERT_TRUE(document.erase(any_id()));
      } else {
        const std::string id = "\"" + any_id() + "\"";
        const FieldChange changes[] = {{"id", id}, {"name", std::string(below(20), '1') + "1"}, {"metadata", {}}};
        ASSERT_TRUE(document.set_fields(position, changes));
      }
      expect_as_read_again(document);
    }
  }
}

TEST(KeyDocument, EditThatWouldBreakItFailsAndChangesNothing) {
  KeyDocument document = parsed(kTwo);
  const FieldChange bad[] = {{"name", R"("not closed)"}};
  EXPECT_EQ(document.set_fields(0, bad).error().code, ErrorCode::invalid);
  const FieldChange no_id[] = {{"id", "7"}};
  EXPECT_EQ(document.set_fields(1, no_id).error().code, ErrorCode::invalid);
  EXPECT_EQ(document.json(), kTwo);
}

TEST(KeyDocument, NewSecretsAreHashedWhereTheDocumentSaysSoOrAllAre) {
  const auto storage_of = [](std::string_view json) { return parsed(json).secret_storage(); };
  constexpr std::string_view kHashed =
      R"({"id":"h","secret_sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})";
  EXPECT_EQ(KeyDocument::empty().secret_storage(), SecretStorage::hashed);
  EXPECT_EQ(storage_of(R"({"keys":[]})"), SecretStorage::plain);
  EXPECT_EQ(storage_of(fmt::format(R"({{"keys":[{}]}})", kHashed)), SecretStorage::hashed);
  EXPECT_EQ(storage_of(fmt::format(R"({{"keys":[{},{{"id":"p","secret":"x"}}]}})", kHashed)), SecretStorage::plain);
  EXPECT_EQ(storage_of(R"({"keys":[{"id":"p","secret":"x"}],"secret_storage":"hashed"})"), SecretStorage::hashed);
  EXPECT_EQ(storage_of(R"({"secret_storage":"hashed","keys":[],"secret_storage":"plain"})"), SecretStorage::plain);
}

TEST(KeyDocument, PlainRecordInANewDocumentMakesItAPlainDocument) {
  KeyDocument document = KeyDocument::empty();
  ASSERT_TRUE(document.append(std::vector{new_key()}, SecretStorage::plain));
  EXPECT_FALSE(document.json().contains("secret_storage"));
  EXPECT_EQ(document.secret_storage(), SecretStorage::plain);
}

TEST(KeyDocument, StoredDocumentWithoutRecordsStaysHashedWhateverIsAdded) {
  KeyDocument document = parsed(KeyDocument::empty().json());
  ASSERT_TRUE(document.append(std::vector{new_key()}, SecretStorage::plain));
  EXPECT_TRUE(document.json().contains(R"("secret_storage": "hashed")"));
}

TEST(KeyDocument, CreatedRecordHasOwnerAndScopesWhereTheyAreGiven) {
  KeyDocument document = KeyDocument::empty();
  NewKey key = new_key();
  key.owner = "team a";
  key.scopes = {"a:*", "b"};
  ASSERT_TRUE(document.append(std::vector{key}, SecretStorage::hashed));
  EXPECT_TRUE(document.json().contains(R"(
      "owner": "team a",
      "scopes": [
        "a:*",
        "b"
      ]
    })"))
      << document.json();
}

// --- Hashing the secrets of a document

std::string hashed(std::string_view json, size_t count) {
  KeyDocument document = parsed(json);
  const Result<size_t> changed = document.hash_secrets();
  EXPECT_EQ(changed, count);
  EXPECT_EQ(document.secret_storage(), SecretStorage::hashed);
  EXPECT_EQ(document.plain_count(), 0U);
  return document.json();
}

constexpr std::string_view kDigestOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(KeyDocument, HashingChangesTheSecretInItsPlaceAndNothingElse) {
  EXPECT_EQ(
      hashed("{ \"n\": 1E-400,\n\t\"keys\": [ {\"x\":[NaN ], \"s\\u0065cret\" :\"\\u0061bc\" , \"id\":\"a\"} ] }\n", 1),
      fmt::format("{{ \"secret_storage\": \"hashed\", \"n\": 1E-400,\n\t\"keys\": [ {{\"x\":[NaN ], "
                  "\"secret_sha256\" :\"{}\" , \"id\":\"a\"}} ] }}\n",
                  kDigestOfAbc));
}

TEST(KeyDocument, HashingAgainChangesNothing) {
  const std::string once = hashed(kTwo, 2);
  EXPECT_EQ(hashed(once, 0), once);
}

TEST(KeyDocument, HashingLeavesNoSecretWhereItDoesNotCount) {
  const std::string json =
      fmt::format(R"({{"keys":[{{"id":"v","secret":"void"}}],"secret_storage":"x","k\u0065ys":[)"
                  R"({{"secret":"old","id":"a","secret":"abc","secret_sha256":null}},)"
                  R"({{"id":"b","secret":"old","secret_sha256":"{0}","secret":null}},)"
                  R"({{"id":"c","secret":null,"secret_sha256":"{0}"}}],"secret_storage":"plain"}})",
                  kDigestOfAbc);
  EXPECT_EQ(hashed(json, 2), fmt::format(R"({{"k\u0065ys":[{{"id":"a","secret_sha256":"{0}"}},)"
                                         R"({{"id":"b","secret_sha256":"{0}","secret":null}},)"
                                         R"({{"id":"c","secret":null,"secret_sha256":"{0}"}}],)"
                                         R"("secret_storage":"hashed"}})",
                                         kDigestOfAbc));
}

TEST(KeyDocument, HashingSaysSoAlsoInADocumentWithoutRecords) {
  EXPECT_EQ(hashed(R"({"keys":[]})", 0), R"({"secret_storage": "hashed", "keys":[]})");
  EXPECT_EQ(hashed("{\n  \"keys\": []\n}", 0), "{\n  \"secret_storage\": \"hashed\",\n  \"keys\": []\n}");
}

TEST(KeyDocument, OnlyAStoredDocumentWithoutHashedRecordsIsPlain) {
  EXPECT_FALSE(KeyDocument::empty().is_plain());
  EXPECT_TRUE(parsed(kTwo).is_plain());
  EXPECT_TRUE(parsed(R"({"keys":[]})").is_plain());
  EXPECT_FALSE(parsed(KeyDocument::empty().json()).is_plain());
  EXPECT_FALSE(
      parsed(fmt::format(R"({{"keys":[{{"id":"a","secret":"1"}},{{"id":"b","secret_sha256":"{}"}}]}})", kDigestOfAbc))
          .is_plain());
}

TEST(KeyDocument, BadDocumentsAreRefusedWholeAndNameTheRecord) {
  struct Case {
    std::string_view json;
    std::string_view message;
  };
  const Case cases[] = {
      {"", "not valid JSON"},
      {"{", "not valid JSON"},
      {"[]", ""},
      {"{}", "no \"keys\" array"},
      {R"({"keys":{}})", "no \"keys\" array"},
      {R"({"keys":[],"keys":null})", "no \"keys\" array"},
      {R"({"keys":[{"id":"a","secret":"1"},{"id":"b"}]})", "record 2 has neither"},
      {R"({"keys":[7]})", "record 1 is not"},
      {R"({"keys":[{"id":"a","secret":"1","m":01}]})", "record 1: not valid JSON"},
      {R"({"keys":[{"id":"a","secret":"1"}]} x)", "not valid JSON"},
      {"\xef\xbb\xbf{\"keys\":[]}", "not valid JSON"},
  };
  for (const Case& c : cases) {
    const Result<KeyDocument> document = KeyDocument::parse(std::string(c.json));
    ASSERT_FALSE(document) << c.json;
    EXPECT_EQ(document.error().code, ErrorCode::corrupt) << c.json;
    EXPECT_TRUE(document.error().message.contains(c.message)) << document.error().message;
  }
}

TEST(KeyDocument, OnlyTheLastOfTwoKeysArraysCounts) {
  const KeyDocument document = parsed(R"({"keys":[{"id":"bad"}],"k\u0065ys":[{"id":"a","secret":"1"}]})");
  EXPECT_EQ(document.record_count(), 1U);
  EXPECT_EQ(document.record(0), R"({"id":"a","secret":"1"})");
}

TEST(KeyDocument, MetadataMayBe500LevelsDeepAndNotDeeper) {
  const auto with_depth = [](size_t levels) {
    std::string metadata = "{\"d\":";
    metadata += std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
    return fmt::format(R"({{"keys":[{{"id":"a","secret":"1","metadata":{}}}]}})", metadata);
  };
  EXPECT_TRUE(KeyDocument::parse(with_depth(500)));
  EXPECT_FALSE(KeyDocument::parse(with_depth(501)));
}

}  // namespace
}  // namespace heare::keys
