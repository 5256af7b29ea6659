#include "crypto/sha256.h"

#include <cstdlib>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include "base/encoding.h"

namespace heare::crypto {
namespace {

thread_local size_t openssl_allocations = 0;

// What OpenSSL takes in place of malloc must be of its kind.
// NOLINTBEGIN(cppcoreguidelines-no-malloc)
void* counting_malloc(size_t size, const char* /*file*/, int /*line*/) {
  ++openssl_allocations;
  return std::malloc(size);
}
void* counting_realloc(void* block, size_t size, const char* /*file*/, int /*line*/) {
  ++openssl_allocations;
  return std::realloc(block, size);
}
void plain_free(void* block, const char* /*file*/, int /*line*/) {
  std::free(block);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

// OpenSSL takes other functions only before it has allocated anything.
const bool kCountsAllocations = CRYPTO_set_mem_functions(counting_malloc, counting_realloc, plain_free) == 1;

std::string hex_of(const Sha256Digest& digest) {
  return to_hex(digest);
}

TEST(Sha256, AgreesWithTheStandard) {
  // FIPS 180-2, appendix B, and the empty text.
  EXPECT_EQ(hex_of(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_of(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OneCallDoesNotRememberTheOneBefore) {
  const Sha256Digest first = sha256("one");
  sha256("two");
  EXPECT_EQ(sha256("one"), first);
}

TEST(Sha256, OneCallAllocatesNothing) {
  ASSERT_TRUE(kCountsAllocations);
  const size_t before_hmac = openssl_allocations;
  const HmacSha256 hmac(as_bytes("key"));
  ASSERT_GT(openssl_allocations, before_hmac) << "the count itself does not work";
  const size_t before = openssl_allocations;
  sha256("sec_0001xVd6s8Fx19EginI4XCUy2r6Bvscj3VZeANDGdLfJOWalkbqR0utwYohK");
  EXPECT_EQ(openssl_allocations, before);
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  const std::string text(1000, 'x');
  for (const size_t piece : {size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{999}}) {
    Sha256 hash;
    for (size_t position = 0; position < text.size(); position += piece) {
      hash.update(std::string_view(text).substr(position, piece));
    }
    EXPECT_EQ(hash.finish(), sha256(text)) << piece;
  }
}

TEST(Sha256, MovesWithWhatItHasTaken) {
  Sha256 hash;
  hash.update("a");
  Sha256 moved = std::move(hash);
  moved.update("bc");
  EXPECT_EQ(moved.finish(), sha256("abc"));
}

struct HmacCase {
  std::string key;
  std::string text;
  std::string digest;
};

// RFC 4231, sections 4.2 to 4.5, 4.7 and 4.8 (4.6 truncates its digest).
const HmacCase kRfc4231[] = {
    {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19",
     std::string(50, '\xcd'), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
     "hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(HmacSha256, AgreesWithRfc4231) {
  for (const HmacCase& example : kRfc4231) {
    EXPECT_EQ(hex_of(hmac_sha256(as_bytes(example.key), example.text)), example.digest) << example.text;
  }
}

TEST(HmacSha256, TakesAnEmptyKeyAndAnEmptyText) {
  EXPECT_EQ(hex_of(hmac_sha256({}, "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha256, PiecesGiveTheDigestOfTheWhole) {
  const std::string text(300, 'y');
  HmacSha256 hmac(as_bytes("key"));
  for (const char character : text) hmac.update(as_bytes({&character, 1}));
  EXPECT_EQ(hmac.finish(), hmac_sha256(as_bytes("key"), text));
}

TEST(EqualConstantTime, SeesADifferenceInEveryByte) {
  const Sha256Digest digest = sha256("abc");
  EXPECT_TRUE(equal_constant_time(digest, sha256("abc")));
  for (size_t i = 0; i < digest.size(); ++i) {
    Sha256Digest other = digest;
    other[i] ^= std::byte{0x80};
    EXPECT_FALSE(equal_constant_time(digest, other)) << i;
  }
}

}  // namespace
}  // namespace heare::crypto
