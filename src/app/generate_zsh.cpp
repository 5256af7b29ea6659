#include <string_view>

#include <fmt/format.h>

#include "app/generate.h"

namespace heare::app {
namespace {

constexpr std::string_view kBeforeCommands = R"(#compdef {0}
# zsh completion for {0}, made by `{0} generate zsh`
_heare-auth() {{
  local context state state_descr line ret=1
  typeset -A opt_args
  local -a commands=(
)";
constexpr std::string_view kBetween = R"(  )
  _arguments -C \
{}    ': :->command' \
    '*:: :->arguments' && ret=0
  case $state in
  command)
    _describe -t commands command commands && ret=0
    ;;
  arguments)
    case $words[1] in
)";
constexpr std::string_view kAfterCommands = R"(    esac
    ;;
  esac
  return ret
}

if [[ $funcstack[1] == _heare-auth ]]; then
  _heare-auth "$@"
else
  compdef _heare-auth )";

/// `text` with a backslash before each of `special`.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.contains(c)) out += '\\';
    out += c;
  }
  return out;
}

/// In single quotes, for the shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

/// What completes an option's value: `:message:action`.
std::string action_of(const OptionInfo& option) {
  if (option.is_argument) return option.is_file() ? ":" + option.name + ":_files" : ":" + option.name + ": ";
  if (option.value.empty()) return "";
  if (option.is_file()) return ":" + option.value + ":_files";
  const auto values = option.values();
  if (values.empty()) return ":" + option.value + ": ";
  return fmt::format(":value:({})", fmt::join(values, " "));
}

/// An argument of _arguments. A short name and the long one exclude each other.
std::string spec_of(const OptionInfo& option) {
  if (option.is_argument) return quoted(action_of(option));
  const std::string rest = fmt::format("[{}]{}", escaped(option.help, "\\[]:"), action_of(option));
  const std::string equals = option.value.empty() ? "" : "=";
  if (option.short_name.empty()) return quoted((option.repeatable ? "*" : "") + option.name + equals + rest);
  return fmt::format("'({0} {1})'{{{0},{1}}}{2}", option.short_name, option.name, quoted(equals + rest));
}

}  // namespace

std::string zsh_completion(const ProgramInfo& program) {
  std::string text = fmt::format(kBeforeCommands, program.name);
  for (const CommandInfo& command : program.commands) {
    text += fmt::format("    {}\n", quoted(command.name + ":" + escaped(command.summary, "\\:")));
  }
  std::string options;
  for (const OptionInfo& option : program.options) options += fmt::format("    {} \\\n", spec_of(option));
  text += fmt::format(kBetween, options);
  for (const CommandInfo& command : program.commands) {
    text += fmt::format("    {})\n      _arguments", command.name);
    for (const OptionInfo& option : command.options) text += fmt::format(" \\\n        {}", spec_of(option));
    text += " && ret=0\n      ;;\n";
  }
  return text + std::string(kAfterCommands) + program.name + "\nfi\n";
}

}  // namespace heare::app
