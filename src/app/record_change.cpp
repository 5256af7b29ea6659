#include "app/record_change.h"

#include <array>

#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/compose.h"
#include "app/key_lookup.h"
#include "app/progress_line.h"
#include "app/record_json.h"
#include "app/report.h"
#include "base/time_format.h"
#include "keys/record_fields.h"

namespace heare::app {
namespace {

struct Changed {
  std::string record;
  bool beside_plain_secrets = false;
};

bool was_updated_at(std::string_view record, const std::string& time) {
  json::Reader reader;
  std::string scratch;
  return reader.read(record)->find("updated_at").text(scratch) == time;
}

Result<> make_change(keys::KeyRepository& repository, const std::string& id, std::vector<keys::FieldChange> fields,
                     WallTime now, Changed& changed) {
  const std::string time = format_utc(now);
  fields.push_back({"updated_at", keys::string_json(time)});
  bool tried = false;
  return repository.edit([&](keys::KeyDocument& document) -> Result<bool> {
    const std::optional<size_t> position = document.find(id);
    if (!position) return std::unexpected(no_such_key(id, repository.url()));
    // At a later try the change may be there, by a write whose fate was unknown: this moment is that of no other.
    const bool made_already = tried && was_updated_at(document.record(*position), time);
    tried = true;
    if (!made_already) {
      if (const Result<> set = document.set_fields(*position, fields); !set) return std::unexpected(set.error());
    }
    changed.record = document.record(*position);
    changed.beside_plain_secrets = document.plain_count() > 0;
    return !made_already;
  });
}

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
  Changed changed;
  const Result<> done =
      make_change(progress.watch((*open)->repository()), *id, change.fields, world.clock.now(), changed);
  if (done && change.python_ignores_it && changed.beside_plain_secrets) warn(world.terminal, kPythonIgnoresThis);
  return report_edit(
      done,
      {.done = std::string(change.done),
       .how_to_find_out = fmt::format("Whether the change is there shows: heare-auth show {}", printable(*id)),
       .json = [&changed](std::string_view refreshed) { return as_json(changed.record, refreshed); }},
      *refresh_url, json, world);
}

}  // namespace heare::app
