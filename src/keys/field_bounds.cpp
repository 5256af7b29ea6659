#include "keys/field_bounds.h"

#include "base/limits.h"
#include "base/text.h"

namespace heare::keys {

Result<> check_label_length(std::string_view field, std::string_view text) {
  const size_t count = count_characters(text);
  if (count <= limits::kNameCharactersMax) return {};
  return fail(ErrorCode::invalid, "{}: too long ({} characters), at most {}", field, count, limits::kNameCharactersMax);
}

Result<> check_scope_bounds(std::string_view field, const std::vector<std::string>& scopes) {
  if (scopes.size() > limits::kScopesMax) {
    return fail(ErrorCode::invalid, "{}: too many ({}), at most {}", field, scopes.size(), limits::kScopesMax);
  }
  for (const std::string& scope : scopes) {
    if (scope.size() <= limits::kScopeCharactersMax) continue;
    return fail(ErrorCode::invalid, "{}: one is too long ({} characters), at most {}", field, scope.size(),
                limits::kScopeCharactersMax);
  }
  return {};
}

}  // namespace heare::keys
