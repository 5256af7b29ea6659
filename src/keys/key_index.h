#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/sha256.h"
#include "keys/api_key.h"

namespace heare::keys {

/// What a good key stands for, in the pieces that answers and log lines are made of: valid JSON, prepared when the
/// document was loaded. Views into the index.
struct Grant {
  std::string_view id_json;
  std::string_view name_json;
  std::string_view metadata_json;
  /// Empty, or what follows the metadata in an answer: `,"scopes":[…]` and `,"owner":"…"`, as far as the key has them.
  std::string_view extra_json;
};

/// All keys of one document at one moment: an immutable snapshot, found by the digest of their secret. Safe from any
/// number of threads.
class KeyIndex {
 public:
  struct Entry;

  ~KeyIndex();
  /// The entry of that digest, or nullptr; digests are compared in constant time.
  const Entry* find(const crypto::Sha256Digest& digest) const;
  /// Distinct current secrets (the previous ones of a rotation do not count).
  size_t key_count() const { return key_count_; }

 private:
  friend class KeyIndexBuilder;
  KeyIndex();
  struct Arena;
  std::unique_ptr<Arena> arena_;
  /// Open addressing with linear probing; a power of two, at most half full.
  std::vector<const Entry*> slots_;
  size_t key_count_ = 0;
};

/// One secret in a KeyIndex.
struct KeyIndex::Entry {
  crypto::Sha256Digest digest;
  /// The last moment at which it is good; WallTime::max() for ever.
  WallTime expires_at;
  bool enabled;
  /// It is a previous secret of its key.
  bool previous;
  uint32_t id_size;
  uint32_t name_size;
  uint32_t metadata_size;
  uint32_t extra_size;

  Grant grant() const;
};

/// Makes a KeyIndex, one key at a time in the document's order. Of two keys with one secret the later wins; a current
/// secret wins over a previous one.
class KeyIndexBuilder {
 public:
  KeyIndexBuilder();
  ~KeyIndexBuilder();
  void add(const ApiKey& key);
  /// Forgets everything added.
  void clear();
  std::unique_ptr<const KeyIndex> finish();

 private:
  void add_entry(const crypto::Sha256Digest& digest, const ApiKey& key, WallTime expires_at, bool previous);
  void append_extra(const ApiKey& key);

  std::unique_ptr<KeyIndex> index_;
  std::vector<const KeyIndex::Entry*> entries_;
  std::string text_;
};

}  // namespace heare::keys
