#pragma once

#include <string>
#include <string_view>

#include "app/terminal.h"

/// Colours, for the few words that are to catch the eye. Only where the terminal has them; the text is the same
/// without.
namespace heare::app {

enum class Colour { none, red, yellow, green };

std::string in_colour(std::string_view text, Colour colour);

/// What a key's status is shown in: one that is refused stands out.
Colour colour_of_status(std::string_view status);

/// Prints what a command was asked for; a mark that a line begins with (✓, ✗, !, ⚠️) is in its colour.
void print_marked(Terminal& terminal, std::string_view lines);

}  // namespace heare::app
