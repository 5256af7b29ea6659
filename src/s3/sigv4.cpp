#include "s3/sigv4.h"

#include <algorithm>
#include <map>
#include <span>

#include "base/encoding.h"
#include "base/text.h"
#include "base/time_format.h"
#include "crypto/sha256.h"

namespace heare::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// `20130524T000000Z`, ISO 8601's basic form.
std::string basic_time(WallTime time) {
  std::string text = format_utc(time).substr(0, std::string_view("2013-05-24T00:00:00").size());
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + 'Z';
}

/// Without white space around, and with one space for each run of it inside.
std::string canonical_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

/// Lower-case names in order; the values of a repeated name in theirs, with commas between.
std::map<std::string, std::string> canonical_headers(const std::vector<fetch::Header>& headers) {
  std::map<std::string, std::string> out;
  for (const fetch::Header& header : headers) {
    const auto [entry, is_new] = out.try_emplace(ascii_lower(header.name), canonical_value(header.value));
    if (!is_new) entry->second += ',' + canonical_value(header.value);
  }
  return out;
}

std::string canonical_query(const SignableRequest& request) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const auto& [name, value] : request.query) {
    encoded.emplace_back(uri_encode(name, false), uri_encode(value, false));
  }
  std::ranges::sort(encoded);
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

std::string join_names(const std::map<std::string, std::string>& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

crypto::Sha256Digest signing_key(const Credentials& credentials, std::string_view date, const SigningScope& scope) {
  std::string secret = "AWS4";
  // Room for all of it first: growing would leave a copy behind that nobody wipes.
  secret.reserve(secret.size() + credentials.secret_access_key.reveal().size());
  secret += credentials.secret_access_key.reveal();
  crypto::Sha256Digest key = crypto::hmac_sha256(as_bytes(secret), date);
  wipe(secret);
  for (const std::string_view part : {std::string_view(scope.region), std::string_view(scope.service), kTerminator}) {
    key = crypto::hmac_sha256(key, part);
  }
  return key;
}

}  // namespace

Signature sign(const SignableRequest& request, const Credentials& credentials, const SigningScope& scope,
               WallTime now) {
  const std::map<std::string, std::string> headers = canonical_headers(request.headers);
  const std::string signed_names = join_names(headers);
  const std::string time = basic_time(now);
  const std::string date = time.substr(0, std::string_view("20130524").size());
  const std::string credential_scope = fmt::format("{}/{}/{}/{}", date, scope.region, scope.service, kTerminator);

  Signature result;
  result.canonical_request =
      fmt::format("{}\n{}\n{}\n", request.method, request.path.empty() ? "/" : request.path, canonical_query(request));
  for (const auto& [name, value] : headers) result.canonical_request += fmt::format("{}:{}\n", name, value);
  result.canonical_request += fmt::format("\n{}\n{}", signed_names, request.payload_hash);

  result.string_to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, credential_scope,
                                      to_hex(crypto::sha256(result.canonical_request)));
  result.signature = to_hex(crypto::hmac_sha256(signing_key(credentials, date, scope), result.string_to_sign));
  result.authorization = fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                     credentials.access_key_id, credential_scope, signed_names, result.signature);
  return result;
}

std::vector<fetch::Header> signed_headers(SignableRequest request, const Credentials& credentials,
                                          const SigningScope& scope, WallTime now) {
  request.headers.push_back({"x-amz-date", basic_time(now)});
  request.headers.push_back({"x-amz-content-sha256", request.payload_hash});
  if (!credentials.session_token.empty()) {
    request.headers.push_back({"x-amz-security-token", std::string(credentials.session_token.reveal())});
  }
  request.headers.push_back({"Authorization", sign(request, credentials, scope, now).authorization});
  return std::move(request.headers);
}

std::string uri_encode(std::string_view text, bool keep_slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && keep_slash)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xF];
  }
  return out;
}

}  // namespace heare::s3
