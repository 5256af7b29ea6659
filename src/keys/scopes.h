#pragma once

#include <string_view>

namespace heare::keys {

/// True where the scope `held` gives the right that `required` names: they are the same, or `held` is `*`, or it ends
/// in `:*` and `required` begins with all before that star and goes on. A star elsewhere stands for itself. What is no
/// scope (is_scope) is never covered.
bool scope_covers(std::string_view held, std::string_view required);

/// The parts of Grant::extra_json: views into it.
struct GrantExtra {
  /// The elements of the array `scopes`, as in `"a","b"`; empty where the key has none.
  std::string_view scopes_json;
  /// A JSON string; empty where the key has no owner.
  std::string_view owner_json;
};
GrantExtra split_extra(std::string_view extra_json);

/// Takes the first scope off GrantExtra::scopes_json; empty where there is none left.
std::string_view take_scope(std::string_view& scopes_json);

/// True where one of the scopes in GrantExtra::scopes_json covers `required`.
bool any_scope_covers(std::string_view scopes_json, std::string_view required);

}  // namespace heare::keys
