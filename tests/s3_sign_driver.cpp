// Signs the S3 requests that it is told on standard input, one JSON object a line, and prints one for each: what
// tests/integration/test_s3_signatures.py compares with botocore.
//
//   {"bucket", "key", "region", "endpoint", "method", "time", "payload_hash", "access_key_id", "secret_access_key",
//    "session_token", "headers": [[name, value], …], "query": [[name, value], …]}
//   {"url", "authorization"}

#include <iostream>
#include <string>
#include <string_view>

#include "base/text.h"
#include "base/time_format.h"
#include "json/reader.h"
#include "s3/address.h"
#include "s3/sigv4.h"

namespace heare {
namespace {

std::string text_of(json::Value value) {
  std::string scratch;
  return std::string(value.text(scratch));
}

std::string member(json::Value object, std::string_view name) {
  return text_of(object.find(name));
}

/// Calls `use(first, second)` for each pair of texts in an array of pairs.
void for_each_pair(json::Value pairs, const auto& use) {
  for (json::Value pair = pairs.first(); pair; pair = pair.next()) {
    use(text_of(pair.first()), text_of(pair.first().next()));
  }
}

Result<std::string> sign_one(json::Value told) {
  const s3::S3Location location = {.bucket = member(told, "bucket"),
                                   .key = member(told, "key"),
                                   .region = member(told, "region"),
                                   .endpoint = member(told, "endpoint")};
  const auto address = s3::make_address(location, location.region);
  if (!address) return std::unexpected(address.error());
  const auto time = parse_iso8601(member(told, "time"));
  if (!time) return fail(ErrorCode::invalid, "time: not ISO 8601");
  const s3::Credentials credentials = {.access_key_id = member(told, "access_key_id"),
                                       .secret_access_key = Secret(member(told, "secret_access_key")),
                                       .session_token = Secret(member(told, "session_token")),
                                       .expires_at = std::nullopt};

  s3::SignableRequest request = {.method = member(told, "method"),
                                 .path = address->path,
                                 .query = {},
                                 .headers = {{.name = "Host", .value = address->host}},
                                 .payload_hash = member(told, "payload_hash")};
  for_each_pair(told.find("headers"), [&](std::string name, std::string value) {
    request.headers.push_back({.name = std::move(name), .value = std::move(value)});
  });
  for_each_pair(told.find("query"), [&](std::string name, std::string value) {
    request.query.emplace_back(std::move(name), std::move(value));
  });
  const auto headers = s3::signed_headers(request, credentials, {.region = location.region, .service = "s3"}, *time);

  std::string out = "{\"url\": ";
  append_json_string(out, address->url());
  out += ", \"authorization\": ";
  append_json_string(out, headers.back().value);
  return out + "}";
}

int sign_all() {
  json::Reader reader;
  for (std::string line; std::getline(std::cin, line);) {
    const auto told = reader.read(line);
    const auto signed_request = told ? sign_one(*told) : Result<std::string>(std::unexpected(told.error()));
    if (!signed_request) {
      std::cerr << signed_request.error().message << '\n';
      return 1;
    }
    std::cout << *signed_request << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace heare

int main() {
  return heare::sign_all();
}
