#include "crypto/fernet.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "crypto/base64url_decoder.h"
#include "crypto/sha256.h"

namespace heare::crypto {
namespace {

// github.com/fernet/spec/blob/master/Spec.md: version (1), seconds since 1970 (8, big-endian), IV (16), ciphertext,
// HMAC-SHA256 over all of these (32).
constexpr char kVersion = static_cast<char>(0x80);
constexpr size_t kTimeBytes = 8;
constexpr size_t kBlockBytes = 16;
constexpr size_t kHeaderBytes = 1 + kTimeBytes + kBlockBytes;
constexpr size_t kHmacBytes = 32;
constexpr size_t kKeyBytes = 32;

/// Work is done in slices of this size: near to the processor's caches, whatever the size of a document.
constexpr size_t kSliceBytes = size_t{48} * 1024;
static_assert(kSliceBytes % 3 == 0, "a slice in the middle of a token must need no base64 padding");

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree>;

// AES-128-CBC with these sizes fails only where OpenSSL is out of memory or has been set up without it.
void require(bool done) {
  if (!done) std::abort();
}

const unsigned char* as_unsigned(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* as_unsigned(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

std::unexpected<Error> not_authentic() {
  return fail(ErrorCode::invalid, "Fernet token: malformed, damaged, or made with another key");
}

/// Encodes binary parts of any size into one base64 text.
class TokenWriter {
 public:
  TokenWriter(std::string& token, const FernetKey& key) : token_(token), hmac_(as_bytes(key.signing_key())) {}

  void append(std::string_view bytes) {
    hmac_.update(as_bytes(bytes));
    append_unsigned(bytes);
  }

  void finish() {
    const Sha256Digest digest = hmac_.finish();
    append_unsigned({reinterpret_cast<const char*>(digest.data()), digest.size()});
    token_ += to_base64url(as_bytes(waiting_));
  }

 private:
  void append_unsigned(std::string_view bytes) {
    waiting_ += bytes;
    const size_t whole = waiting_.size() - waiting_.size() % 3;
    token_ += to_base64url(as_bytes(waiting_).first(whole));
    waiting_.erase(0, whole);
  }

  std::string& token_;
  HmacSha256 hmac_;
  std::string waiting_;
};

std::string make_header(WallTime now, Random& random) {
  std::string header(kHeaderBytes, '\0');
  header[0] = kVersion;
  const auto seconds = static_cast<uint64_t>(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  for (size_t i = 0; i < kTimeBytes; ++i) header[1 + i] = static_cast<char>(seconds >> (8 * (kTimeBytes - 1 - i)));
  random.fill(std::as_writable_bytes(std::span(header)).subspan(1 + kTimeBytes));
  return header;
}

}  // namespace

FernetKey FernetKey::from_passphrase(const Secret& passphrase) {
  const Sha256Digest digest = sha256(passphrase.reveal());
  return FernetKey(Secret({reinterpret_cast<const char*>(digest.data()), digest.size()}));
}

Result<FernetKey> FernetKey::from_base64(std::string_view text) {
  const auto bytes = heare::from_base64(text);
  if (!bytes || bytes->size() != kKeyBytes) {
    return fail(ErrorCode::invalid, "Fernet key: not {} bytes in url-safe base64", kKeyBytes);
  }
  return FernetKey(Secret({reinterpret_cast<const char*>(bytes->data()), bytes->size()}));
}

std::string fernet_encrypt(std::string_view plaintext, const FernetKey& key, WallTime now, Random& random) {
  std::string token;
  append_fernet(token, plaintext, key, now, random);
  return token;
}

void append_fernet(std::string& out, std::string_view plaintext, const FernetKey& key, WallTime now, Random& random) {
  const size_t cipher_bytes = (plaintext.size() / kBlockBytes + 1) * kBlockBytes;
  out.reserve(out.size() + (kHeaderBytes + cipher_bytes + kHmacBytes + 2) / 3 * 4);
  TokenWriter writer(out, key);

  const std::string header = make_header(now, random);
  writer.append(header);

  const CipherContext context(EVP_CIPHER_CTX_new());
  require(context != nullptr);
  require(EVP_EncryptInit_ex2(context.get(), EVP_aes_128_cbc(), as_unsigned(key.encryption_key()),
                              as_unsigned(std::string_view(header).substr(1 + kTimeBytes)), nullptr) == 1);
  std::string slice(kSliceBytes + kBlockBytes, '\0');
  int size = 0;
  for (; !plaintext.empty(); plaintext.remove_prefix(std::min(plaintext.size(), kSliceBytes))) {
    const std::string_view part = plaintext.substr(0, kSliceBytes);
    require(EVP_EncryptUpdate(context.get(), as_unsigned(slice.data()), &size, as_unsigned(part),
                              static_cast<int>(part.size())) == 1);
    writer.append(std::string_view(slice).substr(0, static_cast<size_t>(size)));
  }
  require(EVP_EncryptFinal_ex(context.get(), as_unsigned(slice.data()), &size) == 1);
  writer.append(std::string_view(slice).substr(0, static_cast<size_t>(size)));
  writer.finish();
}

struct FernetReader::State {
  State(const FernetKey& token_key, Sink token_sink)
      : key(token_key), sink(std::move(token_sink)), hmac(as_bytes(key.signing_key())) {}
  ~State() { wipe(plaintext); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void take(std::string_view token_slice);
  void take_header();
  void decrypt(std::string_view ciphertext);

  const FernetKey key;
  const Sink sink;
  HmacSha256 hmac;
  Base64UrlDecoder decoder;
  CipherContext cipher{EVP_CIPHER_CTX_new()};
  bool has_header = false;
  bool has_version = false;
  /// Decoded and not used yet: a part of the header, then at least what may be the HMAC.
  std::string waiting;
  std::string plaintext;
};

void FernetReader::State::take(std::string_view token_slice) {
  decoder.append(token_slice, waiting);
  // Nothing in a text that is no base64 can be authentic: it need not be decrypted.
  if (decoder.malformed()) return;
  if (!has_header && waiting.size() >= kHeaderBytes + kHmacBytes) take_header();
  if (!has_header || waiting.size() <= kHmacBytes) return;

  const std::string_view ciphertext = std::string_view(waiting).substr(0, waiting.size() - kHmacBytes);
  hmac.update(as_bytes(ciphertext));
  decrypt(ciphertext);
  waiting.erase(0, ciphertext.size());
}

void FernetReader::State::take_header() {
  const std::string_view header = std::string_view(waiting).substr(0, kHeaderBytes);
  has_header = true;
  has_version = header[0] == kVersion;
  hmac.update(as_bytes(header));
  require(cipher != nullptr);
  require(EVP_DecryptInit_ex2(cipher.get(), EVP_aes_128_cbc(), as_unsigned(key.encryption_key()),
                              as_unsigned(header.substr(1 + kTimeBytes)), nullptr) == 1);
  waiting.erase(0, kHeaderBytes);
}

// OpenSSL keeps the last block back until it knows whether it is the one with the padding.
void FernetReader::State::decrypt(std::string_view ciphertext) {
  plaintext.resize(std::max(plaintext.size(), ciphertext.size() + kBlockBytes));
  int size = 0;
  require(EVP_DecryptUpdate(cipher.get(), as_unsigned(plaintext.data()), &size, as_unsigned(ciphertext),
                            static_cast<int>(ciphertext.size())) == 1);
  if (size > 0) sink(std::string_view(plaintext).substr(0, static_cast<size_t>(size)));
}

FernetReader::FernetReader(const FernetKey& key, Sink sink) : state_(std::make_unique<State>(key, std::move(sink))) {}
FernetReader::FernetReader(FernetReader&&) noexcept = default;
FernetReader& FernetReader::operator=(FernetReader&&) noexcept = default;
FernetReader::~FernetReader() = default;

void FernetReader::append(std::string_view token_part) {
  while (!token_part.empty()) {
    const std::string_view slice = token_part.substr(0, kSliceBytes);
    state_->take(slice);
    token_part.remove_prefix(slice.size());
  }
}

Result<> FernetReader::finish() {
  State& state = *state_;
  if (!state.decoder.complete() || !state.has_header) return not_authentic();
  Sha256Digest digest;
  std::ranges::copy(as_bytes(state.waiting), digest.begin());
  if (!equal_constant_time(digest, state.hmac.finish()) || !state.has_version) return not_authentic();

  // Only now, so that whoever sends tokens learns nothing from their padding. A token of no block, or of a part of
  // one, ends here as well.
  state.plaintext.resize(std::max(state.plaintext.size(), kBlockBytes));
  int size = 0;
  if (EVP_DecryptFinal_ex(state.cipher.get(), as_unsigned(state.plaintext.data()), &size) != 1) {
    // What stays in this thread's queue of errors would be taken for a fault of the next TLS connection.
    ERR_clear_error();
    return not_authentic();
  }
  if (size > 0) state.sink(std::string_view(state.plaintext).substr(0, static_cast<size_t>(size)));
  return {};
}

Result<std::string> fernet_decrypt(std::string_view token, const FernetKey& key) {
  std::string plaintext;
  plaintext.reserve(token.size() / 4 * 3);
  FernetReader reader(key, [&plaintext](std::string_view part) { plaintext += part; });
  reader.append(token);
  auto finished = reader.finish();
  if (!finished) {
    wipe(plaintext);
    return std::unexpected(std::move(finished.error()));
  }
  return plaintext;
}

}  // namespace heare::crypto
