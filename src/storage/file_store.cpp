#include "storage/file_store.h"

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/sha256.h"
#include "storage/file_lock.h"
#include "storage/posix_file.h"

namespace heare::storage {
namespace {

/// The coarsest clock of a file system that is in use (FAT).
constexpr std::chrono::seconds kTimestampResolution{2};
constexpr size_t kHashedAsideMin = size_t{1} << 20;
/// Only somebody who writes into the file itself, as editors do, can spoil a read, and not for long.
constexpr int kReadTries = 3;

EntityTag tag_of(const crypto::Sha256Digest& digest) {
  return {to_hex(digest)};
}

class FileStore final : public ObjectStore {
 public:
  FileStore(std::filesystem::path path, const Clock& clock, std::chrono::milliseconds lock_wait)
      : path_(std::move(path)), clock_(clock), lock_wait_(lock_wait) {}

  Result<GetOutcome> get(const std::optional<EntityTag>& known, ByteSink& sink) override;
  Result<PutOutcome> put(const Object& object, const Precondition& precondition) override;
  Result<> remove() override;
  std::string url() const override { return "file://" + path_.native(); }

 private:
  using Consumer = std::function<Result<>(std::string_view)>;

  struct LastRead {
    EntityTag tag;
    FileState state;
  };

  Result<EntityTag> read_through(const OpenFile& file, const Consumer& consumer) const;
  Result<GetOutcome> feed(OpenFile file, ByteSink& sink);
  Result<bool> holds(const std::filesystem::path& target, const Precondition& precondition) const;
  void remember(EntityTag tag, const FileState& state, WallTime read_at);
  Result<> make_durable();

  const std::filesystem::path path_;
  const Clock& clock_;
  const std::chrono::milliseconds lock_wait_;
  /// What the file was when it was last read, if its state told its content for certain.
  std::optional<LastRead> last_read_;
  /// What was written here last outlasts a loss of power. Until it does, nobody may read it and take it for done.
  bool durable_ = true;
};

Result<GetOutcome> FileStore::get(const std::optional<EntityTag>& known, ByteSink& sink) {
  if (auto made = make_durable(); !made) return std::unexpected(std::move(made.error()));
  const WallTime now = clock_.now();
  auto opened = open_for_reading(path_);
  if (!opened) return std::unexpected(std::move(opened.error()));
  if (!*opened) return Absent{};
  OpenFile& file = **opened;

  const bool is_last_read = last_read_ && known && last_read_->tag == *known;
  if (is_last_read && last_read_->state == file.state) return NotModified{};
  // The sink must not see a byte of what it knows, and a document is too large to be held back until its hash is
  // known. So it is read twice where it may be the same; one of another size cannot be.
  if (known && !(is_last_read && last_read_->state.size != file.state.size)) {
    auto tag = read_through(file, [](std::string_view) { return Result<>(); });
    if (!tag) return std::unexpected(std::move(tag.error()));
    if (*tag == *known) {
      remember(std::move(*tag), file.state, now);
      return NotModified{};
    }
  }
  return feed(std::move(file), sink);
}

Result<> FileStore::make_durable() {
  if (durable_) return {};
  const auto target = follow_links(path_);
  if (!target) return std::unexpected(target.error());
  Result<> synced = sync_folder_of(*target);
  durable_ = synced.has_value();
  return synced;
}

/// Hands the file on in pieces; returns the tag of exactly what it has handed on.
Result<EntityTag> FileStore::read_through(const OpenFile& file, const Consumer& consumer) const {
  const ReadBuffer buffer;
  crypto::Sha256 hash;
  uint64_t offset = 0;
  while (true) {
    const auto size = read_at(file, offset, buffer.bytes(), path_);
    if (!size) return std::unexpected(size.error());
    if (*size == 0) return tag_of(hash.finish());
    offset += *size;
    if (offset > limits::kDocumentBytesMax) {
      return fail(ErrorCode::invalid, "reading {}: larger than {} bytes", path_.native(), limits::kDocumentBytesMax);
    }
    const std::string_view piece(buffer.bytes().data(), *size);
    hash.update(piece);
    if (auto taken = consumer(piece); !taken) return std::unexpected(std::move(taken.error()));
  }
}

Result<GetOutcome> FileStore::feed(OpenFile file, ByteSink& sink) {
  for (int tries = 0; tries < kReadTries; ++tries) {
    const WallTime now = clock_.now();
    sink.restart();
    auto tag = read_through(file, [&sink](std::string_view piece) { return sink.append(piece); });
    if (!tag) return std::unexpected(std::move(tag.error()));
    auto after = current_state(file, path_);
    if (!after) return std::unexpected(std::move(after.error()));
    // Being replaced by rename changes ctime and harms nobody; being written into may have mixed old and new.
    const bool torn = after->size != file.state.size || after->modified != file.state.modified ||
                      after->modified_fraction != file.state.modified_fraction;
    if (!torn) {
      remember(*tag, file.state, now);
      return Read{.tag = std::move(*tag)};
    }
    file.state = *after;
  }
  return fail(ErrorCode::unavailable, "reading {}: it is being written into; replace it as a whole, by renaming",
              path_.native());
}

void FileStore::remember(EntityTag tag, const FileState& state, WallTime read_at) {
  last_read_.reset();
  if (read_at - state.changed > kTimestampResolution) last_read_ = LastRead{.tag = std::move(tag), .state = state};
}

std::unexpected<Error> vanished(const std::filesystem::path& path) {
  return fail(ErrorCode::not_found, "writing {}: the file has vanished", path.native());
}

bool has_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path.parent_path(), ignored) || ignored;
}

Result<PutOutcome> FileStore::put(const Object& object, const Precondition& precondition) {
  if (object.bytes.size() > limits::kDocumentBytesMax) {
    return fail(ErrorCode::invalid, "writing {}: larger than {} bytes", path_.native(), limits::kDocumentBytesMax);
  }
  const auto target = follow_links(path_);
  if (!target) return std::unexpected(target.error());
  if (std::holds_alternative<IfMatch>(precondition)) {
    if (!has_folder(*target)) return vanished(*target);
  } else if (auto made = make_folders(target->parent_path()); !made) {
    return std::unexpected(std::move(made.error()));
  }

  const auto lock = FileLock::acquire(*target, clock_, lock_wait_);
  if (!lock) return std::unexpected(lock.error());
  remove_leftovers(*target);
  const auto held = holds(*target, precondition);
  if (!held) return std::unexpected(held.error());
  if (!*held) return Conflict{};
  // Hashed while the disk is at work, where that is worth a thread.
  const auto policy =
      object.bytes.size() < kHashedAsideMin ? std::launch::deferred : std::launch::async | std::launch::deferred;
  auto digest = std::async(policy, [&object] { return crypto::sha256(object.bytes); });
  const auto replaced = replace_file(*target, object.bytes);
  durable_ = replaced || replaced.error().code != ErrorCode::unknown_outcome;
  if (!replaced) return std::unexpected(replaced.error());
  return Stored{.tag = tag_of(digest.get())};
}

/// The lock is held, so that the answer stays true.
Result<bool> FileStore::holds(const std::filesystem::path& target, const Precondition& precondition) const {
  if (std::holds_alternative<Unconditional>(precondition)) return true;
  const auto file = open_for_reading(target);
  if (!file) return std::unexpected(file.error());
  const auto* match = std::get_if<IfMatch>(&precondition);
  if (match == nullptr) return !file->has_value();
  if (!*file) return vanished(target);
  if (last_read_ && last_read_->tag == match->tag && last_read_->state == (*file)->state) return true;
  const auto tag = read_through(**file, [](std::string_view) { return Result<>(); });
  if (!tag) return std::unexpected(tag.error());
  return *tag == match->tag;
}

Result<> FileStore::remove() {
  const auto target = follow_links(path_);
  if (!target) return std::unexpected(target.error());
  if (!has_folder(*target)) return {};
  const auto lock = FileLock::acquire(*target, clock_, lock_wait_);
  if (!lock) return std::unexpected(lock.error());
  remove_leftovers(*target);
  return remove_file(*target);
}

}  // namespace

std::unique_ptr<ObjectStore> make_file_store(std::filesystem::path path, const Clock& clock,
                                             std::chrono::milliseconds lock_wait) {
  std::error_code error;
  // The current folder may change later, and a URL is absolute.
  std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return std::make_unique<FileStore>(error ? std::move(path) : std::move(absolute), clock, lock_wait);
}

}  // namespace heare::storage
