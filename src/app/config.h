#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "app/config_file.h"
#include "app/environment.h"
#include "app/flags.h"
#include "app/metrics_config.h"
#include "app/setting.h"
#include "app/store_config.h"
#include "base/error.h"
#include "http/server.h"
#include "keys/api_key.h"
#include "log/logger.h"
#include "metrics/stats_push.h"

/// Options made of flags, environment and file, in this order of precedence, then defaults. Every error is `invalid`
/// and begins with the option or variable that it is about.
namespace heare::app {

struct ServeConfig {
  http::ServerOptions server;
  /// 0: the document is only loaded when asked for.
  std::chrono::milliseconds refresh_interval;
  log::Level log_level;
  /// How long a service that stops goes on accepting connections.
  std::chrono::milliseconds drain_delay;
  /// Nothing: no cache.
  std::optional<std::string> cache_file = std::nullopt;
  /// Nothing: keys never get too old.
  std::optional<std::chrono::milliseconds> max_stale = std::nullopt;
  /// Nothing: /metrics is answered on the service's own port only.
  std::optional<Address> metrics_listen = std::nullopt;
  /// Nothing: no heare-stats.
  std::optional<metrics::StatsReceiver> stats = std::nullopt;
};

Result<ServeConfig> resolve_serve(const ServeFlags& flags, const Environment& environment);

/// Refuses a cache that would be written over the document that it is a copy of: edits would be lost.
Result<> check_cache_file(const ServeConfig& config, const StoreLocation& store);

/// Where a running service takes a refresh: `flag`, REFRESH_URL, the file, or this machine's port (PORT). A URL that
/// names no path gets the call's own.
Result<std::string> resolve_refresh_url(const std::optional<Setting>& flag, const Environment& environment,
                                        const ConfigFile& file);

/// Where a running service tells its health: `flag`, or this machine's port (PORT); the path as above.
Result<std::string> resolve_health_url(const std::optional<Setting>& flag, const Environment& environment);

/// `plain` or `hashed` as asked for; nothing where the document is to decide.
Result<std::optional<keys::SecretStorage>> resolve_secret_storage(const std::optional<std::string>& flag,
                                                                  const Environment& environment);

/// `10s` or `1500ms`.
std::string duration_text(std::chrono::milliseconds duration);

/// `host:port`, with brackets round an IPv6 address.
std::string host_and_port(const std::string& host, uint16_t port);

/// `url` without user and password, for messages.
std::string without_credentials(const std::string& url);

}  // namespace heare::app
