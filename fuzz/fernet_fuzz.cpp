// Arbitrary bytes as a Fernet token, whole and in pieces, and as a key; and as a plaintext, whose token opens again and
// no longer once a bit of it has changed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/fernet.h"
#include "support.h"

namespace {

using heare::Result;
using heare::crypto::FernetKey;
using heare::fuzz::require;

const FernetKey& key() {
  static const FernetKey key = FernetKey::from_passphrase(heare::Secret("of the fuzzer"));
  return key;
}

Result<std::string> open_in_pieces(std::string_view token, size_t piece) {
  std::string plaintext;
  heare::crypto::FernetReader reader(key(), [&plaintext](std::string_view part) { plaintext += part; });
  for (; !token.empty(); token.remove_prefix(std::min(piece, token.size()))) reader.append(token.substr(0, piece));
  const Result<> authentic = reader.finish();
  if (!authentic) return std::unexpected(authentic.error());
  return plaintext;
}

void check_token(std::string_view token) {
  const Result<std::string> whole = heare::crypto::fernet_decrypt(token, key());
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{64}}) {
    const Result<std::string> pieces = open_in_pieces(token, piece);
    require(pieces.has_value() == whole.has_value());
    require(whole ? *pieces == *whole : pieces.error().message == whole.error().message);
  }
}

void check_plaintext(std::string_view plaintext) {
  heare::fuzz::CountingRandom random;
  std::string token = heare::crypto::fernet_encrypt(plaintext, key(), heare::WallTime(), random);
  require(heare::crypto::fernet_decrypt(token, key()) == std::string(plaintext));
  const size_t changed = plaintext.size() % token.size();
  if (token[changed] == '=') return;
  token[changed] = token[changed] == 'A' ? 'B' : 'A';
  require(!heare::crypto::fernet_decrypt(token, key()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = heare::fuzz::text_of(data, size);
  check_token(text);
  check_plaintext(text);
  (void)FernetKey::from_base64(text);
  return 0;
}
