#include "storage/file_lock.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace heare::storage {
namespace {

constexpr mode_t kLockMode = S_IRUSR | S_IWUSR;
constexpr std::chrono::milliseconds kPauseMin{1};
/// A writer holds the lock for some milliseconds, so that longer pauses would only add waiting.
constexpr std::chrono::milliseconds kPauseMax{32};

int open_flags() {
  return O_RDWR | O_CLOEXEC | O_NOFOLLOW;
}

/// Where root makes the lock of another user's file, that user must be able to lock as well.
void give_to_owner_of(const std::filesystem::path& path, const FileDescriptor& lock) {
  struct stat owner{};
  if (::geteuid() != 0 || ::stat(path.c_str(), &owner) != 0) return;
  static_cast<void>(::fchown(lock.get(), owner.st_uid, owner.st_gid) == 0);
}

Result<FileDescriptor> open_lock(const std::filesystem::path& path, const std::filesystem::path& lock_path) {
  // Only of a file that has been made here and now it is known that it is no link to somebody else's.
  FileDescriptor made(::open(lock_path.c_str(), open_flags() | O_CREAT | O_EXCL, kLockMode));
  if (made.valid()) {
    // The mask of the process may have taken bits away.
    if (::fchmod(made.get(), kLockMode) != 0) return file_error("making the lock file", lock_path, errno);
    give_to_owner_of(path, made);
    return made;
  }
  if (errno != EEXIST) return file_error("making the lock file", lock_path, errno);
  FileDescriptor found(::open(lock_path.c_str(), open_flags()));
  if (!found.valid()) return file_error("opening the lock file", lock_path, errno);
  return found;
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::filesystem::path& path, const Clock& clock,
                                   std::chrono::milliseconds wait) {
  std::filesystem::path lock_path = path;
  lock_path += ".lock";
  auto descriptor = open_lock(path, lock_path);
  if (!descriptor) return std::unexpected(std::move(descriptor.error()));

  // Asked for again and again, as waiting in flock(2) has no deadline.
  const SteadyTime deadline = clock.steady_now() + wait;
  for (auto pause = kPauseMin; ::flock(descriptor->get(), LOCK_EX | LOCK_NB) != 0;
       pause = std::min(pause * 2, kPauseMax)) {
    if (errno != EWOULDBLOCK && errno != EINTR) return file_error("locking", lock_path, errno);
    if (clock.steady_now() >= deadline) {
      return fail(ErrorCode::unavailable, "locking {}: another process has held it for {} s; see which with `fuser {}`",
                  lock_path.native(), std::chrono::duration<double>(wait).count(), lock_path.native());
    }
    clock.sleep_for(pause);
  }
  return FileLock(std::move(*descriptor));
}

}  // namespace heare::storage
