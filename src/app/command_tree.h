#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The options of every command, as `--help` tells them: what man page and completions are made of.
namespace heare::app {

struct OptionInfo {
  /// `--detailed`, and `-d` where there is one; of an argument its name, `KEY_ID`.
  std::string name;
  std::string short_name;
  bool is_argument = false;
  /// What stands for its value, `DURATION` or `plain|hashed`; empty where it takes none.
  std::string value;
  bool repeatable = false;
  std::string help;
  /// The heading of its group; empty for the command's own.
  std::string group;

  /// The values that it takes, where they can be told.
  std::vector<std::string> values() const;
  /// Its value is a file's name.
  bool is_file() const;
  bool operator==(const OptionInfo&) const = default;
};

struct CommandInfo {
  std::string name;
  std::string summary;
  std::string footer;
  std::vector<OptionInfo> options;
};

/// All of the command line.
struct ProgramInfo {
  std::string name;
  std::string summary;
  std::string version;
  /// Of the version's release, `2026-01-20`; empty before it.
  std::string date;
  std::vector<OptionInfo> options;
  std::vector<CommandInfo> commands;
};

/// The environment variables that an option's help names in brackets: `(S3_KEY, default keys.json)`.
std::vector<std::string> variables_in(std::string_view help);

}  // namespace heare::app
