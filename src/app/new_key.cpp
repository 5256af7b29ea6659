#include "app/new_key.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/text.h"
#include "base/time_format.h"
#include "crypto/ids.h"
#include "json/reader.h"

namespace heare::app {
namespace {

/// A short text that ends up in tables and headers.
Result<std::string> read_label(std::string_view option, const std::string& text) {
  if (!is_utf8(text)) return fail(ErrorCode::invalid, "{}: not valid UTF-8", option);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return fail(ErrorCode::invalid, "{}: empty", option);
  if (const size_t count = count_characters(text); count > limits::kNameCharactersMax) {
    return fail(ErrorCode::invalid, "{}: too long ({} characters), at most {}", option, count,
                limits::kNameCharactersMax);
  }
  return text;
}

Result<std::string> read_name(const std::optional<std::string>& name) {
  if (!name) return fail(ErrorCode::invalid, "--name: missing, for example --name \"My Service\"");
  return read_label("--name", *name);
}

Result<std::string> read_metadata(const std::string& text) {
  json::Reader reader;
  const Result<json::Value> value = reader.read(text, limits::kNestingMax);
  if (!value) {
    return fail(ErrorCode::invalid, "--metadata: not JSON ({}), for example {{\"env\": \"prod\"}}",
                value.error().message);
  }
  if (!value->is_object()) {
    return fail(ErrorCode::invalid, "--metadata: not a JSON object, for example {{\"env\": \"prod\"}}");
  }
  return std::string(value->raw());
}

Result<std::string> read_time(std::string_view option, const std::string& text) {
  if (const std::optional<WallTime> time = parse_iso8601(text)) return format_utc(*time);
  return fail(ErrorCode::invalid, "{}: not an ISO 8601 time ({}), for example 2027-01-31T00:00:00Z", option, text);
}

}  // namespace

Result<keys::NewKey> make_new_key(const CreateFlags& flags, WallTime now, Random& random) {
  keys::NewKey key;
  Result<std::string> name = read_name(flags.name);
  if (!name) return std::unexpected(name.error());
  key.name = std::move(*name);
  if (flags.secret_type) {
    Result<std::string> type = read_label("--secret-type", *flags.secret_type);
    if (!type) return std::unexpected(type.error());
    key.secret_type = std::move(*type);
  }
  if (flags.metadata) {
    Result<std::string> metadata = read_metadata(*flags.metadata);
    if (!metadata) return std::unexpected(metadata.error());
    key.metadata_json = std::move(*metadata);
  }
  if (flags.expires_at) {
    Result<std::string> expires_at = read_time("--expires-at", *flags.expires_at);
    if (!expires_at) return std::unexpected(expires_at.error());
    key.expires_at = std::move(*expires_at);
  }
  key.id = crypto::make_key_id(now, random);
  key.secret = crypto::make_secret(now, random);
  key.created_at = format_utc(now);
  return key;
}

}  // namespace heare::app
