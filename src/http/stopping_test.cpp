// What becomes of connections when the server is told to stop.

#include "http/server_test_support.h"

namespace heare::http {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::Client;
using testing::get;
using testing::index_of;
using testing::key_with;
using testing::post;
using testing::ServerTest;
using testing::verify;

class StoppingTest : public ServerTest {};

TEST_F(StoppingTest, ServerWithoutConnectionsStopsAtOnce) {
  options_.threads = 3;
  start();
  server_->drain({});
  await_end();
  EXPECT_FALSE(Client(port()).connected());
}

TEST_F(StoppingTest, ServerMayBeToldToStopBeforeItRuns) {
  make();
  server_->drain({});
  run();
  await_end();
  EXPECT_FALSE(Client(port()).connected());
}

TEST_F(StoppingTest, IdleConnectionsAreClosed) {
  options_.threads = 2;
  start();
  Client first(port());
  Client second(port());
  EXPECT_EQ(first.ask(get("/health")).status, 200);
  EXPECT_EQ(second.ask(get("/health")).status, 200);
  server_->drain({});
  EXPECT_TRUE(first.ends());
  EXPECT_TRUE(second.ends());
  await_end();
}

TEST_F(StoppingTest, ClientThatHasSentNothingIsGivenAMomentAndClosed) {
  options_.timeouts.first_byte_when_stopping = 20ms;
  start();
  Client silent(port());
  Client probe(port());
  EXPECT_EQ(probe.ask(get("/health")).status, 200);
  server_->drain({});
  EXPECT_TRUE(silent.ends());
  await_end();
}

TEST_F(StoppingTest, ClientThatHasConnectedMaySendItsRequestYet) {
  options_.timeouts.first_byte_when_stopping = 1h;
  options_.timeouts.drain = 1h;
  start();
  Client late(port());
  Client probe(port());
  EXPECT_EQ(probe.ask(get("/health")).status, 200);
  server_->drain({});
  EXPECT_TRUE(probe.ends());
  const Answer answer = late.ask(verify("sec_good"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.closes());
  late.close();
  await_end();
}

TEST_F(StoppingTest, RequestThatHasBegunIsFinished) {
  options_.timeouts.drain = 1h;
  start();
  Client client(port());
  client.send("POST /verify HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 22\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 100);  // so its bytes have been read
  Client idle(port());
  EXPECT_EQ(idle.ask(get("/health")).status, 200);
  server_->drain({});
  EXPECT_TRUE(idle.ends());
  const Answer answer = client.ask(R"({"api_key":"sec_good"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.closes());
  EXPECT_TRUE(client.ends());
  client.close();
  await_end();
}

TEST_F(StoppingTest, RefreshInFlightIsAnswered) {
  options_.timeouts.drain = 1h;
  start();
  Client client(port());
  client.send(post("/refresh"));
  const auto waiting = refresher_.take(1);
  Client idle(port());
  EXPECT_EQ(idle.ask(get("/health")).status, 200);
  server_->drain({});
  EXPECT_TRUE(idle.ends());
  waiting[0](7);
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.closes());
  client.close();
  await_end();
}

TEST_F(StoppingTest, RequestThatNeverEndsIsGivenUp) {
  options_.timeouts.drain = 20ms;
  start();
  Client client(port());
  client.send("POST /verify HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 22\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 100);
  server_->drain({});
  await_end();
}

TEST_F(StoppingTest, PipelinedRequestsThatHaveBeenReadAreAllAnsweredAndTheLastCloses) {
  options_.timeouts.drain = 1h;
  start();
  Client client(port());
  client.send(post("/refresh") + verify("sec_good") + get("/health"));
  const auto waiting = refresher_.take(1);
  Client idle(port());
  EXPECT_EQ(idle.ask(get("/health")).status, 200);
  server_->drain({});
  EXPECT_TRUE(idle.ends());
  waiting[0](1);
  EXPECT_FALSE(client.read_answer().closes());
  EXPECT_FALSE(client.read_answer().closes());
  const Answer last = client.read_answer();
  EXPECT_EQ(last.body, R"({"status":"ok"})");
  EXPECT_TRUE(last.closes());
  client.close();
  await_end();
}

TEST_F(StoppingTest, ItAcceptsAndAnswersForAsLongAsItIsTold) {
  start();
  Client probe(port());
  EXPECT_EQ(probe.ask(get("/ready")).status, 200);
  server_->drain(1h);
  // Stopping is told at once, on connections old and new; each answer closes its connection.
  const Answer old_connection = probe.ask(get("/ready"));
  EXPECT_EQ(old_connection.status, 503);
  EXPECT_EQ(old_connection.body, R"({"status":"stopping"})");
  EXPECT_TRUE(old_connection.closes());
  probe.close();
  const Answer new_connection = Client(port()).ask(verify("sec_good"));
  EXPECT_EQ(new_connection.status, 200);
  EXPECT_TRUE(new_connection.closes());
  server_->drain({});
  await_end();
  EXPECT_FALSE(Client(port()).connected());
}

TEST_F(StoppingTest, ClientsInTheQueueAreAnsweredBeforeTheListenerCloses) {
  options_.connections_max = 1;
  options_.timeouts.drain = 1h;
  start();
  Client holder(port());
  holder.send(post("/refresh"));
  const auto waiting = refresher_.take(1);
  // Over the limit: these stay in the kernel's queue.
  Client first(port());
  Client second(port());
  first.send(verify("sec_good"));
  second.send(verify("sec_other"));
  server_->drain({});
  EXPECT_EQ(first.read_answer().status, 200);
  EXPECT_EQ(second.read_answer().status, 403);
  waiting[0](1);
  EXPECT_EQ(holder.read_answer().status, 200);
  holder.close();
  first.close();
  second.close();
  await_end();
}

TEST_F(StoppingTest, UnderLoadEveryRequestThatWasReadIsAnswered) {
  options_.threads = 2;
  start();
  std::atomic<int> answered = 0;
  std::atomic<int> broken = 0;
  std::vector<std::jthread> clients;
  clients.reserve(4);
  for (int count = 0; count < 4; ++count) {
    clients.emplace_back([&] {
      while (true) {
        Client client(port());
        if (!client.connected()) return;
        // In one piece: of what the server reads of it, it reads all.
        while (client.send(verify("sec_good"))) {
          const Answer answer = client.read_answer();
          if (answer.status == 200) ++answered;
          if (answer.status != 200 && answer.status != 0) ++broken;
          if (answer.status == 0 || answer.closes()) break;
        }
      }
    });
  }
  while (answered < 500) std::this_thread::yield();
  server_->drain({});
  await_end();
  clients.clear();
  EXPECT_EQ(broken, 0);
  // A request whose answer was written is a request that was logged.
  const std::string text = logger_.text();
  int logged = 0;
  for (size_t at = 0; (at = text.find("verification_success", at)) != std::string::npos; ++at) ++logged;
  EXPECT_EQ(logged, answered);
}

TEST_F(StoppingTest, PublishingDoesNotWaitForAServerThatHasStopped) {
  start();
  server_->drain({});
  await_end();
  server_->publish(index_of({key_with("sec_other", "key_1")}));
  EXPECT_FALSE(Client(port()).connected());
}

TEST_F(StoppingTest, PublishingEndsWhenTheServerStopsMeanwhile) {
  options_.threads = 2;
  start();
  std::jthread publisher([this] {
    for (int round = 0; round < 1000; ++round) server_->publish(index_of({key_with("sec_good", "key_1")}));
  });
  server_->drain({});
  await_end();
  publisher.join();
  EXPECT_FALSE(Client(port()).connected());
}

}  // namespace
}  // namespace heare::http
