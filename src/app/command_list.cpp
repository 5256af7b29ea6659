#include <vector>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/compose.h"
#include "app/record_json.h"
#include "app/record_text.h"
#include "app/report.h"
#include "keys/document.h"

namespace heare::app {
namespace {

std::string as_json(const keys::KeyDocument& document) {
  constexpr size_t kRecordIndent = 4;
  RecordPrinter printer;
  std::string records;
  document.for_each([&](json::Value record, const keys::ApiKey&) {
    records += records.empty() ? "\n    " : ",\n    ";
    printer.append(records, record, kRecordIndent);
  });
  const std::string_view after = records.empty() ? "" : "\n  ";
  return fmt::format("{{\n  \"keys\": [{}{}],\n  \"total\": {}\n}}\n", records, after, document.record_count());
}

std::string as_table(const keys::KeyDocument& document, WallTime now) {
  std::vector<KeyRow> rows;
  document.for_each([&](json::Value record, const keys::ApiKey& key) { rows.push_back(key_row(record, key, now)); });
  return key_table(rows);
}

std::string as_details(const keys::KeyDocument& document, WallTime now) {
  if (document.record_count() == 0) return key_table({});
  std::string out;
  document.for_each([&](json::Value record, const keys::ApiKey& key) { out += key_details(record, key, now) + "\n"; });
  return out + fmt::format("Total: {} keys\n", document.record_count());
}

}  // namespace

int command_list(const ListFlags& flags, const World& world) {
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();
  const Result<std::optional<keys::KeyDocument>> read = (*store)->repository().read();
  if (!read) return report_failure(world.terminal, read.error());
  const keys::KeyDocument& document = *read ? **read : keys::KeyDocument::empty();

  const WallTime now = world.clock.now();
  if (flags.json) {
    world.terminal.out(as_json(document));
  } else {
    world.terminal.out(flags.detailed ? as_details(document, now) : as_table(document, now));
  }
  return kExitDone;
}

}  // namespace heare::app
