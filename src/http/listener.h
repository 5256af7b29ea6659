#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "http/server.h"
#include "http/session.h"
#include "log/logger.h"

namespace heare::http {

/// Who takes the connections that a Listener accepts.
class ConnectionTaker {
 public:
  virtual ~ConnectionTaker() = default;
  /// No further connection can be taken now; `Listener::resume` is called once one can.
  virtual bool is_full() = 0;
  /// The event loop that the next connection is to live on.
  virtual boost::asio::io_context& next_context() = 0;
  /// Takes the connection just accepted onto it.
  virtual void take(Socket socket) = 0;
};

/// Listens on every address of a host and hands on what connects. Lives on one event loop, but for `open`.
class Listener {
 public:
  /// `taker`, `logger` and `clock` must outlive the listener.
  Listener(boost::asio::io_context& context, ConnectionTaker& taker, log::Logger& logger, const Clock& clock);

  /// Binds and listens. The error says which address, and which of `options` to change.
  Result<> open(const std::string& host, uint16_t port, const AddressOptions& options);
  uint16_t port() const { return port_; }
  /// False once it is finished.
  bool is_open() const { return acceptors_.front()->is_open(); }

  /// Begins to accept.
  void start();
  /// Goes on after the taker was full.
  void resume();
  /// Accepts whoever waits by now, whether or not the taker is full, and closes.
  void finish();

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
  enum class Outcome { taken, peer_gone, nobody_waits, failed };

  boost::system::error_code open_endpoint(const boost::asio::ip::tcp::endpoint& endpoint);
  void wait(Acceptor& acceptor);
  void accept_some(Acceptor& acceptor);
  Outcome accept_one(Acceptor& acceptor);
  void report(const boost::system::error_code& error);
  void retry_later();

  boost::asio::io_context& context_;
  ConnectionTaker& taker_;
  log::Logger& logger_;
  const Clock& clock_;
  /// Constant after `open`.
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  uint16_t port_ = 0;
  boost::asio::steady_timer retry_timer_;
  bool retry_scheduled_ = false;
  /// Acceptors that wait for the taker to have room again, or for a failure to pass.
  std::vector<Acceptor*> paused_;
  SteadyTime report_after_ = SteadyTime::min();
};

}  // namespace heare::http
