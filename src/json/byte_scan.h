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
struct BlockMasks {
  uint64_t quotes = 0;
  uint64_t backslashes = 0;
  uint64_t opens = 0;   ///< [ or {
  uint64_t closes = 0;  ///< ] or }
};

/// A byte that needs no second look within a string: ASCII, and no quote, backslash or control character.
inline bool is_plain(char byte) {
  // Signed, so that bytes from 0x80 are negative whatever `char` is on this machine.
  return static_cast<signed char>(byte) >= 0x20 && byte != '"' && byte != '\\';
}

namespace words {

inline constexpr uint64_t kOnes = 0x0101010101010101;
inline constexpr uint64_t kHighBits = 0x8080808080808080;

inline uint64_t load(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// One bit for each byte of `word` that is `byte`, gathered by a multiplication that moves bit 8n to bit 56 + n.
inline uint64_t equal_bits(uint64_t word, char byte) {
  const uint64_t difference = word ^ (kOnes * static_cast<unsigned char>(byte));
  const uint64_t not_zero = ((difference & ~kHighBits) + ~kHighBits) | difference;
  return (((~not_zero & kHighBits) >> 7) * 0x0102040810204080) >> 56;
}

inline BlockMasks block_masks(const char* at) {
  BlockMasks masks;
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

/// Moves on over plain bytes while there are 8 to look at; true where it stands before one that is not plain.
inline bool skip_plain(const char*& at, const char* end) {
  for (; end - at >= 8; at += 8) {
    const uint64_t word = load(at);
    const uint64_t quote = word ^ (kOnes * '"');
    const uint64_t backslash = word ^ (kOnes * '\\');
    // A borrow can only mark bytes above one that is marked rightly, so the lowest mark is right.
    const uint64_t marked =
        ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | ((word - kOnes * 0x20) & ~word) | word;
    if ((marked & kHighBits) != 0) {
      at += std::countr_zero(marked & kHighBits) / 8;
      return true;
    }
  }
  return false;
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

inline uint64_t equal_bits(__m128i bytes, char byte) {
  return bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
}

inline BlockMasks block_masks(const char* at) {
  BlockMasks masks;
  for (unsigned n = 0; n < kBlockBytes; n += 16) {
    const __m128i bytes = load(at + n);
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    masks.quotes |= equal_bits(bytes, '"') << n;
    masks.backslashes |= equal_bits(bytes, '\\') << n;
    masks.opens |= equal_bits(folded, '{') << n;
    masks.closes |= equal_bits(folded, '}') << n;
  }
  return masks;
}

inline bool skip_plain(const char*& at, const char* end) {
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = load(at);
    // As signed numbers, bytes from 0x80 are below 0x20 too.
    const __m128i marked = _mm_or_si128(
        _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    if (const uint64_t mask = bits(marked); mask != 0) {
      at += std::countr_zero(mask);
      return true;
    }
  }
  return false;
}

}  // namespace sse2
namespace widest = sse2;
#else
namespace widest = words;
#endif

/// The masks of the 64 bytes from `at`.
inline BlockMasks block_masks(const char* at) {
  return widest::block_masks(at);
}

/// The first byte in [at, end) that is not plain (see is_plain), or `end`.
inline const char* skip_plain(const char* at, const char* end) {
  if (widest::skip_plain(at, end)) return at;
  while (at != end && is_plain(*at)) ++at;
  return at;
}

/// RFC 8259, section 2.
inline bool is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

inline const char* skip_space(const char* at, const char* end) {
  while (at != end && is_space(*at)) ++at;
  return at;
}

}  // namespace heare::json
