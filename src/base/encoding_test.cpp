#include "base/encoding.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace heare {
namespace {

std::string from(std::string_view base64) {
  const auto bytes = from_base64(base64);
  if (!bytes) return "nothing";
  std::string text;
  for (const std::byte byte : *bytes) text += static_cast<char>(byte);
  return text;
}

TEST(Hex, IsLowerCaseBothWays) {
  constexpr std::array kBytes = {std::byte{0x00}, std::byte{0x7F}, std::byte{0xAB}, std::byte{0xFF}};
  EXPECT_EQ(to_hex(kBytes), "007fabff");
  std::array<std::byte, 4> read{};
  ASSERT_TRUE(from_lower_hex("007fabff", read));
  EXPECT_EQ(read, kBytes);
}

TEST(Hex, AnythingElseIsRefused) {
  std::array<std::byte, 2> out{};
  for (const std::string_view text : {"", "00", "000", "00000", "00FF", "00fg", "0x00", "00 0", "/0:0", "`0g0"}) {
    EXPECT_FALSE(from_lower_hex(text, out)) << text;
  }
}

// RFC 4648, section 10.
TEST(Base64, TestVectorsOfTheRfc) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kVectors = {{{"", ""},
                                                                                      {"f", "Zg=="},
                                                                                      {"fo", "Zm8="},
                                                                                      {"foo", "Zm9v"},
                                                                                      {"foob", "Zm9vYg=="},
                                                                                      {"fooba", "Zm9vYmE="},
                                                                                      {"foobar", "Zm9vYmFy"}}};
  for (const auto& [text, base64] : kVectors) {
    EXPECT_EQ(to_base64url(as_bytes(text)), base64);
    EXPECT_EQ(from(base64), text);
    EXPECT_EQ(from(base64.substr(0, base64.find('='))), text) << "without padding";
  }
}

TEST(Base64, EveryByteValueSurvives) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(from(to_base64url(as_bytes(all))), all);
}

TEST(Base64, BothAlphabetsAreReadButNotInOneText) {
  EXPECT_EQ(to_base64url(as_bytes("\xFB\xFF\xBF")), "-_-_");
  EXPECT_EQ(from("-_-_"), "\xFB\xFF\xBF");
  EXPECT_EQ(from("+/+/"), "\xFB\xFF\xBF");
  EXPECT_EQ(from("+_+_"), "nothing");
}

TEST(Base64, WrongPaddingIsRefused) {
  for (const std::string_view text :
       {"=", "==", "Zg=", "Zg===", "Zm8==", "Zm9v=", "Zm9v====", "Z===", "Zg==Zg==", "Z="}) {
    EXPECT_EQ(from(text), "nothing") << text;
  }
}

TEST(Base64, StrayBitsAreRefused) {
  for (const std::string_view text : {"Zh==", "Zh", "Zm9=", "Zm9", "Z"}) EXPECT_EQ(from(text), "nothing") << text;
}

TEST(Base64, OtherCharactersAreRefused) {
  for (const std::string_view text : {"Zm9 ", "Zm9\n", "Zm.v", "Zm9v\n", "\xC3\xA9zz", "Zm9v Zm9v"}) {
    EXPECT_EQ(from(text), "nothing") << text;
  }
  EXPECT_EQ(from(std::string_view("Zm\0v", 4)), "nothing");
}

}  // namespace
}  // namespace heare
