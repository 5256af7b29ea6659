#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "storage/object_store.h"

namespace heare::storage {

/// Longer than several writers in a row take.
inline constexpr std::chrono::seconds kLockWait{30};

/// An object in a local file. Writers exclude each other with flock(2) on `<path>.lock`, which stays; a write is a
/// temporary file beside it, fsync, rename, fsync of the folder, so that a crash at any moment leaves the old bytes or
/// the new, and what it has left over goes with the next write. The file and its lock have mode 0600; missing folders
/// are made with mode 0700 by the first `put`. Where `path` is a symbolic link, all of this happens at its target.
///
/// The tag is the SHA-256 of the content. A `get` with the tag of the last read answers NotModified without reading
/// while device, inode, size, mtime and ctime are unchanged, unless that read came within 2 s of a change: a second
/// change may then bear the same times. `clock` must outlive the store. A writer waits for others for up to
/// `lock_wait`.
std::unique_ptr<ObjectStore> make_file_store(std::filesystem::path path, const Clock& clock = system_clock(),
                                             std::chrono::milliseconds lock_wait = kLockWait);

}  // namespace heare::storage
