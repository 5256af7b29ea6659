// What is put right and sent again, and what is tried again, seen through the store.

#include "s3/object_client.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "s3/s3_store_test_support.h"

namespace heare::s3 {
namespace {

using namespace std::chrono_literals;
using storage::EntityTag;
using storage::IfMatch;
using testing::answer;
using testing::error_answer;
using testing::FakeClock;
using testing::HttpWithoutWire;
using testing::ListedCredentials;
using testing::reset_connection;
using testing::ScriptedStore;
using testing::SequenceRandom;
using testing::StoreWithoutWire;
using Sent = std::expected<fetch::Response, fetch::Failure>;

const std::string kTag = "ETag: \"abc\"\r\n";
const storage::Object kDocument = {"{\"keys\": []}", "application/json"};
const IfMatch kIfOld = {EntityTag("\"old\"")};

bool is_read(const Result<storage::GetOutcome>& got) {
  EXPECT_TRUE(got) << got.error().message;
  return got && std::holds_alternative<storage::Read>(*got);
}

fetch::Response found() {
  return {.status = 200, .headers = {{"ETag", "\"abc\""}}, .body = ""};
}

fetch::Response refused_with(int status, std::string_view code, std::vector<fetch::Header> headers = {}) {
  return {.status = status,
          .headers = std::move(headers),
          .body = fmt::format("<Error><Code>{}</Code><Message>Because.</Message></Error>", code)};
}

std::string signed_header(const fetch::Request& request, std::string_view name) {
  const auto header = std::ranges::find(request.headers, name, &fetch::Header::name);
  return header == request.headers.end() ? "absent" : header->value;
}

// --- Tries ----------------------------------------------------------------------------------------------------------

TEST(ObjectClient, WhatMayPassIsTriedThreeTimes) {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    ScriptedStore it({answer(status), answer(status), answer(200, kTag, "x")});
    EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink))) << status;
    EXPECT_EQ(it.request_count(), 3U);
    EXPECT_EQ(it.clock.sleeps().size(), 2U);
  }
}

TEST(ObjectClient, ThirdFailureIsTheLast) {
  ScriptedStore it({error_answer(503, "SlowDown"), error_answer(503, "SlowDown"), error_answer(503, "SlowDown"),
                    answer(200, kTag, "x")});
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::unavailable);
  EXPECT_EQ(got.error().message, "reading s3://bucket/keys.json: SlowDown: Because. (status 503)");
  EXPECT_EQ(it.request_count(), 3U);
}

TEST(ObjectClient, RequestTimeoutIsTriedAgainAlthoughItIsA400) {
  ScriptedStore it({error_answer(400, "RequestTimeout"), answer(200, kTag, "x")});
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
}

TEST(ObjectClient, RefusalIsNotTriedAgain) {
  ScriptedStore it({error_answer(403, "AccessDenied"), answer(200, kTag, "x")});
  EXPECT_FALSE(it.store->get(std::nullopt, it.sink));
  EXPECT_EQ(it.request_count(), 1U);
  EXPECT_TRUE(it.clock.sleeps().empty());
}

TEST(ObjectClient, ResetIsTriedAgainOverANewConnection) {
  ScriptedStore it({answer(200, kTag, "x"), answer(500), answer(200, kTag, "x")});
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  const auto seen = it.server.requests();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].connection, seen[0].connection);
  EXPECT_NE(seen[2].connection, seen[1].connection);
}

TEST(ObjectClient, ConnectionThatIsResetIsTriedAgain) {
  ScriptedStore it({reset_connection(), answer(200, kTag, "x")});
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
}

TEST(ObjectClient, StoreThatCannotBeReachedIsUnavailable) {
  StoreWithoutWire it([](const fetch::Request&, const auto&) -> Sent {
    return std::unexpected(fetch::Failure{.nothing_sent = true, .message = "GET https://host/: Connection refused"});
  });
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::unavailable);
  EXPECT_EQ(got.error().message, "reading s3://bucket/keys.json: GET https://host/: Connection refused");
  EXPECT_EQ(it.http.requests.size(), 3U);
}

TEST(ObjectClient, PausesAreRandomAndGrow) {
  std::chrono::nanoseconds first{0};
  std::chrono::nanoseconds second{0};
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    FakeClock clock;
    SequenceRandom random(seed);
    ListedCredentials credentials;
    HttpWithoutWire http;
    http.answer = [](const fetch::Request&, const auto&) -> Sent { return refused_with(503, "SlowDown"); };
    const auto store = make_s3_store({.bucket = "bucket", .key = "k", .region = "us-east-1", .endpoint = ""},
                                     {credentials, http, clock, random});
    storage::StringSink sink;
    ASSERT_FALSE(store->get(std::nullopt, sink));
    ASSERT_EQ(clock.sleeps().size(), 2U);
    first = std::max(first, clock.sleeps()[0]);
    second = std::max(second, clock.sleeps()[1]);
  }
  EXPECT_LE(first, 1s);
  EXPECT_GT(first, 500ms);
  EXPECT_LE(second, 2s);
  EXPECT_GT(second, 1s);
}

TEST(ObjectClient, AllTriesTogetherHaveThirtySeconds) {
  StoreWithoutWire* store = nullptr;
  StoreWithoutWire it([&](const fetch::Request& request, const auto&) -> Sent {
    store->clock.advance(request.timeout);
    return std::unexpected(fetch::Failure{.timed_out = true, .message = "timed out"});
  });
  store = &it;
  const SteadyTime start = it.clock.steady_now();
  EXPECT_FALSE(it.store->get(std::nullopt, it.sink));
  EXPECT_EQ(it.http.requests.front().timeout, 10s);
  EXPECT_LE(it.clock.steady_now() - start, 30s);
}

TEST(ObjectClient, LessPatienceIsForAllTriesTogether) {
  FakeClock clock;
  SequenceRandom random(1);
  ListedCredentials credentials;
  HttpWithoutWire http;
  http.answer = [&](const fetch::Request& request, const auto&) -> Sent {
    clock.advance(request.timeout);
    return std::unexpected(fetch::Failure{.timed_out = true, .message = "timed out"});
  };
  const auto store = make_s3_store({.bucket = "bucket", .key = "k", .region = "us-east-1", .endpoint = ""},
                                   {credentials, http, clock, random}, 2s);
  storage::StringSink sink;
  EXPECT_FALSE(store->get(std::nullopt, sink));
  ASSERT_EQ(http.requests.size(), 1U);
  EXPECT_EQ(http.requests.front().timeout, 2s);
}

TEST(ObjectClient, NoTryBeginsAfterThirtySeconds) {
  StoreWithoutWire* store = nullptr;
  StoreWithoutWire it([&](const fetch::Request&, const auto&) -> Sent {
    store->clock.advance(31s);
    return refused_with(503, "SlowDown");
  });
  store = &it;
  EXPECT_FALSE(it.store->get(std::nullopt, it.sink));
  EXPECT_EQ(it.http.requests.size(), 1U);
}

// --- Region ---------------------------------------------------------------------------------------------------------

TEST(ObjectClient, RedirectToAnotherRegionIsFollowedOnceAndRemembered) {
  StoreWithoutWire it([](const fetch::Request& request, const auto&) -> Sent {
    if (request.url.find("eu-west-1") != std::string::npos) return found();
    return refused_with(301, "PermanentRedirect", {{"x-amz-bucket-region", "eu-west-1"}});
  });
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  ASSERT_EQ(it.http.requests.size(), 3U);
  EXPECT_EQ(it.http.requests[0].url, "https://bucket.s3.us-east-1.amazonaws.com/keys.json");
  EXPECT_EQ(it.http.requests[2].url, "https://bucket.s3.eu-west-1.amazonaws.com/keys.json");
  EXPECT_NE(signed_header(it.http.requests[2], "Authorization").find("/eu-west-1/s3/"), std::string::npos);
  EXPECT_EQ(it.store->facts().learnt_region, "eu-west-1");
}

TEST(ObjectClient, SignatureForAnotherRegionIsMadeAgainForAWriteToo) {
  ScriptedStore it({error_answer(400, "AuthorizationHeaderMalformed", "", "<Region>eu-central-1</Region>"),
                    answer(200, "ETag: \"new\"\r\n")});
  EXPECT_TRUE(it.store->put(kDocument, kIfOld));
  EXPECT_NE(it.header(1, "Authorization").find("/eu-central-1/s3/"), std::string::npos);
  EXPECT_EQ(it.header(1, "If-Match"), "\"old\"");
  EXPECT_EQ(it.server.requests().at(1).body, kDocument.bytes);
}

TEST(ObjectClient, RegionsThatPointAtEachOtherEnd) {
  StoreWithoutWire it([](const fetch::Request& request, const auto&) -> Sent {
    const bool is_west = request.url.find("eu-west-1") != std::string::npos;
    return refused_with(301, "PermanentRedirect", {{"x-amz-bucket-region", is_west ? "us-east-1" : "eu-west-1"}});
  });
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::invalid);
  EXPECT_EQ(got.error().message,
            "reading s3://bucket/keys.json: PermanentRedirect: Because. (status 301); set --region us-east-1");
  EXPECT_EQ(it.http.requests.size(), 2U);
}

TEST(ObjectClient, RegionThatIsNoneIsNotFollowed) {
  StoreWithoutWire it([](const fetch::Request&, const auto&) -> Sent {
    return refused_with(301, "PermanentRedirect", {{"x-amz-bucket-region", "evil.example/"}});
  });
  EXPECT_FALSE(it.store->get(std::nullopt, it.sink));
  EXPECT_EQ(it.http.requests.size(), 1U);
}

TEST(ObjectClient, RedirectThatNamesNoRegionIsAnErrorThatNamesItsTarget) {
  ScriptedStore it({answer(301, "Location: https://elsewhere.example/bucket?X-Amz-Signature=abc\r\n")});
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::invalid);
  EXPECT_EQ(got.error().message,
            "reading s3://bucket/keys.json: an answer without S3's code (status 301); redirects are not followed (this "
            "one leads to https://elsewhere.example): correct --region or --endpoint-url");
}

// --- Clock ----------------------------------------------------------------------------------------------------------

TEST(ObjectClient, OffsetOfTheClockIsLearntOnceAndRemembered) {
  ScriptedStore it({error_answer(403, "RequestTimeTooSkewed", "Date: Tue, 20 Jan 2026 10:50:00 GMT\r\n"),
                    answer(200, kTag, "x"), answer(200, kTag, "x")});
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  EXPECT_EQ(it.header(0, "x-amz-date"), "20260120T103000Z");
  EXPECT_EQ(it.header(1, "x-amz-date"), "20260120T105000Z");
  it.clock.advance(1min);
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  EXPECT_EQ(it.header(2, "x-amz-date"), "20260120T105100Z");
}

TEST(ObjectClient, ServerTimeOfTheAnswerCountsBeforeItsDate) {
  ScriptedStore it({error_answer(403, "RequestTimeTooSkewed", "Date: Mon, 19 Jan 2026 00:00:00 GMT\r\n",
                                 "<ServerTime>2026-01-20T10:10:00Z</ServerTime>"),
                    answer(200, kTag, "x")});
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  EXPECT_EQ(it.header(1, "x-amz-date"), "20260120T101000Z");
}

TEST(ObjectClient, ClockThatIsSetRightIsFollowedBack) {
  ScriptedStore it(
      {error_answer(403, "RequestTimeTooSkewed", "Date: Tue, 20 Jan 2026 10:50:00 GMT\r\n"), answer(200, kTag, "x"),
       error_answer(403, "RequestTimeTooSkewed", "Date: Tue, 20 Jan 2026 10:51:00 GMT\r\n"), answer(200, kTag, "x")});
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  it.clock.set_now(it.clock.now() + 21min);
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  EXPECT_EQ(it.header(2, "x-amz-date"), "20260120T111100Z");
  EXPECT_EQ(it.header(3, "x-amz-date"), "20260120T105100Z");
}

TEST(ObjectClient, SkewThatStaysIsAnError) {
  const auto skewed = error_answer(403, "RequestTimeTooSkewed", "Date: Tue, 20 Jan 2026 10:50:00 GMT\r\n");
  ScriptedStore it({skewed, skewed, answer(200, kTag, "x")});
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().message.find("set this machine's clock"), std::string::npos) << got.error().message;
  EXPECT_EQ(it.request_count(), 2U);
}

TEST(ObjectClient, SkewedWriteIsSentAgain) {
  ScriptedStore it({error_answer(403, "RequestTimeTooSkewed", "Date: Tue, 20 Jan 2026 10:50:00 GMT\r\n"),
                    answer(200, "ETag: \"new\"\r\n")});
  EXPECT_TRUE(it.store->put(kDocument, kIfOld));
}

TEST(ObjectClient, OffsetIsMeasuredByEveryAnswer) {
  ScriptedStore it({answer(200, kTag + "Date: Tue, 20 Jan 2026 10:31:00 GMT\r\n", "x"), answer(200, kTag, "x")});
  EXPECT_EQ(it.store->facts().clock_offset, 0s);
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  EXPECT_EQ(it.store->facts().clock_offset, 60s);
  // Measured is not applied: within S3's 15 minutes, one's own clock serves.
  EXPECT_TRUE(is_read(it.store->get(std::nullopt, it.sink)));
  EXPECT_EQ(it.header(1, "x-amz-date"), "20260120T103000Z");
}

// --- Credentials ----------------------------------------------------------------------------------------------------

TEST(ObjectClient, ExpiredCredentialsAreReplacedWhereThereAreOthers) {
  for (const char* code : {"ExpiredToken", "TokenRefreshRequired", "InvalidToken", "InvalidAccessKeyId"}) {
    ScriptedStore it({error_answer(400, code), answer(200, "ETag: \"new\"\r\n")});
    it.credentials.all.push_back({"AKIDSECOND", Secret("second-secret-key"), Secret(), std::nullopt});
    EXPECT_TRUE(it.store->put(kDocument, kIfOld)) << code;
    EXPECT_NE(it.header(1, "Authorization").find("AKIDSECOND"), std::string::npos);
    EXPECT_EQ(it.header(1, "x-amz-security-token"), "absent");
  }
}

TEST(ObjectClient, ExpiredCredentialsAreSentOnceWhereThereAreNoOthers) {
  ScriptedStore it({error_answer(400, "ExpiredToken"), answer(200, kTag, "x")});
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::unauthorized);
  EXPECT_EQ(got.error().message,
            "reading s3://bucket/keys.json: ExpiredToken: Because. (status 400); the credentials from the environment "
            "have expired: renew them");
  EXPECT_EQ(it.request_count(), 1U);
}

TEST(ObjectClient, CredentialsAreReplacedOnce) {
  ScriptedStore it({error_answer(400, "ExpiredToken"), error_answer(400, "ExpiredToken"), answer(200, kTag, "x")});
  for (const char* id : {"AKID2", "AKID3", "AKID4", "AKID5"}) {
    it.credentials.all.push_back({id, Secret("secret"), Secret(), std::nullopt});
  }
  EXPECT_FALSE(it.store->get(std::nullopt, it.sink));
  EXPECT_EQ(it.request_count(), 2U);
}

TEST(ObjectClient, EveryCorrectionIsMadeInOneRequest) {
  ScriptedStore it({error_answer(400, "AuthorizationHeaderMalformed", "", "<Region>eu-central-1</Region>"),
                    error_answer(403, "RequestTimeTooSkewed", "Date: Tue, 20 Jan 2026 10:50:00 GMT\r\n"),
                    error_answer(400, "ExpiredToken"), answer(200, "ETag: \"new\"\r\n")});
  // Each signature takes the credentials once, and the expired ones are compared with what there is then.
  it.credentials.all.push_back(it.credentials.all.front());
  it.credentials.all.push_back(it.credentials.all.front());
  it.credentials.all.push_back({"AKIDSECOND", Secret("second-secret-key"), Secret(), std::nullopt});
  EXPECT_TRUE(it.store->put(kDocument, kIfOld));
  EXPECT_TRUE(it.clock.sleeps().empty());
}

// --- Secrets --------------------------------------------------------------------------------------------------------

TEST(ObjectClient, SecretThatAnAnswerRepeatsIsNotShown) {
  StoreWithoutWire it([](const fetch::Request& request, const auto&) -> Sent {
    return fetch::Response{
        .status = 400,
        .headers = {},
        .body = fmt::format("<Error><Code>InvalidArgument</Code><Message>{} first-secret-key {}"
                            "</Message></Error>",
                            signed_header(request, "x-amz-security-token"), signed_header(request, "Authorization"))};
  });
  const auto got = it.store->get(std::nullopt, it.sink);
  ASSERT_FALSE(got);
  const std::string authorization = signed_header(it.http.requests[0], "Authorization");
  const std::string signature = authorization.substr(authorization.rfind('=') + 1);
  ASSERT_EQ(signature.size(), 64U);
  for (const std::string& secret : {std::string("first-token"), std::string("first-secret-key"), signature}) {
    EXPECT_EQ(got.error().message.find(secret), std::string::npos) << got.error().message;
  }
}

}  // namespace
}  // namespace heare::s3
