#include <string>

#include <gtest/gtest.h>

#include "fetch/http_client.h"

#include "fetch/fetch_test_support.h"

namespace heare::fetch {
namespace {

TEST(HttpClientFailure, TruncatedBodyIsAFailure) {
  const RawServer server({[](RawPeer& peer) {
                            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                            peer.close();
                          },
                          [](RawPeer& peer) {
                            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
                            peer.close();
                          }});
  const auto client = make_http_client();
  for (const auto* framing : {"Content-Length", "chunked"}) {
    const auto response = client->send(get(server));
    ASSERT_FALSE(response.has_value()) << framing;
    EXPECT_FALSE(response.error().nothing_sent) << framing;
  }
}

TEST(HttpClientFailure, RefusedConnectionMeansThatNothingWasSent) {
  const auto response = make_http_client()->send(request_of("PUT", dead_url("/keys.json")));
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().nothing_sent);
  EXPECT_FALSE(response.error().timed_out);
  EXPECT_TRUE(response.error().message.starts_with("PUT http://127.0.0.1:")) << response.error().message;
}

TEST(HttpClientFailure, FailedTlsGreetingMeansThatNothingWasSent) {
  const RawServer server({}, answer_with("this is no TLS\r\n"));
  const auto response =
      make_http_client()->send(request_of("PUT", "https://127.0.0.1:" + std::to_string(server.port()) + "/"));
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().nothing_sent);
  EXPECT_FALSE(response.error().timed_out);
}

TEST(HttpClientFailure, SilenceDuringTheTlsGreetingMeansThatNothingWasSent) {
  const RawServer server({});
  Request sent = request_of("PUT", "https://127.0.0.1:" + std::to_string(server.port()) + "/");
  sent.timeout = kShortTimeout;
  const auto response = make_http_client()->send(sent);
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().nothing_sent);
  EXPECT_TRUE(response.error().timed_out);
}

TEST(HttpClientFailure, UnknownHostMeansThatNothingWasSent) {
  // RFC 6761: no name under .invalid is ever resolved.
  const auto response = make_http_client()->send(request_of("PUT", "http://heare-auth.invalid/"));
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().nothing_sent);
}

TEST(HttpClientFailure, ResetAfterTheRequestMeansThatItMayHaveBeenDone) {
  const RawServer server({[](RawPeer& peer) { peer.reset(); }});
  Request sent = request_of("PUT", server.url("/"));
  sent.body = "bytes";
  const auto response = make_http_client()->send(sent);
  ASSERT_FALSE(response.has_value());
  EXPECT_FALSE(response.error().nothing_sent);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpClientFailure, SilentPeerIsATimeout) {
  const RawServer server({[](RawPeer&) {}});
  Request sent = get(server);
  sent.timeout = kShortTimeout;
  const auto response = make_http_client()->send(sent);
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().timed_out);
  EXPECT_FALSE(response.error().nothing_sent);
}

TEST(HttpClientFailure, AnswerThatTricklesTimesOutWhateverLengthItClaims) {
  const RawServer server({answer_with("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n{")});
  Request sent = get(server);
  sent.timeout = kShortTimeout;
  sent.answer_bytes_per_second = 1'000'000;
  const auto response = make_http_client()->send(sent, [](std::string_view) { return Result<>(); });
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().timed_out);
  EXPECT_FALSE(response.error().nothing_sent);
}

TEST(HttpClientFailure, AnswerThatKeepsComingIsReadWhole) {
  const std::string body(100'000, 'x');
  const RawServer server({answer_with("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body)});
  Request sent = get(server);
  sent.answer_bytes_per_second = 1;
  const auto response = make_http_client()->send(sent);
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->body, body);
}

TEST(HttpClientFailure, SilenceTimesOutWithARateToo) {
  const RawServer server({[](RawPeer&) {}});
  Request sent = get(server);
  sent.timeout = kShortTimeout;
  sent.answer_bytes_per_second = 1'000'000;
  const auto response = make_http_client()->send(sent);
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().timed_out);
}

TEST(HttpClientFailure, NothingButHttpIsSpoken) {
  for (const std::string url : {"file:///etc/hostname", "ftp://127.0.0.1/", "127.0.0.1:80/", "http://", ""}) {
    const auto response = make_http_client()->send(request_of("GET", url));
    ASSERT_FALSE(response.has_value()) << url;
    EXPECT_TRUE(response.error().nothing_sent) << url;
  }
}

TEST(HttpClientFailure, MessagesHoldNeitherUserInformationNorQuery) {
  const std::string dead = dead_url("/path?token=hunter2").substr(std::string_view("http://").size());
  for (const std::string& url : {"http://user:hunter2@" + dead, std::string("http://user:hunter2@127.0.0.1:99999/"),
                                 std::string("http://user:hunter2@heare-auth.invalid/?hunter2"),
                                 std::string("ftp://user:hunter2@127.0.0.1/"), std::string("http://hunter2 @x/")}) {
    const auto response = make_http_client()->send(request_of("GET", url));
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().message.find("hunter2"), std::string::npos) << response.error().message;
    EXPECT_EQ(response.error().message.find("user"), std::string::npos) << response.error().message;
  }
}

TEST(HttpClientFailure, MissingBundleOfAuthoritiesIsNamed) {
  const RawServer server({});
  const auto client = make_http_client({.ca_bundle = "/nonexistent/bundle.pem"});
  const auto response = client->send(request_of("GET", "https://127.0.0.1:" + std::to_string(server.port()) + "/"));
  ASSERT_FALSE(response.has_value());
  EXPECT_NE(response.error().message.find("/nonexistent/bundle.pem"), std::string::npos) << response.error().message;
}

}  // namespace
}  // namespace heare::fetch
