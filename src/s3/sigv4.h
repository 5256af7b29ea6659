#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "fetch/http_client.h"
#include "s3/credentials.h"

namespace heare::s3 {

/// A request as AWS Signature Version 4 sees it
/// (docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html).
struct SignableRequest {
  std::string method;
  /// As it is sent: percent-encoded once. S3 paths are not normalised.
  std::string path;
  /// Names and values, not encoded.
  std::vector<std::pair<std::string, std::string>> query;
  /// What is signed, `host` included; names in any case.
  std::vector<fetch::Header> headers;
  /// Lower-case hex SHA-256 of the body, or `UNSIGNED-PAYLOAD`.
  std::string payload_hash;
};

struct SigningScope {
  std::string region;
  std::string service;
};

/// The steps of a signature, for tests and for those who look for a difference. Not for logs: the canonical request
/// holds every signed header, the session token among them.
struct Signature {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;
  std::string authorization;
};

/// Computes the signature over exactly these headers.
Signature sign(const SignableRequest& request, const Credentials& credentials, const SigningScope& scope, WallTime now);

/// The headers that make `request` a signed S3 request: its own, `x-amz-date`, `x-amz-content-sha256`, for temporary
/// credentials `x-amz-security-token`, and `Authorization`. A pure function.
std::vector<fetch::Header> signed_headers(SignableRequest request, const Credentials& credentials,
                                          const SigningScope& scope, WallTime now);

/// Percent-encodes everything but RFC 3986's unreserved characters; `/` stays where it is a path.
std::string uri_encode(std::string_view text, bool keep_slash);

}  // namespace heare::s3
