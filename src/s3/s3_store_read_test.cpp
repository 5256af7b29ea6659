#include <gtest/gtest.h>

#include "base/limits.h"
#include "s3/s3_store.h"

#include "s3/s3_store_test_support.h"

namespace heare::s3 {
namespace {

using storage::EntityTag;
using testing::answer;
using testing::answer_with;
using testing::error_answer;
using testing::RawPeer;
using testing::ScriptedStore;
using testing::StoreWithoutWire;

/// Records what is done to it.
class RecordingSink final : public storage::ByteSink {
 public:
  std::vector<std::string> events;
  std::optional<Error> error;

  void restart() override { events.emplace_back("restart"); }
  Result<> append(std::string_view bytes) override {
    if (error) return std::unexpected(*error);
    events.emplace_back(bytes);
    return {};
  }
};

ErrorCode code_of(const Result<storage::GetOutcome>& got) {
  EXPECT_FALSE(got.has_value());
  return got ? ErrorCode::corrupt : got.error().code;
}

TEST(S3StoreRead, ObjectIsReadWithItsTag) {
  ScriptedStore it({answer(200, "ETag: \"abc\"\r\n", "the document")});
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(std::get<storage::Read>(*got).tag, EntityTag("\"abc\""));
  EXPECT_EQ(it.sink.bytes, "the document");
}

TEST(S3StoreRead, RequestIsSignedAndAsksForTheObject) {
  ScriptedStore it({answer(200, "ETag: \"abc\"\r\n", "x")});
  ASSERT_TRUE(it.store->get(std::nullopt, it.sink));
  EXPECT_TRUE(it.head(0).starts_with("GET /bucket/keys.json HTTP/1.1\r\n")) << it.head(0);
  EXPECT_EQ(it.header(0, "Host"), fmt::format("127.0.0.1:{}", it.server.port()));
  EXPECT_EQ(it.header(0, "x-amz-date"), "20260120T103000Z");
  EXPECT_EQ(it.header(0, "x-amz-security-token"), "first-token");
  EXPECT_EQ(it.header(0, "If-None-Match"), "absent");
  EXPECT_TRUE(
      it.header(0, "Authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKIDFIRST/20260120/us-east-1/s3/"));
}

TEST(S3StoreRead, UnchangedObjectLeavesTheSinkAlone) {
  ScriptedStore it({answer_with("HTTP/1.1 304 Not Modified\r\nETag: \"abc\"\r\n\r\n")});
  RecordingSink sink;
  const auto got = it.store->get(EntityTag("\"abc\""), sink);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(std::holds_alternative<storage::NotModified>(*got));
  EXPECT_EQ(it.header(0, "If-None-Match"), "\"abc\"");
  EXPECT_TRUE(sink.events.empty());
}

TEST(S3StoreRead, NotModifiedWithoutBeingAskedIsAnError) {
  ScriptedStore it({answer_with("HTTP/1.1 304 Not Modified\r\n\r\n")});
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::invalid);
}

TEST(S3StoreRead, TagThatCannotBeSentIsNotAsked) {
  ScriptedStore it({answer(200, "ETag: \"new\"\r\n", "x")});
  ASSERT_TRUE(it.store->get(EntityTag("\"a\"\r\nX-Evil: 1"), it.sink));
  EXPECT_EQ(it.header(0, "If-None-Match"), "absent");
  EXPECT_EQ(it.header(0, "X-Evil"), "absent");
}

TEST(S3StoreRead, WeakTagOfAProxyIsTheStoresOwn) {
  ScriptedStore it({answer(200, "ETag: W/\"abc\"\r\n", "x")});
  EXPECT_EQ(std::get<storage::Read>(*it.store->get(std::nullopt, it.sink)).tag, EntityTag("\"abc\""));
}

TEST(S3StoreRead, AnswerWithoutATagIsRefused) {
  ScriptedStore it({answer(200, "", "x")});
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::invalid);
}

TEST(S3StoreRead, EmptyObjectIsAnObject) {
  ScriptedStore it({answer(200, "ETag: \"abc\"\r\n")});
  RecordingSink sink;
  const auto got = it.store->get(std::nullopt, sink);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(std::holds_alternative<storage::Read>(*got));
  EXPECT_EQ(sink.events, std::vector<std::string>{"restart"});
}

TEST(S3StoreRead, NoSuchKeyIsAbsent) {
  ScriptedStore it({error_answer(404, "NoSuchKey")});
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(std::holds_alternative<storage::Absent>(*got));
}

TEST(S3StoreRead, NothingElseIsAbsent) {
  ScriptedStore it({error_answer(404, "NoSuchBucket"), answer(404), answer(404, "", "<html>not found</html>"),
                    error_answer(403, "NoSuchKey"), error_answer(404, "XAdminUserNotFound"),
                    answer(404, "", "<html><Code>NoSuchKey</Code></html>")});
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::invalid);
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::unavailable);
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::unavailable);
  EXPECT_FALSE(it.store->get(std::nullopt, it.sink));
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::unauthorized);
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::unavailable);
  EXPECT_EQ(it.request_count(), 6U);
}

TEST(S3StoreRead, TruncatedBodyIsReadAgainFromTheStart) {
  const auto truncated = [](RawPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nETag: \"abc\"\r\nContent-Length: 12\r\n\r\nthe ");
    peer.close();
  };
  ScriptedStore it({truncated, answer(200, "ETag: \"abc\"\r\n", "the document")});
  RecordingSink sink;
  const auto got = it.store->get(std::nullopt, sink);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(sink.events, (std::vector<std::string>{"restart", "the ", "restart", "the document"}));
}

TEST(S3StoreRead, BodyThatStaysTruncatedIsAnError) {
  const auto truncated = [](RawPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nETag: \"abc\"\r\nContent-Length: 12\r\n\r\nthe ");
    peer.close();
  };
  ScriptedStore it({truncated, truncated, truncated, answer(200, "ETag: \"abc\"\r\n", "the document")});
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::unavailable);
  EXPECT_EQ(it.request_count(), 3U);
}

TEST(S3StoreRead, BrokenChunksAreReadAgain) {
  const auto broken = [](RawPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nETag: \"abc\"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nthe \r\n");
    peer.close();
  };
  ScriptedStore it({broken, answer(200, "ETag: \"abc\"\r\n", "the document")});
  ASSERT_TRUE(it.store->get(std::nullopt, it.sink));
  EXPECT_EQ(it.sink.bytes, "the document");
}

TEST(S3StoreRead, ErrorOfTheSinkEndsTheTransferAndIsReturned) {
  ScriptedStore it({answer(200, "ETag: \"abc\"\r\n", "the document"), answer(200, "ETag: \"abc\"\r\n", "again")});
  RecordingSink sink;
  sink.error = Error{ErrorCode::corrupt, "record 3: no id"};
  const auto got = it.store->get(std::nullopt, sink);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::corrupt);
  EXPECT_EQ(got.error().message, "record 3: no id");
  EXPECT_EQ(it.request_count(), 1U);
}

TEST(S3StoreRead, ObjectThatIsTooLargeIsRefusedWhileItArrives) {
  class CountingSink final : public storage::ByteSink {
   public:
    uint64_t bytes = 0;
    void restart() override { bytes = 0; }
    Result<> append(std::string_view part) override {
      bytes += part.size();
      return {};
    }
  } sink;
  const std::string part(size_t{1000} * 1000, 'x');
  StoreWithoutWire it([&](const fetch::Request&,
                          const fetch::HttpClient::BodySink& body) -> std::expected<fetch::Response, fetch::Failure> {
    while (body(part)) continue;
    return std::unexpected(fetch::Failure{.message = "ended by its sink"});
  });
  const auto got = it.store->get(std::nullopt, sink);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::invalid);
  EXPECT_EQ(got.error().message, "reading s3://bucket/keys.json: larger than 5000000000 bytes");
  EXPECT_EQ(sink.bytes, limits::kDocumentBytesMax);
  EXPECT_EQ(it.http.requests.size(), 1U);
}

TEST(S3StoreRead, WhatHasComeGivesTimeForMore) {
  StoreWithoutWire it([](const fetch::Request&, const auto&) -> std::expected<fetch::Response, fetch::Failure> {
    return fetch::Response{.status = 200, .headers = {{"ETag", "\"abc\""}}, .body = ""};
  });
  ASSERT_TRUE(it.store->get(std::nullopt, it.sink));
  EXPECT_EQ(it.http.requests[0].connect_timeout, std::chrono::seconds(2));
  EXPECT_EQ(it.http.requests[0].timeout, std::chrono::seconds(10));
  EXPECT_EQ(it.http.requests[0].answer_bytes_per_second, 1'000'000U);
}

TEST(S3StoreRead, CredentialsThatFailAreNamed) {
  ScriptedStore it({answer(200, "ETag: \"abc\"\r\n", "x")});
  it.credentials.error = Error{ErrorCode::unauthorized, "the profile 'prod' has no aws_secret_access_key"};
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::unauthorized);
  EXPECT_EQ(got.error().message, "reading s3://bucket/keys.json: the profile 'prod' has no aws_secret_access_key");
  EXPECT_EQ(it.request_count(), 0U);
}

TEST(S3StoreRead, LocationThatIsNoneIsAnError) {
  StoreWithoutWire it(nullptr, "minio:9000");
  EXPECT_EQ(code_of(it.store->get(std::nullopt, it.sink)), ErrorCode::invalid);
}

TEST(S3StoreRead, UrlNamesBucketAndKey) {
  ScriptedStore it({});
  EXPECT_EQ(it.store->url(), "s3://bucket/keys.json");
}

TEST(S3StoreRemove, ObjectIsRemoved) {
  ScriptedStore it({answer_with("HTTP/1.1 204 No Content\r\n\r\n"), error_answer(404, "NoSuchKey")});
  EXPECT_TRUE(it.store->remove());
  EXPECT_TRUE(it.head(0).starts_with("DELETE /bucket/keys.json HTTP/1.1\r\n")) << it.head(0);
  EXPECT_TRUE(it.store->remove());
}

TEST(S3StoreRemove, RefusalIsAnError) {
  ScriptedStore it({error_answer(403, "AccessDenied"), error_answer(404, "NoSuchBucket")});
  const auto denied = it.store->remove();
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, ErrorCode::unauthorized);
  EXPECT_NE(denied.error().message.find("s3:DeleteObject"), std::string::npos) << denied.error().message;
  EXPECT_FALSE(it.store->remove());
}

}  // namespace
}  // namespace heare::s3
