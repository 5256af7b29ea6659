#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <charconv>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/mutex.h"
#include "http/server.h"

#include "http/http_test_support.h"

namespace heare::http::testing {

struct Answer {
  /// 0 where the connection ended without one.
  int status = 0;
  std::string head;
  std::string body;

  bool closes() const { return head.find("\r\nConnection: close\r\n") != std::string::npos; }
};

/// A client on a blocking socket. Waits long rather than failing on a busy machine.
class Client {
 public:
  explicit Client(uint16_t port, const char* address = "127.0.0.1") : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience = {.tv_sec = 60, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, address, &to.sin_addr);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  /// Waits that long for something to come; true where it has.
  bool is_readable(int timeout_ms) const {
    pollfd readable = {.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&readable, 1, timeout_ms) > 0;
  }
  void shutdown_send() const { ::shutdown(fd_, SHUT_WR); }

  /// False where the peer takes no more.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  Answer read_answer(bool to_head_request = false) {
    Answer answer;
    size_t head_end = 0;
    while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return {};
    }
    answer.head = received_.substr(0, head_end + 2);
    received_.erase(0, head_end + 4);
    answer.status = number_after(answer.head, "HTTP/1.1 ");
    const auto length = to_head_request ? 0 : static_cast<size_t>(number_after(answer.head, "Content-Length: "));
    while (received_.size() < length) {
      if (!receive()) return {};
    }
    answer.body = received_.substr(0, length);
    received_.erase(0, length);
    return answer;
  }

  Answer ask(std::string_view request) {
    send(request);
    return read_answer();
  }

  /// True where nothing more comes and the connection has ended in good order.
  bool ends() { return received_.empty() && !receive() && last_receive_ == 0; }

  /// Everything up to the end of the connection, however it ends.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

 private:
  bool receive() {
    std::array<char, 65'536> buffer;
    last_receive_ = recv(fd_, buffer.data(), buffer.size(), 0);
    if (last_receive_ <= 0) return false;
    received_.append(buffer.data(), static_cast<size_t>(last_receive_));
    return true;
  }
  static int number_after(std::string_view text, std::string_view label) {
    int number = 0;
    const size_t at = text.find(label);
    if (at != std::string_view::npos) {
      std::from_chars(text.data() + at + label.size(), text.data() + text.size(), number);
    }
    return number;
  }

  int fd_;
  bool connected_ = false;
  ssize_t last_receive_ = 0;
  std::string received_;
};

/// Keeps what it is asked for until the test answers.
class PatientRefresher final : public Refresher {
 public:
  void refresh(std::function<void(Result<size_t>)> done) override {
    const MutexLock lock(mutex_);
    waiting_.push_back(std::move(done));
    changed_.notify_all();
  }
  /// Waits for so many calls, and takes them.
  std::vector<std::function<void(Result<size_t>)>> take(size_t count) {
    MutexLock lock(mutex_);
    while (waiting_.size() < count) changed_.wait(lock);
    return std::exchange(waiting_, {});
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::vector<std::function<void(Result<size_t>)>> waiting_ HEARE_GUARDED_BY(mutex_);
};

inline std::string get(std::string_view path, std::string_view fields = {}) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", path, fields);
}

inline std::string post(std::string_view path, std::string_view body = {}, std::string_view fields = {}) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: a\r\n{}Content-Length: {}\r\n\r\n{}", path, fields, body.size(), body);
}

inline std::string verify(std::string_view secret) {
  return post("/verify", fmt::format(R"({{"api_key":"{}"}})", secret));
}

/// A server on a free port of the loopback address, running on threads of its own until the end of the test.
class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.port = 0;
    options_.timeouts.sweep = std::chrono::milliseconds(5);
  }
  void TearDown() override {
    if (server_) server_->drain({});
    await_end();
  }

  /// With one key, `sec_good`.
  void start() {
    make();
    server_->publish(index_of({key_with("sec_good", "key_1")}));
    run();
  }
  void make() {
    auto made = make_server(options_, parts());
    ASSERT_TRUE(made) << made.error().message;
    server_ = std::move(*made);
  }
  void run() {
    thread_ = std::jthread([this] { EXPECT_TRUE(server_->run()); });
  }
  void await_end() {
    if (thread_.joinable()) thread_.join();
  }
  ServerParts parts() {
    return {.logger = logger_, .clock = *clock_, .refresher = refresher_, .metrics_page = metrics_page_};
  }
  uint16_t port() const { return server_->port(); }

  const Clock* clock_ = &system_clock();
  ServerOptions options_;
  MemoryLogger logger_;
  PatientRefresher refresher_;
  FixedMetricsPage metrics_page_;
  std::unique_ptr<Server> server_;
  std::jthread thread_;
};

}  // namespace heare::http::testing
