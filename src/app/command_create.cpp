#include <array>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/new_key.h"
#include "app/record_json.h"
#include "app/report.h"
#include "base/text.h"
#include "keys/document.h"

namespace heare::app {
namespace {

/// Adds `key` and gives back its record as the document holds it. On a document that has the key already, because a
/// write took effect whose fate was unknown, nothing is left to do. After an error `record` may be set: to what was
/// sent.
Result<> store_key(keys::KeyRepository& repository, const keys::NewKey& key,
                   const std::optional<keys::SecretStorage>& storage, std::string& record) {
  return repository.edit([&](keys::KeyDocument& document) -> Result<bool> {
    const bool present = document.find(key.id).has_value();
    if (!present) {
      const Result<> appended = document.append({&key, 1}, storage.value_or(document.secret_storage()));
      if (!appended) return std::unexpected(appended.error());
    }
    record = document.record(*document.find(key.id));
    return !present;
  });
}

/// The heading says "Created", but where nobody knows.
std::string as_text(const keys::NewKey& key, bool outcome_known) {
  return fmt::format(
      "\n{}:\n"
      "  ID:          {}\n"
      "  Secret:      {}\n"
      "  Name:        {}\n"
      "  Secret Type: {}\n"
      "  Created:     {}\n"
      "  Expires:     {}\n",
      outcome_known ? "Created API key" : "API key, perhaps created", key.id, key.secret.reveal(), printable(key.name),
      printable(key.secret_type), key.created_at, key.expires_at.value_or("Never"));
}

std::string as_json(const keys::NewKey& key, const std::string& record_text, const std::optional<uint64_t>& refreshed) {
  std::string secret;
  append_json_string(secret, key.secret.reveal());
  const std::array<ExtraMember, 2> extra = {{{"secret", secret}, {"refresh", refresh_json(refreshed)}}};
  json::Reader reader;
  std::string out;
  RecordPrinter().append(out, *reader.read(record_text), 0, extra);
  return out + "\n";
}

constexpr std::string_view kSaveTheSecret =
    "\n⚠️  Save the SECRET securely - it will not be shown again!\n"
    "    Use the ID for reference and logging.\n";

/// The write was sent, and its fate is unknown: the key may be good, so its owner gets it all the same.
int report_unknown(const keys::NewKey& key, const std::string& record, const Error& error, bool json,
                   Terminal& terminal) {
  if (json) {
    terminal.out(as_json(key, record, std::nullopt));
  } else {
    terminal.out(as_text(key, false));
    terminal.out(kSaveTheSecret);
  }
  const int exit_code = report_failure(terminal, error);
  terminal.err(fmt::format("Whether the key is there shows: heare-auth show {}\n", key.id));
  return exit_code;
}

/// The key is stored, and nobody has its secret.
int report_unseen(const keys::NewKey& key, const Error& error, Terminal& terminal) {
  const int exit_code = report_failure(terminal, error);
  terminal.err(fmt::format("The key is stored, but its secret is lost; remove it: heare-auth delete {}\n", key.id));
  return exit_code;
}

}  // namespace

int command_create(const CreateFlags& flags, const World& world) {
  Terminal& terminal = world.terminal;
  const Result<keys::NewKey> key = make_new_key(flags, world.clock.now(), world.random);
  if (!key) return report_bad_option(terminal, key.error());
  // Both are in one form, so that their order is that of their characters.
  if (key->expires_at && *key->expires_at < key->created_at) warn(terminal, "--expires-at: in the past");
  const auto storage = resolve_secret_storage(flags.secret_storage, world.environment);
  if (!storage) return report_bad_option(terminal, storage.error());
  const Result<std::optional<std::string>> refresh_url = resolve_refresh(flags.refresh, world);
  if (!refresh_url) return report_bad_option(terminal, refresh_url.error());
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();

  std::string record;
  const Result<> stored = store_key((*store)->repository(), *key, *storage, record);
  if (!stored && stored.error().code == ErrorCode::unknown_outcome) {
    return report_unknown(*key, record, stored.error(), flags.json, terminal);
  }
  if (!stored) return report_failure(terminal, stored.error());

  if (flags.json) {
    terminal.out(as_json(*key, record, refresh_after_edit(*refresh_url, world)));
    if (const Result<> shown = terminal.flush(); !shown) return report_unseen(*key, shown.error(), terminal);
    return kExitDone;
  }
  terminal.out(as_text(*key, true));
  // What is shown once must not be lost with a call that hangs.
  if (const Result<> shown = terminal.flush(); !shown) return report_unseen(*key, shown.error(), terminal);
  const std::optional<uint64_t> refreshed = refresh_after_edit(*refresh_url, world);
  if (refreshed) terminal.out("\n" + refreshed_line(*refreshed));
  terminal.out(kSaveTheSecret);
  return kExitDone;
}

}  // namespace heare::app
