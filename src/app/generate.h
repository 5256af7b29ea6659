#pragma once

#include <string>

#include "app/command_tree.h"

/// Files that come with the program, made of its command line so that they never tell anything else than it does.
namespace heare::app {

/// heare-auth(1) for man, in the macros of man(7).
std::string man_page(const ProgramInfo& program);

/// Completions: for `source`, and for the folders that each shell looks in.
std::string bash_completion(const ProgramInfo& program);
std::string zsh_completion(const ProgramInfo& program);
std::string fish_completion(const ProgramInfo& program);

}  // namespace heare::app
