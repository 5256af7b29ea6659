#include <optional>
#include <string>

#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/made_secret.h"
#include "app/new_key.h"
#include "app/progress_line.h"
#include "app/report.h"
#include "keys/edits.h"

namespace heare::app {
namespace {

std::string details_of(const keys::NewKey& key) {
  std::string text = fmt::format(
      "  Name:        {}\n"
      "  Secret Type: {}\n"
      "  Created:     {}\n"
      "  Expires:     {}\n",
      printable(key.name), printable(key.secret_type), key.created_at, key.expires_at.value_or("Never"));
  if (key.owner) text += fmt::format("  Owner:       {}\n", printable(*key.owner));
  if (!key.scopes.empty()) text += fmt::format("  Scopes:      {}\n", fmt::join(key.scopes, " "));
  return text;
}

MadeSecret made_secret(const keys::NewKey& key) {
  MadeSecret made;
  made.id = key.id;
  made.secret = key.secret;
  made.heading = "Created API key";
  made.doubtful_heading = "API key, perhaps created";
  made.details = details_of(key);
  made.how_to_find_out = fmt::format("Whether the key is there shows: heare-auth show {}", key.id);
  made.when_lost = fmt::format("The key is stored, but its secret is lost; remove it: heare-auth delete {}", key.id);
  return made;
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

  MadeSecret made = made_secret(*key);
  ProgressLine progress(world, flags.json);
  const Result<> stored = keys::create_key(
      progress.watch((*store)->repository()), *key, *storage,
      [&](const keys::KeyDocument& document, size_t position) { made.record = document.record(position); });
  return show_made_secret(made, stored, *refresh_url, flags.json, world);
}

}  // namespace heare::app
