#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "keys/document.h"
#include "keys/imported_key.h"
#include "keys/progress.h"

namespace heare::keys {

/// Keys that are to be added to a document, read from JSON lines or from another key document.
class Import {
 public:
  /// Reads `text`: one record a line, blank lines aside, or a whole document with its `keys` (one record or many, laid
  /// out as it likes). Ids that are missing are made. Errors are `invalid` and name the line, or a document's record,
  /// counted from 1; they quote no secret. `progress` hears of each key.
  static Result<Import> read(
      std::string_view text, WallTime now, Random& random, const Progress& progress = [](Step, uint64_t) {});

  size_t size() const { return keys_.size(); }
  /// What is taken as it stands, as a document may hold it, and may surprise: an optional field that cannot be read, an
  /// id or a secret that is given twice. At most kWarningsMax of them, and a line that counts the rest.
  std::vector<std::string> warnings() const;
  static constexpr size_t kWarningsMax = 10;

  /// Adds all keys in one splice, each secret as `storage` says, else as the document has new ones. False where all are
  /// there already and a write of them is in doubt: it has succeeded after all; with some of them there, that cannot
  /// be told (`unknown_outcome`). An id or secret that is there is an error (`invalid`) that names its key, and so is a
  /// digest where the document needs plain secrets.
  Result<bool> add_to(KeyDocument& document, const std::optional<SecretStorage>& storage, bool in_doubt) const;

 private:
  class DocumentReader;
  struct Clash;

  explicit Import(std::string_view unit) : unit_(unit) {}
  static Result<Import> read_lines(std::string_view text, ImportedKeyReader& reader, const Progress& progress);
  static Result<Import> read_document(std::string_view text, ImportedKeyReader& reader, const Progress& progress);
  void add(ImportedKey key, uint64_t number);
  std::string position(size_t index) const;
  std::optional<Clash> first_clash(const KeyDocument& document) const;
  /// How many of the secrets are there, each with an id of these.
  size_t count_in(const KeyDocument& document) const;
  Result<SecretStorage> storage_of(size_t index, const KeyDocument& document,
                                   const std::optional<SecretStorage>& storage) const;

  /// `line` or `record`.
  std::string unit_;
  std::vector<ImportedKey> keys_;
  /// Parallel to keys_: which line or record each was.
  std::vector<uint64_t> numbers_;
  /// The first key of each id and of each secret. Ordered: whoever makes the lines cannot make them slow.
  std::map<std::string, size_t> by_id_;
  std::map<crypto::Sha256Digest, size_t> by_digest_;
  std::vector<std::string> warnings_;
  size_t warning_count_ = 0;
};

}  // namespace heare::keys
