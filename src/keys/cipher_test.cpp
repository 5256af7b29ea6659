#include "keys/cipher.h"

#include <gtest/gtest.h>

#include "support/sequence_random.h"

namespace heare::keys {
namespace {

constexpr WallTime kNow{};

StorageSecrets current(std::string_view secret) {
  StorageSecrets secrets;
  secrets.current = Secret(secret);
  return secrets;
}

TEST(DocumentCipher, WithoutASecretEverythingIsPlain) {
  testing::SequenceRandom random(1);
  const DocumentCipher cipher({});
  EXPECT_EQ(cipher.seal("{}", kNow, random), "{}");
  EXPECT_EQ(cipher.open("{}")->json, "{}");
  EXPECT_EQ(cipher.content_type(), "application/json");
}

TEST(DocumentCipher, SealedTextHasTheHeaderAndOpensAgain) {
  testing::SequenceRandom random(1);
  const DocumentCipher cipher(current("secret"));
  const std::string sealed = cipher.seal("{\"keys\": []}", kNow, random);
  EXPECT_TRUE(sealed.starts_with("HEARE_ENCRYPTED_V1:gAAAA")) << sealed;
  EXPECT_EQ(cipher.open(sealed)->json, "{\"keys\": []}");
  EXPECT_EQ(cipher.content_type(), "application/octet-stream");
}

TEST(DocumentCipher, PlainTextIsHandedThroughAlsoWithASecret) {
  EXPECT_EQ(DocumentCipher(current("secret")).open("{}")->json, "{}");
}

TEST(DocumentCipher, PreviousSecretReadsAndNeverWrites) {
  testing::SequenceRandom random(1);
  StorageSecrets rotated = current("new");
  rotated.previous = Secret("old");
  const DocumentCipher cipher(rotated);
  EXPECT_EQ(cipher.open(DocumentCipher(current("old")).seal("x", kNow, random))->json, "x");
  EXPECT_EQ(DocumentCipher(current("new")).open(cipher.seal("x", kNow, random))->json, "x");

  StorageSecrets only_previous;
  only_previous.previous = Secret("old");
  EXPECT_EQ(DocumentCipher(only_previous).seal("x", kNow, random), "x");
}

TEST(DocumentCipher, TellsWhetherSealingAgainWouldChangeAnything) {
  testing::SequenceRandom random(1);
  StorageSecrets rotated = current("new");
  rotated.previous = Secret("old");
  const DocumentCipher cipher(rotated);
  EXPECT_TRUE(cipher.open(cipher.seal("x", kNow, random))->as_sealed_now);
  EXPECT_FALSE(cipher.open(DocumentCipher(current("old")).seal("x", kNow, random))->as_sealed_now);
  EXPECT_FALSE(cipher.open("x")->as_sealed_now);
  EXPECT_TRUE(DocumentCipher({}).open("x")->as_sealed_now);
}

TEST(DocumentCipher, FailuresAreToldInTheWordsOfThePythonService) {
  testing::SequenceRandom random(1);
  const std::string sealed = DocumentCipher(current("right")).seal("x", kNow, random);
  EXPECT_EQ(DocumentCipher({}).open(sealed).error().message, "Data is encrypted but no STORAGE_SECRET provided");
  EXPECT_EQ(DocumentCipher(current("wrong")).open(sealed).error().message,
            "Failed to decrypt data - invalid STORAGE_SECRET");
}

}  // namespace
}  // namespace heare::keys
