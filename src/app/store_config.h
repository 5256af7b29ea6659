#pragma once

#include <optional>
#include <string>
#include <variant>

#include "app/config_file.h"
#include "app/environment.h"
#include "app/flags.h"
#include "base/error.h"
#include "keys/cipher.h"
#include "keys/repository.h"

namespace heare::app {

struct FileLocation {
  std::string path;
};

struct BucketLocation {
  std::string bucket;
  std::string key;
  /// Nothing: from the AWS profile, or else the default region.
  std::optional<std::string> region = std::nullopt;
  /// Nothing: AWS itself.
  std::optional<std::string> endpoint_url = std::nullopt;
};

/// Where the document is.
using StoreLocation = std::variant<FileLocation, BucketLocation>;

/// `file:///path/keys.json` or `s3://bucket/key`.
std::string to_url(const StoreLocation& location);

/// Names another object beside that one.
void append_to_key(StoreLocation& location, const std::string& suffix);

/// What a command needs to know of its store.
struct StoreConfig {
  StoreLocation location;
  keys::StorageSecrets secrets;
  keys::KeyRepository::Options edits = {};
  /// Certificate authorities; empty for the system's.
  std::string ca_bundle;
  /// For standard error: what was done that is better done otherwise.
  std::optional<std::string> warning = std::nullopt;
};

/// Of flags, environment and file, the highest that names a store decides, and in it a store goes before a bucket;
/// where none does, it is the embedded store in the user's data folder. Of those that name a storage secret or its
/// file the highest decides too. Errors: `invalid` for a bad value, which they name by its option, variable or field;
/// `not_found` or `unavailable` for a secret file that cannot be read.
Result<StoreConfig> resolve_store(const StoreFlags& flags, const Environment& environment, const ConfigFile& file);

}  // namespace heare::app
