#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/key_lookup.h"
#include "app/progress_line.h"
#include "app/report.h"
#include "base/text.h"
#include "keys/document.h"
#include "keys/edits.h"
#include "keys/record_fields.h"

namespace heare::app {
namespace {

Result<std::string> name_of(keys::KeyRepository& repository, const std::string& id) {
  const Result<std::optional<keys::KeyDocument>> document = repository.read();
  if (!document) return std::unexpected(document.error());
  const std::optional<size_t> position = *document ? (*document)->find(id) : std::nullopt;
  if (!position) return std::unexpected(keys::no_such_key(id, repository.url()));
  json::Reader reader;
  const json::Value name = reader.read((*document)->record(*position))->find("name");
  std::string scratch;
  return name && name.is_string() ? std::string(name.text(scratch)) : std::string();
}

/// The end of the input is no answer: a script that gives none must not take the key for deleted.
Result<bool> confirmed(Terminal& terminal, const std::string& id, const std::string& name) {
  terminal.err(fmt::format("Delete API key '{}' ({})? [y/N]: ", printable(id), printable(name)));
  const std::optional<std::string> answer = terminal.read_line();
  if (answer) {
    const std::string_view word = trimmed(*answer);
    return equal_ignoring_case(word, "y") || equal_ignoring_case(word, "yes");
  }
  terminal.err("\n");
  return fail(ErrorCode::invalid, "standard input: no answer, nothing is deleted; --yes deletes without a question");
}

void print_cancelled(Terminal& terminal, bool json) {
  terminal.out(json ? "{\n  \"deleted\": null,\n  \"refresh\": null\n}\n" : "Cancelled.\n");
}

}  // namespace

int command_delete(const DeleteFlags& flags, const World& world) {
  const Result<std::string> id = require_key_id(flags.key_id);
  if (!id) return report_bad_option(world.terminal, id.error());
  const Result<std::optional<std::string>> refresh_url = resolve_refresh(flags.refresh, world);
  if (!refresh_url) return report_bad_option(world.terminal, refresh_url.error());
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();
  ProgressLine progress(world, flags.json);
  keys::KeyRepository& repository = progress.watch((*store)->repository());

  if (!flags.yes) {
    const Result<std::string> name = name_of(repository, *id);
    if (!name) return report_failure(world.terminal, name.error());
    const Result<bool> answer = confirmed(world.terminal, *id, *name);
    if (!answer) return report_failure(world.terminal, answer.error());
    if (!*answer) {
      print_cancelled(world.terminal, flags.json);
      return kExitDone;
    }
  }
  return report_edit(
      keys::delete_key(repository, *id),
      {.done = "✓ Deleted successfully.",
       .how_to_find_out = fmt::format("Whether the key is deleted shows: heare-auth show {}", printable(*id)),
       .json = json_with("deleted", keys::string_json(*id))},
      *refresh_url, flags.json, world);
}

}  // namespace heare::app
