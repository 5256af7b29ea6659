#include "crypto/base64url_decoder.h"

#include <array>

namespace heare::crypto {
namespace {

constexpr uint8_t kOther = 0xFF;
constexpr uint8_t kPadding = 0x40;
constexpr uint8_t kSpace = 0x80;

constexpr std::array<uint8_t, 256> make_table() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<uint8_t, 256> table{};
  table.fill(kOther);
  for (size_t value = 0; value < kAlphabet.size(); ++value) {
    table[static_cast<unsigned char>(kAlphabet[value])] = static_cast<uint8_t>(value);
  }
  table['='] = kPadding;
  for (const char space : {' ', '\t', '\r', '\n'}) table[static_cast<unsigned char>(space)] = kSpace;
  return table;
}

constexpr std::array<uint8_t, 256> kTable = make_table();

/// For each of the four digits of a group what it adds to the 24 bits, so that a group takes four looks and no shifts.
constexpr uint32_t kNoDigit = 0xFF000000;

constexpr std::array<std::array<uint32_t, 256>, 4> make_group_table() {
  std::array<std::array<uint32_t, 256>, 4> group{};
  for (size_t digit = 0; digit < 4; ++digit) {
    for (size_t character = 0; character < 256; ++character) {
      const uint32_t value = kTable[character];
      group[digit][character] = value < 64 ? value << (18 - 6 * digit) : kNoDigit;
    }
  }
  return group;
}

constexpr std::array<std::array<uint32_t, 256>, 4> kGroupTable = make_group_table();

uint32_t decode_group(const char* text) {
  const auto* const digits = reinterpret_cast<const unsigned char*>(text);
  return kGroupTable[0][digits[0]] | kGroupTable[1][digits[1]] | kGroupTable[2][digits[2]] | kGroupTable[3][digits[3]];
}

/// Decodes whole groups of digits, which is nearly all of a token, up to the first that is none. Returns how many
/// characters these were.
size_t append_groups(std::string_view text, std::string& out) {
  const size_t before = out.size();
  size_t position = 0;
  out.resize_and_overwrite(before + text.size() / 4 * 3, [&](char* bytes, size_t) {
    char* end = bytes + before;
    for (; position + 4 <= text.size(); position += 4) {
      const uint32_t bits = decode_group(text.data() + position);
      if ((bits & kNoDigit) != 0) break;
      *end++ = static_cast<char>(bits >> 16U);
      *end++ = static_cast<char>(bits >> 8U);
      *end++ = static_cast<char>(bits);
    }
    return static_cast<size_t>(end - bytes);
  });
  return position;
}

}  // namespace

void Base64UrlDecoder::append(std::string_view text, std::string& out) {
  size_t position = 0;
  const auto take_singly = [&] { take(static_cast<unsigned char>(text[position++]), out); };

  while (digits_ != 0 && position < text.size() && !malformed_) take_singly();
  if (!ended_ && !malformed_) position += append_groups(text.substr(position), out);
  while (position < text.size() && !malformed_) take_singly();
}

void Base64UrlDecoder::take(unsigned char character, std::string& out) {
  const uint8_t value = kTable[character];
  if (value == kSpace) {
    malformed_ = digits_ != 0;
    ended_ = true;
  } else if (value == kPadding) {
    take_padding(out);
  } else if (value == kOther || ended_) {
    malformed_ = true;
  } else {
    take_digit(value, out);
  }
}

void Base64UrlDecoder::take_digit(uint32_t value, std::string& out) {
  bits_ = bits_ << 6U | value;
  if (++digits_ < 4) return;
  out += static_cast<char>(bits_ >> 16U);
  out += static_cast<char>(bits_ >> 8U);
  out += static_cast<char>(bits_);
  bits_ = 0;
  digits_ = 0;
}

void Base64UrlDecoder::take_padding(std::string& out) {
  if (digits_ < 2) {
    malformed_ = true;
    return;
  }
  ended_ = true;
  if (digits_ + ++padding_ < 4) return;
  // Two digits carry 12 bits for one byte, three 18 for two.
  const uint32_t spare_bits = digits_ == 2 ? 4 : 2;
  malformed_ = (bits_ & ((1U << spare_bits) - 1)) != 0;
  const uint32_t bytes = bits_ >> spare_bits;
  if (!malformed_ && digits_ == 3) out += static_cast<char>(bytes >> 8U);
  if (!malformed_) out += static_cast<char>(bytes);
  digits_ = 0;
}

}  // namespace heare::crypto
