#include "keys/key_index.h"

#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "support/sequence_random.h"

namespace heare::keys {
namespace {

using testing::SequenceRandom;

constexpr uint32_t kDigests = 10'000;
constexpr size_t kSlots = 2 * kDigests + 1;

/// How many of the digests that `choose` makes want the slot that most of them want.
size_t most_in_one_slot(const SlotHash& hash, const std::function<void(crypto::Sha256Digest&, uint32_t)>& choose) {
  std::map<size_t, size_t> wanted;
  size_t most = 0;
  for (uint32_t n = 0; n < kDigests; ++n) {
    crypto::Sha256Digest digest{};
    choose(digest, n);
    const size_t slot = hash.first_slot(digest, kSlots);
    EXPECT_LT(slot, kSlots);
    most = std::max(most, ++wanted[slot]);
  }
  return most;
}

/// Puts `n` into the four bytes at `at`.
void put(crypto::Sha256Digest& digest, size_t at, uint32_t n) {
  for (unsigned byte = 0; byte < 4; ++byte) digest[at + byte] = static_cast<std::byte>(n >> (8 * byte) & 0xFF);
}

TEST(SlotHash, DigestsThatAreAlikeInAllButAFewBytesDoNotWantOneSlot) {
  SequenceRandom random(1);
  const SlotHash hash(random);
  for (size_t at = 0; at + 4 <= sizeof(crypto::Sha256Digest); ++at) {
    EXPECT_LT(most_in_one_slot(hash, [at](auto& digest, uint32_t n) { put(digest, at, n); }), 16u) << at;
  }
}

TEST(SlotHash, DigestsThatDifferInTheirHighestBitsDoNotWantOneSlot) {
  SequenceRandom random(2);
  const SlotHash hash(random);
  const auto choose = [](crypto::Sha256Digest& digest, uint32_t n) {
    // Four bits in each of the last four words.
    for (size_t word = 4; word < 8; ++word, n >>= 4) put(digest, 4 * word, n << 28);
  };
  EXPECT_LT(most_in_one_slot(hash, choose), 16u);
}

TEST(SlotHash, NobodyCanTellFromOneWhereAnotherPutsADigest) {
  SequenceRandom random(3);
  const crypto::Sha256Digest digest = crypto::sha256("secret");
  std::map<size_t, size_t> slots;
  for (int n = 0; n < 100; ++n) ++slots[SlotHash(random).first_slot(digest, kSlots)];
  EXPECT_GT(slots.size(), 90u);
}

TEST(KeyIndex, DigestsThatAllBeginAlikeAreFoundAmongThousands) {
  KeyIndexBuilder builder;
  ApiKey key = {};
  key.enabled = true;
  key.metadata_json = "{}";
  for (uint32_t n = 0; n < 200'000; ++n) {
    key.id = std::to_string(n);
    put(key.digest, 28, n);
    builder.add(key);
  }
  const auto index = builder.finish();
  EXPECT_EQ(index->key_count(), 200'000u);
  for (uint32_t n = 0; n < 200'000; ++n) {
    put(key.digest, 28, n);
    const auto found = index->find(key.digest);
    ASSERT_TRUE(found) << n;
    ASSERT_EQ(found->grant().id_json, "\"" + std::to_string(n) + "\"");
  }
  put(key.digest, 28, 200'000);
  EXPECT_FALSE(index->find(key.digest));
}

TEST(KeyIndex, PreviousSecretsShareWhatTheirKeyStandsFor) {
  ApiKey key = {};
  key.enabled = true;
  key.id = "k";
  key.metadata_json = "{\"x\":\"" + std::string(1'000'000, 'x') + "\"}";
  // A copy for each would be 40 GB.
  for (uint32_t n = 0; n < 40'000; ++n) {
    PreviousSecret& previous = key.previous.emplace_back(PreviousSecret{{}, WallTime::max()});
    put(previous.digest, 0, n);
  }
  key.digest = crypto::sha256("current");
  KeyIndexBuilder builder;
  builder.add(key);
  const auto index = builder.finish();
  EXPECT_EQ(index->key_count(), 1U);
  const auto current = index->find(key.digest);
  const auto previous = index->find(key.previous.back().digest);
  ASSERT_TRUE(current && previous);
  EXPECT_FALSE(current->previous());
  EXPECT_TRUE(previous->previous());
  EXPECT_EQ(previous->grant().id_json, "\"k\"");
  EXPECT_EQ(previous->grant().metadata_json, key.metadata_json);
  EXPECT_EQ(previous->grant().metadata_json.data(), current->grant().metadata_json.data());
}

}  // namespace
}  // namespace heare::keys
