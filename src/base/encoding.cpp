#include "base/encoding.h"

#include <array>
#include <cstdint>

namespace heare {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The upper two bits of an entry tell which alphabet a character belongs to; a character of neither has both, as a
// text that mixes the two would: one look at the end finds either fault.
constexpr uint8_t kUrlOnly = 0x40;
constexpr uint8_t kStandardOnly = 0x80;
constexpr uint8_t kFault = kUrlOnly | kStandardOnly;
constexpr uint8_t kValueMask = 0x3F;

constexpr std::array<uint8_t, 256> make_base64_table() {
  std::array<uint8_t, 256> table{};
  table.fill(kFault);
  for (uint8_t value = 0; value < 64; ++value) table[static_cast<uint8_t>(kBase64Url[value])] = value;
  table['-'] |= kUrlOnly;
  table['_'] |= kUrlOnly;
  table['+'] = 62 | kStandardOnly;
  table['/'] = 63 | kStandardOnly;
  return table;
}

constexpr std::array<uint8_t, 256> kBase64Table = make_base64_table();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// Takes off `=` that fill the last group of four; false where they fill it wrongly.
bool strip_padding(std::string_view& text) {
  if (!text.ends_with('=')) return true;
  if (text.size() % 4 != 0) return false;
  text.remove_suffix(text.ends_with("==") ? 2 : 1);
  return true;
}

std::string base64(std::span<const std::byte> bytes, std::string_view alphabet) {
  std::string out;
  const auto byte_at = [&](size_t i) { return std::to_integer<uint32_t>(bytes[i]); };
  const size_t size = (bytes.size() + 2) / 3 * 4;
  out.resize_and_overwrite(size, [&](char* next, size_t) {
    const auto put = [&next, alphabet](uint32_t group) {
      for (const int shift : {18, 12, 6, 0}) *next++ = alphabet[(group >> shift) & kValueMask];
    };
    size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) put(byte_at(i) << 16 | byte_at(i + 1) << 8 | byte_at(i + 2));
    const size_t rest = bytes.size() - i;
    if (rest == 0) return size;
    put(byte_at(i) << 16 | (rest == 2 ? byte_at(i + 1) << 8 : 0));
    for (size_t missing = 3 - rest; missing > 0; --missing) next[-static_cast<ptrdiff_t>(missing)] = '=';
    return size;
  });
  return out;
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    out += kHexDigits[std::to_integer<size_t>(byte >> 4)];
    out += kHexDigits[std::to_integer<size_t>(byte & std::byte{0xF})];
  }
  return out;
}

bool from_lower_hex(std::string_view text, std::span<std::byte> out) {
  if (text.size() != out.size() * 2) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

std::string to_base64(std::span<const std::byte> bytes) {
  return base64(bytes, kBase64);
}

std::string to_base64url(std::span<const std::byte> bytes) {
  return base64(bytes, kBase64Url);
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (!strip_padding(text) || text.size() % 4 == 1) return std::nullopt;
  std::vector<std::byte> out(text.size() / 4 * 3 + (text.size() % 4 == 0 ? 0 : text.size() % 4 - 1));

  uint8_t seen = 0;
  uint32_t bits = 0;
  int bit_count = 0;
  auto next = out.begin();
  for (const char c : text) {
    const uint8_t entry = kBase64Table[static_cast<uint8_t>(c)];
    seen |= entry;
    bits = bits << 6 | (entry & kValueMask);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    *next++ = static_cast<std::byte>(bits >> bit_count & 0xFF);
  }
  const bool stray_bits = (bits & ((uint32_t{1} << bit_count) - 1)) != 0;
  if ((seen & kFault) == kFault || stray_bits) return std::nullopt;
  return out;
}

}  // namespace heare
