#include "crypto/fernet.h"

#include <string>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/sha256.h"

namespace heare::crypto {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

/// 0, 1, 2 …: the IV of the specification's vectors.
class AscendingRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = std::byte{next_++};
  }

 private:
  unsigned char next_ = 0;
};

// github.com/fernet/spec: generate.json, verify.json and invalid.json.
constexpr std::string_view kSpecKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr std::string_view kSpecToken =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
/// 1985-10-26T01:20:00-07:00.
constexpr WallTime kSpecTime = sys_days(1985y / 10 / 26) + 8h + 20min;

FernetKey spec_key() {
  return FernetKey::from_base64(kSpecKey).value();
}

std::string encrypt(std::string_view plaintext, const FernetKey& key) {
  return fernet_encrypt(plaintext, key, kSpecTime, system_random());
}

std::string read_in_pieces(std::string_view token, const FernetKey& key, size_t piece) {
  std::string plaintext;
  FernetReader reader(key, [&](std::string_view part) { plaintext += part; });
  for (; !token.empty(); token.remove_prefix(std::min(piece, token.size()))) reader.append(token.substr(0, piece));
  return reader.finish() ? plaintext : "refused";
}

/// A token that is authentic, whatever its parts are.
std::string sign(std::string parts, const FernetKey& key) {
  const Sha256Digest digest = hmac_sha256(as_bytes(key.signing_key()), parts);
  parts.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  return to_base64url(as_bytes(parts));
}

/// What of a token comes before its HMAC.
std::string parts_of(std::string_view token) {
  const auto bytes = from_base64(token).value();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size() - 32};
}

TEST(Fernet, GeneratesTheTokenOfTheSpecification) {
  AscendingRandom random;
  EXPECT_EQ(fernet_encrypt("hello", spec_key(), kSpecTime, random), kSpecToken);
}

TEST(Fernet, VerifiesTheTokenOfTheSpecification) {
  EXPECT_EQ(fernet_decrypt(kSpecToken, spec_key()), "hello");
}

TEST(Fernet, RefusesTheInvalidTokensOfTheSpecification) {
  const std::pair<std::string_view, std::string_view> tokens[] = {
      {"incorrect mac",
       "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ=="},
      {"too short", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA=="},
      {"invalid base64",
       "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q=="},
      {"payload size not multiple of block size",
       "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm"},
      {"payload padding error",
       "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw=="},
      {"incorrect IV (causes padding error)",
       "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ=="},
  };
  for (const auto& [description, token] : tokens) {
    const auto decrypted = fernet_decrypt(token, spec_key());
    ASSERT_FALSE(decrypted.has_value()) << description;
    EXPECT_EQ(decrypted.error().code, ErrorCode::invalid) << description;
    EXPECT_EQ(read_in_pieces(token, spec_key(), 7), "refused") << description;
  }
}

// The specification's invalid tokens whose only fault is their age: a document has no time to live.
TEST(Fernet, DoesNotLookAtATokensAge) {
  EXPECT_EQ(fernet_decrypt(
                "gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==",
                spec_key()),
            "");
  EXPECT_EQ(fernet_decrypt(
                "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
                spec_key()),
            "");
}

TEST(Fernet, ReadsBackTextsOfEverySizeInPiecesOfEverySize) {
  const FernetKey key = spec_key();
  for (size_t size = 0; size <= 50; ++size) {
    const std::string plaintext(size, static_cast<char>('a' + size % 26));
    const std::string token = encrypt(plaintext, key);
    for (size_t piece = 1; piece <= token.size(); ++piece) {
      ASSERT_EQ(read_in_pieces(token, key, piece), plaintext) << size << " by " << piece;
    }
  }
}

TEST(Fernet, ReadsBackATextOfManySlices) {
  std::string plaintext;
  for (int i = 0; plaintext.size() < 300'000; ++i) plaintext += std::to_string(i);
  const std::string token = encrypt(plaintext, spec_key());
  EXPECT_EQ(fernet_decrypt(token, spec_key()), plaintext);
  EXPECT_EQ(read_in_pieces(token, spec_key(), 100'000), plaintext);
}

TEST(Fernet, HandsPlaintextOnBeforeTheEnd) {
  const std::string plaintext(100'000, 'p');
  const std::string token = encrypt(plaintext, spec_key());
  std::string seen;
  FernetReader reader(spec_key(), [&](std::string_view part) { seen += part; });
  reader.append(std::string_view(token).substr(0, token.size() / 2));
  EXPECT_GT(seen.size(), 45'000U);
  reader.append(std::string_view(token).substr(token.size() / 2));
  EXPECT_TRUE(reader.finish().has_value());
  EXPECT_EQ(seen, plaintext);
}

TEST(Fernet, EveryTokenHasAnIvOfItsOwn) {
  EXPECT_NE(encrypt("hello", spec_key()), encrypt("hello", spec_key()));
}

TEST(Fernet, DamageInAnyCharacterIsRefused) {
  for (size_t i = 0; i < kSpecToken.size(); ++i) {
    std::string damaged(kSpecToken);
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(fernet_decrypt(damaged, spec_key()).has_value()) << i;
  }
}

TEST(Fernet, TruncationAnywhereIsRefused) {
  for (size_t size = 0; size < kSpecToken.size(); ++size) {
    EXPECT_FALSE(fernet_decrypt(kSpecToken.substr(0, size), spec_key()).has_value()) << size;
  }
}

TEST(Fernet, WhatFollowsATokenIsRefusedUnlessItIsWhiteSpace) {
  EXPECT_EQ(fernet_decrypt(std::string(kSpecToken) + "\n", spec_key()), "hello");
  EXPECT_EQ(fernet_decrypt(std::string(kSpecToken) + " \r\n", spec_key()), "hello");
  EXPECT_FALSE(fernet_decrypt(std::string(kSpecToken) + "A", spec_key()).has_value());
  EXPECT_FALSE(fernet_decrypt(std::string(kSpecToken) + std::string(kSpecToken), spec_key()).has_value());
  EXPECT_FALSE(fernet_decrypt("\n" + std::string(kSpecToken), spec_key()).has_value());
}

TEST(Fernet, AnotherKeyIsRefused) {
  const FernetKey other = FernetKey::from_passphrase(Secret("another"));
  EXPECT_FALSE(fernet_decrypt(kSpecToken, other).has_value());
}

TEST(Fernet, AuthenticTokenOfAnotherVersionIsRefused) {
  std::string parts = parts_of(kSpecToken);
  EXPECT_EQ(fernet_decrypt(sign(parts, spec_key()), spec_key()), "hello");
  parts[0] = '\x81';
  EXPECT_FALSE(fernet_decrypt(sign(parts, spec_key()), spec_key()).has_value());
}

TEST(Fernet, AuthenticTokenWithoutAWholeBlockIsRefused) {
  const std::string parts = parts_of(kSpecToken);
  EXPECT_FALSE(fernet_decrypt(sign(parts.substr(0, 25), spec_key()), spec_key()).has_value());
  EXPECT_FALSE(fernet_decrypt(sign(parts.substr(0, 40), spec_key()), spec_key()).has_value());
}

TEST(FernetKey, PassphraseGivesTheKeyOfItsSha256) {
  const FernetKey key = FernetKey::from_passphrase(Secret("my-storage-secret"));
  const FernetKey same = FernetKey::from_base64(to_base64url(sha256("my-storage-secret"))).value();
  EXPECT_EQ(key.signing_key(), same.signing_key());
  EXPECT_EQ(key.encryption_key(), same.encryption_key());
}

TEST(FernetKey, RefusesATextOfAnotherSizeWithoutRepeatingIt) {
  for (const std::string_view text : {"", "cw_0x689RpI", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4AAA=", "!!!!"}) {
    const auto key = FernetKey::from_base64(text);
    ASSERT_FALSE(key.has_value()) << text;
    EXPECT_EQ(key.error().message, "Fernet key: not 32 bytes in url-safe base64");
  }
}

}  // namespace
}  // namespace heare::crypto
