#pragma once

#include <span>
#include <string>

#include "app/command_tree.h"
#include "app/flags.h"
#include "base/error.h"

namespace heare::app {

/// Why a command line is none.
struct Misuse {
  std::string message;
  /// What to type to learn more: `heare-auth create --help`.
  std::string help_command;
};

/// Reads the arguments after the program's name. Values stay texts: what they mean is for the configuration to say.
std::expected<Invocation, Misuse> parse_command_line(std::span<const char* const> arguments);

/// What can be said on the command line, walked from the options that it is read by.
ProgramInfo describe_program();

}  // namespace heare::app
