#include "crypto/base64url_decoder.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace heare::crypto {
namespace {

std::optional<std::string> decode(std::string_view text, size_t piece = std::string_view::npos) {
  Base64UrlDecoder decoder;
  std::string out;
  for (size_t position = 0; position < text.size();) {
    const std::string_view part = text.substr(position, piece);
    decoder.append(part, out);
    position += part.size();
  }
  if (!decoder.complete()) return std::nullopt;
  return out;
}

TEST(Base64UrlDecoder, DecodesPiecesOfEverySize) {
  // RFC 4648 section 10, with what is different in the url-safe alphabet.
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zm8=", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"},
      {"Zm9vYmE=", "fooba"},
      {"Zm9vYmFy", "foobar"},
      {"-_-_", "\xfb\xff\xbf"},
  };
  for (const auto& [text, bytes] : examples) {
    for (size_t piece = 1; piece <= 9; ++piece) EXPECT_EQ(decode(text, piece), bytes) << text << " by " << piece;
  }
}

TEST(Base64UrlDecoder, RefusesWhatIsNotUrlSafeBase64) {
  for (const std::string_view text :
       {"Zm9", "Zm", "Z", "Zg=", "=", "====", "Z===", "Zm9v=", "Zg===", "Zg==Zg==", "Zm=v", "+/+/", "Zm%v", "Zm v",
        "\nZm9v", "Zm9v\nZm9v", "Zg\n==", "Zg=\n=", "Zm9\xc3"}) {
    for (size_t piece = 1; piece <= 9; ++piece) EXPECT_EQ(decode(text, piece), std::nullopt) << text << " by " << piece;
  }
}

TEST(Base64UrlDecoder, RefusesBitsThatPaddingLeavesOver) {
  EXPECT_EQ(decode("Zh=="), std::nullopt);
  EXPECT_EQ(decode("Zm9="), std::nullopt);
}

TEST(Base64UrlDecoder, AllowsWhiteSpaceAtTheEnd) {
  EXPECT_EQ(decode("Zm9v\n"), "foo");
  EXPECT_EQ(decode("Zg== \t\r\n"), "f");
  EXPECT_EQ(decode("Zg==\n", 1), "f");
}

TEST(Base64UrlDecoder, StaysMalformed) {
  Base64UrlDecoder decoder;
  std::string out;
  decoder.append("Zm9v!", out);
  decoder.append("Zm9v", out);
  EXPECT_TRUE(decoder.malformed());
  EXPECT_EQ(out, "foo");
}

}  // namespace
}  // namespace heare::crypto
