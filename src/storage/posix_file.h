#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <sys/types.h>
#include <utility>

#include "base/clock.h"
#include "base/error.h"

namespace heare::storage {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileDescriptor();

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

/// What tells one state of a file from another without reading it.
struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  uint64_t size = 0;
  WallTime modified;
  /// The nanoseconds that `modified` and `changed` lack.
  int64_t modified_fraction = 0;
  WallTime changed;
  int64_t changed_fraction = 0;

  bool operator==(const FileState&) const = default;
};

/// A file that is open for reading; replacing the file by rename does not touch it.
struct OpenFile {
  FileDescriptor descriptor;
  FileState state;
};

/// What a file is read into, piece by piece.
class ReadBuffer {
 public:
  /// Large enough that system calls cost nothing, and small enough to stay in the processor's caches.
  static constexpr size_t kBytes = size_t{256} * 1024;

  std::span<char> bytes() const { return {lines_[0].bytes, kBytes}; }

 private:
  /// Into memory that does not begin with a cache line, as malloc gives it, the kernel copies at a third of the speed
  /// (measured on x86-64).
  struct alignas(64) Line {
    char bytes[64];
  };
  std::unique_ptr<Line[]> lines_ = std::make_unique_for_overwrite<Line[]>(kBytes / sizeof(Line));
};

/// Words what the system said of `path`, with a code and a remedy: "reading /x: permission denied; …".
std::unexpected<Error> file_error(std::string_view doing, const std::filesystem::path& path, int error_number);

/// Nothing where there is no such file. A folder, a pipe and the like are an error.
Result<std::optional<OpenFile>> open_for_reading(const std::filesystem::path& path);

/// As it is now. Fails only where the file system does.
Result<FileState> current_state(const OpenFile& file, const std::filesystem::path& path);

/// Fills `out` as far as the file reaches from `offset` on.
Result<size_t> read_at(const OpenFile& file, uint64_t offset, std::span<char> out, const std::filesystem::path& path);

/// Where writing to `path` ends up: follows symbolic links, also to what does not exist yet.
Result<std::filesystem::path> follow_links(std::filesystem::path path);

/// Makes what is missing of `folder`, for the owner alone, durably.
Result<> make_folders(const std::filesystem::path& folder);

/// A new content for `path`, written in pieces beside it; nothing is left of it unless `finish` is reached.
class FileReplacement {
 public:
  explicit FileReplacement(std::filesystem::path path);
  FileReplacement(FileReplacement&&) noexcept;
  FileReplacement& operator=(FileReplacement&&) noexcept;
  ~FileReplacement();

  /// After an error, what follows is passed over and `finish` returns that error.
  void append(std::string_view bytes);
  /// Puts the new file, of mode 0600, in the place of the old one, durably: whatever happens meanwhile, either the old
  /// or the new one is there. Error `unknown_outcome` where it is replaced, but may not outlast a loss of power. Where
  /// root replaces the file of another user, it stays that user's.
  Result<> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole in one call.
Result<> replace_file(const std::filesystem::path& path, std::string_view bytes);

/// Makes up for it where a replacement ended with `unknown_outcome`.
Result<> sync_folder_of(const std::filesystem::path& path);

/// Done where there is none.
Result<> remove_file(const std::filesystem::path& path);

/// Removes what replacements that were killed have left. The caller sees to it that none is running.
void remove_leftovers(const std::filesystem::path& path);

}  // namespace heare::storage
