// Where the server listens, and whom it takes.

#include <optional>
#include <sys/resource.h>

#include "http/server_test_support.h"

namespace heare::http {
namespace {

using testing::Client;
using testing::get;
using testing::ServerTest;
using testing::verify;

class ListeningTest : public ServerTest {};

TEST_F(ListeningTest, PortThatIsTakenIsAnErrorThatSaysWhatToDo) {
  start();
  options_.port = port();
  const auto second = make_server(options_, parts());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, fmt::format("listening on 127.0.0.1:{}: Address already in use; is another service "
                                                "running there? Stop it or choose another --port",
                                                port()));
}

TEST_F(ListeningTest, PortOfAStoppedServerIsFreeAtOnce) {
  start();
  EXPECT_EQ(Client(port()).ask(get("/health", "Connection: close\r\n")).status, 200);
  options_.port = port();
  server_->drain({});
  await_end();
  server_.reset();
  start();
  EXPECT_EQ(Client(options_.port).ask(get("/health")).status, 200);
}

TEST_F(ListeningTest, ForeignAddressIsAnErrorThatSaysWhatToDo) {
  options_.host = "192.0.2.1";
  const auto server = make_server(options_, parts());
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("listening on 192.0.2.1:0: "), std::string::npos);
  EXPECT_NE(server.error().message.find("choose another --host"), std::string::npos);
}

TEST_F(ListeningTest, NameIsListenedOnAtItsAddresses) {
  options_.host = "localhost";
  start();
  EXPECT_EQ(Client(port()).ask(get("/health")).status, 200);
}

TEST_F(ListeningTest, ClientsOverTheLimitWaitForAPlace) {
  options_.connections_max = 1;
  options_.timeouts.idle_when_full = std::chrono::hours(1);
  start();
  std::optional<Client> first(std::in_place, port());
  EXPECT_EQ(first->ask(get("/health")).status, 200);
  Client second(port());
  second.send(verify("sec_good"));
  EXPECT_EQ(first->ask(get("/health")).status, 200);
  first.reset();
  EXPECT_EQ(second.read_answer().status, 200);
}

TEST_F(ListeningTest, IdleConnectionsMakeRoomWhereEveryPlaceIsTaken) {
  using namespace std::chrono_literals;
  options_.connections_max = 3;
  options_.timeouts.idle = 1h;
  options_.timeouts.header = 1h;
  options_.timeouts.idle_when_full = 1ms;
  start();
  Client busy(port());
  busy.send("GET /health HTTP/1.1\r\n");
  Client idle(port());
  EXPECT_EQ(idle.ask(get("/health")).status, 200);
  Client silent(port());
  Client next(port());
  EXPECT_EQ(next.ask(verify("sec_good")).status, 200);
  EXPECT_TRUE(silent.ends());
  EXPECT_TRUE(idle.ends());
  busy.send("Host: a\r\n\r\n");
  EXPECT_EQ(busy.read_answer().status, 200);
}

TEST_F(ListeningTest, ServiceGoesOnAfterFileDescriptorsHaveRunOut) {
  start();
  Client client(port());
  EXPECT_EQ(client.ask(get("/health")).status, 200);
  Client waiting(port());  // its descriptor on this side
  EXPECT_EQ(waiting.ask(get("/health")).status, 200);

  // The sanitizer of virtual calls takes descriptors at the first call of each kind: it must have them while there are
  // some.
  static_cast<log::Logger&>(logger_).event(log::Level::info, "before", {});
  ASSERT_EQ(logger_.text().find("accept_failed"), std::string::npos);

  const int client_fd = socket(AF_INET, SOCK_STREAM, 0);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit used_up = {.rlim_cur = static_cast<rlim_t>(client_fd) + 1, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &used_up), 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(client_fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  while (logger_.text().find("accept_failed") == std::string::npos) std::this_thread::yield();
  EXPECT_EQ(client.ask(get("/health")).status, 200);

  setrlimit(RLIMIT_NOFILE, &before);
  const std::string request = get("/health", "Connection: close\r\n");
  ASSERT_EQ(send(client_fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::array<char, 1024> answer{};
  EXPECT_GT(recv(client_fd, answer.data(), answer.size(), 0), 0);
  EXPECT_TRUE(std::string_view(answer.data()).starts_with("HTTP/1.1 200"));
  ::close(client_fd);
}

}  // namespace
}  // namespace heare::http
