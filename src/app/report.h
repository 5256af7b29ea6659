#pragma once

#include <string>
#include <string_view>

#include "app/terminal.h"
#include "base/error.h"

/// What a command answers to the shell, and how it says that something went wrong.
namespace heare::app {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitMisuse = 2;
inline constexpr int kExitUnknownOutcome = 3;
/// Of `verify`, whose failure means that a secret is refused: whether it is could not be told.
inline constexpr int kExitCannotTell = 4;

/// `text` as a message may hold it: printable, and with only the first letters of whatever looks like a secret. A
/// secret that was typed in the wrong place must not get into messages that quote what was typed.
std::string safe_message(std::string_view text);

/// Prints `Error: …`.
void report_error(Terminal& terminal, std::string_view message);

/// Prints `Error: …` and gives the exit code: failed, or unknown outcome where the error is that.
int report_failure(Terminal& terminal, const Error& error);

/// The same for the options, variables and fields that a command was given: wrong usage where the value itself is
/// wrong, failed where it names something that cannot be read.
int report_bad_option(Terminal& terminal, const Error& error);

/// Prints `⚠️  Warning: …` and goes on.
void warn(Terminal& terminal, std::string_view message);

}  // namespace heare::app
