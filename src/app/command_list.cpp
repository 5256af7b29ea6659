#include <functional>
#include <vector>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/compose.h"
#include "app/key_selection.h"
#include "app/key_table.h"
#include "app/progress_line.h"
#include "app/record_json.h"
#include "app/record_text.h"
#include "app/report.h"
#include "keys/document.h"

namespace heare::app {
namespace {

/// Hands on the keys that are to be shown.
using Keys = std::function<void(const std::function<void(json::Value, const keys::ApiKey&)>&)>;

std::string as_json(const Keys& keys) {
  constexpr size_t kRecordIndent = 4;
  RecordPrinter printer;
  std::string records;
  size_t count = 0;
  keys([&](json::Value record, const keys::ApiKey&) {
    ++count;
    records += records.empty() ? "\n    " : ",\n    ";
    printer.append(records, record, kRecordIndent);
  });
  const std::string_view after = records.empty() ? "" : "\n  ";
  return fmt::format("{{\n  \"keys\": [{}{}],\n  \"total\": {}\n}}\n", records, after, count);
}

std::string as_table(const Keys& keys, WallTime now, const Terminal& terminal) {
  std::vector<KeyRow> rows;
  keys([&](json::Value record, const keys::ApiKey& key) { rows.push_back(key_row(record, key, now)); });
  return key_table(rows, {terminal.columns(Stream::output), terminal.has_colours(Stream::output)});
}

std::string as_details(const Keys& keys, WallTime now, const Terminal& terminal) {
  std::string out;
  size_t count = 0;
  keys([&](json::Value record, const keys::ApiKey& key) {
    ++count;
    out += key_details(record, key, now, terminal.has_colours(Stream::output)) + "\n";
  });
  return count == 0 ? key_table({}) : out + fmt::format("Total: {} keys\n", count);
}

}  // namespace

int command_list(const ListFlags& flags, const World& world) {
  Terminal& terminal = world.terminal;
  const WallTime now = world.clock.now();
  const Result<KeySelection> selection = resolve_selection(flags, now);
  if (!selection) return report_bad_option(terminal, selection.error());
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();
  ProgressLine progress(world, flags.json);
  const Result<std::optional<keys::KeyDocument>> read = progress.watch((*store)->repository()).read();
  if (!read) return report_failure(terminal, read.error());
  const keys::KeyDocument& document = *read ? **read : keys::KeyDocument::empty();

  const Keys keys = [&](const auto& visit) { for_each_selected(document, *selection, now, visit); };
  if (flags.json) {
    terminal.out(as_json(keys));
  } else {
    terminal.out(flags.detailed ? as_details(keys, now, terminal) : as_table(keys, now, terminal));
  }
  return kExitDone;
}

}  // namespace heare::app
