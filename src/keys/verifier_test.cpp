#include "keys/verifier.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

namespace heare::keys {
namespace {

const WallTime kNow = *parse_iso8601("2026-06-01T12:00:00Z");

ApiKey key_with(std::string_view secret, std::string_view id = "key_1") {
  ApiKey key = {};
  key.id = id;
  key.name = "name of " + key.id;
  key.digest = crypto::sha256(secret);
  key.enabled = true;
  key.metadata_json = "{}";
  return key;
}

std::unique_ptr<const KeyIndex> index_of(std::initializer_list<ApiKey> keys) {
  KeyIndexBuilder builder;
  for (const ApiKey& key : keys) builder.add(key);
  return builder.finish();
}

TEST(Verifier, KnownSecretIsGoodAndGrantsWhatItsKeyHoldsAsJson) {
  ApiKey key = key_with("s3cret");
  key.name = "a \"quoted\"\nname";
  key.metadata_json = R"({"env":"prod"})";
  key.scopes = {"a", "b:*"};
  key.owner = "team";
  const auto index = index_of({key});
  const Decision decision = verify(*index, "s3cret", kNow);
  ASSERT_TRUE(decision.grant);
  EXPECT_EQ(decision.grant->id_json, R"("key_1")");
  EXPECT_EQ(decision.grant->name_json, R"("a \"quoted\"\nname")");
  EXPECT_EQ(decision.grant->metadata_json, R"({"env":"prod"})");
  EXPECT_EQ(decision.grant->extra_json, R"(,"scopes":["a","b:*"],"owner":"team")");
}

TEST(Verifier, UnknownSecretIsNotFoundAlsoInAnEmptyIndex) {
  EXPECT_EQ(verify(*index_of({}), "x", kNow).refusal, Refusal::not_found);
  const auto index = index_of({key_with("a")});
  EXPECT_FALSE(verify(*index, "A", kNow).grant);
  EXPECT_FALSE(verify(*index, "", kNow).grant);
  EXPECT_EQ(verify(*index, "a ", kNow).refusal, Refusal::not_found);
}

TEST(Verifier, KeyIsGoodUpToAndIncludingItsExpiry) {
  ApiKey key = key_with("a");
  key.expires_at = kNow;
  const auto index = index_of({key});
  EXPECT_TRUE(verify(*index, "a", kNow).grant);
  const Decision later = verify(*index, "a", kNow + std::chrono::microseconds(1));
  EXPECT_FALSE(later.grant);
  EXPECT_EQ(later.refusal, Refusal::expired);
}

TEST(Verifier, DisabledKeyIsRefused) {
  ApiKey key = key_with("a");
  key.enabled = false;
  const auto index = index_of({key});
  EXPECT_EQ(verify(*index, "a", kNow).refusal, Refusal::disabled);
  EXPECT_FALSE(verify(*index, "a", kNow).grant);
}

TEST(Verifier, LastOfTwoKeysWithOneSecretWinsAndCountsOnce) {
  ApiKey disabled = key_with("a", "key_2");
  disabled.enabled = false;
  const auto index = index_of({key_with("a", "key_1"), disabled});
  EXPECT_EQ(index->key_count(), 1U);
  EXPECT_EQ(verify(*index, "a", kNow).refusal, Refusal::disabled);
}

TEST(Verifier, PreviousSecretIsGoodUntilItsOwnEndOrTheKeys) {
  using std::chrono::hours;
  ApiKey key = key_with("new");
  key.previous = {{crypto::sha256("old"), kNow + hours(1)}, {crypto::sha256("older"), kNow - hours(1)}};
  const auto index = index_of({key});
  EXPECT_EQ(index->key_count(), 1U);
  EXPECT_EQ(verify(*index, "old", kNow).grant->id_json, R"("key_1")");
  EXPECT_EQ(verify(*index, "older", kNow).refusal, Refusal::expired);
  EXPECT_EQ(verify(*index, "old", kNow + hours(2)).refusal, Refusal::expired);

  key.expires_at = kNow - hours(2);
  EXPECT_EQ(verify(*index_of({key}), "old", kNow).refusal, Refusal::expired);
}

TEST(Verifier, CurrentSecretWinsOverAnotherKeysPreviousInEitherOrder) {
  ApiKey rotated = key_with("new", "key_rotated");
  rotated.previous = {{crypto::sha256("shared"), WallTime::max()}};
  const ApiKey current = key_with("shared", "key_current");
  for (const auto& index : {index_of({rotated, current}), index_of({current, rotated})}) {
    EXPECT_EQ(verify(*index, "shared", kNow).grant->id_json, R"("key_current")");
    EXPECT_EQ(index->key_count(), 2U);
  }
}

TEST(Verifier, EveryOneOfManyKeysIsFound) {
  KeyIndexBuilder builder;
  for (int i = 0; i < 10'000; ++i) builder.add(key_with(fmt::format("secret {}", i), fmt::format("key_{}", i)));
  const auto index = builder.finish();
  EXPECT_EQ(index->key_count(), 10'000U);
  for (int i = 0; i < 10'000; ++i) {
    const Decision decision = verify(*index, fmt::format("secret {}", i), kNow);
    ASSERT_TRUE(decision.grant);
    EXPECT_EQ(decision.grant->id_json, fmt::format("\"key_{}\"", i));
  }
  EXPECT_FALSE(verify(*index, "secret 10000", kNow).grant);
}

TEST(Verifier, KeysOfManyMemoryBlocksAreAllFoundAndTheLastOfEqualOnesWins) {
  KeyIndexBuilder builder;
  constexpr int kKeys = 30'000;
  for (const std::string_view generation : {"first", "second"}) {
    for (int i = 0; i < kKeys; ++i) {
      builder.add(key_with(fmt::format("secret {}", i), fmt::format("{} key {}", generation, i)));
    }
  }
  const auto index = builder.finish();
  EXPECT_EQ(index->key_count(), size_t{kKeys});
  for (int i = 0; i < kKeys; ++i) {
    const Decision decision = verify(*index, fmt::format("secret {}", i), kNow);
    ASSERT_TRUE(decision.grant);
    ASSERT_EQ(decision.grant->id_json, fmt::format("\"second key {}\"", i));
  }
}

TEST(Verifier, GrantIsWholeWhateverTheSizesOfItsParts) {
  for (const size_t size : {0U, 1U, 123U, 124U, 125U, 126U, 127U, 128U, 129U, 16'381U, 16'382U, 16'383U, 16'384U}) {
    ApiKey key = key_with("a", std::string(size, 'i'));
    key.name.assign(size, 'n');
    key.metadata_json = "{\"" + std::string(size, 'm') + "\":1}";
    key.owner = std::string(size, 'o');
    key.expires_at = kNow;
    const auto index = index_of({key});
    const Grant grant = *verify(*index, "a", kNow).grant;
    EXPECT_EQ(grant.id_json, '"' + key.id + '"');
    EXPECT_EQ(grant.name_json, '"' + key.name + '"');
    EXPECT_EQ(grant.metadata_json, key.metadata_json);
    EXPECT_EQ(grant.extra_json, R"(,"owner":")" + *key.owner + '"');
    EXPECT_EQ(verify(*index, "a", kNow + std::chrono::microseconds(1)).refusal, Refusal::expired);
  }
}

TEST(Verifier, BuilderStartsAnewAfterAnIndexAndWhenCleared) {
  KeyIndexBuilder builder;
  builder.add(key_with("a"));
  builder.clear();
  builder.add(key_with("b"));
  const auto first = builder.finish();
  builder.add(key_with("c"));
  const auto second = builder.finish();
  EXPECT_FALSE(verify(*first, "a", kNow).grant);
  EXPECT_TRUE(verify(*first, "b", kNow).grant);
  EXPECT_EQ(second->key_count(), 1U);
  EXPECT_TRUE(verify(*second, "c", kNow).grant);
}

TEST(Verifier, KeyWithAHugeNameFits) {
  ApiKey key = key_with("a");
  key.name.assign(3'000'000, 'n');
  const auto index = index_of({key_with("b"), key, key_with("c")});
  EXPECT_EQ(verify(*index, "a", kNow).grant->name_json.size(), key.name.size() + 2);
  EXPECT_TRUE(verify(*index, "c", kNow).grant);
}

}  // namespace
}  // namespace heare::keys
