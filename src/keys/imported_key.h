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
  /// Optional fields whose value has the wrong type or form. A document may hold them, and reads them the same way.
  std::vector<std::string_view> doubtful;

  /// The record; a secret whose digest alone is known is hashed in any case.
  std::string record(SecretStorage storage) const;
};

/// Reads keys that are to be imported, one after another, as a document does: id and secret must be good, an optional
/// field may be doubtful. What is longer than the commands take is an error. What it does not know stays in the record;
/// numbers and texts keep their bytes.
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
  Result<> read_optional(json::Value record, const Members& members, ImportedKey& key);

  const WallTime now_;
  Random& random_;
  RecordReader record_reader_;
  ApiKey fields_;
  std::string scratch_;
};

}  // namespace heare::keys
