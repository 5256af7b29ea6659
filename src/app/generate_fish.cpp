#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/generate.h"

namespace heare::app {
namespace {

constexpr std::string_view kFunctions = R"(# fish completion for {0}, made by `{0} generate fish`
function __heare_auth_without_command
    test (count (commandline -opc)) -eq 1
end
function __heare_auth_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end
complete -c {0} -f
)";

/// In single quotes, for the shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// What is taken besides the name; -F: files, also where they are off elsewhere.
std::string value_of(const OptionInfo& option) {
  if (option.value.empty()) return "";
  if (option.is_file()) return " -r -F";
  const auto values = option.values();
  return values.empty() ? " -x" : fmt::format(" -x -a {}", quoted(fmt::format("{}", fmt::join(values, " "))));
}

std::string line_of(const ProgramInfo& program, const OptionInfo& option, std::string_view condition) {
  const std::string beginning = fmt::format("complete -c {} -n {}", program.name, quoted(condition));
  if (option.is_argument) return option.is_file() ? beginning + " -F\n" : "";
  const std::string short_name = option.short_name.empty() ? "" : " -s " + option.short_name.substr(1);
  return fmt::format("{}{} -l {}{} -d {}\n", beginning, short_name, option.name.substr(2), value_of(option),
                     quoted(option.help));
}

/// Each option once, with all commands that take it.
std::vector<std::pair<OptionInfo, std::vector<std::string>>> shared_options(const ProgramInfo& program) {
  std::vector<std::pair<OptionInfo, std::vector<std::string>>> shared;
  for (const CommandInfo& command : program.commands) {
    for (const OptionInfo& option : command.options) {
      auto same = std::ranges::find(shared, option, [](const auto& known) -> const OptionInfo& { return known.first; });
      if (same == shared.end()) same = shared.insert(shared.end(), {option, {}});
      same->second.push_back(command.name);
    }
  }
  return shared;
}

}  // namespace

std::string fish_completion(const ProgramInfo& program) {
  constexpr std::string_view kWithoutCommand = "__heare_auth_without_command";
  std::string text = fmt::format(kFunctions, program.name);
  for (const CommandInfo& command : program.commands) {
    text += fmt::format("complete -c {} -n {} -a {} -d {}\n", program.name, quoted(kWithoutCommand), command.name,
                        quoted(command.summary));
  }
  for (const OptionInfo& option : program.options) text += line_of(program, option, kWithoutCommand);
  for (const auto& [option, commands] : shared_options(program)) {
    text += line_of(program, option, fmt::format("__heare_auth_command {}", fmt::join(commands, " ")));
  }
  return text;
}

}  // namespace heare::app
