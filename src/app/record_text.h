#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/reader.h"
#include "keys/api_key.h"

/// Records as people read them. Every text is made harmless for a terminal; none holds a secret or a digest.
namespace heare::app {

/// A record's line in a table.
struct KeyRow {
  std::string name;
  std::string id;
  std::string type;
  std::string created;
  /// `active`, `disabled` or `expired`.
  std::string status;
};

KeyRow key_row(json::Value record, const keys::ApiKey& key, WallTime now);

/// Every field but the secret, one a line, indented by two.
std::string key_details(json::Value record, const keys::ApiKey& key, WallTime now, bool colours = false);

}  // namespace heare::app
