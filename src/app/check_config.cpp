#include "app/check_config.h"

#include <variant>

#include <fmt/format.h>

#include "app/colour.h"
#include "app/compose.h"
#include "app/report.h"
#include "keys/api_key.h"

namespace heare::app {
namespace {

std::string keys_text(const keys::KeyRepository::LoadOutcome& outcome) {
  const auto* const snapshot = std::get_if<keys::KeyRepository::Snapshot>(&outcome);
  if (snapshot == nullptr) return "0 (there is no document yet)";
  return fmt::format("{} ({} plain secrets)", snapshot->loaded.index->key_count(), snapshot->loaded.plain_secret_count);
}

void warn_of_doubtful_fields(const keys::KeyRepository::LoadOutcome& outcome, Terminal& terminal) {
  const auto* const snapshot = std::get_if<keys::KeyRepository::Snapshot>(&outcome);
  if (snapshot == nullptr) return;
  for (const keys::DoubtfulField& doubtful : snapshot->loaded.doubtful_fields) {
    warn(terminal, fmt::format("{}: {}: {}", doubtful.key_id, doubtful.field, keys::what_is_doubtful(doubtful.field)));
  }
}

}  // namespace

int check_config(const ServeConfig& config, const StoreConfig& store_config, const World& world) {
  const Result<std::unique_ptr<OpenStore>> store = compose_store(store_config, world);
  if (!store) return report_bad_option(world.terminal, store.error());
  keys::KeyRepository& repository = (*store)->repository();
  const Result<keys::KeyRepository::LoadOutcome> outcome = repository.load(std::nullopt);
  if (!outcome) return report_failure(world.terminal, outcome.error());

  warn_of_doubtful_fields(*outcome, world.terminal);
  const bool polls = config.refresh_interval.count() > 0;
  print_marked(world.terminal,
               fmt::format("Store:      {}\n"
                           "Keys:       {}\n"
                           "Encryption: {}\n"
                           "Listen:     {}\n"
                           "Threads:    {}\n"
                           "Refresh:    {}\n"
                           "Too old:    {}\n"
                           "Cache:      {}\n"
                           "✓ Configuration is good.\n",
                           printable(repository.url()), keys_text(*outcome),
                           (*store)->cipher().encrypts() ? "a storage secret is set" : "none",
                           printable(host_and_port(config.server.host, config.server.port)), config.server.threads,
                           polls ? "every " + duration_text(config.refresh_interval) : "only when asked for",
                           config.max_stale ? "after " + duration_text(*config.max_stale) : "never",
                           config.cache_file ? printable(*config.cache_file) : "none"));
  return kExitDone;
}

}  // namespace heare::app
