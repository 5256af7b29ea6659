#include "http/forward_auth.h"

#include <algorithm>
#include <array>

#include "base/character_set.h"
#include "base/text.h"
#include "http/line_scanner.h"
#include "json/escape.h"
#include "keys/api_key.h"
#include "keys/scopes.h"

namespace heare::http {
namespace {

constexpr std::string_view kPath = "/auth";
/// Of a value in an answer. The four of an identity take 4 KiB of a proxy's buffer at the very most.
constexpr size_t kValueBytesMax = 1024;

// --- Characters

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

/// Takes one byte off a form-encoded text: `%41` and `+` decoded, a percent sign without two digits as it is.
char take_form_byte(std::string_view& text) {
  const char c = text.front();
  if (c == '%' && text.size() >= 3 && json::hex_digit(text[1]) >= 0 && json::hex_digit(text[2]) >= 0) {
    const int value = json::hex_digit(text[1]) * 16 + json::hex_digit(text[2]);
    text.remove_prefix(3);
    return static_cast<char>(value);
  }
  text.remove_prefix(1);
  return c == '+' ? ' ' : c;
}

/// What a header value holds as it is.
constexpr bool is_visible(char c) {
  return c >= 0x21 && c <= 0x7E && c != '%';
}

/// What is visible and stands for itself in a JSON string.
constexpr CharacterSet kPlain([](char c) { return is_visible(c) && c != '\\'; });

/// What of `text` comes before its first character that is not plain.
std::string_view leading_plain(std::string_view text) {
  const auto plain = [](char c) { return kPlain.contains(c); };
  return text.substr(0, static_cast<size_t>(std::ranges::find_if_not(text, plain) - text.begin()));
}

/// One character of a JSON string as append_json_string writes it: its bytes.
struct Character {
  std::array<char, 4> bytes;
  size_t size;
};

Character take_character(std::string_view& text) {
  Character character{};
  if (text.starts_with('\\')) {
    const json::Escape escape = json::read_escape(text);
    std::string utf8;  // four bytes need no memory of their own
    json::append_utf8(utf8, escape.character);
    character.size = utf8.copy(character.bytes.data(), character.bytes.size());
    text.remove_prefix(escape.length);
  } else {
    character.size = text.copy(character.bytes.data(), std::max<size_t>(1, utf8_sequence_length(text)));
    text.remove_prefix(character.size);
  }
  return character;
}

// --- Values of header fields, written into memory that has room for them

char* put(char* at, std::string_view text) {
  return std::copy_n(text.data(), text.size(), at);
}

char* put_percent_encoded(char* at, const Character& character) {
  for (size_t i = 0; i < character.size; ++i) {
    const auto byte = static_cast<unsigned char>(character.bytes[i]);
    *at++ = '%';
    *at++ = kHexDigits[byte >> 4];
    *at++ = kHexDigits[byte & 0xF];
  }
  return at;
}

/// Puts the text of a JSON string, without its quotes: visible characters as they are, all else percent-encoded, and as
/// many whole characters as fit.
char* put_text(char* at, std::string_view json) {
  const char* const end = at + kValueBytesMax;
  while (true) {
    const auto plain = leading_plain(json.substr(0, static_cast<size_t>(end - at)));
    at = put(at, plain);
    json.remove_prefix(plain.size());
    if (json.empty() || at == end) return at;
    const Character character = take_character(json);
    if (character.size == 1 && is_visible(character.bytes[0])) {
      *at++ = character.bytes[0];
    } else if (at + 3 * character.size <= end) {
      at = put_percent_encoded(at, character);
    } else {
      return at;
    }
  }
}

/// Puts as many of the words that `take` gives as fit, whole: part of a scope may be another scope.
template <typename Take>
char* put_words(char* at, Take take) {
  const char* const begin = at;
  const char* const end = at + kValueBytesMax;
  for (std::string_view word = take(); !word.empty(); word = take()) {
    const std::string_view space = at > begin ? " " : "";
    if (at + space.size() + word.size() > end) break;
    at = put(put(at, space), word);
  }
  return at;
}

constexpr std::string_view kEmptyValue = "-";
/// Of a value that is just that.
constexpr std::string_view kEncodedDash = "%2D";
constexpr std::string_view kDashJson = R"("-")";

char* put_text_field(char* at, std::string_view name, std::string_view json_string) {
  at = put(at, name);
  if (json_string.size() <= 2) {
    at = put(at, kEmptyValue);
  } else if (json_string == kDashJson) {
    at = put(at, kEncodedDash);
  } else {
    at = put_text(at, json_string.substr(1, json_string.size() - 2));
  }
  return put(at, "\r\n");
}

char* put_scopes_field(char* at, std::string_view name, std::string_view scopes_json) {
  at = put(at, name);
  if (scopes_json == kDashJson) {
    at = put(at, kEncodedDash);
  } else {
    const char* const value = at;
    at = put_words(at, [&scopes_json] { return keys::take_scope(scopes_json); });
    if (at == value) at = put(at, kEmptyValue);
  }
  return put(at, "\r\n");
}

/// Four values with their names.
constexpr size_t kIdentityBytesMax = 4 * (kValueBytesMax + sizeof("X-Auth-Key-Name: \r\n"));

/// Appends what `put_all` puts, of that size at most, growing `out` once.
template <typename Put>
void append_at_most(std::string& out, size_t bytes_max, Put put_all) {
  const size_t before = out.size();
  out.resize_and_overwrite(before + bytes_max, [before, put_all](char* text, size_t) {
    return static_cast<size_t>(put_all(text + before) - text);
  });
}

// --- Required scopes

/// Takes the first word off `text`; empty where there is none left.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(static_cast<size_t>(std::ranges::find_if_not(text, is_blank) - text.begin()));
  const auto word = text.substr(0, static_cast<size_t>(std::ranges::find_if(text, is_blank) - text.begin()));
  text.remove_prefix(word.size());
  return word;
}

/// The same, passing over what is no scope.
std::string_view take_good_scope(std::string_view& text) {
  while (true) {
    const auto word = take_word(text);
    if (word.empty() || keys::is_scope(word)) return word;
  }
}

/// Takes all up to `end`, which goes too, or all that there is.
std::string_view take_until(std::string_view& text, char end) {
  const auto part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

bool is_form_encoded(std::string_view text, std::string_view name) {
  return std::ranges::all_of(name, [&text](char c) { return !text.empty() && take_form_byte(text) == c; }) &&
         text.empty();
}

void append_query_scopes(std::string& out, std::string_view query) {
  while (!query.empty()) {
    auto value = take_until(query, '&');
    if (!is_form_encoded(take_until(value, '='), "scope")) continue;
    while (!value.empty()) out += take_form_byte(value);
    out += ' ';
  }
}

std::string_view bearer_key(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer";
  const auto scheme = take_word(authorization);
  return equal_ignoring_case(scheme, kScheme) ? trim(authorization) : std::string_view();
}

}  // namespace

bool is_forward_auth(std::string_view path) {
  return path.starts_with(kPath) && (path.size() == kPath.size() || path[kPath.size()] == '/');
}

PresentedKey presented_key(std::span<const Field> fields) {
  PresentedKey presented;
  for (const Field& field : fields) {
    std::string_view key;
    if (equal_ignoring_case(field.name, "authorization")) {
      key = bearer_key(field.value);
    } else if (equal_ignoring_case(field.name, "x-api-key")) {
      key = field.value;
    }
    if (key.empty()) continue;
    ++presented.count;
    presented.key = key;
  }
  return presented;
}

void append_required_scopes(std::string& out, const Request& request) {
  if (request.path == kPath) append_query_scopes(out, request.query);
  for (const Field& field : request.fields) {
    if (!equal_ignoring_case(field.name, "x-auth-required-scope")) continue;
    out += field.value;
    out += ' ';
  }
}

bool has_scopes(const keys::Grant& grant, std::string_view required) {
  auto scope = take_word(required);
  if (scope.empty()) return true;
  const auto scopes_json = keys::split_extra(grant.extra_json).scopes_json;
  // Mostly it is one.
  if (!keys::any_scope_covers(scopes_json, scope)) return false;
  scope = take_word(required);
  if (scope.empty()) return true;
  const keys::HeldScopes held(scopes_json);
  for (; !scope.empty(); scope = take_word(required)) {
    if (!held.cover(scope)) return false;
  }
  return true;
}

void append_identity(std::string& fields, const keys::Grant& grant) {
  const keys::GrantExtra extra = keys::split_extra(grant.extra_json);
  append_at_most(fields, kIdentityBytesMax, [&grant, &extra](char* at) {
    at = put_text_field(at, "X-Auth-Key-Id: ", grant.id_json);
    at = put_text_field(at, "X-Auth-Key-Name: ", grant.name_json);
    at = put_text_field(at, "X-Auth-Owner: ", extra.owner_json);
    return put_scopes_field(at, "X-Auth-Scopes: ", extra.scopes_json);
  });
}

Denial denial_of(metrics::Verdict verdict) {
  return {401, verdict, "invalid_token", keys::kRefusedJson};
}

void append_challenge(std::string& fields, const Denial& denial, std::string_view required) {
  fields += R"(WWW-Authenticate: Bearer realm="heare-auth")";
  if (!denial.error.empty()) append(fields, R"(, error=")", denial.error, "\"");
  auto words = required;
  if (!take_good_scope(words).empty()) {
    fields += R"(, scope=")";
    append_at_most(fields, kValueBytesMax,
                   [&required](char* at) { return put_words(at, [&required] { return take_good_scope(required); }); });
    fields += '"';
  }
  append(fields, "\r\nX-Auth-Reason: ", to_string(denial.verdict), "\r\n");
}

}  // namespace heare::http
