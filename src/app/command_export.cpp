#include <fmt/format.h>

#include "app/commands.h"
#include "app/compose.h"
#include "app/progress_line.h"
#include "app/report.h"
#include "json/writer.h"
#include "keys/document.h"
#include "keys/record_fields.h"

namespace heare::app {
namespace {

/// `record` on one line: every byte of it but the white space between its tokens.
std::string on_one_line(std::string_view record) {
  std::string line;
  bool in_text = false;
  bool escaped = false;
  for (const char c : record) {
    if (in_text) {
      in_text = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      in_text = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      continue;
    }
    line += c;
  }
  return line;
}

std::string laid_out(std::string_view record) {
  constexpr size_t kRecordIndent = 4;
  json::Reader reader;
  std::string text;
  json::append_indented(text, *reader.read(record), kRecordIndent);
  return text;
}

void print(const keys::KeyDocument& document, const ExportFlags& flags, Terminal& terminal) {
  if (flags.json) terminal.out("{\n  \"keys\": [");
  std::string_view before = "\n    ";
  document.for_each([&](json::Value record, const keys::ApiKey& key) {
    const std::string text = flags.redact
                                 ? keys::with_hashed_secret(record.raw(), key).value_or(std::string(record.raw()))
                                 : std::string(record.raw());
    if (flags.json) {
      terminal.out(fmt::format("{}{}", before, laid_out(text)));
      before = ",\n    ";
    } else {
      terminal.out(on_one_line(text) + "\n");
    }
  });
  if (flags.json) terminal.out(document.record_count() == 0 ? "]\n}\n" : "\n  ]\n}\n");
}

}  // namespace

int command_export(const ExportFlags& flags, const World& world) {
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();
  ProgressLine progress(world, flags.json);
  const Result<std::optional<keys::KeyDocument>> read = progress.watch((*store)->repository()).read();
  if (!read) return report_failure(world.terminal, read.error());
  if (!*read) {
    warn(world.terminal, fmt::format("{} does not exist: there is nothing to export", (*store)->repository().url()));
  }
  const keys::KeyDocument& document = *read ? **read : keys::KeyDocument::empty();

  print(document, flags, world.terminal);
  // Last, where it is not scrolled away.
  if (!flags.redact && document.plain_count() > 0 && world.terminal.shows_output()) {
    warn(world.terminal,
         fmt::format("{} secrets are on this screen; --redact prints digests in their place", document.plain_count()));
  }
  return kExitDone;
}

}  // namespace heare::app
