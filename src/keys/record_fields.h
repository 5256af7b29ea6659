#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "crypto/sha256.h"
#include "json/reader.h"
#include "keys/api_key.h"

/// The fields of one record as text: what an edit does not name keeps its bytes, what is new is laid out as Python's
/// `json.dumps(indent=2)` lays out a record in a document.
namespace heare::keys {

/// One field of a record that is to be set or, without a value, removed.
struct FieldChange {
  std::string_view name;
  /// Any JSON, indented as it is to stand there.
  std::optional<std::string> value_json;
};

/// The field that holds a record's secret, in one of the two ways: its name, and its value as a JSON string.
struct SecretField {
  std::string_view name;
  std::string value_json;
};

/// `text` as a JSON string.
std::string string_json(std::string_view text);
/// A value as it stands in a field.
std::string field_value(json::Value value);
/// The value of the field `scopes`.
std::string scopes_json(std::span<const std::string> scopes);
/// A whole field on a line of its own, without a comma.
std::string field_text(std::string_view name, std::string_view value_json);
/// The same for a name that is a JSON string already.
std::string member_text(std::string_view name_json, std::string_view value_json);

SecretField hashed_field(const crypto::Sha256Digest& digest);
SecretField secret_field(const Secret& secret, SecretStorage storage);

/// `record` with one field changed. Of a name given twice the last is changed and the others are removed; a field that
/// is not there is added at the end.
std::string with_field(std::string_view record, const FieldChange& change);

/// `record` with another secret, in the place of the one that it has; every other `secret` and `secret_sha256` is
/// removed.
std::string with_secret(std::string_view record, const SecretField& field);

/// `record`, which reads as `key`, with the digest in place of a plain secret, and without those that stand where they
/// do not count. Nothing where it holds none.
std::optional<std::string> with_hashed_secret(std::string_view record, const ApiKey& key);

}  // namespace heare::keys
