#include "keys/cipher.h"

namespace heare::keys {

DocumentCipher::DocumentCipher(const StorageSecrets& secrets) {
  if (secrets.current) current_ = crypto::FernetKey::from_passphrase(*secrets.current);
  if (secrets.previous) previous_ = crypto::FernetKey::from_passphrase(*secrets.previous);
}

std::string_view DocumentCipher::content_type() const {
  return encrypts() ? "application/octet-stream" : "application/json";
}

std::string DocumentCipher::seal(std::string json, WallTime now, Random& random) const {
  if (!current_) return json;
  std::string sealed(kEncryptedHeader);
  crypto::append_fernet(sealed, json, *current_, now, random);
  return sealed;
}

Result<DocumentCipher::Opened> DocumentCipher::open(std::string bytes) const {
  if (!bytes.starts_with(kEncryptedHeader)) return Opened{std::move(bytes), !encrypts()};
  if (reading_keys().empty()) return std::unexpected(no_storage_secret());
  const std::string_view token = std::string_view(bytes).substr(kEncryptedHeader.size());
  for (const crypto::FernetKey* key : reading_keys()) {
    if (Result<std::string> json = crypto::fernet_decrypt(token, *key)) {
      return Opened{std::move(*json), encrypts() && key == &*current_};
    }
  }
  return std::unexpected(wrong_storage_secret());
}

std::vector<const crypto::FernetKey*> DocumentCipher::reading_keys() const {
  std::vector<const crypto::FernetKey*> keys;
  if (current_) keys.push_back(&*current_);
  if (previous_) keys.push_back(&*previous_);
  return keys;
}

Error DocumentCipher::no_storage_secret() {
  return {ErrorCode::corrupt, "Data is encrypted but no STORAGE_SECRET provided"};
}

Error DocumentCipher::wrong_storage_secret() {
  return {ErrorCode::corrupt, "Failed to decrypt data - invalid STORAGE_SECRET"};
}

}  // namespace heare::keys
