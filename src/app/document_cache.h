#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "keys/cipher.h"
#include "keys/loader.h"
#include "log/logger.h"
#include "storage/cached_copy.h"
#include "storage/object_store.h"

namespace heare::app {

/// The last good document of one store in a local file, so that a restart survives a store that is down or broken. A
/// cache that cannot be written is logged, once until it can be again, and stops nobody. Recording, `keep` and
/// `confirm` belong to one thread, `load` to any one other.
class DocumentCache {
 public:
  /// `store` names the one that it belongs to: a cache of another one is not used. `logger` must outlive it.
  DocumentCache(std::filesystem::path path, std::string store, const keys::DocumentCipher& cipher, log::Logger& logger);

  /// Takes the document while it is loaded.
  storage::ByteSink& recording() { return writer_.recording(); }
  /// What was recorded is good, and in service.
  void keep(const storage::EntityTag& tag, WallTime confirmed_at);
  /// The store says that nothing has changed. Passed over where what was loaded last could not be kept: an older copy
  /// must not pass for confirmed.
  void confirm(WallTime at);
  /// The copy is what was loaded last. Where it is not, only another look at the whole document can mend it.
  bool is_current() const { return is_current_; }

  struct Cached {
    keys::Loaded loaded;
    WallTime confirmed_at;
  };
  /// Nothing where there is no cache; an error where it is damaged or of another store.
  Result<std::optional<Cached>> load() const;
  /// There is a cache, and it is of this store.
  bool is_there() const;
  /// Error where there is a cache of another store: it is not used, and the next `keep` replaces it.
  Result<> check_owner() const;

 private:
  bool report(const Result<>& done);
  /// Nothing where there is no cache. Error `corrupt` where its note is damaged, `invalid` where it is of another
  /// store.
  Result<std::optional<storage::CachedCopy::Found>> find_own() const;

  const std::string store_;
  const keys::DocumentCipher& cipher_;
  log::Logger& logger_;
  storage::CachedCopy writer_;
  const storage::CachedCopy reader_;
  bool reported_ = false;
  bool is_current_ = false;
};

}  // namespace heare::app
