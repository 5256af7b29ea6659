#include "app/config.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string_view>
#include <system_error>
#include <thread>
#include <variant>

#include <fmt/format.h>

namespace heare::app {
namespace {

using std::chrono::milliseconds;

constexpr uint16_t kDefaultPort = 8080;
/// How stale a replica may be: an unchanged document costs next to nothing, so it can be looked at often.
constexpr milliseconds kDefaultRefreshInterval{10'000};
/// More than any machine has CPUs: past that it is a slip of the finger.
constexpr uint64_t kThreadsMax = 1024;
/// Linux itself allows about this many open files a process (fs.nr_open).
constexpr uint64_t kConnectionsMax = 1'000'000;

struct Bounds {
  uint64_t min;
  uint64_t max;
};

Result<uint64_t> parse_number(const Setting& setting, Bounds bounds) {
  uint64_t number = 0;
  const char* const end = setting.text.data() + setting.text.size();
  const auto [stopped, error] = std::from_chars(setting.text.data(), end, number);
  if (error == std::errc() && stopped == end && number >= bounds.min && number <= bounds.max) return number;
  return fail(ErrorCode::invalid, "{}: not a number from {} to {} ({})", setting.origin, bounds.min, bounds.max,
              setting.text);
}

Result<uint64_t> number_or(const std::optional<Setting>& setting, uint64_t otherwise, Bounds bounds) {
  return setting ? parse_number(*setting, bounds) : otherwise;
}

Result<uint16_t> resolve_port(const std::optional<Setting>& setting) {
  const Result<uint64_t> port = number_or(setting, kDefaultPort, {0, std::numeric_limits<uint16_t>::max()});
  if (!port) return std::unexpected(port.error());
  return static_cast<uint16_t>(*port);
}

Result<log::Level> level_or(const std::optional<Setting>& setting, log::Level otherwise) {
  if (!setting) return otherwise;
  if (const std::optional<log::Level> level = log::parse_level(setting->text)) return *level;
  return fail(ErrorCode::invalid, "{}: not a level ({}), one of debug, info, warning, error", setting->origin,
              setting->text);
}

Result<http::ServerOptions> resolve_server(const ServeFlags& flags, const Environment& environment) {
  const Setting host = first_of({from_flag("--host", flags.host), from_variable(environment, "HEARE_AUTH_HOST")})
                           .value_or(Setting{"", "127.0.0.1"});
  if (host.text.empty()) return fail(ErrorCode::invalid, "{}: empty, for example 127.0.0.1 or 0.0.0.0", host.origin);
  const Result<uint16_t> port =
      resolve_port(first_of({from_flag("--port", flags.port), from_variable(environment, "PORT")}));
  if (!port) return std::unexpected(port.error());
  const Result<uint64_t> threads =
      number_or(first_of({from_flag("--threads", flags.threads), from_variable(environment, "HEARE_AUTH_THREADS")}),
                std::clamp<uint64_t>(std::thread::hardware_concurrency(), 1, kThreadsMax), {1, kThreadsMax});
  if (!threads) return std::unexpected(threads.error());
  const Result<uint64_t> connections =
      number_or(from_flag("--max-connections", flags.max_connections), limits::kConnectionsMax, {1, kConnectionsMax});
  if (!connections) return std::unexpected(connections.error());

  http::ServerOptions options;
  options.host = host.text;
  options.port = *port;
  options.threads = static_cast<unsigned>(*threads);
  options.connections_max = *connections;
  return options;
}

bool is_http_url(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (url.starts_with(scheme)) return url.size() > scheme.size();
  }
  return false;
}

/// Where user, host and port stand in a URL, which may lack its scheme.
struct Authority {
  size_t begin;
  size_t end;
};

Authority authority_of(std::string_view url) {
  const size_t scheme = url.find("://");
  const size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  return {begin, std::min(url.find_first_of("/?#", begin), url.size())};
}

/// `url`, with `path` where it names a service and nothing of it.
std::string with_path(const std::string& url, std::string_view path) {
  const std::string_view service = std::string_view(url).substr(0, authority_of(url).end);
  const bool names_a_path = url.size() > service.size() && url.substr(service.size()) != "/";
  return names_a_path ? url : fmt::format("{}{}", service, path);
}

Result<std::string> url_or_port(const std::optional<Setting>& setting, const Environment& environment,
                                std::string_view path) {
  if (setting && is_http_url(setting->text)) return with_path(setting->text, path);
  if (setting) {
    return fail(ErrorCode::invalid, "{}: not an http or https URL ({}), for example http://localhost:8080{}",
                setting->origin, without_credentials(setting->text), path);
  }
  const Result<uint16_t> port = resolve_port(from_variable(environment, "PORT"));
  if (!port) return std::unexpected(port.error());
  return fmt::format("http://localhost:{}{}", *port, path);
}

/// Whether both paths lead to one file, whatever links are on the way; of files that are not there yet, would lead.
bool lead_to_one_file(const std::filesystem::path& one, const std::filesystem::path& other) {
  std::error_code none;
  if (std::filesystem::equivalent(one, other, none)) return true;
  const auto target = [&none](const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, none), none);
  };
  return target(one) == target(other);
}

}  // namespace

Result<ServeConfig> resolve_serve(const ServeFlags& flags, const Environment& environment) {
  Result<http::ServerOptions> server = resolve_server(flags, environment);
  if (!server) return std::unexpected(server.error());
  const Result<milliseconds> interval =
      duration_or(first_of({from_flag("--refresh-interval", flags.refresh_interval),
                            from_variable(environment, "HEARE_AUTH_REFRESH_INTERVAL")}),
                  kDefaultRefreshInterval);
  if (!interval) return std::unexpected(interval.error());
  const Result<log::Level> level = level_or(
      first_of({from_flag("--log-level", flags.log_level), from_variable(environment, "HEARE_AUTH_LOG_LEVEL")}),
      log::Level::info);
  if (!level) return std::unexpected(level.error());
  const Result<milliseconds> delay = duration_or(from_flag("--drain-delay", flags.drain_delay), milliseconds(0));
  if (!delay) return std::unexpected(delay.error());
  const auto stale =
      first_of({from_flag("--max-stale", flags.max_stale), from_variable(environment, "HEARE_AUTH_MAX_STALE")});
  const Result<milliseconds> max_stale = duration_or(stale, milliseconds(0));
  if (!max_stale) return std::unexpected(max_stale.error());
  if (stale && max_stale->count() == 0) {
    return fail(ErrorCode::invalid, "{}: with 0 every key is too old at once ({}), leave it out for no limit",
                stale->origin, stale->text);
  }
  if (stale && *max_stale <= *interval) {
    return fail(ErrorCode::invalid,
                "{}: keys would be too old before they are looked at again ({}), give more than --refresh-interval, {}",
                stale->origin, stale->text, duration_text(*interval));
  }
  const auto cache =
      first_of({from_flag("--cache-file", flags.cache_file), from_variable(environment, "HEARE_AUTH_CACHE_FILE")});
  if (cache && cache->text.empty()) return fail(ErrorCode::invalid, "{}: empty, a file's path", cache->origin);
  Result<std::optional<Address>> metrics_listen = resolve_metrics_listen(first_of(
      {from_flag("--metrics-listen", flags.metrics_listen), from_variable(environment, "HEARE_AUTH_METRICS_LISTEN")}));
  if (!metrics_listen) return std::unexpected(metrics_listen.error());
  Result<std::optional<metrics::StatsReceiver>> stats = resolve_stats_receiver(environment);
  if (!stats) return std::unexpected(stats.error());

  ServeConfig config = {std::move(*server), *interval, *level, *delay};
  if (cache) config.cache_file = cache->text;
  if (stale) config.max_stale = *max_stale;
  config.metrics_listen = std::move(*metrics_listen);
  config.stats = std::move(*stats);
  return config;
}

Result<> check_cache_file(const ServeConfig& config, const StoreLocation& store) {
  const auto* const document = std::get_if<FileLocation>(&store);
  if (!config.cache_file || document == nullptr) return {};
  for (const std::string& written : {*config.cache_file, *config.cache_file + ".meta"}) {
    for (const std::string& needed : {document->path, document->path + ".lock"}) {
      if (!lead_to_one_file(written, needed)) continue;
      return fail(ErrorCode::invalid, "--cache-file: it would overwrite the store itself ({}), name another file",
                  needed);
    }
  }
  return {};
}

Result<std::string> resolve_refresh_url(const std::optional<Setting>& flag, const Environment& environment,
                                        const ConfigFile& file) {
  return url_or_port(
      first_of({flag, from_variable(environment, "REFRESH_URL"), file.setting("refresh_url", file.refresh_url)}),
      environment, "/refresh");
}

Result<std::string> resolve_health_url(const std::optional<Setting>& flag, const Environment& environment) {
  return url_or_port(flag, environment, "/health");
}

Result<std::optional<keys::SecretStorage>> resolve_secret_storage(const std::optional<std::string>& flag,
                                                                  const Environment& environment) {
  const std::optional<Setting> setting =
      first_of({from_flag("--secret-storage", flag), from_variable(environment, "HEARE_AUTH_SECRET_STORAGE")});
  if (!setting) return std::nullopt;
  if (setting->text == "plain") return keys::SecretStorage::plain;
  if (setting->text == "hashed") return keys::SecretStorage::hashed;
  return fail(ErrorCode::invalid, "{}: neither plain nor hashed ({})", setting->origin, setting->text);
}

std::string duration_text(milliseconds duration) {
  if (duration.count() % 1000 == 0) return fmt::format("{}s", duration.count() / 1000);
  return fmt::format("{}ms", duration.count());
}

std::string host_and_port(const std::string& host, uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string without_credentials(const std::string& url) {
  const auto [begin, end] = authority_of(url);
  const size_t at = url.rfind('@', end);
  if (at == std::string::npos || at < begin || at >= end) return url;
  return url.substr(0, begin) + url.substr(at + 1);
}

}  // namespace heare::app
