#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.h"

namespace heare::keys {

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

/// True where one of the scopes in GrantExtra::scopes_json gives the right that `required` names: they are the same, or
/// the one that is held is `*`, or it ends in `:*` and `required` begins with all before that star and goes on. A star
/// elsewhere stands for itself. What is no scope (is_scope) is never covered.
bool any_scope_covers(std::string_view scopes_json, std::string_view required);

/// The same for many questions: each takes as long as reading `required` does, however many scopes are held. (A
/// document may hold more than the commands give; those beyond are asked one by one.) Views into the JSON; allocates
/// nothing.
class HeldScopes {
 public:
  explicit HeldScopes(std::string_view scopes_json);
  bool cover(std::string_view required) const;

 private:
  /// A scope, or the beginning of all those that it covers; empty where the slot is free.
  struct Slot {
    std::string_view text;
    uint32_t hash = 0;
    bool is_beginning = false;
  };
  void add(std::string_view text, bool is_beginning);
  bool has(std::string_view text, uint32_t hash, bool is_beginning) const;

  /// Open addressing with linear probing; a power of two, at most half full.
  std::array<Slot, 2 * limits::kScopesMax> slots_;
  bool all_ = false;
  std::string_view rest_json_;
};

}  // namespace heare::keys
