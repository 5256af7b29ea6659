#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Looks at many bytes of JSON at a time: 16 with SSE2, which every x86-64 has, elsewhere 8 in a 64-bit word. Both ways
/// are always compiled where they can be, so that the tests can hold one against the other.
namespace heare::json {

static_assert(std::endian::native == std::endian::little, "the first byte is the lowest of a word, here");

inline constexpr size_t kBlockBytes = 64;

/// Which of 64 bytes are what: bit n stands for byte n.
struct BracketMasks {
  uint64_t quotes = 0;
  uint64_t backslashes = 0;
  uint64_t opens = 0;   ///< [ or {
  uint64_t closes = 0;  ///< ] or }
};
struct TokenMasks {
  uint64_t quotes = 0;
  uint64_t backslashes = 0;
  uint64_t spaces = 0;   ///< A line feed, a tab (9), a carriage return (13) or a space: 9 | 4 is 13, and so is 13 | 4
  uint64_t special = 0;  ///< needs a look within a string: no ASCII, a control character or a backslash
};

/// RFC 8259, section 2.
inline bool is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

namespace words {

inline constexpr uint64_t kOnes = 0x0101010101010101;
inline constexpr uint64_t kHighBits = 0x8080808080808080;

inline uint64_t load(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// The high bit of each byte, by a multiplication that moves bit 8n to bit 56 + n.
inline uint64_t gathered(uint64_t high_bits) {
  return ((high_bits >> 7) * 0x0102040810204080) >> 56;
}

/// One bit for each byte of `word` that is `byte`.
inline uint64_t equal_bits(uint64_t word, char byte) {
  const uint64_t difference = word ^ (kOnes * static_cast<unsigned char>(byte));
  const uint64_t not_zero = ((difference & ~kHighBits) + ~kHighBits) | difference;
  return gathered(~not_zero & kHighBits);
}

inline BracketMasks bracket_masks(const char* at) {
  BracketMasks masks;
  for (unsigned n = 0; n < kBlockBytes; n += 8) {
    const uint64_t word = load(at + n);
    // '[' and '{', and ']' and '}', differ in this bit only.
    const uint64_t folded = word | (kOnes * 0x20);
    masks.quotes |= equal_bits(word, '"') << n;
    masks.backslashes |= equal_bits(word, '\\') << n;
    masks.opens |= equal_bits(folded, '{') << n;
    masks.closes |= equal_bits(folded, '}') << n;
  }
  return masks;
}

inline TokenMasks token_masks(const char* at) {
  TokenMasks masks;
  for (unsigned n = 0; n < kBlockBytes; n += 8) {
    const uint64_t word = load(at + n);
    // Its high bit is set in each byte from 0x20 to 0x7F.
    const uint64_t printable = ((word & ~kHighBits) + kOnes * 0x60) & ~word & kHighBits;
    masks.quotes |= equal_bits(word, '"') << n;
    masks.backslashes |= equal_bits(word, '\\') << n;
    masks.spaces |= (equal_bits(word, ' ') | equal_bits(word, '\n') | equal_bits(word | (kOnes * 4), '\r')) << n;
    masks.special |= gathered(~printable & kHighBits) << n;
  }
  masks.special |= masks.backslashes;
  return masks;
}

}  // namespace words

#if defined(__SSE2__)
namespace sse2 {

inline __m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

inline uint64_t bits(__m128i bytes) {
  return static_cast<uint32_t>(_mm_movemask_epi8(bytes));
}

inline __m128i equal(__m128i bytes, char byte) {
  return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte));
}

inline BracketMasks bracket_masks(const char* at) {
  BracketMasks masks;
  for (unsigned n = 0; n < kBlockBytes; n += 16) {
    const __m128i bytes = load(at + n);
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    masks.quotes |= bits(equal(bytes, '"')) << n;
    masks.backslashes |= bits(equal(bytes, '\\')) << n;
    masks.opens |= bits(equal(folded, '{')) << n;
    masks.closes |= bits(equal(folded, '}')) << n;
  }
  return masks;
}

/// Of 16 bytes.
inline TokenMasks token_masks_of(__m128i bytes) {
  const __m128i blanks = _mm_or_si128(equal(bytes, ' '), equal(bytes, '\n'));
  const __m128i others = equal(_mm_or_si128(bytes, _mm_set1_epi8(4)), '\r');
  return {.quotes = bits(equal(bytes, '"')),
          .backslashes = bits(equal(bytes, '\\')),
          .spaces = bits(_mm_or_si128(blanks, others)),
          // As signed numbers, bytes from 0x80 are below 0x20 too.
          .special = bits(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)))};
}

inline TokenMasks token_masks(const char* at) {
  // Written out: as a loop it takes twice the time.
  const TokenMasks a = token_masks_of(load(at));
  const TokenMasks b = token_masks_of(load(at + 16));
  const TokenMasks c = token_masks_of(load(at + 32));
  const TokenMasks d = token_masks_of(load(at + 48));
  TokenMasks masks = {.quotes = a.quotes | b.quotes << 16 | c.quotes << 32 | d.quotes << 48,
                      .backslashes = a.backslashes | b.backslashes << 16 | c.backslashes << 32 | d.backslashes << 48,
                      .spaces = a.spaces | b.spaces << 16 | c.spaces << 32 | d.spaces << 48,
                      .special = a.special | b.special << 16 | c.special << 32 | d.special << 48};
  masks.special |= masks.backslashes;
  return masks;
}

}  // namespace sse2
namespace widest = sse2;
#else
namespace widest = words;
#endif

using widest::bracket_masks;
using widest::token_masks;

/// Which bytes of a block stand after a backslash that is not itself escaped. `carry` is whether the first does, and
/// becomes whether the first of the next block does.
inline uint64_t escaped_bytes(uint64_t backslashes, bool& carry) {
  uint64_t escaped = carry ? 1 : 0;
  carry = false;
  backslashes &= ~escaped;
  while (backslashes != 0) {
    const uint64_t backslash = backslashes & -backslashes;
    const uint64_t next = backslash << 1;
    carry = next == 0;
    escaped |= next;
    backslashes &= ~(backslash | next);
  }
  return escaped;
}

/// Bit n of the result is the exclusive or of the bits up to n: between a first quote and a second, ones.
inline uint64_t prefix_xor(uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

/// The first byte in [at, end) that is no white space, or `end`.
inline const char* skip_space(const char* at, const char* end) {
  while (at != end && is_space(*at)) ++at;
  return at;
}

}  // namespace heare::json
