#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace heare {

/// Length in bytes of the UTF-8 sequence that `text` begins with (Unicode 15, table 3-7: no surrogates, no overlong
/// forms, nothing past U+10FFFF), or 0 where it begins with none. `text` is not empty.
size_t utf8_sequence_length(std::string_view text);

/// True where all of `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// Unicode scalar values in well-formed UTF-8.
size_t count_characters(std::string_view utf8);

/// Appends `text` as a JSON string with its quotes (RFC 8259): quotes, backslashes, control characters and U+007F
/// escaped, and so are U+0080 to U+009F and the separators U+2028 and U+2029; each byte that is not UTF-8 replaced by
/// U+FFFD, all else as it is. The result always parses, and is one line for every reader.
void append_json_string(std::string& out, std::string_view text);

namespace internal {

inline std::string_view view(std::string_view text) {
  return text;
}
/// A literal: its length is known without looking for its end.
template <size_t N>
constexpr std::string_view view(const char (&text)[N]) {
  return {text, N - 1};
}
/// No literal: what of it counts, nobody knows.
template <size_t N>
std::string_view view(char (&buffer)[N]) = delete;
bool same_size_equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace internal

/// Appends all parts, growing `out` once at most: what answers and log lines are put together with, many times faster
/// than formatting.
template <typename... Parts>
void append(std::string& out, const Parts&... parts) {
  const size_t before = out.size();
  const size_t after = before + (internal::view(parts).size() + ...);
  out.resize_and_overwrite(after, [&](char* text, size_t) {
    char* at = text + before;
    const auto put = [&at](std::string_view part) { at = std::copy_n(part.data(), part.size(), at); };
    (put(internal::view(parts)), ...);
    return after;
  });
}

/// Without the white space of ASCII around it.
std::string_view trimmed(std::string_view text);

/// With ASCII letters in lower case, and all else as it is.
std::string ascii_lower(std::string_view text);

/// ASCII letters only, whatever the locale.
inline bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() && internal::same_size_equal_ignoring_case(left, right);
}

}  // namespace heare
