#include "s3/credentials_file.h"

#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "s3/credentials_source.h"
#include "storage/posix_file.h"

namespace heare::s3 {
namespace {

/// Far more than any profile file or token has.
constexpr size_t kFileBytesMax = size_t{1} << 20;
constexpr size_t kPieceBytes = size_t{16} * 1024;

std::unexpected<Error> reading_failed(const std::string& path, int error) {
  const ErrorCode code = error == ENOENT || error == ENOTDIR ? ErrorCode::not_found : ErrorCode::unavailable;
  return fail(code, "reading {}: {}", path, std::generic_category().message(error));
}

/// Reads into `text` until the file's end; false with errno where that fails.
bool read_all(int fd, std::string& text) {
  while (text.size() <= kFileBytesMax) {
    const size_t size = text.size();
    text.resize(size + kPieceBytes);
    const ssize_t count = ::read(fd, text.data() + size, kPieceBytes);
    text.resize(size + (count > 0 ? static_cast<size_t>(count) : 0));
    if (count < 0 && errno != EINTR) return false;
    if (count == 0) return true;
  }
  return true;
}

}  // namespace

Result<Secret> read_credentials_file(const std::string& path) {
  const storage::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return reading_failed(path, errno);
  std::string text;
  // Once: growing would leave copies behind that nothing wipes.
  text.reserve(kFileBytesMax + kPieceBytes);
  const bool whole = read_all(file.get(), text);
  const int error = errno;
  const bool too_long = text.size() > kFileBytesMax;
  Secret content = Secret::take(text);
  if (!whole) return reading_failed(path, error);
  if (too_long) return fail(ErrorCode::unauthorized, "reading {}: more than {} bytes", path, kFileBytesMax);
  return content;
}

Result<Secret> read_token_file(const std::string& path) {
  Result<Secret> content = read_credentials_file(path);
  if (!content) {
    if (content.error().code == ErrorCode::not_found) content.error().code = ErrorCode::unauthorized;
    return content;
  }
  const std::string_view token = trimmed(content->reveal());
  if (token.empty()) return fail(ErrorCode::unauthorized, "reading {}: it is empty", path);
  if (!is_header_value(token)) {
    return fail(ErrorCode::unauthorized, "reading {}: it is not one line of printable characters", path);
  }
  return Secret(token);
}

}  // namespace heare::s3
