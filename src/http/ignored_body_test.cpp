// Bodies that nobody reads: of requests by which a proxy asks about another.

#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "http/request_reader.h"

namespace heare::http {
namespace {

constexpr std::string_view kNext = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";

std::string ask(std::string_view fields, std::string_view body = {}, std::string_view path = "/auth/x") {
  return fmt::format("PUT {} HTTP/1.1\r\nHost: a\r\n{}\r\n{}", path, fields, body);
}

std::string sized(size_t bytes) {
  return ask(fmt::format("Content-Length: {}\r\n", bytes), std::string(bytes, 'x'));
}

/// In chunks of 32 KiB and a last one.
std::string chunked(size_t bytes) {
  std::string body;
  for (size_t left = bytes; left > 0;) {
    const size_t chunk = std::min<size_t>(left, 0x8000);
    body += fmt::format("{:x}\r\n{}\r\n", chunk, std::string(chunk, 'x'));
    left -= chunk;
  }
  return ask("Transfer-Encoding: chunked\r\n", body + "0\r\n\r\n");
}

/// What a reader has made of a connection so far.
struct Reading {
  /// Such as `PUT keep`, of each request; a status where one was refused.
  std::string requests;
  /// The most that was kept.
  size_t buffered_max = 0;
  bool continued = false;
};

Reading read(std::string_view bytes, size_t piece_size) {
  Reading reading;
  RequestReader reader;
  std::string buffer;
  while (!bytes.empty()) {
    buffer += bytes.substr(0, piece_size);
    bytes.remove_prefix(std::min(piece_size, bytes.size()));
    while (true) {
      const auto outcome = reader.read(buffer);
      if (const auto* const more = std::get_if<NeedMore>(&outcome)) {
        buffer.erase(more->drop_at, more->drop_count);
        reading.continued = reading.continued || more->wants_continue;
        reading.buffered_max = std::max(reading.buffered_max, buffer.size());
        break;
      }
      if (const auto* const refused = std::get_if<Refused>(&outcome)) {
        reading.requests += fmt::format("{};", refused->status);
        return reading;
      }
      const Ready& ready = std::get<Ready>(outcome);
      EXPECT_EQ(ready.request.body, "");
      reading.requests += fmt::format("{} {};", ready.request.method, ready.keep_alive ? "keep" : "close");
      buffer.erase(0, ready.consumed);
      reader.next();
      if (!ready.keep_alive) return reading;
    }
  }
  return reading;
}

/// The requests in `bytes`, after a check that it does not matter how they come.
std::string requests_in(std::string_view bytes) {
  std::string whole = read(bytes, bytes.size()).requests;
  EXPECT_EQ(read(bytes, 1000).requests, whole);
  if (bytes.size() < 5000) {
    EXPECT_EQ(read(bytes, 1).requests, whole);
  }
  return whole;
}

TEST(IgnoredBody, RequestAfterItIsRead) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{70'000}}) {
    EXPECT_EQ(requests_in(sized(bytes).append(kNext)), "PUT keep;GET keep;");
    EXPECT_EQ(requests_in(chunked(bytes).append(kNext)), "PUT keep;GET keep;");
  }
  EXPECT_EQ(requests_in(ask("Content-Length: 5\r\n", "hello", "/auth").append(kNext)), "PUT keep;GET keep;");
}

TEST(IgnoredBody, MebibyteIsWaitedForAndALongerOneIsNot) {
  EXPECT_EQ(requests_in(sized(limits::kIgnoredBodyBytesMax).append(kNext)), "PUT keep;GET keep;");
  EXPECT_EQ(requests_in(chunked(limits::kIgnoredBodyBytesMax).append(kNext)), "PUT keep;GET keep;");
  EXPECT_EQ(requests_in(sized(limits::kIgnoredBodyBytesMax + 1)), "PUT close;");
  EXPECT_EQ(requests_in(chunked(limits::kIgnoredBodyBytesMax + 1)), "PUT close;");
}

TEST(IgnoredBody, LongerOneIsAnsweredFromTheHeadAlone) {
  const Reading sized = read(ask("Content-Length: 1048577\r\nExpect: 100-continue\r\n"), 7);
  EXPECT_EQ(sized.requests, "PUT close;");
  EXPECT_FALSE(sized.continued);
  EXPECT_EQ(requests_in(ask("Content-Length: 18446744073709551615\r\n")), "PUT close;");
  EXPECT_EQ(requests_in(ask("Transfer-Encoding: chunked\r\n", "100001\r\n")), "PUT close;");
}

TEST(IgnoredBody, TrailersThatAreTooLongAreNotWaitedFor) {
  const std::string trailers = "X: " + std::string(10'000, 'x');
  EXPECT_EQ(requests_in(ask("Transfer-Encoding: chunked\r\n", "0\r\n" + trailers)), "PUT close;");
}

TEST(IgnoredBody, NothingOfItIsKept) {
  EXPECT_LT(read(sized(limits::kIgnoredBodyBytesMax), 1000).buffered_max, 1000U);
  EXPECT_LT(read(chunked(limits::kIgnoredBodyBytesMax), 1000).buffered_max, 1000U);
}

TEST(IgnoredBody, ContinueIsToldOnce) {
  const std::string head = ask("Expect: 100-continue\r\nContent-Length: 4\r\n");
  EXPECT_TRUE(read(head, head.size()).continued);
  RequestReader reader;
  EXPECT_TRUE(std::get<NeedMore>(reader.read(head)).wants_continue);
  const std::string half = head + "bo";
  const auto more = std::get<NeedMore>(reader.read(half));
  EXPECT_FALSE(more.wants_continue);
  EXPECT_EQ(half.substr(more.drop_at, more.drop_count), "bo");
  EXPECT_TRUE(std::holds_alternative<Ready>(reader.read(head + "dy")));
}

TEST(IgnoredBody, OtherExpectationsAreIgnoredToo) {
  EXPECT_EQ(requests_in(ask("Expect: a-wonder\r\nContent-Length: 1\r\n", "x").append(kNext)), "PUT keep;GET keep;");
}

TEST(IgnoredBody, DoubtfulFramingIsRefusedAllTheSame) {
  EXPECT_EQ(requests_in(ask("Transfer-Encoding: chunked\r\n", "2\r\nx\r\n")), "400;");
  EXPECT_EQ(requests_in(ask("Content-Length: 1\r\nContent-Length: 1\r\n", "x")), "400;");
  EXPECT_EQ(requests_in(ask("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")), "400;");
}

TEST(IgnoredBody, OtherPathsKeepTheirRules) {
  for (const std::string_view path : {"/authx", "/verify", "/"}) {
    EXPECT_EQ(requests_in(ask("Content-Length: 65537\r\n", "", path)), "413;") << path;
    EXPECT_EQ(requests_in(ask("Expect: a-wonder\r\n", "", path)), "417;") << path;
  }
}

}  // namespace
}  // namespace heare::http
