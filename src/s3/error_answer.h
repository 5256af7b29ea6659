#pragma once

#include <string>
#include <string_view>

namespace heare::s3 {

/// What S3 says in the body of an answer that is no success
/// (docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html); STS wraps the same in an ErrorResponse. Each is empty
/// where it is not told. Bounded and printable: entities are decoded, then control characters are replaced by spaces
/// and what is not UTF-8 by U+FFFD.
struct ErrorAnswer {
  /// `NoSuchKey`, `AccessDenied`: nothing but letters, digits, `.`, `_` and `-`.
  std::string code;
  std::string message;
  /// The bucket's region, where the request went to another.
  std::string region;
  std::string request_id;
  std::string host_id;
  /// ISO 8601, in RequestTimeTooSkewed.
  std::string server_time;
};

/// Reads such a body. Any other text (HTML of a proxy, nothing, half of one) gives what it holds or nothing; only the
/// first 64 KiB count, and only values that are short.
ErrorAnswer read_error_answer(std::string_view body);

}  // namespace heare::s3
