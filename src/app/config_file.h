#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/environment.h"
#include "app/setting.h"
#include "base/error.h"

namespace heare::app {

/// What `~/.heare-auth.toml` says in its table `[default]`. A text that is empty counts as not given.
struct ConfigFile {
  /// For messages; empty where there is no file.
  std::string path;
  std::optional<std::string> s3_bucket = std::nullopt;
  std::optional<std::string> s3_key = std::nullopt;
  std::optional<std::string> s3_region = std::nullopt;
  std::optional<std::string> endpoint_url = std::nullopt;
  std::optional<std::string> store = std::nullopt;
  std::optional<std::string> refresh_url = std::nullopt;
  std::optional<std::string> storage_secret_file = std::nullopt;

  /// `value` with where it stands as its origin: `/home/ann/.heare-auth.toml: s3_bucket`.
  std::optional<Setting> setting(std::string_view name, const std::optional<std::string>& value) const;
};

/// Errors (`invalid`) name the file, and the line or name: what is not TOML, a name that is not one of those above, a
/// value that is no text.
Result<ConfigFile> parse_config_file(std::string_view toml, std::string path);

/// Reads the file in the user's home. Without a file or a home everything is left unset; a file that cannot be read is
/// an error (`unavailable`).
Result<ConfigFile> read_config_file(const Environment& environment);

}  // namespace heare::app
