#include "storage/memory_store.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "base/mutex.h"
#include "crypto/sha256.h"

namespace heare::storage {
namespace {

/// Small, so that tests see what happens between pieces.
constexpr size_t kPieceBytes = 4096;

EntityTag tag_of(std::string_view bytes) {
  return {to_hex(crypto::sha256(bytes))};
}

class MemoryStore final : public ObjectStore {
 public:
  Result<GetOutcome> get(const std::optional<EntityTag>& known, ByteSink& sink) override {
    const std::optional<std::string> bytes = copy();
    if (!bytes) return Absent{};
    EntityTag tag = tag_of(*bytes);
    if (known == tag) return NotModified{};
    sink.restart();
    for (size_t position = 0; position < bytes->size(); position += kPieceBytes) {
      auto taken = sink.append(std::string_view(*bytes).substr(position, kPieceBytes));
      if (!taken) return std::unexpected(std::move(taken.error()));
    }
    return Read{.tag = std::move(tag)};
  }

  Result<PutOutcome> put(const Object& object, const Precondition& precondition) override {
    const MutexLock lock(mutex_);
    if (const auto* match = std::get_if<IfMatch>(&precondition)) {
      if (!bytes_) return fail(ErrorCode::not_found, "writing {}: the object has vanished", url());
      if (tag_of(*bytes_) != match->tag) return Conflict{};
    }
    if (std::holds_alternative<IfAbsent>(precondition) && bytes_) return Conflict{};
    bytes_ = object.bytes;
    return Stored{.tag = tag_of(*bytes_)};
  }

  Result<> remove() override {
    const MutexLock lock(mutex_);
    bytes_.reset();
    return {};
  }

  std::string url() const override { return "memory:"; }

 private:
  /// The sink must not run under the lock: it may use this store.
  std::optional<std::string> copy() {
    const MutexLock lock(mutex_);
    return bytes_;
  }

  Mutex mutex_;
  std::optional<std::string> bytes_ HEARE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<ObjectStore> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace heare::storage
