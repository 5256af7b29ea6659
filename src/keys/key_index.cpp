#include "keys/key_index.h"

#include <bit>
#include <cstring>
#include <new>

#include "base/text.h"

namespace heare::keys {
namespace {

/// Entries are carved out of blocks of this size, so that a million of them cost a few hundred allocations and are
/// freed as fast.
constexpr size_t kBlockBytes = size_t{1} << 20;

size_t first_slot(const crypto::Sha256Digest& digest, size_t slot_count) {
  // A digest's bytes are as good as any hash of it.
  uint64_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return static_cast<size_t>(hash) & (slot_count - 1);
}

/// True where `later` takes the place of `earlier`, which has the same secret.
bool displaces(const KeyIndex::Entry& later, const KeyIndex::Entry& earlier) {
  return earlier.previous || !later.previous;
}

}  // namespace

struct KeyIndex::Arena {
  /// Memory for `bytes`, aligned for an Entry.
  std::byte* allocate(size_t bytes) {
    bytes = (bytes + alignof(Entry) - 1) / alignof(Entry) * alignof(Entry);
    if (bytes > left) {
      const size_t block_bytes = std::max(bytes, kBlockBytes);
      blocks.push_back(std::make_unique_for_overwrite<std::byte[]>(block_bytes));
      next = blocks.back().get();
      left = block_bytes;
    }
    std::byte* const memory = next;
    next += bytes;
    left -= bytes;
    return memory;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks;
  std::byte* next = nullptr;
  size_t left = 0;
};

KeyIndex::KeyIndex() : arena_(std::make_unique<Arena>()) {}
KeyIndex::~KeyIndex() = default;

const KeyIndex::Entry* KeyIndex::find(const crypto::Sha256Digest& digest) const {
  for (size_t slot = first_slot(digest, slots_.size());; slot = (slot + 1) & (slots_.size() - 1)) {
    const Entry* const entry = slots_[slot];
    if (entry == nullptr || crypto::equal_constant_time(entry->digest, digest)) return entry;
  }
}

Grant KeyIndex::Entry::grant() const {
  // The texts follow the entry in memory, in the order of their sizes.
  std::string_view rest(reinterpret_cast<const char*>(this + 1),
                        size_t{id_size} + name_size + metadata_size + extra_size);
  const auto take = [&rest](size_t size) {
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  };
  Grant grant;
  grant.id_json = take(id_size);
  grant.name_json = take(name_size);
  grant.metadata_json = take(metadata_size);
  grant.extra_json = rest;
  return grant;
}

KeyIndexBuilder::KeyIndexBuilder() {
  clear();
}
KeyIndexBuilder::~KeyIndexBuilder() = default;

void KeyIndexBuilder::clear() {
  entries_.clear();
  index_.reset(new KeyIndex());
}

void KeyIndexBuilder::add(const ApiKey& key) {
  const WallTime expires_at = key.expires_at.value_or(WallTime::max());
  add_entry(key.digest, key, expires_at, false);
  for (const PreviousSecret& secret : key.previous) {
    add_entry(secret.digest, key, std::min(secret.expires_at, expires_at), true);
  }
}

void KeyIndexBuilder::add_entry(const crypto::Sha256Digest& digest, const ApiKey& key, WallTime expires_at,
                                bool previous) {
  text_.clear();
  const auto size_since = [this](size_t before) { return static_cast<uint32_t>(text_.size() - before); };
  append_json_string(text_, key.id);
  const uint32_t id_size = size_since(0);
  append_json_string(text_, key.name);
  const uint32_t name_size = size_since(id_size);
  text_ += key.metadata_json;
  const uint32_t metadata_size = size_since(size_t{id_size} + name_size);
  append_extra(key);
  const uint32_t extra_size = size_since(size_t{id_size} + name_size + metadata_size);

  std::byte* const memory = index_->arena_->allocate(sizeof(KeyIndex::Entry) + text_.size());
  entries_.push_back(new (memory) KeyIndex::Entry{digest, expires_at, key.enabled, previous, id_size, name_size,
                                                  metadata_size, extra_size});
  std::memcpy(memory + sizeof(KeyIndex::Entry), text_.data(), text_.size());
}

void KeyIndexBuilder::append_extra(const ApiKey& key) {
  if (!key.scopes.empty()) {
    text_ += R"(,"scopes":)";
    char before = '[';
    for (const std::string& scope : key.scopes) {
      text_ += before;
      append_json_string(text_, scope);
      before = ',';
    }
    text_ += ']';
  }
  if (key.owner) {
    text_ += R"(,"owner":)";
    append_json_string(text_, *key.owner);
  }
}

std::unique_ptr<const KeyIndex> KeyIndexBuilder::finish() {
  std::vector<const KeyIndex::Entry*>& slots = index_->slots_;
  slots.assign(std::bit_ceil(2 * entries_.size() + 1), nullptr);
  for (const KeyIndex::Entry* entry : entries_) {
    size_t slot = first_slot(entry->digest, slots.size());
    while (slots[slot] != nullptr && slots[slot]->digest != entry->digest) slot = (slot + 1) & (slots.size() - 1);
    if (slots[slot] == nullptr || displaces(*entry, *slots[slot])) slots[slot] = entry;
  }
  for (const KeyIndex::Entry* entry : slots) {
    if (entry != nullptr && !entry->previous) ++index_->key_count_;
  }
  std::unique_ptr<const KeyIndex> finished = std::move(index_);
  clear();
  return finished;
}

}  // namespace heare::keys
