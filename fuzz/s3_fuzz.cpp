// Arbitrary bytes as the body of an error, as the name of a bucket, key and endpoint, and as a request to sign: what is
// told of an error is printable and short, and a signature covers what is sent and nothing else.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "s3/address.h"
#include "s3/answer.h"
#include "s3/credentials_source.h"
#include "s3/sigv4.h"
#include "support.h"

namespace {

using heare::fuzz::require;
using heare::fuzz::take_until;

bool is_printable(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void check_error(std::string_view body) {
  const heare::s3::ErrorAnswer error = heare::s3::read_error_answer(body);
  require(std::ranges::all_of(error.code, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' ||
           c == '-';
  }));
  for (const std::string* told :
       {&error.code, &error.message, &error.region, &error.request_id, &error.host_id, &error.server_time}) {
    require(is_printable(*told) && told->size() <= body.size() * 3);
  }
  heare::fetch::Response response;
  response.status = 400;
  response.headers = {{"Date", std::string(body.substr(0, 64))}};
  response.body = body;
  const heare::s3::Answer answer = heare::s3::read_answer(std::move(response));
  if (const auto region = heare::s3::named_region(answer)) require(heare::s3::is_region_name(*region));
  (void)heare::s3::may_pass(answer);
  (void)heare::s3::server_time(answer);
}

std::string decoded(std::string_view encoded) {
  std::string text;
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
  for (size_t at = 0; at < encoded.size(); ++at) {
    if (encoded[at] != '%') {
      text += encoded[at];
    } else {
      text += static_cast<char>(value(encoded[at + 1]) * 16 + value(encoded[at + 2]));
      at += 2;
    }
  }
  return text;
}

void check_address(std::string_view text) {
  heare::s3::S3Location location;
  location.bucket = take_until(text, '\n');
  location.key = take_until(text, '\n');
  location.endpoint = take_until(text, '\n');
  const auto address = heare::s3::make_address(location, "eu-central-1");
  if (address) require(heare::s3::is_header_value(address->origin));
}

void check_signature(std::string_view text) {
  heare::s3::SignableRequest request;
  request.method = "PUT";
  const std::string_view key = take_until(text, '\n');
  request.path = "/" + heare::s3::uri_encode(key, true);
  require(decoded(request.path) == "/" + std::string(key));
  while (!text.empty() && request.query.size() < 8) {
    const std::string_view name = take_until(text, '=');
    request.query.emplace_back(name, take_until(text, '&'));
  }
  request.headers = {{"Host", "example.com"}, {"X-Any", std::string(text.substr(0, 100))}};
  request.payload_hash = "UNSIGNED-PAYLOAD";
  heare::s3::Credentials credentials;
  credentials.access_key_id = "AKIAEXAMPLE";
  credentials.secret_access_key = heare::Secret("secret");
  const heare::s3::SigningScope scope = {"us-east-1", "s3"};

  const auto sign = [&](const heare::s3::SignableRequest& each) {
    return heare::s3::sign(each, credentials, scope, heare::WallTime(std::chrono::days(20'000)));
  };
  const heare::s3::Signature signature = sign(request);
  require(signature.signature.size() == 64);
  require(heare::s3::is_header_value(signature.authorization));
  // The order of what is asked does not count; the path does.
  heare::s3::SignableRequest reordered = request;
  std::ranges::reverse(reordered.query);
  require(sign(reordered).signature == signature.signature);
  request.path += "x";
  require(sign(request).signature != signature.signature);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = heare::fuzz::text_of(data, size);
  check_error(text);
  check_address(text);
  check_signature(text);
  (void)heare::s3::parse_http_date(text);
  return 0;
}
