#include "http/message.h"

#include <gtest/gtest.h>

namespace heare::http {
namespace {

TEST(Message, EveryStatusThatTheServiceGivesHasItsPhrase) {
  struct Case {
    int status;
    std::string_view phrase;
  };
  // Of RFC 9110 section 15, and RFC 6585 for 431.
  const Case cases[] = {
      {200, "OK"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {413, "Content Too Large"},
      {417, "Expectation Failed"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
  };
  for (const Case& c : cases) EXPECT_EQ(reason_phrase(c.status), c.phrase) << c.status;
}

TEST(Message, PageTakesThePlaceOfTheBody) {
  Response response;
  response.page = "page";
  std::string out;
  append_response(out, response, {.date = "now", .connection = {}, .head_only = false});
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\npage");
  out.clear();
  append_response(out, response, {.date = "now", .connection = {}, .head_only = true});
  EXPECT_TRUE(out.ends_with("Content-Length: 4\r\n\r\n")) << out;
  out.clear();
  response.reset();
  append_response(out, response, {.date = "now", .connection = {}, .head_only = false});
  EXPECT_TRUE(out.ends_with("Content-Length: 0\r\n\r\n")) << out;
}

}  // namespace
}  // namespace heare::http
