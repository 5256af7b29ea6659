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

}  // namespace
}  // namespace heare::http
