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

/// Of `required`, which is a scope.
bool covers(std::string_view held, std::string_view required) {
  if (held == required || held == "*") return true;
  if (!held.ends_with(":*")) return false;
  const auto beginning = held.substr(0, held.size() - 1);
  return required.size() > beginning.size() && required.starts_with(beginning);
}

/// FNV-1a, one character at a time, so that one pass over a scope gives the hash of each of its beginnings.
constexpr uint32_t kEmptyHash = 2166136261;

uint32_t hash_on(uint32_t hash, char c) {
  return (hash ^ static_cast<unsigned char>(c)) * 16777619;
}

uint32_t hash_of(std::string_view text) {
  uint32_t hash = kEmptyHash;
  for (const char c : text) hash = hash_on(hash, c);
  return hash;
}

}  // namespace

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
  if (!is_scope(required)) return false;
  for (auto scope = take_scope(scopes_json); !scope.empty(); scope = take_scope(scopes_json)) {
    if (covers(scope, required)) return true;
  }
  return false;
}

HeldScopes::HeldScopes(std::string_view scopes_json) : rest_json_(scopes_json) {
  for (size_t i = 0; i < limits::kScopesMax; ++i) {
    const auto scope = take_scope(rest_json_);
    if (scope.empty()) return;
    const bool is_beginning = scope.ends_with(":*");
    all_ = all_ || scope == "*";
    add(is_beginning ? scope.substr(0, scope.size() - 1) : scope, is_beginning);
  }
}

bool HeldScopes::cover(std::string_view required) const {
  if (!is_scope(required)) return false;
  if (all_) return true;
  uint32_t hash = kEmptyHash;
  for (size_t i = 0; i < required.size(); ++i) {
    hash = hash_on(hash, required[i]);
    const bool may_be_beginning = required[i] == ':' && i + 1 < required.size();
    if (may_be_beginning && has(required.substr(0, i + 1), hash, true)) return true;
  }
  return has(required, hash, false) || any_scope_covers(rest_json_, required);
}

void HeldScopes::add(std::string_view text, bool is_beginning) {
  const uint32_t hash = hash_of(text);
  size_t at = hash % slots_.size();
  while (!slots_[at].text.empty()) at = (at + 1) % slots_.size();
  slots_[at] = {text, hash, is_beginning};
}

bool HeldScopes::has(std::string_view text, uint32_t hash, bool is_beginning) const {
  for (size_t at = hash % slots_.size(); !slots_[at].text.empty(); at = (at + 1) % slots_.size()) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash && slot.is_beginning == is_beginning && slot.text == text) return true;
  }
  return false;
}

}  // namespace heare::keys
