#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "crypto/sha256.h"
#include "json/reader.h"
#include "keys/api_key.h"

namespace heare::keys {

/// A key that somebody else has made: one line of an import, checked, and laid out as a record of a document.
struct ImportedKey {
  std::string id;
  std::string name;
  crypto::Sha256Digest digest;
  /// The record without its secret, which goes in at `secret_at`.
  std::string text;
  size_t secret_at = 0;
  /// As a JSON string; nothing where only the digest is known.
  std::optional<std::string> plain_secret_json;
  /// `expires_at` holds a text that is no time, and so counts as never.
  bool doubtful_expiry = false;

  /// The record; a secret whose digest alone is known is hashed in any case.
  std::string record(SecretStorage storage) const;
};

/// Reads keys that are to be imported, one after another. Strict where a document is not: a field of a wrong type is an
/// error that names it. What it does not know stays in the record; numbers and texts keep their bytes.
class ImportedKeyReader {
 public:
  /// Ids that are missing are made with `now` and `random`, which must outlive the reader.
  ImportedKeyReader(WallTime now, Random& random) : now_(now), random_(random) {}

  /// Errors are `invalid`, begin with the field that is wrong, and never quote a secret.
  Result<ImportedKey> read(json::Value record);

 private:
  struct Members;
  Result<> read_id(const Members& members, ImportedKey& key);
  Result<> read_secret(const Members& members, ImportedKey& key);
  Result<> check_optional(json::Value record, const Members& members, ImportedKey& key);

  const WallTime now_;
  Random& random_;
  RecordReader record_reader_;
  ApiKey fields_;
  std::string scratch_;
};

}  // namespace heare::keys
