#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "json/splitter.h"
#include "keys/api_key.h"
#include "keys/record_fields.h"

namespace heare::keys {

class Splices;

/// A record that is to be made. Texts are UTF-8.
struct NewKey {
  std::string id;
  Secret secret;
  std::string name;
  std::string secret_type = "shared_secret";
  std::string created_at;
  std::optional<std::string> expires_at;
  /// A JSON object; its numbers and texts are written as they stand here.
  std::string metadata_json = "{}";
  std::optional<std::string> owner;
  std::vector<std::string> scopes;
};

/// The whole key document in memory, for commands. Every edit is a splice: what it does not mean to change stays byte
/// for byte; what is new is laid out as Python's `json.dumps(indent=2)` would. What an edit puts in is read as if it
/// came from the store, so the document is always good; an edit that would break it fails (`invalid`) and changes
/// nothing.
class KeyDocument {
 public:
  /// What a store without a document is taken for: no records, and secrets are hashed.
  static KeyDocument empty();
  /// Checks the whole document. Errors (`corrupt`) name what is wrong, a record by its position counted from 1.
  static Result<KeyDocument> parse(std::string json);

  const std::string& json() const { return json_; }
  /// The same, without a copy: nothing is left of the document.
  std::string take_json() && { return std::move(json_); }
  size_t record_count() const { return records_.size(); }
  /// The record's own bytes. Positions count from 0.
  std::string_view record(size_t position) const;
  /// Calls `visit` with each record, in order. The arguments are valid during the call.
  void for_each(const std::function<void(json::Value record, const ApiKey& key)>& visit) const;
  /// The last record with that id.
  std::optional<size_t> find(std::string_view id) const;

  /// Records whose secret is plain.
  size_t plain_count() const;
  /// It may be shared with a Python service, which cannot load a record without a plain secret: somebody has stored it,
  /// it holds none, and does not say that secrets are hashed.
  bool is_plain() const { return !is_new_ && !declares_hashed_ && plain_count() == records_.size(); }
  /// How a new secret is written: hashed where the document says so, or where it has records and all are hashed.
  SecretStorage secret_storage() const;

  /// Appends records, in one splice. A plain one into a document that is still `empty()` makes it a plain document.
  Result<> append(std::span<const NewKey> keys, SecretStorage storage);
  /// The same for records that are laid out already, from the opening brace to the closing one.
  Result<> append_records(std::span<const std::string> texts, SecretStorage storage);
  /// Removes every record with that id; how many there were.
  Result<size_t> erase(std::string_view id);
  /// Changes fields of one record. Of a name given twice the last is changed and the others are removed; a field that
  /// is not there is added at the end.
  Result<> set_fields(size_t position, std::span<const FieldChange> changes);
  Result<> replace_record(size_t position, std::string text);
  /// Puts the digest in the place of every plain secret, also where one does not count, and makes the document say that
  /// its secrets are hashed. How many records were changed; `json()` tells whether anything was.
  Result<size_t> hash_secrets();

 private:
  /// Where a record stands, and what of it need not be read again to edit others.
  struct Record {
    json::Span span;
    /// Of its id: eight bytes where the ids of a million records would take fifty each.
    size_t id_hash;
    SecretStorage storage;
  };
  struct Layout;

  KeyDocument() = default;
  /// Reads a record that is to stand at `position`, from `offset` on, as it would be read there.
  static Result<Record> read_new(std::string_view text, size_t position, uint64_t offset);
  void splice(Splices splices);
  bool has_id(size_t position, std::string_view id) const;
  void declare_hashed(Splices& splices) const;

  std::string json_;
  std::vector<Record> records_;
  /// Of the keys array, with its brackets.
  json::Span array_;
  /// Of the values of `keys` that do not count, as the name is given again.
  std::vector<json::Span> void_arrays_;
  /// Of every value of `secret_storage`; the last one counts.
  std::vector<json::Span> storage_values_;
  bool declares_hashed_ = false;
  /// It is `empty()`, as nobody has stored it yet.
  bool is_new_ = false;
};

}  // namespace heare::keys
