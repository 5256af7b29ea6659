#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Texts as they stand on a screen. All are well-formed UTF-8, as `printable` makes them.
namespace heare::app {

/// The code point of a well-formed sequence, which is all of `sequence`.
char32_t code_point(std::string_view sequence);

/// Columns that `text` takes on a screen: two for each wide character (UAX 11: East Asian, emoji), none for what
/// combines with the character before it.
size_t columns_of(std::string_view text);

/// `text`, or where it takes more than `columns` as much of its beginning as fits before a `…`. Empty for no columns.
std::string cut_to_columns(std::string_view text, size_t columns);

/// `text` with the letters of Latin, Greek and Cyrillic made small, for comparing whatever the case.
std::string fold_case(std::string_view text);

}  // namespace heare::app
