#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/flags.h"
#include "app/world.h"
#include "base/error.h"

namespace heare::app {

/// Where a running service is told of an edit; nothing where it is not to be told.
Result<std::optional<std::string>> resolve_refresh(const RefreshFlags& flags, const World& world);

/// Tells the service at `url` of an edit that has been made: one call. The number of keys it then has; nothing where it
/// was not to be told, or could not be, which is warned about: the edit stands all the same.
std::optional<uint64_t> refresh_after_edit(const std::optional<std::string>& url, const World& world);

/// `✓ Service refreshed - 5 keys loaded` on its line.
std::string refreshed_line(uint64_t keys_loaded);

/// `{"keys_loaded": 5}` or `null`.
std::string refresh_json(const std::optional<uint64_t>& keys_loaded);

}  // namespace heare::app
