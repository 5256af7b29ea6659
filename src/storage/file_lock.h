#pragma once

#include <chrono>
#include <filesystem>

#include "base/clock.h"
#include "base/error.h"
#include "storage/posix_file.h"

namespace heare::storage {

/// flock(2) on a file of its own, held until destroyed or until the process ends in whatever way. Excludes other
/// processes and other threads. The file stays: removing it would let two writers lock two files of one name.
class FileLock {
 public:
  /// Waits for up to `wait`; then error `unavailable`. The lock is `path` with `.lock` at its end.
  static Result<FileLock> acquire(const std::filesystem::path& path, const Clock& clock,
                                  std::chrono::milliseconds wait);

 private:
  explicit FileLock(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}
  FileDescriptor descriptor_;
};

}  // namespace heare::storage
