#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/config.h"
#include "app/flags.h"
#include "app/refresher.h"
#include "app/service_metrics.h"
#include "app/store_config.h"
#include "app/world.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "fetch/http_client.h"
#include "http/server.h"
#include "keys/cipher.h"
#include "keys/repository.h"
#include "log/logger.h"
#include "metrics/stats_push.h"
#include "s3/credentials.h"
#include "s3/s3_store.h"
#include "storage/object_store.h"

/// The object graph: who is made of what. Members are in the order in which they depend on each other.
namespace heare::app {

/// What an object in S3 is reached by.
struct S3Access {
  std::unique_ptr<fetch::HttpClient> http;
  std::unique_ptr<s3::CredentialsProvider> credentials;
  std::string region;
  /// `https://host`, as it is asked.
  std::string endpoint;
  /// The store itself; owned by ComposedStore.
  s3::S3Store* store = nullptr;
};

/// A store and what it is made of.
struct ComposedStore {
  /// Not there for a file.
  std::unique_ptr<S3Access> s3;
  std::unique_ptr<storage::ObjectStore> store;
};

Result<ComposedStore> compose_object_store(const StoreConfig& config, const World& world);

/// The document and the way to it: what every command that uses the store needs.
class OpenStore {
 public:
  OpenStore(ComposedStore composed, const StoreConfig& config, const World& world)
      : composed_(std::move(composed)),
        cipher_(config.secrets),
        repository_(*composed_.store, cipher_, world.clock, world.random, config.edits) {}
  OpenStore(const OpenStore&) = delete;
  OpenStore& operator=(const OpenStore&) = delete;

  keys::KeyRepository& repository() { return repository_; }
  const keys::DocumentCipher& cipher() const { return cipher_; }

 private:
  ComposedStore composed_;
  keys::DocumentCipher cipher_;
  keys::KeyRepository repository_;
};

Result<std::unique_ptr<OpenStore>> compose_store(const StoreConfig& config, const World& world);

/// The store as the options of a command name it. Where that fails, it has been reported, and the error is the exit
/// code.
std::expected<std::unique_ptr<OpenStore>, int> open_store(const StoreFlags& flags, const World& world);

/// What the service tells of itself, and to whom.
struct Reporting {
  std::unique_ptr<ServiceMetrics> metrics;
  /// Not there without a receiver.
  std::unique_ptr<metrics::StatsPush> stats;
};

/// `logger` and what `world` refers to outlive it.
Reporting compose_reporting(const std::optional<metrics::StatsReceiver>& receiver, log::Logger& logger,
                            const World& world);

/// The running service, listening but not yet serving.
struct Service {
  std::unique_ptr<OpenStore> store;
  std::unique_ptr<KeyRefresher> refresher;
  std::unique_ptr<http::Server> server;
  /// For scrapers; not there where they have no address of their own.
  std::unique_ptr<http::Server> metrics_server;
};

/// `logger`, `metrics` and what `world` refers to outlive the service.
Result<Service> compose_service(const ServeConfig& config, const StoreConfig& store, log::Logger& logger,
                                ServiceMetrics& metrics, const World& world);

}  // namespace heare::app
