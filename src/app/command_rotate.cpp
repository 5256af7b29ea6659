#include <chrono>

#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/config.h"
#include "app/key_lookup.h"
#include "app/made_secret.h"
#include "app/progress_line.h"
#include "app/record_change.h"
#include "app/report.h"
#include "base/time_format.h"
#include "crypto/ids.h"
#include "keys/edits.h"
#include "keys/rotation.h"

namespace heare::app {
namespace {

/// What the document told while the secret was changed.
struct Seen {
  std::string record;
  std::string name;
  keys::Rotated rotated{};
  bool expired = false;
  bool enabled = true;
};

Seen look_at(const keys::KeyDocument& document, size_t position, const keys::Rotated& rotated, WallTime now) {
  Seen seen;
  seen.record = document.record(position);
  seen.rotated = rotated;
  json::Reader reader;
  keys::ApiKey key;
  (void)keys::RecordReader().read(*reader.read(seen.record), key);  // it was read a moment ago
  seen.name = key.name;
  seen.expired = keys::has_expired(key, now);
  seen.enabled = key.enabled;
  return seen;
}

std::string details_of(const Seen& seen, WallTime now) {
  const std::string old = seen.rotated.old_good_until ? "good until " + format_utc(*seen.rotated.old_good_until)
                                                      : "refused from the next refresh on";
  return fmt::format("  Name:        {}\n  Updated:     {}\n  Old secret:  {}\n", printable(seen.name), format_utc(now),
                     old);
}

void warn_of_surprises(const Seen& seen, bool grace, Terminal& terminal) {
  if (grace && seen.rotated.beside_plain_secrets) warn(terminal, kPythonIgnoresThis);
  if (!seen.enabled) warn(terminal, "the key is disabled, and its new secret is refused until it is enabled");
  if (seen.expired) warn(terminal, "the key has expired, and its new secret is refused until it expires later");
}

}  // namespace

int command_rotate(const RotateFlags& flags, const World& world) {
  Terminal& terminal = world.terminal;
  const Result<std::string> id = require_key_id(flags.key_id);
  if (!id) return report_bad_option(terminal, id.error());
  const Result<std::chrono::milliseconds> grace =
      duration_or(from_flag("--grace", flags.grace), std::chrono::milliseconds(0));
  if (!grace) return report_bad_option(terminal, grace.error());
  const auto storage = resolve_secret_storage(flags.secret_storage, world.environment);
  if (!storage) return report_bad_option(terminal, storage.error());
  const Result<std::optional<std::string>> refresh_url = resolve_refresh(flags.refresh, world);
  if (!refresh_url) return report_bad_option(terminal, refresh_url.error());
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();

  const WallTime now = world.clock.now();
  const keys::Rotation rotation = {crypto::make_secret(now, world.random), *storage, now, *grace};
  Seen seen;
  ProgressLine progress(world, flags.json);
  const Result<> stored =
      keys::rotate_key(progress.watch((*store)->repository()), *id, rotation,
                       [&](const keys::KeyDocument& document, size_t position, const keys::Rotated& rotated) {
                         seen = look_at(document, position, rotated, now);
                       });
  if (stored) warn_of_surprises(seen, grace->count() > 0, terminal);

  MadeSecret made;
  made.id = *id;
  made.secret = rotation.secret;
  made.heading = "Rotated API key";
  made.doubtful_heading = "API key, perhaps rotated";
  made.details = details_of(seen, now);
  made.record = seen.record;
  made.how_to_find_out = "Whether the new secret is good tells: heare-auth verify, with the secret on standard input";
  made.when_lost =
      fmt::format("The new secret is stored, but it is lost; make another: heare-auth rotate {}", printable(*id));
  return show_made_secret(made, stored, *refresh_url, flags.json, world);
}

}  // namespace heare::app
