#include "app/after_edit.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/key_lookup.h"
#include "app/progress_line.h"
#include "app/record_json.h"
#include "app/record_text.h"
#include "app/report.h"
#include "keys/document.h"
#include "keys/edits.h"

namespace heare::app {
namespace {

Result<std::string> describe(keys::KeyRepository& repository, const std::string& id, bool json, const World& world) {
  const Result<std::optional<keys::KeyDocument>> document = repository.read();
  if (!document) return std::unexpected(document.error());
  const std::optional<size_t> position = *document ? (*document)->find(id) : std::nullopt;
  if (!position) return std::unexpected(keys::no_such_key(id, repository.url()));

  json::Reader reader;
  const json::Value record = *reader.read((*document)->record(*position));
  std::string out;
  if (json) {
    const ExtraMember refresh[] = {{"refresh", refresh_json(std::nullopt)}};
    RecordPrinter().append(out, record, 0, refresh);
    return out + "\n";
  }
  keys::ApiKey key;
  if (const Result<> read = keys::RecordReader().read(record, key); !read) return std::unexpected(read.error());
  return key_details(record, key, world.clock.now(), world.terminal.has_colours(Stream::output));
}

}  // namespace

int command_show(const ShowFlags& flags, const World& world) {
  const Result<std::string> id = require_key_id(flags.key_id);
  if (!id) return report_bad_option(world.terminal, id.error());
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();
  ProgressLine progress(world, flags.json);
  const Result<std::string> text = describe(progress.watch((*store)->repository()), *id, flags.json, world);
  if (!text) return report_failure(world.terminal, text.error());
  world.terminal.out(*text);
  return kExitDone;
}

}  // namespace heare::app
