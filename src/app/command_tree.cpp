#include "app/command_tree.h"

#include <algorithm>

namespace heare::app {
namespace {

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

bool is_variable(std::string_view word) {
  return !word.empty() &&
         std::ranges::all_of(word, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

std::vector<std::string> OptionInfo::values() const {
  return value.contains('|') ? split(value, "|") : std::vector<std::string>();
}

bool OptionInfo::is_file() const {
  return value == "PATH" || (is_argument && name == "FILE");
}

std::vector<std::string> variables_in(std::string_view help) {
  const size_t open = help.rfind('(');
  const size_t close = help.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  std::vector<std::string> variables = split(help.substr(open + 1, close - open - 1), ", ");
  std::erase_if(variables, [](const std::string& word) { return !is_variable(word); });
  return variables;
}

}  // namespace heare::app
