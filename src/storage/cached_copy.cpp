#include "storage/cached_copy.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include "storage/posix_file.h"

namespace heare::storage {
namespace {

/// A URL and a tag, each on a line of its own.
constexpr size_t kMetaBytesMax = 8192;

timespec to_timespec(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::chrono::nanoseconds rest = time - seconds;
  return {.tv_sec = seconds.time_since_epoch().count(), .tv_nsec = rest.count()};
}

Result<CachedCopy::Found> parse_meta(std::string_view text, const std::filesystem::path& path) {
  const size_t url_end = text.find('\n');
  const size_t tag_end = url_end == std::string_view::npos ? url_end : text.find('\n', url_end + 1);
  if (tag_end == std::string_view::npos || tag_end + 1 != text.size()) {
    return fail(ErrorCode::corrupt, "reading {}: not the two lines of a cache's note; remove it and the cache",
                path.native());
  }
  CachedCopy::Found found;
  found.url = text.substr(0, url_end);
  found.tag.value = text.substr(url_end + 1, tag_end - url_end - 1);
  return found;
}

Result<CachedCopy::Found> read_meta(const std::filesystem::path& path) {
  const auto file = open_for_reading(path);
  if (!file) return std::unexpected(file.error());
  if (!*file) return fail(ErrorCode::corrupt, "reading {}: not there; remove the cache", path.native());
  std::array<char, kMetaBytesMax> text{};
  const Result<size_t> size = read_at(**file, 0, text, path);
  if (!size) return std::unexpected(size.error());
  return parse_meta(std::string_view(text.data(), *size), path);
}

Result<> feed(const OpenFile& file, const std::filesystem::path& path, ByteSink& sink) {
  const ReadBuffer buffer;
  sink.restart();
  for (uint64_t offset = 0;;) {
    const Result<size_t> size = read_at(file, offset, buffer.bytes(), path);
    if (!size) return std::unexpected(size.error());
    if (*size == 0) return {};
    if (Result<> taken = sink.append({buffer.bytes().data(), *size}); !taken) return taken;
    offset += *size;
  }
}

}  // namespace

class CachedCopy::Recording final : public ByteSink {
 public:
  explicit Recording(const CachedCopy& copy) : copy_(copy) {}

  void restart() override {
    // Not before: a second service, which will not start, must not take away what the first one is writing.
    if (!std::exchange(tidied_, true)) copy_.remove_leftovers_of_both();
    file_.emplace(copy_.path_);
  }
  Result<> append(std::string_view bytes) override {
    if (file_) file_->append(bytes);
    return {};
  }
  Result<> finish() {
    if (!file_) return fail(ErrorCode::not_found, "writing {}: nothing was recorded", copy_.path_.native());
    return std::exchange(file_, std::nullopt)->finish();
  }

 private:
  const CachedCopy& copy_;
  bool tidied_ = false;
  std::optional<FileReplacement> file_;
};

CachedCopy::CachedCopy(std::filesystem::path path)
    : path_(std::move(path)), recording_(std::make_unique<Recording>(*this)) {}

CachedCopy::~CachedCopy() = default;

void CachedCopy::remove_leftovers_of_both() const {
  remove_leftovers(path_);
  remove_leftovers(meta_path());
}

std::filesystem::path CachedCopy::meta_path() const {
  std::filesystem::path path = path_;
  return path += ".meta";
}

ByteSink& CachedCopy::recording() {
  return *recording_;
}

Result<> CachedCopy::keep(const std::string& url, const EntityTag& tag, WallTime confirmed_at) {
  // The note goes last. Where it names another store it goes first as well: a copy must never pass for that store's.
  if (const Result<Found> before = read_meta(meta_path()); before && before->url != url) {
    if (Result<> done = remove_file(meta_path()); !done) return done;
  }
  if (Result<> done = recording_->finish(); !done) return done;
  if (Result<> done = replace_file(meta_path(), url + "\n" + tag.value + "\n"); !done) return done;
  return confirm(confirmed_at);
}

Result<> CachedCopy::confirm(WallTime at) {
  const timespec times[] = {to_timespec(at), to_timespec(at)};
  if (::utimensat(AT_FDCWD, path_.c_str(), times, 0) == 0) return {};
  return file_error("confirming", path_, errno);
}

Result<std::optional<CachedCopy::Found>> CachedCopy::find() const {
  const auto file = open_for_reading(path_);
  if (!file) return std::unexpected(file.error());
  if (!*file) return std::nullopt;
  return noted(**file);
}

Result<std::optional<CachedCopy::Found>> CachedCopy::read(ByteSink& sink) const {
  const auto file = open_for_reading(path_);
  if (!file) return std::unexpected(file.error());
  if (!*file) return std::nullopt;
  Result<Found> found = noted(**file);
  if (!found) return std::unexpected(found.error());
  if (const Result<> fed = feed(**file, path_, sink); !fed) return std::unexpected(fed.error());
  return std::move(*found);
}

Result<CachedCopy::Found> CachedCopy::noted(const OpenFile& file) const {
  Result<Found> found = read_meta(meta_path());
  if (found) found->confirmed_at = file.state.modified;
  return found;
}

}  // namespace heare::storage
