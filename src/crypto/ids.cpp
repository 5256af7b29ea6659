#include "crypto/ids.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace heare::crypto {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr char kGeneration = '0';
constexpr size_t kTimestampDigits = 8;
constexpr size_t kKeyIdEntropy = 10;
constexpr size_t kSecretEntropy = 45;
/// 62^6 is the first power of the base past 2^32.
constexpr size_t kChecksumDigits = 6;
/// The last second of the year 9999: later ones have no RFC 3339 form, and no clock has told them.
constexpr uint64_t kTimestampMax = 253'402'300'799;

// CRC-32 as in IEEE 802.3, zlib and PNG: polynomial 0x04C11DB7, bits reflected.
constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? 0xEDB88320U : 0U);
    table[byte] = remainder;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

constexpr uint32_t crc32(std::string_view text) {
  uint32_t remainder = ~0U;
  for (const char character : text) {
    remainder = (remainder >> 8U) ^ kCrcTable[(remainder ^ static_cast<unsigned char>(character)) & 0xFFU];
  }
  return ~remainder;
}

// The check value of the CRC catalogues.
static_assert(crc32("123456789") == 0xCBF43926U);

void append_base62(std::string& out, uint64_t value, size_t digits) {
  const size_t begin = out.size();
  out.append(digits, kAlphabet[0]);
  for (size_t digit = digits; digit > 0; --digit) {
    out[begin + digit - 1] = kAlphabet[value % kAlphabet.size()];
    value /= kAlphabet.size();
  }
}

/// Of digits that have been checked, at most 10 (62^10 < 2^64).
uint64_t read_base62(std::string_view digits) {
  uint64_t value = 0;
  for (const char digit : digits) value = value * kAlphabet.size() + kAlphabet.find(digit);
  return value;
}

bool all_of_alphabet(std::string_view text) {
  return text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

bool is_prefix(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char character) {
    return character == '_' || character == '-' || kAlphabet.contains(character);
  });
}

void append_id(std::string& out, std::string_view prefix, WallTime now, size_t entropy, Random& random) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  out += prefix;
  out += '_';
  out += kGeneration;
  // A clock that stands before 1970 has not been set yet.
  append_base62(out, seconds < 0 ? 0 : static_cast<uint64_t>(seconds), kTimestampDigits);
  for (size_t i = 0; i < entropy; ++i) out += kAlphabet[random.below(static_cast<uint32_t>(kAlphabet.size()))];
}

bool ends_with_checksum(std::string_view text) {
  const std::string_view before = text.substr(0, text.size() - kChecksumDigits);
  return read_base62(text.substr(before.size())) == crc32(before);
}

}  // namespace

std::string make_key_id(WallTime now, Random& random) {
  std::string id;
  append_id(id, "key", now, kKeyIdEntropy, random);
  return id;
}

Secret make_secret(WallTime now, Random& random) {
  std::string secret;
  // No second copy is left behind in memory by a text that grows.
  secret.reserve(64);
  append_id(secret, "sec", now, kSecretEntropy, random);
  append_base62(secret, crc32(secret), kChecksumDigits);
  return Secret::take(secret);
}

std::optional<IdInfo> inspect_id(std::string_view text) {
  const size_t separator = text.rfind('_');
  if (separator == std::string_view::npos || !is_prefix(text.substr(0, separator))) return std::nullopt;
  const std::string_view body = text.substr(separator + 1);
  if (body.size() <= 1 + kTimestampDigits || !all_of_alphabet(body)) return std::nullopt;
  const uint64_t seconds = read_base62(body.substr(1, kTimestampDigits));
  if (seconds > kTimestampMax) return std::nullopt;

  const bool has_checksum = body.size() > 1 + kTimestampDigits + kChecksumDigits && ends_with_checksum(text);
  return IdInfo{.prefix = std::string(text.substr(0, separator)),
                .generation = body[0],
                .created_at = WallTime(std::chrono::seconds(seconds)),
                .has_checksum = has_checksum};
}

}  // namespace heare::crypto
