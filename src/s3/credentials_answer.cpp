#include "s3/credentials_answer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/time_format.h"
#include "json/reader.h"
#include "s3/credentials_source.h"

namespace heare::s3 {
namespace {

constexpr size_t kCodeCharactersMax = 64;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// `code` where it may be shown in an error, otherwise empty: an answer can hold anything.
std::string_view shown_code(std::string_view code) {
  const bool shown = code.size() <= kCodeCharactersMax && std::ranges::all_of(code, is_letter_or_digit);
  return shown ? code : std::string_view();
}

Result<WallTime> read_expiration(std::string_view text) {
  const std::optional<WallTime> time = parse_iso8601(text);
  if (!time) return fail(ErrorCode::unauthorized, "the answer's Expiration is not an ISO 8601 time");
  return *time;
}

Secret secret_member(json::Value object, std::string_view name) {
  const json::Value member = object.find(name);
  std::string scratch;
  Secret secret = member.is_string() ? Secret(member.text(scratch)) : Secret();
  wipe(scratch);
  return secret;
}

std::string text_member(json::Value object, std::string_view name) {
  return std::string(secret_member(object, name).reveal());
}

/// The text of the first element called `name`, without anything inside, or an empty one. STS writes no attributes,
/// and nothing in its credentials has to be escaped (base64, a time): an entity counts as damage.
std::string_view element(std::string_view xml, std::string_view name) {
  const std::string begin = fmt::format("<{}>", name);
  const size_t at = xml.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = xml.substr(at + begin.size());
  const std::string_view text = rest.substr(0, rest.find('<'));
  const bool whole = rest.substr(text.size()).starts_with(fmt::format("</{}>", name));
  return whole && !text.contains('&') ? text : std::string_view();
}

Result<Credentials> in_answer(Result<Credentials> credentials) {
  return credentials ? std::move(credentials) : fail_in("the answer is not usable", std::move(credentials.error()));
}

}  // namespace

Result<Credentials> read_json_answer(std::string_view json) {
  json::Reader reader;
  const Result<json::Value> root = reader.read(json);
  if (!root || !root->is_object()) return fail(ErrorCode::unauthorized, "the answer is not a JSON object");
  if (const std::string code = text_member(*root, "Code"); !code.empty() && code != "Success") {
    const std::string_view shown = shown_code(code);
    return fail(ErrorCode::unauthorized, "the answer says {}", shown.empty() ? "that there are none" : shown);
  }
  std::optional<WallTime> expires_at;
  if (const json::Value expiration = root->find("Expiration"); !expiration.is_null()) {
    const Result<WallTime> time = read_expiration(text_member(*root, "Expiration"));
    if (!time) return std::unexpected(time.error());
    expires_at = *time;
  }
  return in_answer(checked({text_member(*root, "AccessKeyId"), secret_member(*root, "SecretAccessKey"),
                            secret_member(*root, "Token"), expires_at}));
}

Result<Credentials> read_sts_answer(std::string_view xml) {
  const Result<WallTime> expires_at = read_expiration(element(xml, "Expiration"));
  if (!expires_at) return std::unexpected(expires_at.error());
  const std::string_view token = element(xml, "SessionToken");
  if (token.empty()) return fail(ErrorCode::unauthorized, "the answer is not usable: the session token is missing");
  return in_answer(checked(
      {std::string(element(xml, "AccessKeyId")), Secret(element(xml, "SecretAccessKey")), Secret(token), *expires_at}));
}

}  // namespace heare::s3
