#include "app/input_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include "storage/posix_file.h"

namespace heare::app {
namespace {

/// Any configuration fits at once.
constexpr size_t kFirstBytes = size_t{64} * 1024;

std::string reason(int error) {
  return std::generic_category().message(error);
}

}  // namespace

Result<std::string> read_file(const std::string& path, size_t bytes_max) {
  const storage::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    const ErrorCode code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::not_found : ErrorCode::unavailable;
    return fail(code, "reading {}: {}", path, reason(errno));
  }
  return read_to_end(file.get(), path, bytes_max);
}

Result<std::string> read_to_end(int fd, const std::string& name, size_t bytes_max) {
  std::string text;
  size_t size = 0;
  while (size <= bytes_max) {
    // What a regular file needs grows by doubling; one byte past the bound tells that there is more.
    if (size == text.size()) text.resize(std::min(std::max(kFirstBytes, 2 * size), bytes_max + 1));
    const ssize_t count = ::read(fd, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::unavailable, "reading {}: {}", name, reason(errno));
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  if (size > bytes_max) return fail(ErrorCode::invalid, "reading {}: more than {} bytes", name, bytes_max);
  text.resize(size);
  return text;
}

}  // namespace heare::app
