#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/flags.h"
#include "app/world.h"
#include "keys/document.h"

namespace heare::app {

/// A command that changes fields of one key's record.
struct RecordChange {
  std::optional<std::string> key_id;
  std::vector<keys::FieldChange> fields;
  /// What it says when it is done: `✓ Updated successfully.`
  std::string_view done;
  /// A Python service does not know the fields: where it may share the document, a warning says so.
  bool python_ignores_it = false;
};

/// Said where a document with plain secrets, which a Python service may share, gets what only this program knows.
inline constexpr std::string_view kPythonIgnoresThis =
    "a Python service that shares this document ignores this; delete the key there";

/// Makes the change and sets `updated_at`, prints the outcome, the record as it now is with `json`, and tells the
/// service. The exit code.
int change_record(const RecordChange& change, const StoreFlags& store, const RefreshFlags& refresh, bool json,
                  const World& world);

}  // namespace heare::app
