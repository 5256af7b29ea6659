#include "crypto/sha256.h"

// SHA256_Init and its kin are marked as deprecated since OpenSSL 3.0. They hash a credential in 110 ns without touching
// the heap; a context of EVP, kept and begun again, takes 150 ns and allocates each time, and the one-call SHA256()
// takes 460 ns, as it looks the algorithm up by name (measured with 3.0 on x86-64).
#define OPENSSL_API_COMPAT 0x10101000L
#include <cstdlib>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

namespace heare::crypto {
namespace {

struct MacContextFree {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, MacContextFree>;

// OpenSSL refuses HMAC-SHA256 only where it is out of memory or has been set up without it: there is nothing to go on
// with.
void require(bool done) {
  if (!done) std::abort();
}

// Looked up by name once. Never freed: threads may sign for as long as the process lives.
EVP_MAC* hmac_algorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(algorithm != nullptr);
  return algorithm;
}

unsigned char* as_unsigned(Sha256Digest& digest) {
  return reinterpret_cast<unsigned char*>(digest.data());
}

// The results are not looked at: these functions always answer 1.
Sha256Digest end(SHA256_CTX& context) {
  Sha256Digest digest;
  SHA256_Final(as_unsigned(digest), &context);
  return digest;
}

}  // namespace

Sha256Digest sha256(std::string_view text) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  return end(context);
}

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  SHA256_Init(&state_->context);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view text) {
  SHA256_Update(&state_->context, text.data(), text.size());
}

Sha256Digest Sha256::finish() {
  return end(state_->context);
}

struct HmacSha256::State {
  MacContext context{EVP_MAC_CTX_new(hmac_algorithm())};
};

HmacSha256::HmacSha256(std::span<const std::byte> key) : state_(std::make_unique<State>()) {
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
                                   OSSL_PARAM_construct_end()};
  // A null key would mean "the key from before" to OpenSSL, and an empty span may be null.
  const unsigned char empty_key = 0;
  const auto* key_bytes = key.empty() ? &empty_key : reinterpret_cast<const unsigned char*>(key.data());
  require(state_->context != nullptr);
  require(EVP_MAC_init(state_->context.get(), key_bytes, key.size(), parameters) == 1);
}

HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;
HmacSha256::~HmacSha256() = default;

void HmacSha256::update(std::span<const std::byte> bytes) {
  require(EVP_MAC_update(state_->context.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) ==
          1);
}

Sha256Digest HmacSha256::finish() {
  Sha256Digest digest;
  size_t size = 0;
  require(EVP_MAC_final(state_->context.get(), as_unsigned(digest), &size, digest.size()) == 1);
  require(size == digest.size());
  return digest;
}

Sha256Digest hmac_sha256(std::span<const std::byte> key, std::string_view text) {
  HmacSha256 hmac(key);
  hmac.update(std::as_bytes(std::span(text)));
  return hmac.finish();
}

bool equal_constant_time(const Sha256Digest& left, const Sha256Digest& right) {
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace heare::crypto
