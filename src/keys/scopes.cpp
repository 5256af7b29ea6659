#include "keys/scopes.h"

#include "keys/api_key.h"

namespace heare::keys {
namespace {

/// Takes `prefix` off the beginning of `text`; false where it does not begin so.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

bool scope_covers(std::string_view held, std::string_view required) {
  if (!is_scope(required)) return false;
  if (held == required || held == "*") return true;
  if (!held.ends_with(":*")) return false;
  const auto beginning = held.substr(0, held.size() - 1);
  return required.size() > beginning.size() && required.starts_with(beginning);
}

GrantExtra split_extra(std::string_view extra_json) {
  GrantExtra extra;
  if (take_prefix(extra_json, R"(,"scopes":[)")) {
    // No character of a scope is escaped, and none is a bracket.
    extra.scopes_json = extra_json.substr(0, extra_json.find(']'));
    extra_json.remove_prefix(extra.scopes_json.size() + 1);
  }
  if (take_prefix(extra_json, R"(,"owner":)")) extra.owner_json = extra_json;
  return extra;
}

std::string_view take_scope(std::string_view& scopes_json) {
  if (scopes_json.empty()) return {};
  // After the comma and the quote that it begins with.
  scopes_json.remove_prefix(scopes_json.front() == ',' ? 2 : 1);
  const auto scope = scopes_json.substr(0, scopes_json.find('"'));
  scopes_json.remove_prefix(scope.size() + 1);
  return scope;
}

bool any_scope_covers(std::string_view scopes_json, std::string_view required) {
  for (auto scope = take_scope(scopes_json); !scope.empty(); scope = take_scope(scopes_json)) {
    if (scope_covers(scope, required)) return true;
  }
  return false;
}

}  // namespace heare::keys
