#include "s3/refusal.h"

#include <gtest/gtest.h>

namespace heare::s3 {
namespace {

Answer answer_with(int status, std::string code, std::string message = "") {
  Answer answer;
  answer.http.status = status;
  answer.error.code = std::move(code);
  answer.error.message = std::move(message);
  return answer;
}

RequestContext context_of(Operation operation) {
  return {.operation = operation, .url = "s3://bucket/keys.json", .credentials_source = "the environment"};
}

Error read_refused(const Answer& answer) {
  return refusal(answer, context_of(Operation::read));
}

TEST(Refusal, DeniedReadNamesWhatThePolicyNeeds) {
  const Error error = read_refused(answer_with(403, "AccessDenied", "Access Denied"));
  EXPECT_EQ(error.code, ErrorCode::unauthorized);
  EXPECT_EQ(error.message,
            "reading s3://bucket/keys.json: AccessDenied: Access Denied (status 403); the credentials from the "
            "environment may not read s3://bucket/keys.json: they need s3:GetObject (and kms:Decrypt where the bucket "
            "is encrypted with a KMS key); without s3:ListBucket on the bucket, S3 says the same of an object that "
            "does not exist");
}

TEST(Refusal, DeniedWriteNamesWhatThePolicyNeeds) {
  const Error error = refusal(answer_with(403, "AccessDenied", "Access Denied"), context_of(Operation::write));
  EXPECT_EQ(error.code, ErrorCode::unauthorized);
  EXPECT_NE(error.message.find("they need s3:PutObject"), std::string::npos) << error.message;
}

TEST(Refusal, RequestIdsOfTheHeadersAreNamed) {
  Answer answer = answer_with(500, "InternalError", "We encountered an internal error.");
  answer.http.headers = {{"x-amz-request-id", "4442587FB7D0A2F9"}, {"X-Amz-Id-2", "uvEc/Zd+XQ="}};
  answer.error.request_id = "of the body";
  EXPECT_EQ(read_refused(answer).message,
            "reading s3://bucket/keys.json: InternalError: We encountered an internal error. (status 500, request id "
            "4442587FB7D0A2F9, host id uvEc/Zd+XQ=)");
}

TEST(Refusal, RequestIdsOfTheBodyAreNamedWhereNoHeaderHasThem) {
  Answer answer = answer_with(503, "SlowDown");
  answer.error.request_id = "17A1";
  answer.error.host_id = "host";
  answer.http.headers = {{"x-amz-request-id", "\x1B[31m"}};
  EXPECT_EQ(read_refused(answer).message,
            "reading s3://bucket/keys.json: SlowDown (status 503, request id 17A1, host id host)");
}

TEST(Refusal, EachCodeHasItsKind) {
  EXPECT_EQ(read_refused(answer_with(403, "InvalidAccessKeyId")).code, ErrorCode::unauthorized);
  EXPECT_EQ(read_refused(answer_with(403, "SignatureDoesNotMatch")).code, ErrorCode::unauthorized);
  EXPECT_EQ(read_refused(answer_with(404, "XAdminUserNotFound")).code, ErrorCode::unauthorized);
  EXPECT_EQ(read_refused(answer_with(400, "ExpiredToken")).code, ErrorCode::unauthorized);
  EXPECT_EQ(read_refused(answer_with(401, "")).code, ErrorCode::unauthorized);
  EXPECT_EQ(read_refused(answer_with(404, "NoSuchBucket")).code, ErrorCode::invalid);
  EXPECT_EQ(read_refused(answer_with(403, "InvalidObjectState")).code, ErrorCode::invalid);
  EXPECT_EQ(read_refused(answer_with(400, "InvalidRequest")).code, ErrorCode::invalid);
  EXPECT_EQ(read_refused(answer_with(404, "")).code, ErrorCode::unavailable);
  EXPECT_EQ(read_refused(answer_with(429, "")).code, ErrorCode::unavailable);
  EXPECT_EQ(read_refused(answer_with(503, "")).code, ErrorCode::unavailable);
  EXPECT_EQ(read_refused(answer_with(206, "")).code, ErrorCode::unavailable);
}

TEST(Refusal, WrongSecretIsToldFromAnUnknownKey) {
  EXPECT_NE(read_refused(answer_with(403, "InvalidAccessKeyId"))
                .message.find("does not know the access key from the "
                              "environment"),
            std::string::npos);
  EXPECT_NE(read_refused(answer_with(403, "SignatureDoesNotMatch"))
                .message.find("secret access key from the environment does not belong"),
            std::string::npos);
}

TEST(Refusal, OnlyAWriteIsUnknown) {
  const Answer answer = answer_with(500, "InternalError");
  EXPECT_EQ(refusal(answer, context_of(Operation::write)).code, ErrorCode::unknown_outcome);
  EXPECT_EQ(refusal(answer, context_of(Operation::remove)).code, ErrorCode::unavailable);
  EXPECT_EQ(refusal(answer, context_of(Operation::read)).code, ErrorCode::unavailable);
}

TEST(Refusal, AnswerThatIsNotS3sAsksForTheEndpoint) {
  EXPECT_EQ(read_refused(answer_with(404, "")).message,
            "reading s3://bucket/keys.json: an answer without S3's code (status 404); only S3's own NoSuchKey tells "
            "that there is no object: is --endpoint-url that of an S3 store?");
}

TEST(Refusal, RedirectTargetWithAPasswordIsNotShown) {
  Answer answer = answer_with(302, "");
  answer.http.headers = {{"Location", "https://me:hunter2@elsewhere.example/"}};
  EXPECT_EQ(read_refused(answer).message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace heare::s3
