#include "keys/key_index.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace heare::keys {
namespace {

// An entry in memory: its digest; flags; where they say so, the rep of its expiry; then its grant: the sizes of its
// four parts, in base 128 with the lowest digit first and the high bit set in all but the last, and the parts. A
// previous secret has a pointer to its key's grant instead: a document may have thousands of them, of a key with long
// metadata.
constexpr size_t kDigestBytes = sizeof(crypto::Sha256Digest);
constexpr auto kEnabled = std::byte{1};
constexpr auto kPrevious = std::byte{2};
constexpr auto kExpires = std::byte{4};
constexpr size_t kGrantParts = 4;

/// So many entries wait for their slots while an index is made: what a processor can fetch at a time.
constexpr size_t kInsertedLater = 16;

bool has(std::byte flags, std::byte flag) {
  return (flags & flag) != std::byte{0};
}

void append_size(std::string& out, size_t size) {
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(size | 0x80);
  out += static_cast<char>(size);
}

size_t take_size(const std::byte*& at) {
  size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto digit = std::to_integer<size_t>(*at++);
    size |= (digit & 0x7F) << shift;
    if (digit < 0x80) return size;
  }
}

uint32_t fingerprint_of(const crypto::Sha256Digest& digest) {
  uint32_t fingerprint = 0;
  std::memcpy(&fingerprint, digest.data(), sizeof fingerprint);
  return fingerprint;
}

/// True where `later` takes the place of `earlier`, which has the same secret.
bool displaces(KeyIndex::Entry later, KeyIndex::Entry earlier) {
  return earlier.previous() || !later.previous();
}

}  // namespace

// --- The hash

SlotHash::SlotHash(Random& random) {
  random.fill(std::as_writable_bytes(std::span(keys_)));
}

size_t SlotHash::first_slot(const crypto::Sha256Digest& digest, size_t slot_count) const {
  uint32_t words[kWords];
  std::memcpy(words, digest.data(), sizeof words);
  uint64_t sum = keys_[kWords];
  for (size_t n = 0; n < kWords; ++n) sum += keys_[n] * words[n];
  return ((sum >> 32) * slot_count) >> 32;
}

// --- Entries

struct KeyIndex::Entry::Layout {
  size_t sizes[kGrantParts] = {};
  const char* texts = nullptr;
  /// Of the entry.
  size_t bytes = 0;
};

KeyIndex::Entry::Layout KeyIndex::Entry::layout() const {
  Layout layout;
  const std::byte* at = bytes_ + kDigestBytes;
  const std::byte flags = *at++;
  if (has(flags, kExpires)) at += sizeof(WallTime::rep);
  const std::byte* grant = at;
  if (has(flags, kPrevious)) std::memcpy(static_cast<void*>(&grant), at, sizeof grant);
  size_t texts_bytes = 0;
  for (size_t& size : layout.sizes) texts_bytes += size = take_size(grant);
  layout.texts = reinterpret_cast<const char*>(grant);
  const std::byte* const end = has(flags, kPrevious) ? at + sizeof grant : grant + texts_bytes;
  layout.bytes = static_cast<size_t>(end - bytes_);
  return layout;
}

const crypto::Sha256Digest& KeyIndex::Entry::digest() const {
  return *reinterpret_cast<const crypto::Sha256Digest*>(bytes_);
}

bool KeyIndex::Entry::enabled() const {
  return has(bytes_[kDigestBytes], kEnabled);
}

bool KeyIndex::Entry::previous() const {
  return has(bytes_[kDigestBytes], kPrevious);
}

WallTime KeyIndex::Entry::expires_at() const {
  if (!has(bytes_[kDigestBytes], kExpires)) return WallTime::max();
  WallTime::rep expiry = 0;
  std::memcpy(&expiry, bytes_ + kDigestBytes + 1, sizeof expiry);
  return WallTime(WallTime::duration(expiry));
}

Grant KeyIndex::Entry::grant() const {
  const Layout found = layout();
  const char* at = found.texts;
  Grant grant;
  std::string_view* const parts[kGrantParts] = {&grant.id_json, &grant.name_json, &grant.metadata_json,
                                                &grant.extra_json};
  for (size_t n = 0; n < kGrantParts; ++n) {
    *parts[n] = {at, found.sizes[n]};
    at += found.sizes[n];
  }
  return grant;
}

// --- The index

std::optional<KeyIndex::Entry> KeyIndex::find(const crypto::Sha256Digest& digest) const {
  const uint32_t fingerprint = fingerprint_of(digest);
  for (size_t slot = hash_.first_slot(digest, slots_.size());; slot = slot + 1 == slots_.size() ? 0 : slot + 1) {
    const Slot found = slots_[slot];
    if (found.place == 0) return std::nullopt;
    if (found.fingerprint != fingerprint) continue;
    const Entry entry(entries_.at(found.place));
    if (crypto::equal_constant_time(entry.digest(), digest)) return entry;
  }
}

void KeyIndex::insert_all() {
  const size_t slot_count = 2 * entry_count_ + 1;
  const size_t bytes = slot_count * sizeof(Slot);
  slots_memory_ = MemoryBlock(bytes, MemoryBlock::pages_for(bytes));
  slots_ = {reinterpret_cast<Slot*>(slots_memory_.data()), slot_count};

  // A slot is where no cache expects it. It is asked for early, and used when it has come.
  std::array<Arena::Place, kInsertedLater> waiting{};
  size_t seen = 0;
  const auto insert_one_and_keep = [&](Arena::Place place) {
    Arena::Place& kept = waiting[seen++ % waiting.size()];
    if (kept != 0) insert(kept);
    kept = place;
  };
  for (const Arena::Stretch& stretch : entries_.stretches()) {
    for (Arena::Place place = stretch.begin; place != stretch.end;) {
      const Entry entry(entries_.at(place));
      __builtin_prefetch(&slots_[hash_.first_slot(entry.digest(), slots_.size())], 1);
      insert_one_and_keep(place);
      place += Arena::units(entry.layout().bytes);
    }
  }
  for (size_t n = 0; n < waiting.size(); ++n) insert_one_and_keep(0);
}

void KeyIndex::insert(Arena::Place place) {
  const Entry entry(entries_.at(place));
  const uint32_t fingerprint = fingerprint_of(entry.digest());
  size_t slot = hash_.first_slot(entry.digest(), slots_.size());
  for (; slots_[slot].place != 0; slot = slot + 1 == slots_.size() ? 0 : slot + 1) {
    if (slots_[slot].fingerprint != fingerprint) continue;
    const Entry earlier(entries_.at(slots_[slot].place));
    if (earlier.digest() != entry.digest()) continue;
    if (!displaces(entry, earlier)) return;
    if (!earlier.previous()) --key_count_;
    break;
  }
  slots_[slot] = {fingerprint, place};
  if (!entry.previous()) ++key_count_;
}

// --- The builder

KeyIndexBuilder::KeyIndexBuilder(Random& random) : random_(random) {
  clear();
}
KeyIndexBuilder::~KeyIndexBuilder() = default;

void KeyIndexBuilder::clear() {
  index_.reset(new KeyIndex(random_));
}

void KeyIndexBuilder::add(const ApiKey& key) {
  sizes_.clear();
  texts_.clear();
  size_t before = 0;
  const auto end_part = [&] {
    append_size(sizes_, texts_.size() - before);
    before = texts_.size();
  };
  append_json_string(texts_, key.id);
  end_part();
  append_json_string(texts_, key.name);
  end_part();
  texts_ += key.metadata_json;
  end_part();
  append_extra(key);
  end_part();

  const WallTime expires_at = key.expires_at.value_or(WallTime::max());
  const std::byte enabled = key.enabled ? kEnabled : std::byte{0};
  const std::byte* const grant = add_entry(key.digest, enabled, expires_at, {sizes_, texts_});
  const std::string_view shared(reinterpret_cast<const char*>(&grant), sizeof grant);
  for (const PreviousSecret& secret : key.previous) {
    add_entry(secret.digest, enabled | kPrevious, good_until(secret, key), {shared, ""});
  }
}

const std::byte* KeyIndexBuilder::add_entry(const crypto::Sha256Digest& digest, std::byte flags, WallTime expires_at,
                                            const std::array<std::string_view, 2>& grant) {
  const bool expires = expires_at != WallTime::max();
  const WallTime::rep expiry = expires_at.time_since_epoch().count();
  if (expires) flags |= kExpires;
  const size_t bytes = kDigestBytes + sizeof flags + (expires ? sizeof expiry : 0) + grant[0].size() + grant[1].size();
  std::byte* at = index_->entries_.allocate(bytes).memory;
  ++index_->entry_count_;
  const auto put = [&at](const void* part, size_t size) {
    std::memcpy(at, part, size);
    at += size;
  };
  put(digest.data(), digest.size());
  put(&flags, sizeof flags);
  if (expires) put(&expiry, sizeof expiry);
  const std::byte* const its_grant = at;
  for (const std::string_view part : grant) put(part.data(), part.size());
  return its_grant;
}

void KeyIndexBuilder::append_extra(const ApiKey& key) {
  if (!key.scopes.empty()) {
    texts_ += R"(,"scopes":)";
    char before = '[';
    for (const std::string& scope : key.scopes) {
      texts_ += before;
      append_json_string(texts_, scope);
      before = ',';
    }
    texts_ += ']';
  }
  if (key.owner) {
    texts_ += R"(,"owner":)";
    append_json_string(texts_, *key.owner);
  }
}

std::unique_ptr<const KeyIndex> KeyIndexBuilder::finish() {
  index_->entries_.finish();
  index_->insert_all();
  std::unique_ptr<const KeyIndex> finished = std::move(index_);
  clear();
  return finished;
}

}  // namespace heare::keys
