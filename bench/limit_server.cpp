/// The least that an HTTP server can cost on this machine: epoll, one read and one write for each request, no parsing,
/// no log, a constant answer. What heare-auth takes beyond this is its own doing.
///
/// usage: limit_server PORT     (on 127.0.0.1, one thread; ends by a signal)

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <span>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

/// As many bytes as heare-auth answers the requests of the benchmark with.
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 95\r\n"
    "\r\n"
    R"({"valid":true,"key_id":"key_0000000000000000000","name":"Service 000000","metadata":{"n":0000}})";

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

int listen_on(uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) die("socket");
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("bind");
  if (::listen(listener, SOMAXCONN) != 0) die("listen");
  return listener;
}

void watch(int poller, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  if (::epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
}

void accept_all(int poller, int listener) {
  while (true) {
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) return;
    const int on = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(poller, connection);
  }
}

void answer(int connection) {
  std::array<char, 4096> request;
  const bool asked = ::recv(connection, request.data(), request.size(), 0) > 0;
  if (!asked || ::send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) ::close(connection);
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<size_t>(argc));
  if (arguments.size() != 2) return 2;
  const int listener = listen_on(static_cast<uint16_t>(std::atoi(arguments[1])));
  const int poller = ::epoll_create1(EPOLL_CLOEXEC);
  watch(poller, listener);
  std::array<epoll_event, 128> events;
  while (true) {
    const int count = ::epoll_wait(poller, events.data(), events.size(), -1);
    for (const epoll_event& event : std::span(events).first(count < 0 ? 0 : static_cast<size_t>(count))) {
      if (event.data.fd == listener) {
        accept_all(poller, listener);
      } else {
        answer(event.data.fd);
      }
    }
  }
}
