// What each verification and each load or edit of an encrypted document takes of cryptography.

#include <chrono>
#include <string>

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "crypto/fernet.h"
#include "crypto/sha256.h"

namespace {

using heare::Secret;
using heare::WallTime;
using heare::crypto::FernetKey;

/// A document of some 2,500 keys.
constexpr size_t kDocumentBytes = size_t{1} << 20;

void count_bytes(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(bytes));
}

void sha256_of_secret(benchmark::State& state) {
  const std::string secret(64, 's');
  for (auto _ : state) benchmark::DoNotOptimize(heare::crypto::sha256(secret));
}
BENCHMARK(sha256_of_secret);

void sha256_of_document(benchmark::State& state) {
  const std::string document(kDocumentBytes, 'd');
  for (auto _ : state) benchmark::DoNotOptimize(heare::crypto::sha256(document));
  count_bytes(state, document.size());
}
BENCHMARK(sha256_of_document);

FernetKey key() {
  return FernetKey::from_passphrase(Secret("benchmark"));
}

void fernet_encrypt(benchmark::State& state) {
  const FernetKey encrypting = key();
  const std::string document(kDocumentBytes, 'd');
  for (auto _ : state) {
    benchmark::DoNotOptimize(heare::crypto::fernet_encrypt(document, encrypting, WallTime(), heare::system_random()));
  }
  count_bytes(state, document.size());
}
BENCHMARK(fernet_encrypt);

void fernet_decrypt(benchmark::State& state) {
  const FernetKey decrypting = key();
  const std::string token =
      heare::crypto::fernet_encrypt(std::string(kDocumentBytes, 'd'), decrypting, WallTime(), heare::system_random());
  for (auto _ : state) {
    if (!heare::crypto::fernet_decrypt(token, decrypting)) state.SkipWithError("the token was refused");
  }
  count_bytes(state, kDocumentBytes);
}
BENCHMARK(fernet_decrypt);

}  // namespace
