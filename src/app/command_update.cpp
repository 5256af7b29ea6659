#include <vector>

#include "app/commands.h"
#include "app/key_fields.h"
#include "app/key_lookup.h"
#include "app/record_change.h"
#include "app/report.h"
#include "base/text.h"
#include "base/time_format.h"
#include "keys/record_fields.h"

namespace heare::app {
namespace {

using Change = keys::FieldChange;

Result<Change> name_change(const std::string& text) {
  const Result<std::string> name = read_label("--name", text);
  if (!name) return std::unexpected(name.error());
  return Change{"name", keys::string_json(*name)};
}

Result<Change> metadata_change(const std::string& text) {
  const Result<std::string> metadata = read_metadata(text);
  if (!metadata) return std::unexpected(metadata.error());
  json::Reader reader;
  return Change{"metadata", keys::field_value(*reader.read(*metadata))};
}

Result<Change> expiry_change(const std::string& text) {
  if (equal_ignoring_case(text, "never")) return Change{"expires_at", "null"};
  const Result<std::string> time = read_time("--expires-at", text);
  if (!time) return std::unexpected(time.error());
  return Change{"expires_at", keys::string_json(*time)};
}

Result<Change> owner_change(const std::string& text) {
  if (text.empty()) return Change{"owner", std::nullopt};
  const Result<std::string> owner = read_label("--owner", text);
  if (!owner) return std::unexpected(owner.error());
  return Change{"owner", keys::string_json(*owner)};
}

Result<Change> scopes_change(const std::vector<std::string>& texts) {
  if (texts.size() == 1 && texts.front().empty()) return Change{"scopes", std::nullopt};
  const Result<std::vector<std::string>> scopes = read_scopes(texts);
  if (!scopes) return std::unexpected(scopes.error());
  return Change{"scopes", keys::scopes_json(*scopes)};
}

Result<std::vector<Change>> changes_of(const UpdateFlags& flags) {
  std::vector<Result<Change>> wanted;
  if (flags.name) wanted.push_back(name_change(*flags.name));
  if (flags.metadata) wanted.push_back(metadata_change(*flags.metadata));
  if (flags.expires_at) wanted.push_back(expiry_change(*flags.expires_at));
  if (flags.owner) wanted.push_back(owner_change(*flags.owner));
  if (!flags.scopes.empty()) wanted.push_back(scopes_change(flags.scopes));
  if (wanted.empty()) {
    return fail(ErrorCode::invalid, "nothing to change, give --name, --metadata, --expires-at, --owner or --scope");
  }
  std::vector<Change> changes;
  for (Result<Change>& change : wanted) {
    if (!change) return std::unexpected(change.error());
    changes.push_back(std::move(*change));
  }
  return changes;
}

/// Both are in one form, so that their order is that of their characters.
bool is_past(const Change& change, WallTime now) {
  return change.name == "expires_at" && change.value_json != "null" &&
         *change.value_json < keys::string_json(format_utc(now));
}

}  // namespace

int command_update(const UpdateFlags& flags, const World& world) {
  // First what a person notices first.
  if (const Result<std::string> id = require_key_id(flags.key_id); !id) {
    return report_bad_option(world.terminal, id.error());
  }
  Result<std::vector<Change>> changes = changes_of(flags);
  if (!changes) return report_bad_option(world.terminal, changes.error());
  for (const Change& change : *changes) {
    if (is_past(change, world.clock.now())) warn(world.terminal, "--expires-at: in the past");
  }
  const RecordChange change = {flags.key_id, std::move(*changes), "✓ Updated successfully."};
  return change_record(change, flags.store, flags.refresh, flags.json, world);
}

}  // namespace heare::app
