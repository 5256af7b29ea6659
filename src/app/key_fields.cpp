#include "app/key_fields.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time_format.h"
#include "json/reader.h"
#include "keys/api_key.h"

namespace heare::app {

Result<std::string> read_label(std::string_view option, const std::string& text) {
  if (!is_utf8(text)) return fail(ErrorCode::invalid, "{}: not valid UTF-8", option);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return fail(ErrorCode::invalid, "{}: empty", option);
  if (const size_t count = count_characters(text); count > limits::kNameCharactersMax) {
    return fail(ErrorCode::invalid, "{}: too long ({} characters), at most {}", option, count,
                limits::kNameCharactersMax);
  }
  return text;
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

Result<std::vector<std::string>> read_scopes(const std::vector<std::string>& scopes) {
  if (scopes.size() > limits::kScopesMax) {
    return fail(ErrorCode::invalid, "--scope: too many ({}), at most {}", scopes.size(), limits::kScopesMax);
  }
  for (const std::string& scope : scopes) {
    if (!keys::is_scope(scope)) {
      return fail(ErrorCode::invalid, "--scope: not a scope ({}), letters, digits and ._:/*- only", scope);
    }
    if (scope.size() > limits::kScopeCharactersMax) {
      return fail(ErrorCode::invalid, "--scope: too long ({} characters), at most {}", scope.size(),
                  limits::kScopeCharactersMax);
    }
  }
  return scopes;
}

}  // namespace heare::app
