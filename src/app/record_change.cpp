#include "app/record_change.h"

#include <array>

#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/compose.h"
#include "app/key_lookup.h"
#include "app/progress_line.h"
#include "app/record_json.h"
#include "app/report.h"
#include "keys/edits.h"

namespace heare::app {
namespace {

std::string as_json(const std::string& record, std::string_view refresh) {
  const std::array<ExtraMember, 1> extra = {{{"refresh", std::string(refresh)}}};
  json::Reader reader;
  std::string out;
  RecordPrinter().append(out, *reader.read(record), 0, extra);
  return out + "\n";
}

}  // namespace

int change_record(const RecordChange& change, const StoreFlags& store, const RefreshFlags& refresh, bool json,
                  const World& world) {
  const Result<std::string> id = require_key_id(change.key_id);
  if (!id) return report_bad_option(world.terminal, id.error());
  const Result<std::optional<std::string>> refresh_url = resolve_refresh(refresh, world);
  if (!refresh_url) return report_bad_option(world.terminal, refresh_url.error());
  const auto open = open_store(store, world);
  if (!open) return open.error();

  ProgressLine progress(world, json);
  std::string record;
  bool beside_plain_secrets = false;
  const auto look = [&](const keys::KeyDocument& document, size_t position) {
    record = document.record(position);
    beside_plain_secrets = document.plain_count() > 0;
  };
  const Result<> done =
      keys::change_key(progress.watch((*open)->repository()), *id, change.fields, world.clock.now(), look);
  if (done && change.python_ignores_it && beside_plain_secrets) warn(world.terminal, kPythonIgnoresThis);
  return report_edit(
      done,
      {.done = std::string(change.done),
       .how_to_find_out = fmt::format("Whether the change is there shows: heare-auth show {}", printable(*id)),
       .json = [&record](std::string_view refreshed) { return as_json(record, refreshed); }},
      *refresh_url, json, world);
}

}  // namespace heare::app
