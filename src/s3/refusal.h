#pragma once

#include <string>

#include "base/error.h"
#include "s3/answer.h"

namespace heare::s3 {

/// What was done to an object: the first word of an error, and what a policy must allow.
enum class Operation { read, write, remove };

/// `reading`, `writing`, `removing`.
std::string_view describe(Operation operation);

/// What an error has to tell besides the answer.
struct RequestContext {
  Operation operation = Operation::read;
  /// `s3://bucket/key`.
  std::string url;
  /// Where the credentials came from, as CredentialsProvider::source() says it.
  std::string credentials_source;
  /// It was a write with a condition.
  bool is_conditional = false;
};

/// The error that an answer which is no success means: operation, object, S3's code and message, status, request ids,
/// and what to do about it. A write that may have been applied all the same is an `unknown_outcome`.
Error refusal(const Answer& answer, const RequestContext& context);

}  // namespace heare::s3
