#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "app/check_config.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/config.h"
#include "app/core_dumps.h"
#include "app/descriptor_limit.h"
#include "app/report.h"
#include "app/service_manager.h"
#include "app/signals.h"
#include "app/version.h"
#include "base/limits.h"

namespace heare::app {
namespace {

/// For a load that runs when the service stops. With the drain and the flush it stays under 9 s.
constexpr std::chrono::milliseconds kRefresherPatience{500};

/// A service, and whom it tells what becomes of it.
struct Serving {
  Service& service;
  const ServeConfig& config;
  log::Logger& logger;
  Reporting& reporting;
  const World& world;
  int exit_code = kExitDone;
};

int report_startup_failure(const Error& error, log::Logger& logger, const World& world) {
  logger.event(log::Level::error, "startup_failed", {{"error", error.message}});
  return report_failure(world.terminal, error);
}

/// Runs the server for scrapers, where there is one, on a thread of its own until the end of the block: also where the
/// service itself could not run.
class MetricsServerThread {
 public:
  explicit MetricsServerThread(http::Server* server) : server_(server) {
    if (server_ == nullptr) return;
    thread_ = std::thread([server] {
      // It has no more threads than this one, which is there.
      [[maybe_unused]] const Result<> ran = server->run();
    });
  }
  ~MetricsServerThread() {
    if (server_ == nullptr) return;
    server_->drain(std::chrono::milliseconds(0));
    thread_.join();
  }
  MetricsServerThread(const MetricsServerThread&) = delete;
  MetricsServerThread& operator=(const MetricsServerThread&) = delete;

 private:
  http::Server* const server_;
  std::thread thread_;
};

/// Reports while the service is there to be asked, until the end of the block.
class StatsReporting {
 public:
  explicit StatsReporting(Reporting& reporting) : reporting_(reporting) {
    if (reporting_.stats) reporting_.stats->start();
  }
  ~StatsReporting() { reporting_.stats.reset(); }
  StatsReporting(const StatsReporting&) = delete;
  StatsReporting& operator=(const StatsReporting&) = delete;

 private:
  Reporting& reporting_;
};

/// Ends the process at once: something hangs that must not hold it up, and nothing else is left to do.
[[noreturn]] void leave(int exit_code) {
  std::_Exit(exit_code);
}

/// Sends the last report and writes the log, within the time that both have together.
void finish_reporting(Reporting& reporting, log::Logger& logger, int exit_code) {
  const SteadyTime deadline = system_clock().steady_now() + limits::kFlushTimeout;
  const bool sent = !reporting.stats || reporting.stats->stop(limits::kFlushTimeout);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - system_clock().steady_now());
  const bool written = logger.flush(std::max(left, std::chrono::milliseconds(0)));
  if (!sent || !written) leave(exit_code);
}

void drain(Service& service, std::chrono::milliseconds accept_for) {
  service.server->drain(accept_for);
  if (service.metrics_server) service.metrics_server->drain(accept_for);
}

void fail_start(Serving& serving, const Error& error) {
  serving.reporting.metrics->start_failed();
  serving.exit_code = report_startup_failure(error, serving.logger, serving.world);
}

/// The end of the first load, which is that of the start.
void note_start(Serving& serving, const Result<size_t>& keys_loaded) {
  ServiceMetrics& metrics = *serving.reporting.metrics;
  if (!keys_loaded) {
    fail_start(serving, keys_loaded.error());
    return drain(serving.service, std::chrono::milliseconds(0));
  }
  metrics.started();
  serving.logger.event(log::Level::info, "startup",
                       {{"keys_loaded", static_cast<int64_t>(*keys_loaded)},
                        {"store", serving.service.store->repository().url()},
                        {"listen", host_and_port(serving.config.server.host, serving.service.server->port())},
                        {"version", kVersion}});
  notify_service_manager(serving.world.environment, "READY=1");
}

KeyRefresher::Listener listener_of(Serving& serving) {
  ServiceMetrics& metrics = *serving.reporting.metrics;
  return {
      .publish =
          [&serving, &metrics](std::unique_ptr<const keys::KeyIndex> index) {
            const size_t keys = index->key_count();
            serving.service.server->publish(std::move(index));
            metrics.published(keys);
          },
      .confirmed =
          [&serving, &metrics](WallTime at) {
            metrics.confirmed(at);
            if (serving.config.max_stale) serving.service.server->set_fresh_until(at + *serving.config.max_stale);
          },
      .first_loaded = [&serving](const Result<size_t>& keys_loaded) { note_start(serving, keys_loaded); },
      .load_ended = [&metrics](metrics::LoadOutcome outcome,
                               std::chrono::nanoseconds duration) { metrics.load_ended(outcome, duration); },
  };
}

/// Both servers, where there are two, until they are through.
Result<> run_servers(Service& service) {
  try {
    const MetricsServerThread metrics_thread(service.metrics_server.get());
    return service.server->run();
  } catch (const std::system_error& error) {
    return fail(ErrorCode::unavailable, "starting a thread for --metrics-listen: {}", error.code().message());
  }
}

/// Whatever ends the block: a load that goes on uses what the block has.
class StopRefresherAtEnd {
 public:
  explicit StopRefresherAtEnd(KeyRefresher& refresher) : refresher_(refresher) {}
  ~StopRefresherAtEnd() {
    if (!refresher_.stop(kRefresherPatience)) leave(kExitFailed);
  }
  StopRefresherAtEnd(const StopRefresherAtEnd&) = delete;
  StopRefresherAtEnd& operator=(const StopRefresherAtEnd&) = delete;

 private:
  KeyRefresher& refresher_;
};

/// Serves until a signal, or until the start has failed.
int run(Serving serving) {
  Service& service = serving.service;
  const StopRefresherAtEnd stop_refresher(*service.refresher);
  service.refresher->start(listener_of(serving));
  const std::unique_ptr<SignalThread> signals = start_signal_thread({
      .stop =
          [&serving] {
            notify_service_manager(serving.world.environment, "STOPPING=1");
            drain(serving.service, serving.config.drain_delay);
          },
      .refresh = [&service] { service.refresher->request(); },
  });
  const StatsReporting stats_reporting(serving.reporting);
  const Result<> served = run_servers(service);

  const bool refresher_ended = service.refresher->stop(kRefresherPatience);
  if (!served) fail_start(serving, served.error());
  serving.logger.event(log::Level::info, "shutdown", {});
  if (serving.exit_code == kExitDone) serving.reporting.metrics->stopped();
  finish_reporting(serving.reporting, serving.logger, serving.exit_code);
  if (!refresher_ended) leave(serving.exit_code);  // a load that hangs in its store
  return serving.exit_code;
}

/// A service that could not be made.
int fail_to_start(const Error& error, log::Logger& logger, Reporting& reporting, const World& world) {
  const int exit_code = report_startup_failure(error, logger, world);
  reporting.metrics->start_failed();
  finish_reporting(reporting, logger, exit_code);
  return exit_code;
}

}  // namespace

int command_serve(const ServeFlags& flags, const World& world) {
  Result<ServeConfig> config = resolve_serve(flags, world.environment);
  if (!config) return report_bad_option(world.terminal, config.error());
  const Result<StoreConfig> store = resolve_store(flags.store, world.environment, world.config_file);
  if (!store) return report_bad_option(world.terminal, store.error());
  if (const Result<> apart = check_cache_file(*config, store->location); !apart) {
    return report_bad_option(world.terminal, apart.error());
  }
  if (store->warning) warn(world.terminal, *store->warning);
  if (flags.check_config) return check_config(*config, *store, world);

  if (flags.core_dumps) allow_core_dumps(true);
  if (const Result<> enough = bound_connections(*config, raise_descriptor_limit(), world.terminal); !enough) {
    return report_failure(world.terminal, enough.error());
  }
  block_service_signals();
  const std::unique_ptr<log::Logger> logger = log::make_logger(STDOUT_FILENO, config->log_level, world.clock);
  Reporting reporting = compose_reporting(config->stats, *logger, world);
  Result<Service> service = compose_service(*config, *store, *logger, *reporting.metrics, world);
  if (!service) return fail_to_start(service.error(), *logger, reporting, world);
  return run({.service = *service, .config = *config, .logger = *logger, .reporting = reporting, .world = world});
}

}  // namespace heare::app
