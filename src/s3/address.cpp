#include "s3/address.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "s3/sigv4.h"

namespace heare::s3 {
namespace {

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// A bucket that may stand before the host: one DNS label. Old buckets have capitals or underscores; dots are no label.
bool is_host_label(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && is_lower_or_digit(bucket.front()) &&
         is_lower_or_digit(bucket.back()) &&
         std::ranges::all_of(bucket, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_host_character(char c) {
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || std::string_view(".-_:[]").find(c) != std::string_view::npos;
}

bool is_path_character(char c) {
  return c > ' ' && c < '\x7F' && c != '?' && c != '#' && c != '\\';
}

std::unexpected<Error> bad_endpoint(std::string_view endpoint, std::string_view problem) {
  // Without what may be a password.
  const bool has_user = endpoint.find('@') != std::string_view::npos;
  return fail(ErrorCode::invalid, "{} ({}), for example https://minio.example.org:9000", problem,
              has_user ? "not shown" : endpoint);
}

/// `scheme://host[:port][/path]`: origin, host, and what stands before the bucket.
Result<Address> read_endpoint(std::string_view endpoint) {
  const size_t scheme_end = endpoint.find("://");
  const std::string scheme = ascii_lower(endpoint.substr(0, scheme_end));
  if (scheme_end == std::string_view::npos || (scheme != "https" && scheme != "http")) {
    return bad_endpoint(endpoint, "does not begin with https:// or http://");
  }
  const std::string_view rest = endpoint.substr(scheme_end + 3);
  if (rest.find('@') != std::string_view::npos) return bad_endpoint(endpoint, "may hold no user or password");
  const size_t host_end = std::min(rest.find('/'), rest.size());
  std::string host = ascii_lower(rest.substr(0, host_end));
  if (host.empty() || !std::ranges::all_of(host, is_host_character)) return bad_endpoint(endpoint, "names no host");

  std::string path(rest.substr(host_end));
  while (path.ends_with('/')) path.pop_back();
  if (!std::ranges::all_of(path, is_path_character)) return bad_endpoint(endpoint, "more than scheme, host and path");

  std::string origin = fmt::format("{}://{}", scheme, host);
  const std::string_view own_port = scheme == "https" ? ":443" : ":80";
  if (host.ends_with(own_port)) host.resize(host.size() - own_port.size());
  return Address{std::move(origin), std::move(host), std::move(path)};
}

Address aws_address(const std::string& bucket, std::string_view region) {
  std::string host = fmt::format("s3.{}.{}", region, partition_domain(region));
  std::string path;
  if (is_host_label(bucket)) {
    host = fmt::format("{}.{}", bucket, host);
  } else {
    path = '/' + uri_encode(bucket, false);
  }
  return {"https://" + host, host, path};
}

}  // namespace

Result<std::string> normal_endpoint(std::string_view endpoint) {
  const Result<Address> address = read_endpoint(endpoint);
  if (!address) return std::unexpected(address.error());
  return address->url();
}

bool is_bucket_name(std::string_view text) {
  return !text.empty() && text.find_first_of("/:") == std::string_view::npos;
}

std::string_view partition_domain(std::string_view region) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kPartitions = {{
      {"cn-", "amazonaws.com.cn"},
      {"eusc-", "amazonaws.eu"},
      {"us-iso-", "c2s.ic.gov"},
      {"us-isob-", "sc2s.sgov.gov"},
      {"us-isof-", "csp.hci.ic.gov"},
      {"eu-isoe-", "cloud.adc-e.uk"},
  }};
  for (const auto& [prefix, domain] : kPartitions) {
    if (region.starts_with(prefix)) return domain;
  }
  return "amazonaws.com";
}

bool is_region_name(std::string_view text) {
  // Custom endpoints have regions like `auto`, `garage` or `RegionOne`.
  const auto allowed = [](char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, allowed);
}

Result<Address> make_address(const S3Location& location, std::string_view region) {
  if (location.bucket.empty()) return fail(ErrorCode::invalid, "--bucket: empty");
  if (!is_bucket_name(location.bucket)) {
    return fail(ErrorCode::invalid, "--bucket: not the name of a bucket ({}); an ARN is not one", location.bucket);
  }
  if (location.key.empty()) return fail(ErrorCode::invalid, "--key: empty");
  if (!is_region_name(region)) return fail(ErrorCode::invalid, "--region: not the name of a region ({})", region);

  Address address;
  if (location.endpoint.empty()) {
    address = aws_address(location.bucket, region);
  } else {
    Result<Address> custom = read_endpoint(location.endpoint);
    if (!custom) return fail_in("--endpoint-url", custom.error());
    address = std::move(*custom);
    address.path += '/' + uri_encode(location.bucket, false);
  }
  address.path += '/' + uri_encode(location.key, true);
  return address;
}

}  // namespace heare::s3
