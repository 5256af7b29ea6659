#include "http/request_target.h"

#include <algorithm>

#include "base/character_set.h"
#include "base/text.h"

namespace heare::http {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// RFC 3986 `reg-name`, its percent sign included.
constexpr CharacterSet kNameCharacters(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=%");

bool is_name_character(char c) {
  return kNameCharacters.contains(c);
}

/// RFC 3986 `IP-literal`, between its brackets.
bool is_literal_character(char c) {
  return is_name_character(c) || c == ':';
}

bool is_port_suffix(std::string_view text) {
  return text.empty() || (text.front() == ':' && std::ranges::all_of(text.substr(1), is_digit));
}

/// The authority and all that follows, of a target with the scheme `http` or `https`.
std::optional<std::string_view> after_scheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) return target.substr(scheme.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<Target> split_target(std::string_view target) {
  if (target.find('#') != std::string_view::npos) return std::nullopt;
  if (!target.starts_with('/')) {
    const auto rest = after_scheme(target);
    if (!rest) return std::nullopt;
    const size_t authority_end = std::min(rest->find_first_of("/?"), rest->size());
    if (!is_host(rest->substr(0, authority_end))) return std::nullopt;
    target = rest->substr(authority_end);
  }
  const size_t question_mark = std::min(target.find('?'), target.size());
  const auto path = target.substr(0, question_mark);
  const auto query = question_mark < target.size() ? target.substr(question_mark + 1) : std::string_view{};
  return Target{path.empty() ? "/" : path, query};
}

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t bracket = text.find(']');
    return bracket != std::string_view::npos && bracket > 1 &&
           std::ranges::all_of(text.substr(1, bracket - 1), is_literal_character) &&
           is_port_suffix(text.substr(bracket + 1));
  }
  const size_t colon = std::min(text.find(':'), text.size());
  return colon > 0 && std::ranges::all_of(text.substr(0, colon), is_name_character) &&
         is_port_suffix(text.substr(colon));
}

}  // namespace heare::http
