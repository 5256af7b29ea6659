#include <gtest/gtest.h>

#include "s3/s3_store.h"

#include "s3/s3_store_test_support.h"

namespace heare::s3 {
namespace {

using storage::Conflict;
using storage::EntityTag;
using storage::IfAbsent;
using storage::IfMatch;
using storage::Object;
using storage::PutOutcome;
using storage::Stored;
using storage::Unconditional;
using testing::answer;
using testing::error_answer;
using testing::reset_connection;
using testing::ScriptedStore;
using testing::StoreWithoutWire;

const Object kDocument = {"{\"keys\": []}", "application/json"};
const IfMatch kIfOld = {EntityTag("\"old\"")};

Error error_of(const Result<PutOutcome>& put) {
  EXPECT_FALSE(put.has_value());
  return put ? Error{ErrorCode::corrupt, "no error at all"} : put.error();
}

bool is_conflict(const Result<PutOutcome>& put) {
  EXPECT_TRUE(put.has_value()) << put.error().message;
  return put && std::holds_alternative<Conflict>(*put);
}

TEST(S3StoreWrite, ObjectIsWrittenWhereTheTagMatches) {
  ScriptedStore it({answer(200, "ETag: \"new\"\r\n")});
  const auto put = it.store->put(kDocument, kIfOld);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(std::get<Stored>(*put).tag, EntityTag("\"new\""));
  EXPECT_TRUE(it.head(0).starts_with("PUT /bucket/keys.json HTTP/1.1\r\n")) << it.head(0);
  EXPECT_EQ(it.header(0, "If-Match"), "\"old\"");
  EXPECT_EQ(it.header(0, "If-None-Match"), "absent");
  EXPECT_EQ(it.header(0, "Content-Type"), "application/json");
  EXPECT_EQ(it.header(0, "x-amz-content-sha256"), "59dfe0420a79fab3b3016213dac9bc743393cd9204d028e496a5184651385fcc");
  EXPECT_EQ(it.server.requests().at(0).body, kDocument.bytes);
}

TEST(S3StoreWrite, NewObjectIsWrittenWhereThereIsNone) {
  ScriptedStore it({answer(200, "ETag: \"new\"\r\n")});
  ASSERT_TRUE(it.store->put(kDocument, IfAbsent()));
  EXPECT_EQ(it.header(0, "If-None-Match"), "*");
  EXPECT_EQ(it.header(0, "If-Match"), "absent");
}

TEST(S3StoreWrite, UnconditionalWriteHasNoCondition) {
  ScriptedStore it({answer(200, "ETag: \"new\"\r\n")});
  ASSERT_TRUE(it.store->put(kDocument, Unconditional()));
  EXPECT_EQ(it.header(0, "If-None-Match"), "absent");
  EXPECT_EQ(it.header(0, "If-Match"), "absent");
}

TEST(S3StoreWrite, ConditionIsSigned) {
  ScriptedStore it({answer(200, "ETag: \"new\"\r\n")});
  ASSERT_TRUE(it.store->put(kDocument, kIfOld));
  EXPECT_NE(it.header(0, "Authorization")
                .find("SignedHeaders=content-type;host;if-match;x-amz-content-sha256;x-amz-date;x-amz-security-token,"),
            std::string::npos)
      << it.header(0, "Authorization");
}

TEST(S3StoreWrite, ExistingObjectIsAConflictForANewOne) {
  ScriptedStore it({error_answer(412, "PreconditionFailed")});
  EXPECT_TRUE(is_conflict(it.store->put(kDocument, IfAbsent())));
  EXPECT_EQ(it.request_count(), 1U);
}

TEST(S3StoreWrite, ConcurrentWriteIsAConflict) {
  ScriptedStore it({error_answer(409, "ConditionalRequestConflict"), error_answer(409, "ConcurrentModification")});
  EXPECT_TRUE(is_conflict(it.store->put(kDocument, kIfOld)));
  EXPECT_TRUE(is_conflict(it.store->put(kDocument, IfAbsent())));
}

TEST(S3StoreWrite, VanishedObjectIsNotRecreated) {
  ScriptedStore it({error_answer(404, "NoSuchKey")});
  const Error error = error_of(it.store->put(kDocument, kIfOld));
  EXPECT_EQ(error.code, ErrorCode::not_found);
  EXPECT_EQ(error.message, "writing s3://bucket/keys.json: NoSuchKey: Because. (status 404); the object has vanished");
  EXPECT_EQ(it.request_count(), 1U);
}

TEST(S3StoreWrite, OtherNotFoundIsNotAVanishedObject) {
  ScriptedStore it({error_answer(404, "NoSuchBucket"), answer(404)});
  EXPECT_EQ(error_of(it.store->put(kDocument, kIfOld)).code, ErrorCode::invalid);
  EXPECT_EQ(error_of(it.store->put(kDocument, kIfOld)).code, ErrorCode::unavailable);
}

// --- Quoted and unquoted tags ---------------------------------------------------------------------------------------

TEST(S3StoreWrite, RefusedTagOfAnUnchangedObjectIsSentInItsOtherForm) {
  ScriptedStore it(
      {error_answer(412, "PreconditionFailed"), answer(200, "ETag: \"old\"\r\n"), answer(200, "ETag: \"new\"\r\n")});
  const auto put = it.store->put(kDocument, kIfOld);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_TRUE(std::holds_alternative<Stored>(*put));
  EXPECT_TRUE(it.head(1).starts_with("HEAD ")) << it.head(1);
  EXPECT_EQ(it.header(2, "If-Match"), "old");
}

TEST(S3StoreWrite, UnquotedTagOfAnUnchangedObjectIsSentQuoted) {
  ScriptedStore it(
      {error_answer(412, "PreconditionFailed"), answer(200, "ETag: old\r\n"), answer(200, "ETag: new\r\n")});
  ASSERT_TRUE(it.store->put(kDocument, IfMatch{EntityTag("old")}));
  EXPECT_EQ(it.header(2, "If-Match"), "\"old\"");
}

TEST(S3StoreWrite, FormThatWorkedIsRemembered) {
  ScriptedStore it({error_answer(412, "PreconditionFailed"), answer(200, "ETag: \"old\"\r\n"),
                    answer(200, "ETag: \"new\"\r\n"), answer(200, "ETag: \"newer\"\r\n"),
                    error_answer(412, "PreconditionFailed")});
  ASSERT_TRUE(it.store->put(kDocument, kIfOld));
  ASSERT_TRUE(it.store->put(kDocument, IfMatch{EntityTag("\"new\"")}));
  EXPECT_EQ(it.header(3, "If-Match"), "new");
  // From here on a refusal means what it says.
  EXPECT_TRUE(is_conflict(it.store->put(kDocument, kIfOld)));
  EXPECT_EQ(it.request_count(), 5U);
}

TEST(S3StoreWrite, RefusedTagOfAChangedObjectIsAConflict) {
  ScriptedStore it({error_answer(412, "PreconditionFailed"), answer(200, "ETag: \"newer\"\r\n")});
  EXPECT_TRUE(is_conflict(it.store->put(kDocument, kIfOld)));
  EXPECT_EQ(it.request_count(), 2U);
}

TEST(S3StoreWrite, TagThatIsRefusedInBothFormsIsAConflict) {
  ScriptedStore it({error_answer(412, "PreconditionFailed"), answer(200, "ETag: \"old\"\r\n"),
                    error_answer(412, "PreconditionFailed"), answer(200, "ETag: \"newer\"\r\n")});
  EXPECT_TRUE(is_conflict(it.store->put(kDocument, kIfOld)));
  // Nothing has been learnt by it.
  ASSERT_TRUE(it.store->put(kDocument, IfMatch{EntityTag("\"new\"")}));
  EXPECT_EQ(it.header(3, "If-Match"), "\"new\"");
}

TEST(S3StoreWrite, ObjectThatCannotBeLookedAtIsAConflict) {
  ScriptedStore it({error_answer(412, "PreconditionFailed"), answer(403)});
  EXPECT_TRUE(is_conflict(it.store->put(kDocument, kIfOld)));
}

TEST(S3StoreWrite, LostAnswerToTheOtherFormIsUnknown) {
  ScriptedStore it({error_answer(412, "PreconditionFailed"), answer(200, "ETag: \"old\"\r\n"), reset_connection()});
  EXPECT_EQ(error_of(it.store->put(kDocument, kIfOld)).code, ErrorCode::unknown_outcome);
}

TEST(S3StoreWrite, TagThatCannotBeSentIsRefused) {
  ScriptedStore it({});
  EXPECT_EQ(error_of(it.store->put(kDocument, IfMatch{EntityTag("")})).code, ErrorCode::invalid);
  EXPECT_EQ(error_of(it.store->put(kDocument, IfMatch{EntityTag("\"a\"\r\nX: 1")})).code, ErrorCode::invalid);
  EXPECT_EQ(it.request_count(), 0U);
}

// --- A write is sent once -------------------------------------------------------------------------------------------

TEST(S3StoreWrite, AnswerThatLeavesItOpenIsUnknown) {
  for (const int status : {408, 429, 500, 502, 503, 504, 507}) {
    ScriptedStore it({answer(status), answer(200, "ETag: \"new\"\r\n")});
    EXPECT_EQ(error_of(it.store->put(kDocument, kIfOld)).code, ErrorCode::unknown_outcome) << status;
    EXPECT_EQ(it.request_count(), 1U);
  }
}

TEST(S3StoreWrite, SlowDownAndTimeOutOfTheStoreAreUnknown) {
  ScriptedStore it({error_answer(503, "SlowDown"), error_answer(400, "RequestTimeout")});
  const Error error = error_of(it.store->put(kDocument, kIfOld));
  EXPECT_EQ(error.code, ErrorCode::unknown_outcome);
  EXPECT_EQ(error.message,
            "writing s3://bucket/keys.json: SlowDown: Because. (status 503); whether the write took "
            "effect cannot be told");
  EXPECT_EQ(error_of(it.store->put(kDocument, kIfOld)).code, ErrorCode::unknown_outcome);
  EXPECT_EQ(it.request_count(), 2U);
}

TEST(S3StoreWrite, ResetAfterSendingIsUnknown) {
  ScriptedStore it({reset_connection(), answer(200, "ETag: \"new\"\r\n")});
  const Error error = error_of(it.store->put(kDocument, kIfOld));
  EXPECT_EQ(error.code, ErrorCode::unknown_outcome);
  EXPECT_NE(error.message.find("whether the write took effect cannot be told"), std::string::npos) << error.message;
  EXPECT_EQ(it.request_count(), 1U);
}

TEST(S3StoreWrite, TimeOutAfterSendingIsUnknown) {
  StoreWithoutWire it([](const fetch::Request&, const auto&) -> std::expected<fetch::Response, fetch::Failure> {
    return std::unexpected(fetch::Failure{.nothing_sent = false, .timed_out = true, .message = "timed out"});
  });
  EXPECT_EQ(error_of(it.store->put(kDocument, kIfOld)).code, ErrorCode::unknown_outcome);
  EXPECT_EQ(it.http.requests.size(), 1U);
}

TEST(S3StoreWrite, WriteThatWasNotSentIsTriedAgain) {
  int tries = 0;
  StoreWithoutWire it([&](const fetch::Request&, const auto&) -> std::expected<fetch::Response, fetch::Failure> {
    if (++tries < 3) return std::unexpected(fetch::Failure{.nothing_sent = true, .message = "refused"});
    return fetch::Response{.status = 200, .headers = {{"ETag", "\"new\""}}, .body = ""};
  });
  EXPECT_TRUE(it.store->put(kDocument, kIfOld));
  EXPECT_EQ(tries, 3);
}

TEST(S3StoreWrite, WriteThatCanNeverBeSentIsUnavailable) {
  StoreWithoutWire it([](const fetch::Request&, const auto&) -> std::expected<fetch::Response, fetch::Failure> {
    return std::unexpected(fetch::Failure{.nothing_sent = true, .message = "connection refused"});
  });
  const Error error = error_of(it.store->put(kDocument, kIfOld));
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.message, "writing s3://bucket/keys.json: connection refused");
  EXPECT_EQ(it.http.requests.size(), 3U);
}

TEST(S3StoreWrite, RefusalIsAnErrorAndNotSentAgain) {
  ScriptedStore it({error_answer(403, "AccessDenied"), error_answer(400, "InvalidRequest")});
  const Error error = error_of(it.store->put(kDocument, kIfOld));
  EXPECT_EQ(error.code, ErrorCode::unauthorized);
  EXPECT_NE(error.message.find("s3:PutObject"), std::string::npos) << error.message;
  EXPECT_EQ(error_of(it.store->put(kDocument, kIfOld)).code, ErrorCode::invalid);
  EXPECT_EQ(it.request_count(), 2U);
}

// --- Stores without conditions --------------------------------------------------------------------------------------

TEST(S3StoreWrite, StoreWithoutConditionalWritesIsRefused) {
  ScriptedStore it({error_answer(501, "NotImplemented"), error_answer(501, "NotImplemented")});
  for (const storage::Precondition& precondition : {storage::Precondition(kIfOld), storage::Precondition(IfAbsent())}) {
    const Error error = error_of(it.store->put(kDocument, precondition));
    EXPECT_EQ(error.code, ErrorCode::invalid);
    EXPECT_NE(error.message.find("does not honour conditional writes"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("--unsafe-unconditional-writes"), std::string::npos) << error.message;
  }
  EXPECT_EQ(it.request_count(), 2U);
}

TEST(S3StoreWrite, UnconditionalWriteThatIsRefusedDoesNotNameTheOption) {
  ScriptedStore it({error_answer(501, "NotImplemented")});
  const Error error = error_of(it.store->put(kDocument, Unconditional()));
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_EQ(error.message.find("--unsafe"), std::string::npos) << error.message;
}

TEST(S3StoreWrite, SizeGivesTimeToSend) {
  const std::string large(size_t{50'000'000}, 'x');
  StoreWithoutWire it([](const fetch::Request&, const auto&) -> std::expected<fetch::Response, fetch::Failure> {
    return fetch::Response{.status = 200, .headers = {{"ETag", "\"new\""}}, .body = ""};
  });
  ASSERT_TRUE(it.store->put(kDocument, kIfOld));
  ASSERT_TRUE(it.store->put({large, "application/json"}, kIfOld));
  EXPECT_EQ(it.http.requests[0].timeout, std::chrono::seconds(10));
  EXPECT_EQ(it.http.requests[1].timeout, std::chrono::seconds(60));
}

}  // namespace
}  // namespace heare::s3
