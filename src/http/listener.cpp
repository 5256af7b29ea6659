#include "http/listener.h"

#include <string_view>
#include <utility>

#include <boost/asio/socket_base.hpp>

namespace heare::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

/// A moment for file descriptors or memory to come back.
constexpr auto kRetryDelay = std::chrono::milliseconds(100);
/// A condition that lasts must not fill the log.
constexpr auto kReportInterval = std::chrono::seconds(1);
/// Then the loop's connections have their turn.
constexpr int kAcceptsPerTurn = 64;

std::string to_text(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

std::string remedy(const error_code& error, const AddressOptions& options) {
  if (error == boost::asio::error::address_in_use) {
    return fmt::format("; is another service running there? Stop it or choose another {}", options.port);
  }
  if (error == boost::asio::error::access_denied) {
    return fmt::format("; ports below 1024 need privileges: choose another {}", options.port);
  }
  if (error == boost::system::errc::address_not_available) {
    return fmt::format("; this machine has no such address: choose another {}", options.host);
  }
  return "";
}

/// The peer has gone while it waited, or its network has (accept(2) asks to treat these like a retry).
bool concerns_the_peer_only(const error_code& error) {
  using boost::system::errc::errc_t;
  for (const errc_t code : {errc_t::connection_aborted, errc_t::protocol_error, errc_t::interrupted,
                            errc_t::network_down, errc_t::network_unreachable, errc_t::host_unreachable,
                            errc_t::no_protocol_option, errc_t::operation_not_supported}) {
    if (error == code) return true;
  }
  return false;
}

}  // namespace

Listener::Listener(boost::asio::io_context& context, ConnectionTaker& taker, log::Logger& logger, const Clock& clock)
    : context_(context), taker_(taker), logger_(logger), clock_(clock), retry_timer_(context) {}

Result<> Listener::open(const std::string& host, uint16_t port, const AddressOptions& options) {
  const auto listening_failed = [&options](std::string_view where, const error_code& error) {
    return fail(ErrorCode::unavailable, "listening on {}: {}{}", where, error.message(), remedy(error, options));
  };
  port_ = port;
  tcp::resolver resolver(context_);
  error_code error;
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error) return listening_failed(fmt::format("{}:{}", host, port), error);

  for (const auto& entry : found) {
    const tcp::endpoint endpoint(entry.endpoint().address(), port_);
    error = open_endpoint(endpoint);
    // A name may have an address that this machine does not use, as `localhost` has ::1: the others are enough.
    const bool unused = error == boost::system::errc::address_not_available ||
                        error == boost::system::errc::address_family_not_supported;
    if (error && !(unused && found.size() > 1)) return listening_failed(to_text(endpoint), error);
  }
  if (acceptors_.empty()) return listening_failed(fmt::format("{}:{}", host, port), error);
  return {};
}

error_code Listener::open_endpoint(const tcp::endpoint& endpoint) {
  auto acceptor = std::make_unique<Acceptor>(context_);
  error_code error;
  acceptor->open(endpoint.protocol(), error);
  // A port whose last connections are still in TIME_WAIT may be taken; one that is listened on may not.
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) acceptor->non_blocking(true, error);
  if (error) return error;
  const auto bound = acceptor->local_endpoint(error);
  if (error) return error;
  port_ = bound.port();
  acceptors_.push_back(std::move(acceptor));
  return {};
}

void Listener::start() {
  for (const auto& acceptor : acceptors_) wait(*acceptor);
}

void Listener::resume() {
  for (Acceptor* const acceptor : std::exchange(paused_, {})) accept_some(*acceptor);
}

void Listener::finish() {
  retry_timer_.cancel();
  for (const auto& acceptor : acceptors_) {
    while (true) {
      const Outcome outcome = accept_one(*acceptor);
      if (outcome == Outcome::nobody_waits || outcome == Outcome::failed) break;
    }
    error_code error;
    acceptor->close(error);
  }
  paused_.clear();
}

void Listener::wait(Acceptor& acceptor) {
  acceptor.async_wait(Acceptor::wait_read, [this, &acceptor](const error_code& error) {
    if (!error) accept_some(acceptor);
  });
}

void Listener::accept_some(Acceptor& acceptor) {
  if (!acceptor.is_open()) return;
  for (int count = 0; count < kAcceptsPerTurn; ++count) {
    if (taker_.is_full()) {
      paused_.push_back(&acceptor);
      return;
    }
    const Outcome outcome = accept_one(acceptor);
    if (outcome == Outcome::nobody_waits) break;
    if (outcome == Outcome::failed) {
      paused_.push_back(&acceptor);
      return retry_later();
    }
  }
  wait(acceptor);
}

Listener::Outcome Listener::accept_one(Acceptor& acceptor) {
  error_code error;
  Socket socket = acceptor.accept(taker_.next_context(), error);
  if (!error) {
    taker_.take(std::move(socket));
    return Outcome::taken;
  }
  if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) return Outcome::nobody_waits;
  if (concerns_the_peer_only(error)) return Outcome::peer_gone;
  report(error);
  return Outcome::failed;
}

void Listener::report(const error_code& error) {
  const SteadyTime now = clock_.steady_now();
  if (now < report_after_) return;
  report_after_ = now + kReportInterval;
  logger_.event(log::Level::error, "accept_failed", {{"error", error.message()}});
}

void Listener::retry_later() {
  if (std::exchange(retry_scheduled_, true)) return;
  retry_timer_.expires_after(kRetryDelay);
  retry_timer_.async_wait([this](const error_code& error) {
    retry_scheduled_ = false;
    if (!error) resume();
  });
}

}  // namespace heare::http
