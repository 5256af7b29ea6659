#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"

namespace heare::crypto {

/// A Fernet key (github.com/fernet/spec): 16 bytes that sign, 16 that encrypt. Wiped when destroyed.
class FernetKey {
 public:
  /// What the Python service derives from STORAGE_SECRET: SHA-256 of its UTF-8 bytes.
  static FernetKey from_passphrase(const Secret& passphrase);
  /// Reads the specification's own form, 32 bytes in url-safe base64.
  static Result<FernetKey> from_base64(std::string_view text);

  std::string_view signing_key() const { return key_.reveal().substr(0, 16); }
  std::string_view encryption_key() const { return key_.reveal().substr(16, 16); }

 private:
  explicit FernetKey(Secret key) : key_(std::move(key)) {}
  Secret key_;
};

/// A token: url-safe base64 with padding of version, time, IV, AES-128-CBC of `plaintext`, HMAC-SHA256.
std::string fernet_encrypt(std::string_view plaintext, const FernetKey& key, WallTime now, Random& random);
/// Appends the token to `out`.
void append_fernet(std::string& out, std::string_view plaintext, const FernetKey& key, WallTime now, Random& random);

/// Decrypts a token that arrives in pieces. Plaintext is handed on before it is authenticated, so that nobody holds
/// the whole: it must have no effect until `finish` has succeeded. A token's time is not checked.
class FernetReader {
 public:
  using Sink = std::function<void(std::string_view plaintext)>;

  FernetReader(const FernetKey& key, Sink sink);
  FernetReader(FernetReader&&) noexcept;
  FernetReader& operator=(FernetReader&&) noexcept;
  ~FernetReader();

  /// Takes any piece of a token; faults are told by `finish`.
  void append(std::string_view token_part);
  /// Hands on the last plaintext and tells whether all of it was authentic: error `invalid` for a malformed or damaged
  /// token and a wrong key alike.
  Result<> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole in one call.
Result<std::string> fernet_decrypt(std::string_view token, const FernetKey& key);

}  // namespace heare::crypto
