#include "app/document_cache.h"

#include <memory>
#include <utility>

namespace heare::app {

DocumentCache::DocumentCache(std::filesystem::path path, std::string store, const keys::DocumentCipher& cipher,
                             log::Logger& logger)
    : store_(std::move(store)), cipher_(cipher), logger_(logger), writer_(path), reader_(std::move(path)) {}

void DocumentCache::keep(const storage::EntityTag& tag, WallTime confirmed_at) {
  is_current_ = report(writer_.keep(store_, tag, confirmed_at));
}

void DocumentCache::confirm(WallTime at) {
  if (is_current_) is_current_ = report(writer_.confirm(at));
}

/// True where it is done.
bool DocumentCache::report(const Result<>& done) {
  const bool failed = !done;
  if (failed && !reported_) logger_.event(log::Level::warning, "cache_failed", {{"error", done.error().message}});
  reported_ = failed;
  return !failed;
}

Result<std::optional<storage::CachedCopy::Found>> DocumentCache::find_own() const {
  auto found = reader_.find();
  if (!found || !*found || (*found)->url == store_) return found;
  return fail(
      ErrorCode::invalid,
      "the cache {} is of {}, not of {}: it is not used, and replaced once the store has answered; name another "
      "file if both are needed",
      reader_.path().native(), (*found)->url, store_);
}

Result<std::optional<DocumentCache::Cached>> DocumentCache::load() const {
  const auto found = find_own();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  const std::unique_ptr<keys::DocumentLoader> loader = keys::make_document_loader(cipher_);
  if (const auto read = reader_.read(*loader); !read && !loader->refused()) return std::unexpected(read.error());
  Result<keys::Loaded> loaded = loader->finish();
  if (!loaded) return fail_in("the cache " + reader_.path().native(), loaded.error());
  return Cached{std::move(*loaded), (*found)->confirmed_at};
}

bool DocumentCache::is_there() const {
  const auto found = find_own();
  return found && *found;
}

Result<> DocumentCache::check_owner() const {
  const auto found = find_own();
  if (found || found.error().code != ErrorCode::invalid) return {};
  return std::unexpected(found.error());
}

}  // namespace heare::app
