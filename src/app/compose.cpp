#include "app/compose.h"

#include <utility>

#include "app/report.h"
#include "storage/file_store.h"

namespace heare::app {
namespace {

Result<std::unique_ptr<storage::ObjectStore>> make_store(const StoreLocation& location) {
  if (const auto* const file = std::get_if<FileLocation>(&location)) return storage::make_file_store(file->path);
  return fail(ErrorCode::invalid, "{}: this build has no S3 support yet", to_url(location));
}

}  // namespace

Result<std::unique_ptr<OpenStore>> compose_store(const StoreConfig& config, const World& world) {
  Result<std::unique_ptr<storage::ObjectStore>> store = make_store(config.location);
  if (!store) return std::unexpected(store.error());
  return std::make_unique<OpenStore>(std::move(*store), config.secrets, world.clock, world.random);
}

std::expected<std::unique_ptr<OpenStore>, int> open_store(const StoreFlags& flags, const World& world) {
  const Result<StoreConfig> config = resolve_store(flags, world.environment, world.config_file);
  if (!config) return std::unexpected(report_bad_option(world.terminal, config.error()));
  if (config->warning) warn(world.terminal, *config->warning);
  Result<std::unique_ptr<OpenStore>> store = compose_store(*config, world);
  if (!store) return std::unexpected(report_failure(world.terminal, store.error()));
  return std::move(*store);
}

Result<Service> compose_service(const ServeConfig& config, const StoreConfig& store_config, log::Logger& logger,
                                const World& world) {
  Result<std::unique_ptr<OpenStore>> store = compose_store(store_config, world);
  if (!store) return std::unexpected(store.error());
  Service service;
  service.store = std::move(*store);
  service.refresher =
      std::make_unique<KeyRefresher>(service.store->repository(), logger, world.clock, config.refresh_interval);
  Result<std::unique_ptr<http::Server>> server =
      http::make_server(config.server, logger, world.clock, *service.refresher);
  if (!server) return std::unexpected(server.error());
  service.server = std::move(*server);
  return service;
}

}  // namespace heare::app
