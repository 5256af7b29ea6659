#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace heare::app {

/// The candidate that somebody who typed `word` most likely meant: the nearest by edit distance (a letter too many, too
/// few, another, or two swapped), the first of equals. Nothing where none is near.
std::optional<std::string> suggest(std::string_view word, std::span<const std::string> candidates);

}  // namespace heare::app
