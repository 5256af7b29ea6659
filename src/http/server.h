#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "http/timeouts.h"
#include "keys/key_index.h"
#include "log/logger.h"
#include "metrics/verifications.h"

namespace heare::http {

/// How the server asks for a refresh: whoever loads the document.
class Refresher {
 public:
  virtual ~Refresher() = default;
  /// Asks for a load that begins after this call, and answers `done` from any thread, once every serving thread has the
  /// result: the number of keys, or why the load failed. Calls that arrive together share one load.
  virtual void refresh(std::function<void(Result<size_t>)> done) = 0;
};

struct ServerOptions {
  /// An address, or a name: then every address of that name is listened on.
  std::string host = "127.0.0.1";
  /// 0: one that is free.
  uint16_t port = 8080;
  unsigned threads = 1;
  /// Further clients wait in the kernel's queue until a connection closes.
  size_t connections_max = limits::kConnectionsMax;
  Timeouts timeouts = {};
};

/// The listening service: one acceptor, and an event loop for each thread, on which a connection stays. Public
/// functions are safe from any thread.
class Server {
 public:
  virtual ~Server() = default;

  /// Serves until `drain` is through. Called once, with everything set up. The calling thread is one of those that
  /// serve.
  virtual void run() = 0;

  /// Makes every thread answer from `index`, and returns once all of them do. The index before is then unused and
  /// destroyed here, on the calling thread. Returns at once before `run` and after the server has stopped. Not to be
  /// called from a serving thread.
  virtual void publish(std::unique_ptr<const keys::KeyIndex> index) = 0;

  /// Past `until`, what was published is too old to answer from, and /ready tells `stale`. Without a call it never is.
  virtual void set_fresh_until(WallTime until) = 0;

  /// Stops: answers carry `Connection: close` and /ready tells `stopping`; accepts on for `accept_for` and until nobody
  /// is left waiting, closes the listener, and gives requests in flight limits::kDrainTimeout. Called again while
  /// it still accepts, `accept_for` counts anew.
  virtual void drain(std::chrono::milliseconds accept_for) = 0;

  /// The port that it listens on: the one asked for, or the one given where that was 0.
  virtual uint16_t port() const = 0;

  /// Of all threads together, since the start. Safe from any thread.
  virtual metrics::VerificationTotals verifications() const = 0;
};

/// Binds and listens. The error says which address, and what to do where it is taken. `logger`, `clock` and `refresher`
/// must outlive the server.
Result<std::unique_ptr<Server>> make_server(const ServerOptions& options, log::Logger& logger, const Clock& clock,
                                            Refresher& refresher);

}  // namespace heare::http
