#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/flags.h"
#include "base/clock.h"
#include "base/error.h"
#include "json/reader.h"
#include "keys/document.h"

namespace heare::app {

/// Which keys `list` shows, and in which order. A key is shown where all holds that is asked for.
struct KeySelection {
  enum class Order { document, name, created, expires, id };
  Order order = Order::document;
  /// Exactly this owner; empty: none.
  std::optional<std::string> owner = std::nullopt;
  bool expired = false;
  /// Not expired yet, but expired once this moment is over.
  std::optional<WallTime> expiring_by = std::nullopt;
  /// In the name or the id, whatever the case.
  std::optional<std::string> match = std::nullopt;
};

/// What the flags of `list` ask for. Errors are `invalid` and begin with the option.
Result<KeySelection> resolve_selection(const ListFlags& flags, WallTime now);

/// Calls `visit` with each key that is selected, in the order asked for: names whatever their case, dates from the
/// earliest on and keys without one last, and equal ones as the document has them. The arguments are valid during the
/// call.
void for_each_selected(const keys::KeyDocument& document, const KeySelection& selection, WallTime now,
                       const std::function<void(json::Value record, const keys::ApiKey& key)>& visit);

}  // namespace heare::app
