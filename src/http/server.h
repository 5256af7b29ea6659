#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "http/metrics_page.h"
#include "http/timeouts.h"
#include "keys/key_index.h"
#include "log/logger.h"
#include "metrics/requests.h"

namespace heare::http {

/// How the server asks for a refresh: whoever loads the document.
class Refresher {
 public:
  virtual ~Refresher() = default;
  /// Asks for a load that begins after this call, and answers `done` from any thread, once every serving thread has the
  /// result: the number of keys, or why the load failed. Calls that arrive together share one load.
  virtual void refresh(std::function<void(Result<size_t>)> done) = 0;
};

/// What the options are called that an address is made of, for errors.
struct AddressOptions {
  std::string_view host = "--host";
  std::string_view port = "--port";
};

struct ServerOptions {
  /// An address, or a name: then every address of that name is listened on.
  std::string host = "127.0.0.1";
  /// 0: one that is free.
  uint16_t port = 8080;
  AddressOptions address_options = {};
  unsigned threads = 1;
  /// Further clients wait in the kernel's queue until a connection closes; meanwhile idle ones are closed sooner.
  size_t connections_max = limits::kConnectionsMax;
  /// Answer /metrics to everybody, and nothing else: for scrapers, on an address of their own.
  bool metrics_only = false;
  Timeouts timeouts = {};
};

/// What a server has counted since its start, of all threads together.
struct ServerTotals {
  metrics::RequestTotals requests;
  /// Open now.
  size_t connections = 0;
};

/// Evenly drawn from what all threads have timed, metrics::kSampleSize of each kind at the most.
struct DrawnRequests {
  std::vector<std::chrono::nanoseconds> verifications;
  std::vector<std::chrono::nanoseconds> refreshes;
};

/// What a server needs; all of it must outlive the server.
struct ServerParts {
  log::Logger& logger;
  const Clock& clock;
  Refresher& refresher;
  MetricsPage& metrics_page;
};

/// The listening service: one acceptor, and an event loop for each thread, on which a connection stays. Public
/// functions are safe from any thread.
class Server {
 public:
  virtual ~Server() = default;

  /// Serves until `drain` is through. Called once, with everything set up. The calling thread is one of those that
  /// serve. Error `unavailable` where the system has not enough threads to give.
  virtual Result<> run() = 0;

  /// Makes every thread answer from `index`, and returns once all of them do. The index before is then unused and
  /// destroyed here, on the calling thread. Returns at once before `run` and after the server has stopped. Not to be
  /// called from a serving thread.
  virtual void publish(std::unique_ptr<const keys::KeyIndex> index) = 0;

  /// Past `until`, what was published is too old to answer from, and /ready tells `stale`. Without a call it never is.
  virtual void set_fresh_until(WallTime until) = 0;

  /// Stops: answers carry `Connection: close` and /ready tells `stopping`; accepts on for `accept_for` and until nobody
  /// is left waiting, closes the listener, and gives requests in flight the time of the options. Called again while
  /// it still accepts, `accept_for` counts anew.
  virtual void drain(std::chrono::milliseconds accept_for) = 0;

  /// The port that it listens on: the one asked for, or the one given where that was 0.
  virtual uint16_t port() const = 0;

  virtual ServerTotals totals() const = 0;

  /// Of the time since the last call. Only one thread may call it.
  virtual DrawnRequests take_samples(Random& random) = 0;
};

/// Binds and listens. The error says which address, and what to do where it is taken.
Result<std::unique_ptr<Server>> make_server(const ServerOptions& options, const ServerParts& parts);

}  // namespace heare::http
