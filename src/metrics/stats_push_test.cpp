#include "metrics/stats_push.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "support/raw_server.h"

namespace heare::metrics {
namespace {

using namespace std::chrono_literals;
using testing::RawPeer;
using testing::RawServer;

/// For what must happen, on a machine that is busy.
constexpr auto kPatience = 30s;

void take(RawPeer& peer) {
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
}
void refuse(RawPeer& peer) {
  peer.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
}
void hang(RawPeer&) {}
void drop(RawPeer& peer) {
  peer.reset();
}

class StatsPushTest : public ::testing::Test {
 protected:
  /// With one counter, whose total is `total_`, and a timer that is told once.
  std::unique_ptr<StatsPush> push_to(const RawServer& server, std::chrono::milliseconds period = 10s) {
    StatsReceiver receiver = {.url = server.url("/http"), .user = Secret("s3cret"), .period = period};
    return make_stats_push(std::move(receiver), fetch::make_http_client(),
                           {.read = [this] { return report(); },
                            .failing = [this](const std::string& problem) { problems_.push_back(problem); }});
  }
  StatsReport report() {
    ++reads_;
    return {.counters = {{"verify.requests", total_ += 5}},
            .gauges = {},
            .timers = {{"verify.duration", {std::chrono::milliseconds(reads_)}}}};
  }

  uint64_t total_ = 0;
  int reads_ = 0;
  std::vector<std::string> problems_;
};

std::vector<std::string> bodies(const RawServer& server) {
  std::vector<std::string> bodies;
  for (const auto& request : server.requests()) bodies.push_back(request.body);
  return bodies;
}

TEST_F(StatsPushTest, ReportIsAPostWithBasicAuthentication) {
  RawServer server({take});
  EXPECT_TRUE(push_to(server)->stop(kPatience));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1);
  EXPECT_TRUE(requests[0].head.starts_with("POST /http HTTP/1.1\r\n"));
  // base64 of "s3cret:"
  EXPECT_NE(requests[0].head.find("\r\nAuthorization: Basic czNjcmV0Og==\r\n"), std::string::npos);
  EXPECT_NE(requests[0].head.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_EQ(requests[0].body,
            R"({"counters":{"heare-auth.verify.requests":5},"timers":{"heare-auth.verify.duration":[1]}})");
  EXPECT_TRUE(problems_.empty());
}

TEST_F(StatsPushTest, EachPeriodHasAReportAndTheEndAnother) {
  constexpr size_t kMoreThanComeMeanwhile = 10'000;
  RawServer server(std::vector<RawServer::Answer>(kMoreThanComeMeanwhile, take));
  const auto push = push_to(server, 20ms);
  push->start();
  server.wait_for_requests(2);
  EXPECT_TRUE(push->stop(kPatience));
  EXPECT_EQ(server.requests().size(), static_cast<size_t>(reads_));
  EXPECT_GE(reads_, 3);
  for (const std::string& body : bodies(server)) EXPECT_NE(body.find(R"("heare-auth.verify.requests":5})"), body.npos);
}

TEST_F(StatsPushTest, WhatWasNotTakenIsToldWithTheNextReport) {
  RawServer server({take, refuse, drop, take});
  const auto push = push_to(server);
  for (int n = 0; n < 4; ++n) EXPECT_TRUE(push->stop(kPatience));
  EXPECT_EQ(bodies(server),
            (std::vector<std::string>{
                R"({"counters":{"heare-auth.verify.requests":5},"timers":{"heare-auth.verify.duration":[1]}})",
                R"({"counters":{"heare-auth.verify.requests":5},"timers":{"heare-auth.verify.duration":[2]}})",
                R"({"counters":{"heare-auth.verify.requests":10},"timers":{"heare-auth.verify.duration":[3]}})",
                R"({"counters":{"heare-auth.verify.requests":15},"timers":{"heare-auth.verify.duration":[4]}})"}));
}

TEST_F(StatsPushTest, TroubleIsToldOnceUntilItHasPassed) {
  RawServer server({refuse, drop, take, refuse});
  const auto push = push_to(server);
  for (int n = 0; n < 4; ++n) EXPECT_TRUE(push->stop(kPatience));
  ASSERT_EQ(problems_.size(), 2);
  EXPECT_EQ(problems_[0], "POST " + server.url("/http") + ": answered 503");
  EXPECT_EQ(problems_[0].find("s3cret"), std::string::npos);
}

TEST_F(StatsPushTest, ReceiverThatHangsDoesNotHoldUpTheEnd) {
  RawServer server({hang});
  const auto push = push_to(server, 500ms);
  push->start();
  server.wait_for_requests(1);
  EXPECT_FALSE(push->stop(1ms));
}

TEST_F(StatsPushTest, LastReportKeepsToItsTime) {
  RawServer server({hang});
  EXPECT_TRUE(push_to(server)->stop(50ms));
  EXPECT_EQ(problems_.size(), 1);
}

}  // namespace
}  // namespace heare::metrics
