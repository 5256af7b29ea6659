#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "json/reader.h"
#include "json/writer.h"

namespace heare::keys {

/// A secret that a rotation has replaced and that stays good until `expires_at`.
struct PreviousSecret {
  crypto::Sha256Digest digest;
  WallTime expires_at;
};

enum class SecretStorage { plain, hashed };

/// One record of the document, as the service understands it. The secret itself is not kept, only its digest.
struct ApiKey {
  std::string id;
  std::string name;
  crypto::Sha256Digest digest;
  SecretStorage storage;
  bool enabled;
  /// Nothing: never. Also where the field cannot be read (then it is among `doubtful`).
  std::optional<WallTime> expires_at;
  std::optional<std::string> owner;
  std::vector<std::string> scopes;
  std::vector<PreviousSecret> previous;
  /// A JSON object without white space, as answers hold it.
  std::string metadata_json;
  /// Optional fields whose value has the wrong type or form.
  std::vector<std::string_view> doubtful;
};

/// Every name that a record's secret may have: what must not be shown, and what an edit of the secret replaces.
bool is_secret_field(std::string_view name);

/// A key is good until its expiry, that moment included.
bool has_expired(const ApiKey& key, WallTime now);
/// The last moment of a previous secret: never past its key's own.
WallTime good_until(const PreviousSecret& previous, const ApiKey& key);

/// What is wrong with a field that is among ApiKey::doubtful, and what it counts as.
std::string_view what_is_doubtful(std::string_view field);

/// What a record cannot do without, and all of it that editing needs.
struct RecordHead {
  std::string id;
  SecretStorage storage;
};

/// Reads one record. `key` is reused from record to record, so that a long document allocates little. Errors
/// (`corrupt`) name the fault, never the secret, and leave the record's position to the caller.
class RecordReader {
 public:
  Result<> read(json::Value record, ApiKey& key);
  /// Refuses exactly what `read` refuses, and takes a third of the time.
  Result<> read_head(json::Value record, RecordHead& head);
  /// The same for the optional fields alone, of any object: leaves id and secret as they are.
  void read_optional(json::Value record, ApiKey& key);

 private:
  std::string scratch_;
  json::CompactWriter writer_;
};

/// True for a character that a scope may have: `[A-Za-z0-9._:/*-]`.
bool is_scope_character(char c);
bool is_scope(std::string_view text);

}  // namespace heare::keys
