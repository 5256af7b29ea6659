#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "app/generate.h"

namespace heare::app {
namespace {

/// A place for what differs from command to command. Bash makes words of their own of `=`: they are put aside first.
constexpr std::string_view kBeforeCommands = R"(# bash completion for {program}, made by `{program} generate bash`
_heare_auth() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} option=${{COMP_WORDS[COMP_CWORD - 1]}} command=${{COMP_WORDS[1]}}
    local options='' values='' files=''
    if [[ $current == = ]]; then
        current=''
    elif [[ $option == = ]]; then
        option=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W '{commands} {options}' -- "$current")
        return
    fi
    case $command in
)";
constexpr std::string_view kAfterCommands = R"(        *) return ;;
    esac
    if [[ $values ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
    elif [[ $current == -* && $options ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    elif [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}}
complete -F _heare_auth {program}
)";

std::string case_of(const std::vector<std::string>& options, std::string_view what) {
  if (options.empty()) return "";
  return fmt::format("                {}) {} ;;\n", fmt::join(options, " | "), what);
}

/// What follows an option of the command, and what it takes elsewhere.
std::string cases_of(const CommandInfo& command) {
  std::vector<std::string> names;
  std::vector<std::string> of_files;
  std::vector<std::string> of_texts;
  std::string cases;
  bool takes_file = false;
  for (const OptionInfo& option : command.options) {
    if (option.is_argument) {
      takes_file = takes_file || option.is_file();
      continue;
    }
    names.push_back(option.name);
    if (option.value.empty()) continue;
    if (const auto values = option.values(); !values.empty()) {
      cases += case_of({option.name}, fmt::format("values='{}'", fmt::join(values, " ")));
    } else {
      (option.is_file() ? of_files : of_texts).push_back(option.name);
    }
  }
  cases += case_of(of_files, "files=yes options=''");
  cases += case_of(of_texts, "return");
  const std::string by_option =
      cases.empty() ? "" : fmt::format("            case $option in\n{}            esac\n", cases);
  return fmt::format("        {})\n            options='{}'{}\n{}            ;;\n", command.name, fmt::join(names, " "),
                     takes_file ? " files=yes" : "", by_option);
}

}  // namespace

std::string bash_completion(const ProgramInfo& program) {
  std::vector<std::string> commands;
  std::vector<std::string> options;
  for (const CommandInfo& command : program.commands) commands.push_back(command.name);
  for (const OptionInfo& option : program.options) options.push_back(option.name);
  std::string text =
      fmt::format(kBeforeCommands, fmt::arg("program", program.name), fmt::arg("commands", fmt::join(commands, " ")),
                  fmt::arg("options", fmt::join(options, " ")));
  for (const CommandInfo& command : program.commands) text += cases_of(command);
  return text + fmt::format(kAfterCommands, fmt::arg("program", program.name));
}

}  // namespace heare::app
