#include "app/compose.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "app/document_cache.h"
#include "app/report.h"
#include "s3/address.h"
#include "storage/file_store.h"

namespace heare::app {
namespace {

constexpr std::string_view kDefaultRegion = "us-east-1";
/// Less would cut a store that answers, and leave writes in doubt.
constexpr std::chrono::milliseconds kS3PatienceMin{1000};

/// Whoever has set no region means that of their AWS profile.
Result<std::string> region_of(const BucketLocation& location, const s3::Environment& environment) {
  if (location.region) return *location.region;
  const std::optional<std::string> region = s3::profile_region(environment);
  if (!region) return std::string(kDefaultRegion);
  if (s3::is_region_name(*region)) return *region;
  return fail(ErrorCode::invalid,
              "the region of the AWS profile: not the name of a region ({}); mend it or give --region", *region);
}

/// No read or write of the store takes longer than an edit may.
std::chrono::milliseconds patience_of(const StoreConfig& config, std::chrono::milliseconds usual) {
  return std::min(usual, config.edits.edit_timeout);
}

Result<ComposedStore> compose_s3(const BucketLocation& location, const StoreConfig& config, const World& world) {
  const s3::Environment environment = [&world](std::string_view name) { return world.environment.get(name); };
  s3::S3Location s3_location;
  s3_location.bucket = location.bucket;
  s3_location.key = location.key;
  Result<std::string> region = region_of(location, environment);
  if (!region) return std::unexpected(region.error());
  s3_location.region = std::move(*region);
  s3_location.endpoint = location.endpoint_url.value_or("");
  const Result<s3::Address> address = s3::make_address(s3_location, s3_location.region);
  if (!address) return std::unexpected(address.error());

  ComposedStore composed;
  composed.s3 = std::make_unique<S3Access>();
  S3Access& access = *composed.s3;
  access.region = s3_location.region;
  access.endpoint = address->origin;
  access.http = fetch::make_http_client({.ca_bundle = config.ca_bundle});
  access.credentials = s3::make_credentials_chain({environment, access.region}, *access.http, world.clock);
  auto store = s3::make_s3_store(std::move(s3_location), {*access.credentials, *access.http, world.clock, world.random},
                                 std::max(kS3PatienceMin, patience_of(config, s3::kPatience)));
  access.store = store.get();
  composed.store = std::move(store);
  return composed;
}

/// Buckets of two S3 servers may have one name: a cache must not pass from one to the other.
std::string identity_of(const StoreLocation& location, const std::string& url) {
  const auto* const s3 = std::get_if<BucketLocation>(&location);
  return s3 != nullptr && s3->endpoint_url ? fmt::format("{} at {}", url, *s3->endpoint_url) : url;
}

http::ServerOptions for_scrapers(const Address& address) {
  /// One scraper keeps one connection; a second one may come along while the first is replaced.
  constexpr size_t kConnectionsMax = 64;
  http::ServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.address_options = {.host = "--metrics-listen", .port = "--metrics-listen"};
  options.connections_max = kConnectionsMax;
  options.metrics_only = true;
  // A scrape takes a millisecond: the end of the service does not wait for one that hangs.
  options.timeouts.drain = std::chrono::seconds(1);
  return options;
}

}  // namespace

Result<ComposedStore> compose_object_store(const StoreConfig& config, const World& world) {
  if (const auto* const s3 = std::get_if<BucketLocation>(&config.location)) {
    return compose_s3(*s3, config, world);
  }
  return ComposedStore{nullptr, storage::make_file_store(std::get<FileLocation>(config.location).path, world.clock,
                                                         patience_of(config, storage::kLockWait))};
}

Result<std::unique_ptr<OpenStore>> compose_store(const StoreConfig& config, const World& world) {
  Result<ComposedStore> composed = compose_object_store(config, world);
  if (!composed) return std::unexpected(composed.error());
  return std::make_unique<OpenStore>(std::move(*composed), config, world);
}

std::expected<std::unique_ptr<OpenStore>, int> open_store(const StoreFlags& flags, const World& world) {
  const Result<StoreConfig> config = resolve_store(flags, world.environment, world.config_file);
  if (!config) return std::unexpected(report_bad_option(world.terminal, config.error()));
  if (config->warning) warn(world.terminal, *config->warning);
  Result<std::unique_ptr<OpenStore>> store = compose_store(*config, world);
  if (!store) return std::unexpected(report_bad_option(world.terminal, store.error()));
  return std::move(*store);
}

Reporting compose_reporting(const std::optional<metrics::StatsReceiver>& receiver, log::Logger& logger,
                            const World& world) {
  Reporting reporting;
  reporting.metrics = std::make_unique<ServiceMetrics>(logger, world.clock, world.random);
  if (!receiver) return reporting;
  reporting.stats =
      metrics::make_stats_push(*receiver, world.make_http_client(),
                               {.read = [&metrics = *reporting.metrics] { return metrics.report(); },
                                .failing =
                                    [&logger](const std::string& problem) {
                                      logger.event(log::Level::warning, "stats_failed", {{"error", problem}});
                                    }});
  return reporting;
}

Result<Service> compose_service(const ServeConfig& config, const StoreConfig& store_config, log::Logger& logger,
                                ServiceMetrics& metrics, const World& world) {
  Result<std::unique_ptr<OpenStore>> store = compose_store(store_config, world);
  if (!store) return std::unexpected(store.error());
  Service service;
  service.store = std::move(*store);
  std::unique_ptr<DocumentCache> cache;
  if (config.cache_file) {
    cache = std::make_unique<DocumentCache>(*config.cache_file,
                                            identity_of(store_config.location, service.store->repository().url()),
                                            service.store->cipher(), logger);
  }
  service.refresher = std::make_unique<KeyRefresher>(service.store->repository(), logger, world.clock,
                                                     config.refresh_interval, std::move(cache));
  const http::ServerParts parts = {
      .logger = logger, .clock = world.clock, .refresher = *service.refresher, .metrics_page = metrics};
  Result<std::unique_ptr<http::Server>> server = http::make_server(config.server, parts);
  if (!server) return std::unexpected(server.error());
  service.server = std::move(*server);
  if (config.metrics_listen) {
    Result<std::unique_ptr<http::Server>> metrics_server =
        http::make_server(for_scrapers(*config.metrics_listen), parts);
    if (!metrics_server) return std::unexpected(metrics_server.error());
    service.metrics_server = std::move(*metrics_server);
  }
  metrics.watch(*service.server);
  return service;
}

}  // namespace heare::app
