#include "keys/rotation.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/time_format.h"
#include "keys/verifier.h"

namespace heare::keys {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = parse_iso8601("2026-01-20T10:30:00Z").value();

std::string digest_of(std::string_view secret) {
  return to_hex(crypto::sha256(secret));
}

KeyDocument parsed(std::string_view json) {
  Result<KeyDocument> document = KeyDocument::parse(std::string(json));
  EXPECT_TRUE(document) << document.error().message;
  return std::move(*document);
}

Rotation to(std::string_view secret, std::chrono::milliseconds grace, WallTime now = kNow) {
  return {Secret(secret), std::nullopt, now, grace};
}

std::unique_ptr<const KeyIndex> index_of(const KeyDocument& document) {
  KeyIndexBuilder builder;
  document.for_each([&builder](json::Value, const ApiKey& key) { builder.add(key); });
  return builder.finish();
}

bool verifies(const KeyDocument& document, std::string_view secret, WallTime now) {
  return verify(*index_of(document), secret, now).grant.has_value();
}

TEST(Rotation, WithGraceTheOldSecretStaysGoodAndThenNot) {
  KeyDocument document = parsed(R"({"keys": [{"id": "k", "secret": "old", "x": 1.50}]})");
  const Result<Rotated> rotated = rotate(document, 0, to("new", 24h));
  ASSERT_TRUE(rotated);
  EXPECT_TRUE(rotated->changed);
  EXPECT_EQ(rotated->old_good_until, kNow + 24h);
  EXPECT_EQ(document.json(), R"({"keys": [{"id": "k", "secret": "new", "x": 1.50,
      "previous": [
        {
          "secret_sha256": ")" + digest_of("old") +
                                 R"(",
          "expires_at": "2026-01-21T10:30:00.000000Z"
        }
      ],
      "updated_at": "2026-01-20T10:30:00.000000Z"}]})");
  EXPECT_TRUE(verifies(document, "new", kNow + 48h));
  EXPECT_TRUE(verifies(document, "old", kNow + 24h));
  EXPECT_FALSE(verifies(document, "old", kNow + 24h + 1us));
}

TEST(Rotation, WithoutGraceOnlyTheNewSecretIsGood) {
  KeyDocument document = parsed(R"({"keys": [{"id": "k", "secret": "first"}]})");
  ASSERT_TRUE(rotate(document, 0, to("second", 24h)));
  ASSERT_TRUE(rotate(document, 0, to("third", 0s)));
  EXPECT_FALSE(verifies(document, "first", kNow));
  EXPECT_FALSE(verifies(document, "second", kNow));
  EXPECT_TRUE(verifies(document, "third", kNow));
  EXPECT_FALSE(document.json().contains("previous"));
}

TEST(Rotation, KeepsOnlyTheEarlierSecretsThatAreStillGood) {
  KeyDocument document = parsed(fmt::format(
      R"({{"keys": [{{"id": "k", "secret": "c", "previous": [
        {{"secret_sha256": "{}", "expires_at": "2026-01-20T10:29:59Z"}}, 7,
        {{"note": 1.50, "secret_sha256": "{}", "expires_at": "2026-01-20T12:30+02:00"}}]}}]}})",
      digest_of("a"), digest_of("b")));
  ASSERT_TRUE(rotate(document, 0, to("d", 1s)));
  EXPECT_FALSE(document.json().contains(digest_of("a")));
  EXPECT_TRUE(document.json().contains("\"note\": 1.50"));
  EXPECT_TRUE(verifies(document, "b", kNow));
  EXPECT_TRUE(verifies(document, "c", kNow + 1s));
  ASSERT_TRUE(rotate(document, 0, to("e", 1s, kNow + 1min)));
  EXPECT_FALSE(document.json().contains(digest_of("b")));
  EXPECT_FALSE(document.json().contains(digest_of("c")));
  EXPECT_TRUE(verifies(document, "d", kNow + 1min));
}

TEST(Rotation, GraceEndsWithTheKey) {
  KeyDocument document = parsed(R"({"keys": [{"id": "k", "secret": "old", "expires_at": "2026-01-20T10:30:01Z"}]})");
  EXPECT_EQ(rotate(document, 0, to("new", 24h))->old_good_until, kNow + 1s);
  EXPECT_EQ(rotate(document, 0, to("newer", 24h, kNow + 2s))->old_good_until, std::nullopt);
}

TEST(Rotation, MadeAlreadyChangesNothing) {
  KeyDocument document = parsed(R"({"keys": [{"id": "k", "secret": "old"}]})");
  ASSERT_TRUE(rotate(document, 0, to("ours", 1h)));
  const std::string after = document.json();
  EXPECT_FALSE(rotate(document, 0, to("ours", 1h))->changed);
  EXPECT_EQ(document.json(), after);
  // Also where another rotation has come after it.
  ASSERT_TRUE(rotate(document, 0, to("theirs", 1h)));
  EXPECT_FALSE(rotate(document, 0, to("ours", 1h))->changed);
}

TEST(Rotation, SecretIsStoredAsTheDocumentHasNewOnesButNeverMoreOpenlyThanBefore) {
  const std::string hashed = fmt::format(R"({{"id": "h", "secret_sha256": "{}"}})", digest_of("old"));
  KeyDocument mixed = parsed(R"({"keys": [)" + hashed + R"(, {"id": "p", "secret": "plain"}]})");
  ASSERT_TRUE(rotate(mixed, 0, to("new", 0s)));
  EXPECT_TRUE(mixed.json().contains(digest_of("new")));
  ASSERT_TRUE(rotate(mixed, 1, to("newer", 0s)));
  EXPECT_TRUE(mixed.json().contains(R"("secret": "newer")"));

  KeyDocument declared = parsed(R"({"secret_storage": "hashed", "keys": [{"id": "p", "secret": "plain"}]})");
  ASSERT_TRUE(rotate(declared, 0, to("new", 0s)));
  EXPECT_FALSE(declared.json().contains(R"("secret":)"));

  Rotation asked = to("asked", 0s);
  asked.storage = SecretStorage::plain;
  ASSERT_TRUE(rotate(declared, 0, asked));
  EXPECT_TRUE(declared.json().contains(R"("secret": "asked")"));
  EXPECT_FALSE(declared.json().contains("secret_sha256"));
}

}  // namespace
}  // namespace heare::keys
