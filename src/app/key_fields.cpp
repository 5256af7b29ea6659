#include "app/key_fields.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time_format.h"
#include "json/reader.h"
#include "keys/api_key.h"
#include "keys/field_bounds.h"

namespace heare::app {

Result<std::string> read_label(std::string_view option, const std::string& text) {
  if (!is_utf8(text)) return fail(ErrorCode::invalid, "{}: not valid UTF-8", option);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return fail(ErrorCode::invalid, "{}: empty", option);
  if (const Result<> fits = keys::check_label_length(option, text); !fits) return std::unexpected(fits.error());
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
  for (const std::string& scope : scopes) {
    if (!keys::is_scope(scope)) {
      return fail(ErrorCode::invalid, "--scope: not a scope ({}), letters, digits and ._:/*- only", scope);
    }
  }
  if (const Result<> fit = keys::check_scope_bounds("--scope", scopes); !fit) return std::unexpected(fit.error());
  return scopes;
}

}  // namespace heare::app
