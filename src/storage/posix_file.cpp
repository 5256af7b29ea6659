#include "storage/posix_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/encoding.h"
#include "base/random.h"

namespace heare::storage {
namespace {

constexpr mode_t kFileMode = S_IRUSR | S_IWUSR;
constexpr mode_t kFolderMode = S_IRWXU;
constexpr std::string_view kTemporaryInfix = ".tmp-";
constexpr size_t kTemporaryRandomBytes = 8;
/// What Linux itself follows in one path.
constexpr int kLinksMax = 40;

struct Advice {
  ErrorCode code;
  std::string_view remedy;
};

Advice advice_for(int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
      return {ErrorCode::unauthorized, "run as the user whose file it is, or let this user into its folder"};
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::unavailable, "the disk is full: free some space"};
    case EROFS:
      return {ErrorCode::invalid, "mount the file system writable or name another file"};
    case EISDIR:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return {ErrorCode::invalid, "name another file"};
    case EMFILE:
    case ENFILE:
      return {ErrorCode::unavailable, "raise the limit of open files"};
    default:
      return {ErrorCode::unavailable, "try again, and look at the disk where it stays"};
  }
}

std::string describe(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

std::pair<WallTime, int64_t> split(const timespec& time) {
  const auto whole = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  const auto micros = std::chrono::floor<std::chrono::microseconds>(whole);
  return {WallTime(micros), (whole - micros).count()};
}

FileState state_of(const struct stat& status) {
  FileState state;
  state.device = status.st_dev;
  state.inode = status.st_ino;
  state.size = static_cast<uint64_t>(status.st_size);
  std::tie(state.modified, state.modified_fraction) = split(status.st_mtim);
  std::tie(state.changed, state.changed_fraction) = split(status.st_ctim);
  return state;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

Result<FileDescriptor> open_folder(const std::filesystem::path& folder) {
  FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.valid()) return file_error("opening the folder", folder, errno);
  return descriptor;
}

/// 0, or what the system says. File systems that cannot do it for a folder (some network ones) count as done.
int sync_folder(const FileDescriptor& folder) {
  if (::fsync(folder.get()) == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
  return errno;
}

int write_all(const FileDescriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

/// A new file beside the one that it shall replace; gone at the end unless it did.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& replaced)
      : path_(beside(replaced)),
        descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kFileMode)),
        error_(descriptor_.valid() ? 0 : errno),
        exists_(descriptor_.valid()) {}
  ~TemporaryFile() {
    if (exists_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// What went wrong when it was made, or 0.
  int error() const { return error_; }

  /// 0, or what the system says; so the others.
  int take_mode_and_owner(const std::filesystem::path& replaced) {
    // The mask of the process may have taken bits away.
    if (::fchmod(descriptor_.get(), kFileMode) != 0) return errno;
    return keep_owner_of(replaced);
  }

  int append(std::string_view bytes) { return write_all(descriptor_, bytes); }

  int sync() { return ::fsync(descriptor_.get()) == 0 ? 0 : errno; }

  int rename_to(const std::filesystem::path& path) {
    if (::rename(path_.c_str(), path.c_str()) != 0) return errno;
    exists_ = false;
    return 0;
  }

 private:
  int keep_owner_of(const std::filesystem::path& replaced) {
    struct stat old{};
    struct stat mine{};
    if (::geteuid() != 0) return 0;
    if (::stat(replaced.c_str(), &old) != 0) return errno == ENOENT ? 0 : errno;
    if (::fstat(descriptor_.get(), &mine) != 0) return errno;
    if (old.st_uid == mine.st_uid && old.st_gid == mine.st_gid) return 0;
    return ::fchown(descriptor_.get(), old.st_uid, old.st_gid) == 0 ? 0 : errno;
  }

  static std::filesystem::path beside(std::filesystem::path path) {
    std::array<std::byte, kTemporaryRandomBytes> random{};
    system_random().fill(random);
    path += kTemporaryInfix;
    return path += to_hex(random);
  }

  const std::filesystem::path path_;
  const FileDescriptor descriptor_;
  const int error_;
  bool exists_;
};

bool is_temporary_of(std::string_view name, std::string_view replaced) {
  if (!name.starts_with(replaced)) return false;
  name.remove_prefix(replaced.size());
  if (!name.starts_with(kTemporaryInfix)) return false;
  name.remove_prefix(kTemporaryInfix.size());
  std::array<std::byte, kTemporaryRandomBytes> random{};
  return from_lower_hex(name, random);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::unexpected<Error> file_error(std::string_view doing, const std::filesystem::path& path, int error_number) {
  const Advice advice = advice_for(error_number);
  return fail(advice.code, "{} {}: {}; {}", doing, path.native(), describe(error_number), advice.remedy);
}

Result<std::optional<OpenFile>> open_for_reading(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!descriptor.valid()) {
    if (errno == ENOENT) return std::nullopt;
    return file_error("reading", path, errno);
  }
  struct stat status{};
  if (::fstat(descriptor.get(), &status) != 0) return file_error("reading", path, errno);
  if (S_ISDIR(status.st_mode)) return file_error("reading", path, EISDIR);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::invalid, "reading {}: not a regular file; name another file", path.native());
  }
  return OpenFile{.descriptor = std::move(descriptor), .state = state_of(status)};
}

Result<FileState> current_state(const OpenFile& file, const std::filesystem::path& path) {
  struct stat status{};
  if (::fstat(file.descriptor.get(), &status) != 0) return file_error("reading", path, errno);
  return state_of(status);
}

Result<size_t> read_at(const OpenFile& file, uint64_t offset, std::span<char> out, const std::filesystem::path& path) {
  size_t filled = 0;
  while (filled < out.size()) {
    const std::span<char> rest = out.subspan(filled);
    const ssize_t got = ::pread(file.descriptor.get(), rest.data(), rest.size(), static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("reading", path, errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return filled;
}

Result<std::filesystem::path> follow_links(std::filesystem::path path) {
  for (int links = 0; links < kLinksMax; ++links) {
    std::error_code error;
    const std::filesystem::path target = std::filesystem::read_symlink(path, error);
    // What is no link, is not there or cannot be looked at is not followed; opening it will tell.
    if (error) return path;
    path = folder_of(path) / target;
  }
  return file_error("following the symbolic link", path, ELOOP);
}

Result<> make_folders(const std::filesystem::path& folder) {
  struct stat status{};
  if (::stat(folder.c_str(), &status) == 0) return {};
  if (errno != ENOENT) return file_error("making the folder", folder, errno);
  const std::filesystem::path parent = folder_of(folder);
  if (auto made = make_folders(parent); !made) return made;
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return file_error("making the folder", folder, errno);
  }
  const auto opened = open_folder(parent);
  if (!opened) return std::unexpected(opened.error());
  if (const int error = sync_folder(*opened); error != 0) return file_error("making the folder", folder, error);
  return {};
}

struct FileReplacement::State {
  explicit State(std::filesystem::path replaced) : path(std::move(replaced)), file(path), error(file.error()) {
    if (error == 0) error = file.take_mode_and_owner(path);
  }

  std::filesystem::path path;
  TemporaryFile file;
  int error;
};

FileReplacement::FileReplacement(std::filesystem::path path) : state_(std::make_unique<State>(std::move(path))) {}
FileReplacement::FileReplacement(FileReplacement&&) noexcept = default;
FileReplacement& FileReplacement::operator=(FileReplacement&&) noexcept = default;
FileReplacement::~FileReplacement() = default;

void FileReplacement::append(std::string_view bytes) {
  if (state_->error == 0) state_->error = state_->file.append(bytes);
}

Result<> FileReplacement::finish() {
  State& state = *state_;
  if (state.error == 0) state.error = state.file.sync();
  if (state.error != 0) return file_error("writing", state.path, state.error);
  // Opened first, so that nothing but fsync itself can fail once the file is replaced.
  const auto folder = open_folder(folder_of(state.path));
  if (!folder) return std::unexpected(folder.error());
  if (const int error = state.file.rename_to(state.path); error != 0) return file_error("writing", state.path, error);
  if (const int error = sync_folder(*folder); error != 0) {
    return fail(ErrorCode::unknown_outcome, "writing {}: it is replaced, but may not outlast a loss of power ({})",
                state.path.native(), describe(error));
  }
  return {};
}

Result<> sync_folder_of(const std::filesystem::path& path) {
  const auto folder = open_folder(folder_of(path));
  if (!folder) return std::unexpected(folder.error());
  if (const int error = sync_folder(*folder); error != 0) return file_error("syncing the folder of", path, error);
  return {};
}

Result<> replace_file(const std::filesystem::path& path, std::string_view bytes) {
  FileReplacement replacement(path);
  replacement.append(bytes);
  return replacement.finish();
}

Result<> remove_file(const std::filesystem::path& path) {
  const auto folder = open_folder(folder_of(path));
  if (!folder) return std::unexpected(folder.error());
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return file_error("removing", path, errno);
  }
  if (const int error = sync_folder(*folder); error != 0) {
    return fail(ErrorCode::unknown_outcome, "removing {}: it is gone, but may come back after a loss of power ({})",
                path.native(), describe(error));
  }
  return {};
}

// A folder that cannot be listed keeps its leftovers: they take space and do no other harm.
void remove_leftovers(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder_of(path), error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::filesystem::path& found = entry->path();
    if (is_temporary_of(found.filename().native(), path.filename().native())) ::unlink(found.c_str());
  }
}

}  // namespace heare::storage
