#include "http/server.h"

#include <array>
#include <numeric>
#include <optional>

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

constexpr std::string_view kGood = R"({"valid":true,"key_id":"key_1","name":"My Service","metadata":{}})";

// --- Answers

TEST_F(ServerTest, ConnectionServesOneRequestAfterAnother) {
  start();
  Client client(port());
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(client.ask(verify("sec_good")).body, kGood);
    EXPECT_EQ(client.ask(verify("sec_other")).status, 403);
    EXPECT_EQ(client.ask(get("/nowhere")).status, 404);
  }
}

TEST_F(ServerTest, AnswerCarriesTheFieldsThatItShould) {
  start();
  Client client(port());
  const Answer answer = client.ask(get("/health"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ok"})");
  const size_t date = answer.head.find("Date: ");
  ASSERT_NE(date, std::string::npos);
  EXPECT_EQ(answer.head.substr(date + 3 + 6 + 22, 6), " GMT\r\n");
  const std::string rest = answer.head.substr(0, date) + answer.head.substr(date + 37);
  EXPECT_EQ(rest, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n");
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  Client client(port());
  client.send(get("/health") + verify("sec_good") + verify("sec_other") + get("/nowhere") + get("/ready"));
  for (const int status : {200, 200, 403, 404, 200}) EXPECT_EQ(client.read_answer().status, status);
}

TEST_F(ServerTest, RequestMayArriveByteByByte) {
  start();
  Client client(port());
  for (const char& byte : post("/verify", R"({"api_key":"sec_good"})")) client.send({&byte, 1});
  EXPECT_EQ(client.read_answer().body, kGood);
}

TEST_F(ServerTest, HeadIsAnsweredAsGetWithoutBody) {
  start();
  Client client(port());
  client.send("HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n");
  const Answer answer = client.read_answer(true);
  EXPECT_NE(answer.head.find("Content-Length: 15\r\n"), std::string::npos);
  EXPECT_EQ(client.ask(get("/health")).body, R"({"status":"ok"})");
}

TEST_F(ServerTest, Http10ConnectionClosesUnlessItAsksToBeKept) {
  start();
  Client client(port());
  const Answer kept = client.ask("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(kept.head.find("Connection: keep-alive\r\n"), std::string::npos);
  EXPECT_TRUE(client.ask("GET /health HTTP/1.0\r\n\r\n").closes());
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, ClientThatWantsToCloseIsTold) {
  start();
  Client client(port());
  EXPECT_TRUE(client.ask(get("/health", "Connection: close\r\n")).closes());
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, ClientThatSendsNoMoreStillGetsItsAnswer) {
  start();
  Client client(port());
  client.send(verify("sec_good"));
  client.shutdown_send();
  EXPECT_EQ(client.read_answer().body, kGood);
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, BodyIsSentOnceContinueIsTold) {
  start();
  Client client(port());
  client.send("POST /verify HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 22\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 100);
  EXPECT_EQ(client.ask(R"({"api_key":"sec_good"})").body, kGood);
}

TEST_F(ServerTest, ChunkedBodyIsReadAsItComes) {
  start();
  Client client(port());
  client.send("POST /verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 100);
  client.send("5\r\n{\"api\r\n");
  client.send("11\r\n_key\":\"sec_good\"}\r\n0\r\n\r\n" + get("/health"));
  EXPECT_EQ(client.read_answer().body, kGood);
  EXPECT_EQ(client.read_answer().body, R"({"status":"ok"})");
}

TEST_F(ServerTest, LargeAnswersToPipelinedRequestsAllArrive) {
  make();
  auto key = key_with("sec_good", "key_1");
  key.metadata_json = R"({"x":")" + std::string(1'000'000, 'x') + "\"}";
  server_->publish(index_of({key}));
  run();
  Client client(port());
  std::string requests;
  for (int count = 0; count < 20; ++count) requests += verify("sec_good");
  client.send(requests);
  for (int count = 0; count < 20; ++count)
    EXPECT_EQ(client.read_answer().body.size(), kGood.size() - 2 + key.metadata_json.size());
}

// --- Refusals

TEST_F(ServerTest, MalformedRequestIsRefusedAndTheConnectionCloses) {
  start();
  Client client(port());
  client.send(get("/health") + "GET /health HTTP/1.1\n\n");
  EXPECT_EQ(client.read_answer().status, 200);
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"error":"Bad request"})");
  EXPECT_TRUE(answer.closes());
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, RefusalReachesAClientThatIsStillSending) {
  start();
  Client client(port());
  // More than the socket's buffers hold unread; closing at once would reset the connection under the answer.
  client.send("POST /verify HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'x'));
  EXPECT_EQ(client.read_answer().status, 413);
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, HeaderThatStaysAwayGets408) {
  options_.timeouts.header = 20ms;
  start();
  Client client(port());
  EXPECT_EQ(client.ask(get("/health")).status, 200);
  const Answer answer = client.ask("GET /health HTTP/1.1\r\n");
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.body, R"({"error":"Request timeout"})");
  EXPECT_TRUE(answer.closes());
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, BodyThatStaysAwayGets408) {
  options_.timeouts.body = 20ms;
  start();
  Client client(port());
  EXPECT_EQ(client.ask("POST /verify HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{").status, 408);
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, TricklingHeaderGets408AllTheSame) {
  options_.timeouts.header = 20ms;
  start();
  Client client(port());
  client.send("GET /health HTTP/1.1\r\nX: ");
  // The deadline runs from the first byte: none of these moves it.
  while (!client.is_readable(1)) client.send("x");
  EXPECT_EQ(client.read_answer().status, 408);
}

TEST_F(ServerTest, IdleConnectionIsClosedWithoutAnAnswer) {
  options_.timeouts.idle = 20ms;
  start();
  Client fresh(port());
  EXPECT_TRUE(fresh.ends());
  Client used(port());
  EXPECT_EQ(used.ask(get("/health")).status, 200);
  EXPECT_TRUE(used.ends());
}

TEST_F(ServerTest, ClientThatDoesNotReadItsAnswerLosesTheConnection) {
  options_.timeouts.write = 20ms;
  options_.timeouts.drain = 1h;
  make();
  auto key = key_with("sec_good", "key_1");
  key.metadata_json = R"({"x":")";
  key.metadata_json.resize(20'000'000, 'x');
  key.metadata_json += "\"}";
  server_->publish(index_of({key}));
  run();
  Client client(port());
  client.send(verify("sec_good"));
  while (logger_.text().find("verification_success") == std::string::npos) std::this_thread::yield();
  // The end of the server is the end of the connection, as an answer in flight may take an hour while it stops.
  server_->drain({});
  await_end();
  EXPECT_LT(client.read_all().size(), 20'000'000U);
}

// --- Refreshing

TEST_F(ServerTest, RefreshIsAnsweredOnceTheLoadIsOver) {
  start();
  Client refreshing(port());
  refreshing.send(get("/health") + post("/refresh") + verify("sec_good"));
  EXPECT_EQ(refreshing.read_answer().body, R"({"status":"ok"})");
  const auto waiting = refresher_.take(1);
  // The one thread serves others meanwhile.
  EXPECT_EQ(Client(port()).ask(verify("sec_good")).status, 200);
  waiting[0](5);
  EXPECT_TRUE(refreshing.read_answer().body.starts_with(R"({"success":true,"keys_loaded":5,"timestamp":"20)"));
  EXPECT_EQ(refreshing.read_answer().body, kGood);
}

TEST_F(ServerTest, FailedRefreshIsAnsweredWith500) {
  start();
  Client client(port());
  client.send(post("/refresh"));
  refresher_.take(1)[0](fail(ErrorCode::unavailable, "no store"));
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"error":"Failed to refresh keys: no store"})");
  EXPECT_FALSE(answer.closes());
}

TEST_F(ServerTest, LoadMayEndAfterItsClientHasGone) {
  start();
  {
    Client client(port());
    client.send(post("/refresh", {}, "Connection: close\r\n"));
    const auto waiting = refresher_.take(1);
    client.close();
    waiting[0](5);
  }
  EXPECT_EQ(Client(port()).ask(verify("sec_good")).status, 200);
}

TEST_F(ServerTest, RefusalOfAHeadRequestHasNoBody) {
  start();
  Client client(port());
  client.send("HEAD /verify HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n");
  const Answer answer = client.read_answer(true);
  EXPECT_EQ(answer.status, 413);
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, LoadThatEndsWhileTheServerStopsIsAnsweredThoughOtherThreadsHaveNothingLeftToDo) {
  options_.threads = 3;
  start();
  Client client(port());
  client.send(post("/refresh"));
  const auto waiting = refresher_.take(1);
  server_->drain({});
  while (Client(port()).connected() || server_->totals().connections > 1) std::this_thread::yield();
  // The threads are told to drain after that; each publication is a turn of each of them.
  for (int turn = 0; turn < 1000; ++turn) server_->publish(index_of({key_with("sec_good", "key_1")}));
  waiting[0](1);
  EXPECT_TRUE(client.read_answer().body.starts_with(R"({"success":true,"keys_loaded":1,)"));
  await_end();
}

TEST_F(ServerTest, WhoWaitsForALoadWhenTheDrainEndsIsToldAndTheLoadMayEndLater) {
  options_.timeouts.drain = 1ms;
  start();
  Client client(port());
  client.send(post("/refresh"));
  const auto waiting = refresher_.take(1);
  server_->drain({});
  await_end();
  server_.reset();
  waiting[0](5);
  EXPECT_NE(client.read_all().find(R"({"error":"Failed to refresh keys: the service is stopping"})"),
            std::string::npos);
}

// --- Publishing

TEST_F(ServerTest, KeysAreNotLoadedUntilTheyArePublished) {
  make();
  run();
  Client client(port());
  EXPECT_EQ(client.ask(verify("sec_good")).body, R"({"error":"Keys not loaded"})");
  EXPECT_EQ(client.ask(get("/ready")).body, R"({"status":"loading"})");
  server_->publish(index_of({key_with("sec_good", "key_1")}));
  EXPECT_EQ(client.ask(verify("sec_good")).body, kGood);
  EXPECT_EQ(client.ask(get("/ready")).body, R"({"status":"ready"})");
}

TEST_F(ServerTest, OncePublishedEveryThreadAnswersFromTheNewKeys) {
  options_.threads = 4;
  start();
  std::vector<std::unique_ptr<Client>> clients;
  clients.reserve(8);
  for (int count = 0; count < 8; ++count) clients.push_back(std::make_unique<Client>(port()));
  for (const std::string_view secret : {"sec_a", "sec_b", "sec_c"}) {
    server_->publish(index_of({key_with(secret, "key_1")}));
    for (const auto& client : clients) {
      EXPECT_EQ(client->ask(verify(secret)).status, 200);
      EXPECT_EQ(client->ask(verify("sec_good")).status, 403);
    }
  }
}

TEST_F(ServerTest, PublishingDisturbsNoVerification) {
  options_.threads = 3;
  start();
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::vector<std::jthread> clients;
  clients.reserve(4);
  for (int count = 0; count < 4; ++count) {
    clients.emplace_back([&] {
      Client client(port());
      while (!done) {
        if (client.ask(verify("sec_good")).body != kGood) ++failures;
      }
    });
  }
  for (int round = 0; round < 200; ++round) {
    server_->publish(index_of({key_with("sec_good", "key_1"), key_with("sec_other", "key_2")}));
  }
  done = true;
  clients.clear();
  EXPECT_EQ(failures, 0);
}

// --- Logging

TEST_F(ServerTest, VerificationsAreLoggedWhileItRuns) {
  start();
  Client client(port());
  client.ask(verify("sec_good"));
  while (logger_.text().find("verification_success") == std::string::npos) std::this_thread::yield();
  EXPECT_NE(logger_.text().find(R"("key_id":"key_1")"), std::string::npos);
}

TEST_F(ServerTest, EveryVerificationIsCountedAndTimed) {
  options_.threads = 2;
  start();
  constexpr int kConnections = 4;
  for (int n = 0; n < kConnections; ++n) {
    Client client(port());
    client.send(verify("sec_good") + verify("sec_unknown") + verify("sec_good") + post("/verify", "{}") +
                get("/health"));
    // The last answer is there once all are.
    Answer last;
    while (last.body != R"({"status":"ok"})") last = client.read_answer();
  }
  const metrics::VerificationTotals counted = server_->totals().requests.verifications;
  EXPECT_EQ(counted.verdicts,
            (std::array<uint64_t, metrics::kVerdicts>{2 * kConnections, 0, 0, kConnections, 0, 0, 0}));
  EXPECT_EQ(std::accumulate(counted.durations.counts.begin(), counted.durations.counts.end(), uint64_t{0}),
            3 * kConnections);
  EXPECT_GT(counted.durations.sum.count(), 0);
}

TEST_F(ServerTest, LineAfterAQuietTimeIsWrittenAtOnce) {
  start();
  Client client(port());
  ASSERT_EQ(client.ask(verify("sec_good")).status, 200);
  // Once the next request is answered, what followed the answer to the first is done.
  ASSERT_EQ(client.ask(get("/health")).status, 200);
  EXPECT_NE(logger_.text().find("verification_success"), std::string::npos);
}

}  // namespace
}  // namespace heare::http
