#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "s3/s3_store.h"

namespace heare::s3 {

/// Where an object is asked for.
struct Address {
  /// `https://host[:port]`.
  std::string origin;
  /// The Host header: as in `origin`, without a port that is the scheme's own.
  std::string host;
  /// Percent-encoded once; begins with a slash. A leading slash, `..` and `//` in a key are part of it.
  std::string path;

  std::string url() const { return origin + path; }
};

/// The address of `location` when `region` is asked. For AWS the bucket is part of the host, or, where a certificate
/// for `*.s3.region.amazonaws.com` would not cover it (a dot) or it is no host name, of the path. A custom endpoint
/// gets it in the path. Error `invalid` for an endpoint, bucket, key or region that can be none.
Result<Address> make_address(const S3Location& location, std::string_view region);

/// `scheme://host[:port][/path]` as it is asked: scheme and host in lower case, no slash at the end. Error `invalid`
/// where this can be no endpoint.
Result<std::string> normal_endpoint(std::string_view endpoint);

/// Whether this can be a bucket's name: neither a path nor an ARN. The store knows the rest.
bool is_bucket_name(std::string_view text);

/// The domain of the AWS partition that a region belongs to: a service's host is `service.region.domain` (botocore's
/// endpoints.json).
std::string_view partition_domain(std::string_view region);

/// Whether this can be a region's name. It becomes part of a host name, and may come from an answer.
bool is_region_name(std::string_view text);

}  // namespace heare::s3
