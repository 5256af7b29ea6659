#include <fmt/format.h>

#include "app/commands.h"
#include "app/report.h"
#include "base/time_format.h"
#include "crypto/ids.h"
#include "keys/record_fields.h"

namespace heare::app {
namespace {

std::string as_json(const crypto::IdInfo& info) {
  return fmt::format("{{\n  \"prefix\": {},\n  \"created_at\": \"{}\",\n  \"checksum\": \"{}\"\n}}\n",
                     keys::string_json(info.prefix), format_utc(info.created_at), info.has_checksum ? "ok" : "absent");
}

std::string as_text(const crypto::IdInfo& info) {
  return fmt::format("  Prefix:      {}\n  Created:     {}\n  Checksum:    {}\n", info.prefix,
                     format_utc(info.created_at),
                     info.has_checksum ? "ok" : "absent: an id, a secret of the Python tool, or a slip of the pen");
}

}  // namespace

int command_inspect(const InspectFlags& flags, const World& world) {
  const Result<Secret> text = world.terminal.read_secret("Id or secret: ");
  if (!text) return report_failure(world.terminal, text.error());
  const std::optional<crypto::IdInfo> info = crypto::inspect_id(text->reveal());
  if (!info) {
    return report_failure(world.terminal,
                          {ErrorCode::invalid, "standard input: neither an id nor a secret of heare-auth"});
  }
  world.terminal.out(flags.json ? as_json(*info) : as_text(*info));
  return kExitDone;
}

}  // namespace heare::app
