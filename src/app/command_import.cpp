#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/config.h"
#include "app/input_file.h"
#include "app/progress_line.h"
#include "app/report.h"
#include "base/limits.h"
#include "keys/import.h"

namespace heare::app {
namespace {

Result<std::string> read_source(const std::optional<std::string>& file, Terminal& terminal) {
  if (!file || file->empty()) return fail(ErrorCode::invalid, "FILE: missing, - is standard input");
  if (*file == "-") return terminal.read_input(limits::kDocumentBytesMax);
  return read_file(*file, limits::kDocumentBytesMax);
}

std::string source_name(const std::string& file) {
  return file == "-" ? "standard input" : file;
}

Result<keys::Import> read_keys(const std::string& name, std::string text, const keys::DocumentCipher& cipher,
                               ProgressLine& progress, const World& world) {
  const Result<keys::DocumentCipher::Opened> opened = cipher.open(std::move(text));
  if (!opened) return fail_in(name, opened.error());
  Result<keys::Import> import = keys::Import::read(opened->json, world.clock.now(), world.random, progress.listener());
  if (!import) return fail_in(name, import.error());
  for (const std::string& warning : import->warnings()) warn(world.terminal, fmt::format("{}: {}", name, warning));
  return import;
}

/// All in one write, or nothing.
Result<> store_keys(keys::KeyRepository& repository, const std::string& name, const keys::Import& import,
                    const std::optional<keys::SecretStorage>& storage) {
  return repository.edit([&](keys::KeyDocument& document, bool in_doubt) -> Result<bool> {
    const Result<bool> added = import.add_to(document, storage, in_doubt);
    if (!added) return fail_in(name, added.error());
    return added;
  });
}

}  // namespace

int command_import(const ImportFlags& flags, const World& world) {
  Terminal& terminal = world.terminal;
  const auto storage = resolve_secret_storage(flags.secret_storage, world.environment);
  if (!storage) return report_bad_option(terminal, storage.error());
  const Result<std::optional<std::string>> refresh_url = resolve_refresh(flags.refresh, world);
  if (!refresh_url) return report_bad_option(terminal, refresh_url.error());
  Result<std::string> text = read_source(flags.file, terminal);
  if (!text) return report_bad_option(terminal, text.error());
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();

  const std::string name = source_name(*flags.file);
  ProgressLine progress(world, flags.json);
  const Result<keys::Import> import = read_keys(name, std::move(*text), (*store)->cipher(), progress, world);
  if (!import) return report_failure(terminal, import.error());
  return report_edit(store_keys(progress.watch((*store)->repository()), name, *import, *storage),
                     {.done = fmt::format("✓ Imported {} keys.", import->size()),
                      .how_to_find_out = "Whether the keys are there shows: heare-auth list",
                      .json = json_with("imported", fmt::to_string(import->size()))},
                     *refresh_url, flags.json, world);
}

}  // namespace heare::app
