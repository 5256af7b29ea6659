#include "s3/error_answer.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace heare::s3 {
namespace {

std::string message_in(std::string_view message) {
  return read_error_answer("<Error><Code>X</Code><Message>" + std::string(message) + "</Message></Error>").message;
}

TEST(ErrorAnswer, AwsAnswerIsRead) {
  const ErrorAnswer answer = read_error_answer(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region "
      "&apos;us-east-1&apos; is wrong; expecting &apos;eu-west-1&apos;</Message><Region>eu-west-1</Region>"
      "<RequestId>4442587FB7D0A2F9</RequestId><HostId>uvEc/Zd+XQ=</HostId></Error>");
  EXPECT_EQ(answer.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(answer.message,
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting "
            "'eu-west-1'");
  EXPECT_EQ(answer.region, "eu-west-1");
  EXPECT_EQ(answer.request_id, "4442587FB7D0A2F9");
  EXPECT_EQ(answer.host_id, "uvEc/Zd+XQ=");
}

TEST(ErrorAnswer, ServerTimeIsRead) {
  EXPECT_EQ(read_error_answer("<Error><Code>RequestTimeTooSkewed</Code><ServerTime>2026-01-20T10:30:00Z</ServerTime>"
                              "</Error>")
                .server_time,
            "2026-01-20T10:30:00Z");
}

TEST(ErrorAnswer, StsAnswerIsRead) {
  const ErrorAnswer answer = read_error_answer(
      "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n"
      "    <Code>ExpiredTokenException</Code>\n    <Message>Token expired</Message>\n  </Error>\n"
      "  <RequestId>c6104cbe</RequestId>\n</ErrorResponse>");
  EXPECT_EQ(answer.code, "ExpiredTokenException");
  EXPECT_EQ(answer.message, "Token expired");
  EXPECT_EQ(answer.request_id, "c6104cbe");
}

TEST(ErrorAnswer, LayoutPrefixesAndAttributesDoNotMatter) {
  EXPECT_EQ(read_error_answer("<s3:Error>\n <!-- <Code>No</Code> -->\n <s3:Code lang='x'>\n  NoSuchKey\n </s3:Code>"
                              "</s3:Error>")
                .code,
            "NoSuchKey");
}

TEST(ErrorAnswer, EmptyElementIsNothing) {
  const ErrorAnswer answer = read_error_answer("<Error><Message/><Code>NoSuchKey</Code><Region></Region></Error>");
  EXPECT_EQ(answer.message, "");
  EXPECT_EQ(answer.code, "NoSuchKey");
  EXPECT_EQ(answer.region, "");
}

TEST(ErrorAnswer, FirstOfANameCounts) {
  EXPECT_EQ(read_error_answer("<Error><Code>One</Code><Detail><Code>Two</Code></Detail></Error>").code, "One");
}

TEST(ErrorAnswer, ReferencesAreDecoded) {
  EXPECT_EQ(message_in("&lt;a&gt; &amp;amp; &quot;b&quot; &#65;&#x42; &#x20AC;"), "<a> &amp; \"b\" AB €");
}

TEST(ErrorAnswer, WhatIsNoReferenceStays) {
  EXPECT_EQ(message_in("a & b; &nbsp; &#xD800; &#99999999; &#; &"), "a & b; &nbsp; &#xD800; &#99999999; &#; &");
}

TEST(ErrorAnswer, ControlCharactersAndBrokenUtf8BecomeHarmless) {
  EXPECT_EQ(message_in("a\nb\x1B[31m\xFF&#10;c&#x7F;"), "a b [31m\xEF\xBF\xBD c ");
}

TEST(ErrorAnswer, AnythingElseHoldsNothing) {
  for (const char* body :
       {"", "NoSuchKey", "{\"Code\": \"NoSuchKey\"}", "<html><Code>NoSuchKey</Code></html>",
        "<ListBucketResult><Code>NoSuchKey</Code></ListBucketResult>", "<", "<Error", "<!--", "<?xml",
        "<Error><!-- <Code>NoSuchKey</Code>", "<Error><![CDATA[<Code>NoSuchKey</Code>]]></Error>"}) {
    EXPECT_EQ(read_error_answer(body).code, "") << body;
  }
}

TEST(ErrorAnswer, HalfAnAnswerGivesWhatItHolds) {
  const ErrorAnswer answer = read_error_answer("<Error><Code>SlowDown</Code><Message>Please redu");
  EXPECT_EQ(answer.code, "SlowDown");
  EXPECT_EQ(answer.message, "Please redu");
}

TEST(ErrorAnswer, CodeThatIsNoneIsDropped) {
  EXPECT_EQ(read_error_answer("<Error><Code>No Such Key</Code></Error>").code, "");
  EXPECT_EQ(read_error_answer("<Error><Code>KMS.DisabledException</Code></Error>").code, "KMS.DisabledException");
}

TEST(ErrorAnswer, LongValuesAreCutBetweenCharacters) {
  std::string message = "x";
  while (message.size() < 2000) message += "€";
  const std::string cut = message_in(message);
  EXPECT_LE(cut.size(), 512U);
  EXPECT_GE(cut.size(), 509U);
  EXPECT_TRUE(is_utf8(cut));
  EXPECT_EQ(cut.find("\xEF\xBF\xBD"), std::string::npos);
}

TEST(ErrorAnswer, WhatComesAfter64KibibytesIsNotLookedAt) {
  const std::string padding(size_t{64} * 1024, ' ');
  EXPECT_EQ(read_error_answer("<Error>" + padding + "<Code>NoSuchKey</Code></Error>").code, "");
}

}  // namespace
}  // namespace heare::s3
