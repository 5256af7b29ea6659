#include <cstdlib>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

#include "app/check_config.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/config.h"
#include "app/report.h"
#include "app/signals.h"
#include "app/version.h"
#include "base/limits.h"

namespace heare::app {
namespace {

/// For a load that runs when the service stops. With the drain and the flush it stays under 9 s.
constexpr std::chrono::milliseconds kRefresherPatience{500};

int report_startup_failure(const Error& error, log::Logger& logger, Terminal& terminal) {
  logger.event(log::Level::error, "startup_failed", {{"error", error.message}});
  return report_failure(terminal, error);
}

void log_startup(size_t keys_loaded, Service& service, const std::string& host, log::Logger& logger) {
  logger.event(log::Level::info, "startup",
               {{"keys_loaded", static_cast<int64_t>(keys_loaded)},
                {"store", service.store->repository().url()},
                {"listen", host_and_port(host, service.server->port())},
                {"version", kVersion}});
}

/// A connection takes a descriptor, and the usual soft limit of 1,024 is for programs that use select(2).
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));  // what is there then has to do
}

/// Serves until a signal, or until the first load has failed.
int run(Service& service, const ServeConfig& config, log::Logger& logger, Terminal& terminal) {
  http::Server& server = *service.server;
  KeyRefresher& refresher = *service.refresher;
  int exit_code = kExitDone;

  refresher.start({
      .publish = [&server](std::unique_ptr<const keys::KeyIndex> index) { server.publish(std::move(index)); },
      .confirmed =
          [&](WallTime at) {
            if (config.max_stale) server.set_fresh_until(at + *config.max_stale);
          },
      .first_loaded =
          [&](const Result<size_t>& loaded) {
            if (loaded) return log_startup(*loaded, service, config.server.host, logger);
            exit_code = report_startup_failure(loaded.error(), logger, terminal);
            server.drain(std::chrono::milliseconds(0));
          },
  });
  std::unique_ptr<SignalThread> signals = start_signal_thread({
      .stop = [&] { server.drain(config.drain_delay); },
      .refresh = [&] { refresher.request(); },
  });
  server.run();

  const bool refresher_ended = refresher.stop(kRefresherPatience);
  logger.event(log::Level::info, "shutdown", {});
  if (refresher_ended) return exit_code;  // the logger writes the rest when it goes
  // A load that hangs in its store must not hold up the end of the process; nothing else is left to do.
  logger.flush(limits::kFlushTimeout);
  std::_Exit(exit_code);
}

}  // namespace

int command_serve(const ServeFlags& flags, const World& world) {
  const Result<ServeConfig> config = resolve_serve(flags, world.environment);
  if (!config) return report_bad_option(world.terminal, config.error());
  const Result<StoreConfig> store = resolve_store(flags.store, world.environment, world.config_file);
  if (!store) return report_bad_option(world.terminal, store.error());
  if (store->warning) warn(world.terminal, *store->warning);
  if (flags.check_config) return check_config(*config, *store, world);

  raise_descriptor_limit();
  block_service_signals();
  const std::unique_ptr<log::Logger> logger = log::make_logger(STDOUT_FILENO, config->log_level, world.clock);
  Result<Service> service = compose_service(*config, *store, *logger, world);
  if (!service) return report_startup_failure(service.error(), *logger, world.terminal);
  return run(*service, *config, *logger, world.terminal);
}

}  // namespace heare::app
