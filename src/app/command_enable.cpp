#include "app/commands.h"
#include "app/record_change.h"

namespace heare::app {

int command_enable(const EnableFlags& flags, const World& world) {
  const RecordChange change = {flags.key_id, {{"enabled", "true"}}, "✓ Enabled successfully."};
  return change_record(change, flags.store, flags.refresh, flags.json, world);
}

int command_disable(const DisableFlags& flags, const World& world) {
  const RecordChange change = {flags.key_id, {{"enabled", "false"}}, "✓ Disabled successfully.", true};
  return change_record(change, flags.store, flags.refresh, flags.json, world);
}

}  // namespace heare::app
