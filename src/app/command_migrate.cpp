#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/progress_line.h"
#include "app/report.h"
#include "keys/document.h"

namespace heare::app {
namespace {

Result<> check_flags(const MigrateFlags& flags) {
  if (flags.hash_secrets || flags.reencrypt) return {};
  return fail(ErrorCode::invalid, "nothing to do, give --hash-secrets or --reencrypt");
}

/// `migrated` is how many records are stored in another way than before.
Result<> migrate(keys::KeyRepository& repository, const MigrateFlags& flags, size_t& migrated) {
  // Of all tries: at the last one, all may be done by a write whose fate was unknown.
  migrated = 0;
  const auto change = [&](keys::KeyDocument& document, bool) -> Result<bool> {
    const bool encrypts_anew = flags.reencrypt && !repository.sealed_as_now();
    bool changed = encrypts_anew;
    if (encrypts_anew) migrated = document.record_count();
    if (flags.hash_secrets) {
      const std::string before = document.json();
      const Result<size_t> hashed = document.hash_secrets();
      if (!hashed) return std::unexpected(hashed.error());
      migrated = std::max(migrated, *hashed);
      changed = changed || document.json() != before;
    }
    return changed;
  };
  return repository.edit(change, keys::KeyRepository::IfAbsent::fail);
}

}  // namespace

int command_migrate(const MigrateFlags& flags, const World& world) {
  Terminal& terminal = world.terminal;
  if (const Result<> good = check_flags(flags); !good) return report_bad_option(terminal, good.error());
  const Result<std::optional<std::string>> refresh_url = resolve_refresh(flags.refresh, world);
  if (!refresh_url) return report_bad_option(terminal, refresh_url.error());
  const auto store = open_store(flags.store, world);
  if (!store) return store.error();
  if (flags.reencrypt && !(*store)->cipher().encrypts()) {
    return report_bad_option(
        terminal, {ErrorCode::invalid, "--reencrypt: there is no storage secret, set STORAGE_SECRET or a file"});
  }

  ProgressLine progress(world, flags.json);
  size_t migrated = 0;
  const Result<> done = migrate(progress.watch((*store)->repository()), flags, migrated);
  return report_edit(done,
                     {.done = fmt::format("✓ Migrated {} keys.", migrated),
                      .how_to_find_out = "Once the store answers, give the same command again.",
                      .json = json_with("migrated", fmt::to_string(migrated))},
                     *refresh_url, flags.json, world);
}

}  // namespace heare::app
