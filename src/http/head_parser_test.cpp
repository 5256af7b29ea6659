#include "http/head_parser.h"

#include <array>
#include <limits>
#include <random>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http/line_scanner.h"

namespace heare::http {
namespace {

namespace beast = boost::beast;

constexpr std::string_view kRefused = "refused";

std::string describe(const Head& head) {
  std::string text = fmt::format("{}|{}|{}\n", head.method, head.target, head.version == Version::http_1_1 ? 11 : 10);
  for (const Field& field : head.fields) text += fmt::format("{}|{}\n", field.name, field.value);
  return text;
}

/// What is made of a whole head, its last line empty.
std::string parse(std::string_view bytes) {
  LineScanner lines;
  HeadParser parser;
  while (true) {
    const auto [found, line] = lines.next(bytes, bytes.size());
    if (found != LineScanner::Outcome::line) return std::string(kRefused);
    if (line.empty() && parser.has_request_line()) break;
    if (!parser.add(line, static_cast<size_t>(line.data() - bytes.data()))) return std::string(kRefused);
  }
  if (lines.position() != bytes.size()) return std::string(kRefused);
  Head head;
  parser.view(bytes, head);
  return describe(head);
}

TEST(HeadParser, SplitsRequestLineAndFields) {
  EXPECT_EQ(parse("POST /verify?a=b HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Wide: \t a b \t\r\n\r\n"),
            "POST|/verify?a=b|11\nHost|a\nX-Empty|\nX-Wide|a b\n");
}

TEST(HeadParser, TakesBothVersionsAndNoOther) {
  EXPECT_EQ(parse("GET / HTTP/1.0\r\n\r\n"), "GET|/|10\n");
  for (const auto* version : {"HTTP/1.2", "HTTP/2.0", "HTTP/1.", "http/1.1", "HTTP/11", "HTTP/1.1 "}) {
    EXPECT_EQ(parse(fmt::format("GET / {}\r\n\r\n", version)), kRefused) << version;
  }
}

TEST(HeadParser, RefusesAnyOtherRequestLine) {
  for (const auto* line : {"GET /", "GET  / HTTP/1.1", "GET / x HTTP/1.1", "GET /\tx HTTP/1.1", " GET / HTTP/1.1",
                           "GE(T / HTTP/1.1", "GET  HTTP/1.1", "GET HTTP/1.1", "/ HTTP/1.1", ""}) {
    EXPECT_EQ(parse(fmt::format("{}\r\n\r\n", line)), kRefused) << line;
  }
}

TEST(HeadParser, RefusesAnyOtherFieldLine) {
  for (const auto* line : {"Host : a", "Host", ": a", " Host: a", "\tfolded", "Ho st: a", "H\xC3\xB6st: a"}) {
    EXPECT_EQ(parse(fmt::format("GET / HTTP/1.1\r\n{}\r\n\r\n", line)), kRefused) << line;
  }
}

TEST(HeadParser, PartsFollowTheBytesWhereTheseMove) {
  const std::string bytes = "GET /a HTTP/1.1\r\nHost: b\r\n\r\n";
  HeadParser parser;
  ASSERT_TRUE(parser.add(std::string_view(bytes).substr(0, 15), 0));
  ASSERT_TRUE(parser.add(std::string_view(bytes).substr(17, 7), 17));
  const std::string elsewhere = bytes;
  Head head;
  parser.view(elsewhere, head);
  EXPECT_EQ(describe(head), "GET|/a|11\nHost|b\n");
  EXPECT_EQ(head.target.data(), elsewhere.data() + 4);
}

// --- A second opinion

/// What Beast's parser finds in a head.
class Beast final : public beast::http::basic_parser<true> {
 public:
  static std::string parse(std::string_view bytes) {
    Beast parser;
    parser.skip(true);
    parser.header_limit(std::numeric_limits<std::uint32_t>::max());
    beast::error_code error;
    const size_t parsed = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (error || !parser.is_header_done() || parsed != bytes.size()) return std::string(kRefused);
    return parser.text_;
  }

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       beast::error_code&) override {
    text_ = fmt::format("{}|{}|{}\n", std::string_view(method), std::string_view(target), version);
  }
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     beast::error_code&) override {
    text_ += fmt::format("{}|{}\n", std::string_view(name), std::string_view(value));
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, beast::error_code&) override {
    return body.size();
  }
  void on_finish_impl(beast::error_code&) override {}

  std::string text_;
};

// Without fields that frame a body: Beast looks into those too.
TEST(HeadParser, WhatItTakesBeastReadsTheSame) {
  constexpr std::array<std::string_view, 3> kHeads = {
      "POST /verify HTTP/1.1\r\nHost: a\r\nUser-Agent: curl/7.88\r\nX-Length: 7\r\n\r\n",
      "GET http://a/b?c=d HTTP/1.0\r\nX:\r\nY: \t\xC3\xA9 z\t\r\n\r\n",
      "M-SEARCH * HTTP/1.1\r\nHost: [::1]:80\r\nX-Options: close , x\r\n\r\n",
  };
  constexpr std::string_view kBytes = " \t\r\n:/HTP1.0aA*\x7F\x80\xFF\0(\"";
  std::mt19937 random(20'261'124);
  const auto below = [&random](size_t bound) { return random() % bound; };
  int taken = 0;
  for (int n = 0; n < 50'000; ++n) {
    std::string bytes(kHeads.at(below(kHeads.size())));
    for (size_t changes = below(4); changes > 0; --changes) {
      const size_t at = below(bytes.size());
      const std::string byte(1, kBytes[below(kBytes.size())]);
      bytes.replace(at, below(2), byte);
    }
    const std::string ours = parse(bytes);
    if (ours == kRefused) continue;
    ++taken;
    ASSERT_EQ(ours, Beast::parse(bytes)) << testing::PrintToString(bytes);
  }
  EXPECT_GT(taken, 10'000);
}

}  // namespace
}  // namespace heare::http
