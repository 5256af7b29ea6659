#include "crypto/ids.h"

#include <set>

#include <gtest/gtest.h>

namespace heare::crypto {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 2026-01-20T10:30:00.123456Z.
constexpr WallTime kNow = sys_days(2026y / 1 / 20) + 10h + 30min + 123'456us;

/// Draws the characters of the alphabet in order.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = std::byte{0};
    if (!out.empty()) out[0] = std::byte{static_cast<unsigned char>(next_++ % kBase62.size())};
  }

 private:
  size_t next_ = 0;
};

TEST(Ids, KeyIdIsPrefixGenerationTimeAndEntropy) {
  CountingRandom random;
  const std::string id = make_key_id(kNow, random);
  EXPECT_EQ(id, "key_0001vi8zo0123456789");

  const auto info = inspect_id(id);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->prefix, "key");
  EXPECT_EQ(info->generation, '0');
  EXPECT_EQ(info->created_at, std::chrono::floor<std::chrono::seconds>(kNow));
  EXPECT_FALSE(info->has_checksum);
}

TEST(Ids, TimeIsInBase62WithEightDigits) {
  CountingRandom random;
  EXPECT_EQ(make_key_id(WallTime(0s), random).substr(5, 8), "00000000");
  EXPECT_EQ(make_key_id(WallTime(61s), random).substr(5, 8), "0000000z");
  EXPECT_EQ(make_key_id(WallTime(62s), random).substr(5, 8), "00000010");
  EXPECT_EQ(make_key_id(WallTime(36s), random).substr(5, 8), "0000000a");
}

TEST(Ids, ClockBefore1970CountsAs1970) {
  CountingRandom random;
  EXPECT_EQ(make_key_id(WallTime(-1s), random).substr(5, 8), "00000000");
}

TEST(Ids, SecretHas64CharactersAndItsChecksum) {
  CountingRandom random;
  const Secret secret = make_secret(kNow, random);
  const std::string_view text = secret.reveal();
  EXPECT_EQ(text.size(), 64U);
  EXPECT_EQ(text.substr(0, 5), "sec_0");
  EXPECT_EQ(text.substr(13, 45), kBase62.substr(0, 45));

  const auto info = inspect_id(text);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->prefix, "sec");
  EXPECT_TRUE(info->has_checksum);
}

TEST(Ids, ChecksumIsTheCrc32OfAllBeforeIt) {
  CountingRandom random;
  // The last six digits as Python's zlib.crc32 gives them.
  EXPECT_EQ(make_secret(WallTime(61s), random).reveal(),
            "sec_00000000z0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi3CLpq7");
}

TEST(Ids, OneWrongCharacterAnywhereBreaksTheChecksum) {
  const Secret secret = make_secret(kNow, system_random());
  for (size_t i = 4; i < secret.reveal().size(); ++i) {
    std::string damaged(secret.reveal());
    damaged[i] = damaged[i] == 'x' ? 'y' : 'x';
    const auto info = inspect_id(damaged);
    // A changed timestamp may be none any more.
    EXPECT_FALSE(info.has_value() && info->has_checksum) << i;
  }
}

TEST(Ids, AreOfTheAlphabetAndDifferent) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string id = make_key_id(kNow, system_random());
    EXPECT_EQ(id.substr(4).find_first_not_of(kBase62), std::string::npos) << id;
    EXPECT_TRUE(seen.insert(id).second);
    const Secret secret = make_secret(kNow, system_random());
    EXPECT_EQ(secret.reveal().substr(4).find_first_not_of(kBase62), std::string_view::npos);
    EXPECT_TRUE(seen.insert(std::string(secret.reveal())).second);
  }
}

TEST(InspectId, ReadsIdsOfThePythonTool) {
  const auto info = inspect_id("key_0001xVceXj6hR4dZO53");
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->prefix, "key");
  EXPECT_EQ(info->generation, '0');
  EXPECT_EQ(info->created_at, WallTime(sys_days(2026y / 11 / 23) + 22h + 36min + 49s));
  EXPECT_FALSE(info->has_checksum);
}

TEST(InspectId, ReadsAnyGenerationAndAnyPrefix) {
  const auto info = inspect_id("web_hook_Z000000Az0123456789");
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->prefix, "web_hook");
  EXPECT_EQ(info->generation, 'Z');
  EXPECT_EQ(info->created_at, WallTime(std::chrono::seconds(10 * 62 + 61)));
}

TEST(InspectId, RefusesWhatHasNotTheForm) {
  for (const std::string_view text : {
           "", "_", "key_", "key_min", "sec_A1h2xd", "sec_A1h2xd\xe2\x80\xa6", "key", "0001xVceXj6hR4dZO53",
           "_0001xVceXj6hR4dZO53",
           "key_0001xVceX",  // no entropy
           "key_0001xVceXj6hR4dZO5!", "key_0001xVceXj6hR4dZO53\n", "k\ny_0001xVceXj6hR4dZO53",
           "key_0zzzzzzzzj6hR4dZO53",  // a time past the year 9999
       }) {
    EXPECT_FALSE(inspect_id(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace heare::crypto
