#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "storage/object_store.h"

namespace heare::storage {

struct OpenFile;

/// The last known good copy of an object on this machine: its bytes exactly as the store holds them, mode 0600. Beside
/// it, `<path>.meta` says of which store and state it is; its modification time is the moment at which the store last
/// confirmed it. Used by one thread at a time.
class CachedCopy {
 public:
  /// What is known of a copy.
  struct Found {
    /// The store's name: its URL, or more.
    std::string url;
    EntityTag tag;
    WallTime confirmed_at;
  };

  explicit CachedCopy(std::filesystem::path path);
  ~CachedCopy();

  /// Takes an object while it is read from the store. Never fails: what cannot be written is told by `keep`.
  ByteSink& recording();
  /// What was recorded proved good: from now on it is the copy.
  Result<> keep(const std::string& url, const EntityTag& tag, WallTime confirmed_at);
  /// The store says that the copy is still its object.
  Result<> confirm(WallTime at);
  /// What the note says; nothing where there is no copy. Error `corrupt` as below.
  Result<std::optional<Found>> find() const;
  /// Hands the copy to `sink`; nothing where there is none. The note beside it is read first: error `corrupt` where it
  /// is missing or damaged.
  Result<std::optional<Found>> read(ByteSink& sink) const;

  const std::filesystem::path& path() const { return path_; }

 private:
  class Recording;
  void remove_leftovers_of_both() const;
  std::filesystem::path meta_path() const;
  Result<Found> noted(const OpenFile& file) const;

  const std::filesystem::path path_;
  std::unique_ptr<Recording> recording_;
};

}  // namespace heare::storage
