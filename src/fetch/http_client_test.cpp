#include "fetch/http_client.h"

#include <cstdlib>
#include <future>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "fetch/fetch_test_support.h"

namespace heare::fetch {
namespace {

bool has_line(const RawRequest& seen, std::string_view line) {
  return seen.head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

TEST(HttpClient, TellsStatusHeadersAndBody) {
  const RawServer server({answer_with("HTTP/1.1 404 Not Found\r\nETag:  \"abc\" \r\nContent-Length: 4\r\n\r\ngone")});
  const auto response = make_http_client()->send(get(server));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->header("etag"), "\"abc\"");
  EXPECT_EQ(response->header("x-other"), "");
  EXPECT_EQ(response->body, "gone");
}

TEST(HttpClient, SendsWhatItIsGivenAndNothingElse) {
  const RawServer server({answer_with(kOk)});
  Request sent = get(server, "/a/../b//c%2F.?x=1&y");
  sent.headers = {{"X-Amz-Date", "20260120T103000Z"}, {"X-Empty", ""}};
  ASSERT_TRUE(make_http_client()->send(sent).has_value());
  EXPECT_EQ(server.requests().at(0).head,
            "GET /a/../b//c%2F.?x=1&y HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nX-Amz-Date: 20260120T103000Z\r\nX-Empty:\r\n\r\n");
}

TEST(HttpClient, HostThatIsGivenIsSent) {
  const RawServer server({answer_with(kOk)});
  Request sent = get(server);
  sent.headers = {{"Host", "bucket.example"}};
  ASSERT_TRUE(make_http_client()->send(sent).has_value());
  EXPECT_EQ(server.requests().at(0).head, "GET / HTTP/1.1\r\nHost: bucket.example\r\n\r\n");
}

TEST(HttpClient, SendsEveryMethodAsItShould) {
  const RawServer server({answer_with(kOk), answer_with(kOk), answer_with("HTTP/1.1 204 No Content\r\n\r\n"),
                          answer_with("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n")});
  const auto client = make_http_client();
  for (const std::string method : {"POST", "PUT", "DELETE", "HEAD"}) {
    Request sent = request_of(method, server.url("/x"));
    if (method == "PUT") sent.body = "{\"keys\": []}";
    const auto response = client->send(sent);
    ASSERT_TRUE(response.has_value()) << response.error().message;
  }
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_TRUE(seen[0].head.starts_with("POST /x HTTP/1.1\r\n"));
  EXPECT_TRUE(has_line(seen[0], "Content-Length: 0")) << seen[0].head;
  EXPECT_TRUE(seen[1].head.starts_with("PUT /x HTTP/1.1\r\n"));
  EXPECT_EQ(seen[1].body, "{\"keys\": []}");
  EXPECT_EQ(seen[1].head.find("Content-Type"), std::string::npos);
  EXPECT_TRUE(seen[2].head.starts_with("DELETE /x HTTP/1.1\r\n"));
  EXPECT_EQ(seen[2].head.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(seen[3].head.starts_with("HEAD /x HTTP/1.1\r\n"));
}

TEST(HttpClient, BodyMayHoldNulBytes) {
  const RawServer server({answer_with(kOk)});
  Request sent = request_of("PUT", server.url("/"));
  const std::string body("a\0b", 3);
  sent.body = body;
  ASSERT_TRUE(make_http_client()->send(sent).has_value());
  EXPECT_EQ(server.requests().at(0).body, body);
}

TEST(HttpClient, LargeBodyGoesWithoutExpect) {
  const RawServer server({answer_with(kOk)});
  Request sent = request_of("PUT", server.url("/"));
  const std::string body(size_t{2} * 1024 * 1024, 'x');
  sent.body = body;
  const auto response = make_http_client()->send(sent);
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(server.requests().at(0).head.find("Expect"), std::string::npos);
  EXPECT_TRUE(server.requests().at(0).body == body);
}

TEST(HttpClient, HeaderWithALineBreakIsNotSent) {
  const RawServer server({});
  Request sent = get(server);
  sent.headers = {{"X-Name", "a\r\nX-Other: b"}};
  const auto response = make_http_client()->send(sent);
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().nothing_sent);
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClient, KeepsItsConnection) {
  const RawServer server({answer_with(kOk), answer_with(kOk)});
  const auto client = make_http_client();
  ASSERT_TRUE(client->send(get(server)).has_value());
  ASSERT_TRUE(client->send(get(server)).has_value());
  EXPECT_EQ(server.requests().at(1).connection, 0U);
}

TEST(HttpClient, OpensANewConnectionWhereAsked) {
  const RawServer server({answer_with(kOk), answer_with(kOk)});
  const auto client = make_http_client();
  ASSERT_TRUE(client->send(get(server)).has_value());
  Request again = get(server);
  again.fresh_connection = true;
  ASSERT_TRUE(client->send(again).has_value());
  EXPECT_EQ(server.requests().at(1).connection, 1U);
}

TEST(HttpClient, ReadIsSentAgainWhereAKeptConnectionProvesDead) {
  const RawServer server({answer_with(kOk), [](RawPeer& peer) { peer.close(); }, answer_with(kOk)});
  const auto client = make_http_client();
  ASSERT_TRUE(client->send(get(server)).has_value());
  const auto response = client->send(get(server));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(server.requests().size(), 3U);
}

// The peer may have done what it was asked before it closed the connection.
TEST(HttpClient, WriteIsNeverSentAgain) {
  for (const std::string method : {"PUT", "POST", "DELETE"}) {
    const RawServer server({answer_with(kOk), [](RawPeer& peer) { peer.close(); }, answer_with(kOk)});
    const auto client = make_http_client();
    ASSERT_TRUE(client->send(get(server)).has_value());
    Request sent = request_of(method, server.url("/"));
    if (method == "PUT") sent.body = "bytes";
    const auto response = client->send(sent);
    ASSERT_FALSE(response.has_value());
    EXPECT_FALSE(response.error().nothing_sent);
    EXPECT_EQ(server.requests().size(), 2U) << method;
  }
}

TEST(HttpClient, FollowsNoRedirect) {
  const RawServer server({answer_with("HTTP/1.1 301 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")});
  const auto response = make_http_client()->send(get(server));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->status, 301);
  EXPECT_EQ(response->header("Location"), "/other");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpClient, HeadersOfInterimAnswersDoNotCount) {
  const RawServer server(
      {answer_with("HTTP/1.1 103 Early Hints\r\nX-Name: early\r\n\r\nHTTP/1.1 200 OK\r\n"
                   "Content-Length: 0\r\n\r\n")});
  const auto response = make_http_client()->send(get(server));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->header("X-Name"), "");
}

TEST(HttpClient, TrailersAreNoHeaders) {
  const RawServer server(
      {answer_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
                   "X-Name: late\r\n\r\n")});
  const auto response = make_http_client()->send(get(server));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(response->header("X-Name"), "");
}

TEST(HttpClient, SinkSeesBytesAsTheyCome) {
  std::promise<void> first_seen;
  std::future<void> first_is_seen = first_seen.get_future();
  bool came_in_time = false;
  const RawServer server({[&](RawPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
    came_in_time = first_is_seen.wait_for(kPatience) == std::future_status::ready;
    peer.send("rest!");
  }});
  std::string seen;
  const auto response = make_http_client()->send(get(server), [&](std::string_view bytes) -> Result<> {
    if (seen.empty()) first_seen.set_value();
    seen += bytes;
    return {};
  });
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_TRUE(came_in_time);
  EXPECT_EQ(seen, "firstrest!");
  EXPECT_EQ(response->body, "");
}

TEST(HttpClient, OnlyTheBodyOfA200GoesToTheSink) {
  const RawServer server({answer_with("HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\n\r\nslow")});
  const auto response = make_http_client()->send(get(server), [](std::string_view) -> Result<> {
    ADD_FAILURE() << "the sink was called";
    return {};
  });
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->body, "slow");
}

TEST(HttpClient, ErrorOfTheSinkEndsTheTransferWithItsMessage) {
  const RawServer server({answer_with(kOk), answer_with(kOk)});
  const auto client = make_http_client();
  const auto response = client->send(
      get(server), [](std::string_view) -> Result<> { return fail(ErrorCode::corrupt, "not what was asked for"); });
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().message, "not what was asked for");
  EXPECT_FALSE(response.error().nothing_sent);
  EXPECT_FALSE(response.error().timed_out);
  EXPECT_TRUE(client->send(get(server)).has_value()) << "the client is good for the next request";
}

TEST(HttpClient, ExceptionOfTheSinkComesThrough) {
  const RawServer server({answer_with(kOk)});
  const auto client = make_http_client();
  EXPECT_THROW(static_cast<void>(client->send(
                   get(server), [](std::string_view) -> Result<> { throw std::runtime_error("out of memory"); })),
               std::runtime_error);
}

TEST(HttpClient, GatheredBodyIsBounded) {
  const std::string body(kGatheredBodyBytesMax + 1, 'x');
  const RawServer server({answer_with("HTTP/1.1 200 OK\r\n\r\n" + body)});
  const auto response = make_http_client()->send(get(server));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().message, "the answer (status 200) is longer than 1048576 bytes");
}

TEST(HttpClient, HeaderOfAnAnswerIsBounded) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  while (answer.size() <= kResponseHeaderBytesMax) answer += "X-Name: " + std::string(1000, 'x') + "\r\n";
  const RawServer server({answer_with(answer + "Content-Length: 0\r\n\r\n")});
  const auto response = make_http_client()->send(get(server));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().message, "the answer's header is longer than 65536 bytes");
}

TEST(HttpClient, UserInformationBecomesBasicAuthentication) {
  const RawServer server({answer_with(kOk)});
  const std::string url = "http://user:pass@127.0.0.1:" + std::to_string(server.port()) + "/";
  ASSERT_TRUE(make_http_client()->send(request_of("GET", url)).has_value());
  EXPECT_TRUE(has_line(server.requests().at(0), "Authorization: Basic dXNlcjpwYXNz"));
}

TEST(HttpClient, NoProxyStandsBetweenUsAndThisMachine) {
  const RawServer server({answer_with(kOk)});
  const std::string proxy = dead_url();
  // NOLINTBEGIN(concurrency-mt-unsafe): the server's thread does not look at the environment.
  ASSERT_EQ(::setenv("http_proxy", proxy.c_str(), 1), 0);
  const auto near = make_http_client()->send(get(server));
  const auto far = make_http_client()->send(request_of("GET", "http://heare-auth.invalid/"));
  ::unsetenv("http_proxy");
  // NOLINTEND(concurrency-mt-unsafe)
  EXPECT_TRUE(near.has_value());
  ASSERT_FALSE(far.has_value());
  EXPECT_NE(far.error().message.find("127.0.0.1"), std::string::npos) << far.error().message;
}

}  // namespace
}  // namespace heare::fetch
