#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
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

/// Spreads digests over slots in a way that is random for each hash: whoever chooses the digests, as a document may
/// have them from anywhere, cannot have many of them want one slot. Multilinear hashing, strongly universal (Lemire and
/// Kaser, "Strongly universal string hashing is fast", 2014).
class SlotHash {
 public:
  explicit SlotHash(Random& random);
  /// Less than `slot_count`, which has 32 bits.
  size_t first_slot(const crypto::Sha256Digest& digest, size_t slot_count) const;

 private:
  static constexpr size_t kWords = sizeof(crypto::Sha256Digest) / sizeof(uint32_t);
  /// One for each word of a digest, and one more to begin with.
  std::array<uint64_t, kWords + 1> keys_{};
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
    /// The digest's first bytes: nearly every other entry is told apart without a look at it.
    uint32_t fingerprint;
    Arena::Place place;
  };

  explicit KeyIndex(Random& random) : hash_(random) {}
  void insert_all();
  void insert(Arena::Place place);

  SlotHash hash_;
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
  /// `random` must live as long as the builder.
  explicit KeyIndexBuilder(Random& random = system_random());
  ~KeyIndexBuilder();
  void add(const ApiKey& key);
  /// Forgets everything added.
  void clear();
  std::unique_ptr<const KeyIndex> finish();

 private:
  /// Where its grant is, which is put together from these parts.
  const std::byte* add_entry(const crypto::Sha256Digest& digest, std::byte flags, WallTime expires_at,
                             const std::array<std::string_view, 2>& grant);
  void append_extra(const ApiKey& key);

  Random& random_;
  std::unique_ptr<KeyIndex> index_;
  /// What the key at hand stands for: the sizes of the four parts of its grant, and these.
  std::string sizes_;
  std::string texts_;
};

}  // namespace heare::keys
