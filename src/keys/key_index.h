#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "crypto/sha256.h"
#include "keys/api_key.h"
#include "keys/arena.h"
#include "keys/memory_block.h"

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
  class Entry;

  /// The entry of that digest; nothing where there is none. Digests are compared in constant time.
  std::optional<Entry> find(const crypto::Sha256Digest& digest) const;
  /// Distinct current secrets (the previous ones of a rotation do not count).
  size_t key_count() const { return key_count_; }

 private:
  friend class KeyIndexBuilder;
  /// One entry, or (where `place` is 0) none.
  struct Slot {
    /// A part of the digest that the position does not depend on: another entry is told apart without a look at it.
    uint32_t fingerprint;
    Arena::Place place;
  };

  KeyIndex() = default;
  void insert_all();
  void insert(Arena::Place place);

  Arena entries_;
  /// Of those that are in entries_, also where one of them displaces another.
  size_t entry_count_ = 0;
  /// Open addressing with linear probing, at most half full.
  MemoryBlock slots_memory_;
  std::span<Slot> slots_;
  size_t key_count_ = 0;
};

/// One secret in a KeyIndex: a view into it.
class KeyIndex::Entry {
 public:
  /// `bytes` are in the form that key_index.cpp tells.
  explicit Entry(const std::byte* bytes) : bytes_(bytes) {}

  bool enabled() const;
  /// It is a previous secret of its key.
  bool previous() const;
  /// The last moment at which it is good; WallTime::max() for ever.
  WallTime expires_at() const;
  Grant grant() const;

 private:
  friend class KeyIndex;
  struct Layout;
  const crypto::Sha256Digest& digest() const;
  Layout layout() const;

  const std::byte* bytes_;
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
  void add_entry(const crypto::Sha256Digest& digest, bool enabled, WallTime expires_at, bool previous);
  void append_extra(const ApiKey& key);

  std::unique_ptr<KeyIndex> index_;
  /// What each secret of the key at hand stands for: the sizes of the four parts of its grant, and these.
  std::string sizes_;
  std::string texts_;
};

}  // namespace heare::keys
