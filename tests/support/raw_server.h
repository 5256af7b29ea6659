#pragma once

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <functional>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/text.h"

namespace heare::testing {

/// One request as it came over the wire.
struct RawRequest {
  /// Counts connections from 0, in the order in which they were accepted.
  size_t connection = 0;
  /// Request line and header lines, with the empty line at the end.
  std::string head;
  std::string body;
};

/// The peer's side of a connection, for an answer to do what it likes with.
class RawPeer {
 public:
  explicit RawPeer(int socket) : socket_(socket) {}

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  /// Ends the connection in order.
  void close() { open_ = false; }
  /// Ends it with a TCP reset.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    open_ = false;
  }
  bool open() const { return open_; }

 private:
  int socket_;
  bool open_ = true;
};

/// A scripted HTTP peer on 127.0.0.1: reads whole requests (header and Content-Length) on any number of connections
/// and gives each the next answer of its script. A request past the end of the script has its connection closed.
class RawServer {
 public:
  using Answer = std::function<void(RawPeer&)>;

  /// `on_connect`, where there is one, is done to each connection before anything is read.
  explicit RawServer(std::vector<Answer> script, Answer on_connect = nullptr)
      : script_(std::move(script)), on_connect_(std::move(on_connect)) {
    sockaddr_in address = loopback();
    socklen_t size = sizeof address;
    // A raw C interface: every socket address is passed as the general one.
    auto* general = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || ::bind(listener_, general, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, general, &size) != 0 || ::pipe(stop_.data()) != 0) {
      throw std::system_error(errno, std::generic_category(), "RawServer");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~RawServer() {
    ::close(stop_[1]);
    thread_.join();
    ::close(stop_[0]);
    ::close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  uint16_t port() const { return port_; }
  std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  /// All that have come whole so far.
  std::vector<RawRequest> requests() const {
    const MutexLock lock(mutex_);
    return requests_;
  }
  /// Waits until so many have come.
  void wait_for_requests(size_t count) const {
    MutexLock lock(mutex_);
    while (requests_.size() < count) changed_.wait(lock);
  }

 private:
  struct Connection {
    int socket;
    size_t number;
    std::string received;
  };

  static sockaddr_in loopback() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void serve() {
    std::vector<Connection> connections;
    size_t accepted = 0;
    while (true) {
      std::vector<pollfd> waiting = {{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const Connection& connection : connections) waiting.push_back({connection.socket, POLLIN, 0});
      if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
      if (waiting[0].revents != 0) break;
      std::erase_if(connections, [&](Connection& connection) {
        for (const pollfd& ready : waiting) {
          if (ready.fd != connection.socket || ready.revents == 0 || read(connection)) continue;
          ::close(connection.socket);
          return true;
        }
        return false;
      });
      if (waiting[1].revents == 0) continue;
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      RawPeer peer(socket);
      if (on_connect_) on_connect_(peer);
      if (peer.open()) {
        connections.push_back({socket, accepted++, {}});
      } else {
        ::close(socket);
      }
    }
    for (const Connection& connection : connections) ::close(connection.socket);
  }

  /// False where the connection has come to its end.
  bool read(Connection& connection) {
    std::array<char, 65536> buffer{};
    const ssize_t size = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    connection.received.append(buffer.data(), static_cast<size_t>(size));
    while (true) {
      const size_t request_bytes = whole_request(connection.received);
      if (request_bytes == 0) return true;
      if (!answer(connection, request_bytes)) return false;
    }
  }

  bool answer(Connection& connection, size_t request_bytes) {
    const size_t head_bytes = connection.received.find("\r\n\r\n") + 4;
    Answer answer;
    {
      const MutexLock lock(mutex_);
      changed_.notify_all();
      requests_.push_back({connection.number, connection.received.substr(0, head_bytes),
                           connection.received.substr(head_bytes, request_bytes - head_bytes)});
      if (requests_.size() <= script_.size()) answer = script_[requests_.size() - 1];
    }
    connection.received.erase(0, request_bytes);
    if (!answer) return false;
    RawPeer peer(connection.socket);
    answer(peer);
    return peer.open();
  }

  /// The length of the first request in `received`, or 0 where it is not whole yet.
  static size_t whole_request(std::string_view received) {
    const size_t end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const size_t bytes = end + 4 + content_length(received.substr(0, end + 2));
    return received.size() < bytes ? 0 : bytes;
  }

  static size_t content_length(std::string_view head) {
    constexpr std::string_view kName = "content-length:";
    for (size_t begin = 0; begin < head.size(); begin = head.find("\r\n", begin) + 2) {
      std::string_view line = head.substr(begin, head.find("\r\n", begin) - begin);
      if (!equal_ignoring_case(line.substr(0, kName.size()), kName)) continue;
      line.remove_prefix(line.find_first_not_of(" \t", kName.size()));
      size_t length = 0;
      std::from_chars(line.data(), line.data() + line.size(), length);
      return length;
    }
    return 0;
  }

  const std::vector<Answer> script_;
  const Answer on_connect_;
  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::array<int, 2> stop_{-1, -1};
  uint16_t port_ = 0;
  std::thread thread_;

  mutable Mutex mutex_;
  mutable Condition changed_;
  std::vector<RawRequest> requests_ HEARE_GUARDED_BY(mutex_);
};

/// An answer that is there at once and keeps the connection.
inline RawServer::Answer answer_with(std::string bytes) {
  return [bytes = std::move(bytes)](RawPeer& peer) { peer.send(bytes); };
}

}  // namespace heare::testing
