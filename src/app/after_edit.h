#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

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

/// What a command that edits says in the end.
struct EditReport {
  /// To people, where the edit is made: `✓ Deleted successfully.`
  std::string done;
  /// Where its fate is unknown: how to find out.
  std::string how_to_find_out;
  /// The JSON document; `refresh_json` is the value of its member `refresh`.
  std::function<std::string(std::string_view refresh_json)> json;
};

/// The report of an edit that one member tells all of: `{"deleted": "key_1", "refresh": …}`.
std::function<std::string(std::string_view)> json_with(std::string_view member, std::string value_json);

/// Says how an edit went, and tells the service at `url` of it where it was made. The exit code.
int report_edit(const Result<>& edited, const EditReport& report, const std::optional<std::string>& url, bool json,
                const World& world);

}  // namespace heare::app
