#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/fernet.h"

namespace heare::keys {

/// The passphrases that a document is encrypted with at rest.
struct StorageSecrets {
  std::optional<Secret> current;
  /// Tried for reading after `current`; never written with.
  std::optional<Secret> previous;
};

/// What an encrypted document begins with; a Fernet token follows.
inline constexpr std::string_view kEncryptedHeader = "HEARE_ENCRYPTED_V1:";

/// Between the bytes in the store and the JSON of the document: encrypted where there is a secret, plain otherwise.
class DocumentCipher {
 public:
  explicit DocumentCipher(const StorageSecrets& secrets);

  bool encrypts() const { return current_.has_value(); }
  /// Of what `seal` makes: `application/octet-stream` where it encrypts, else `application/json`.
  std::string_view content_type() const;
  /// Encrypts where there is a current secret, otherwise hands the JSON through.
  std::string seal(std::string json, WallTime now, Random& random) const;
  struct Opened {
    std::string json;
    /// The bytes were as `seal` makes them now: encrypted with the current secret, or plain where there is none.
    bool as_sealed_now;
  };
  /// Decrypts what begins with the header; anything else is plain and handed through, also where there is a secret.
  Result<Opened> open(std::string bytes) const;

  /// The keys to try for reading, in this order; pointers into this object.
  std::vector<const crypto::FernetKey*> reading_keys() const;
  /// The two ways in which decryption fails, in the words of the Python service.
  static Error no_storage_secret();
  static Error wrong_storage_secret();

 private:
  std::optional<crypto::FernetKey> current_;
  std::optional<crypto::FernetKey> previous_;
};

}  // namespace heare::keys
