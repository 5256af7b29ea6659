#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "app/display_text.h"
#include "app/generate.h"
#include "base/text.h"

namespace heare::app {
namespace {

// --- roff

/// `text` so that roff prints just that; what stands between backquotes is bold.
std::string roff(std::string_view text) {
  std::string out;
  bool bold = false;
  while (!text.empty()) {
    const std::string_view sequence = text.substr(0, std::max<size_t>(utf8_sequence_length(text), 1));
    text.remove_prefix(sequence.size());
    if (sequence == "`") {
      bold = !bold;
      out += bold ? "\\fB" : "\\fR";
    } else if (sequence == "\\") {
      out += "\\e";
    } else if (sequence == "-") {
      out += "\\-";
    } else if (sequence == "'") {
      out += "\\(aq";
    } else if (sequence == "\"") {
      out += "\\(dq";
    } else if (sequence == "~") {
      out += "\\(ti";
    } else if (sequence == "^") {
      out += "\\(ha";
    } else if (sequence.size() > 1) {
      out += fmt::format("\\[u{:04X}]", static_cast<uint32_t>(code_point(sequence)));
    } else {
      out += sequence;
    }
  }
  // A line that begins with a dot would be a request.
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string bold(std::string_view text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string italic(std::string_view text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string section(std::string_view title) {
  return fmt::format(".SH {}\n", title);
}

std::string subsection(std::string_view title) {
  return fmt::format(".SS {}\n", title);
}

/// A tagged paragraph; `tag` is roff already.
std::string item(std::string_view tag, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", tag, text);
}

std::string paragraph(std::string_view text) {
  return fmt::format(".PP\n{}\n", text);
}

// --- Options

/// `-d, --detailed`, `--sort name|id`.
std::string tag_of(const OptionInfo& option) {
  if (option.is_argument) return italic(option.name);
  std::string tag = option.short_name.empty() ? "" : bold(option.short_name) + ", ";
  tag += bold(option.name);
  if (option.value.empty()) return tag;
  const auto values = option.values();
  if (values.empty()) return tag + " " + italic(option.value);
  tag += " ";
  for (const std::string& value : values) tag += (&value == &values.front() ? "" : "|") + bold(value);
  return tag;
}

std::string item_of(const OptionInfo& option) {
  return item(tag_of(option), roff(option.help + "."));
}

template <class T>
void append_new(std::vector<T>& all, const T& value) {
  if (std::ranges::find(all, value) == all.end()) all.push_back(value);
}

/// The groups of options in the order in which they are first met. A group is the same in all commands that have it.
std::vector<std::string> groups_of(const ProgramInfo& program) {
  std::vector<std::string> groups;
  for (const CommandInfo& command : program.commands) {
    for (const OptionInfo& option : command.options) {
      if (!option.group.empty()) append_new(groups, option.group);
    }
  }
  return groups;
}

/// Every option of the group, once.
std::string group_items(const ProgramInfo& program, const std::string& group) {
  std::vector<OptionInfo> options;
  for (const CommandInfo& command : program.commands) {
    for (const OptionInfo& option : command.options) {
      if (option.group == group) append_new(options, option);
    }
  }
  std::string text;
  for (const OptionInfo& option : options) text += item_of(option);
  return text;
}

std::string synopsis_of(const ProgramInfo& program, const CommandInfo& command) {
  std::string text = bold(program.name + " " + command.name);
  for (const OptionInfo& option : command.options) {
    if (option.is_argument) text += " " + italic(option.name);
  }
  return text + " [" + italic("OPTIONS") + "]";
}

std::string text_of(const ProgramInfo& program, const CommandInfo& command) {
  std::string text =
      subsection(command.name) + synopsis_of(program, command) + "\n" + paragraph(roff(command.summary + "."));
  std::vector<std::string> groups;
  for (const OptionInfo& option : command.options) {
    if (option.name == "--help") continue;
    if (option.group.empty()) {
      text += item_of(option);
    } else {
      append_new(groups, option.group);
    }
  }
  if (!command.footer.empty()) {
    std::string footer = command.footer;
    std::ranges::replace(footer, '\n', ' ');
    text += paragraph(roff(footer));
  }
  if (!groups.empty()) {
    text += paragraph(roff("And the options of “" + fmt::format("{}", fmt::join(groups, "” and “")) + "”, below."));
  }
  return text;
}

// --- What no option tells

struct Entry {
  std::string_view tag;
  std::string_view text;
};

constexpr Entry kOtherVariables[] = {
    {"STORAGE_SECRET_PREVIOUS", "Tried after STORAGE_SECRET for reading a document, never for writing one."},
    {"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", "Credentials for S3; these go before others."},
    {"AWS_PROFILE, AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE", "Which profile of which files has the credentials."},
    {"PROTOCOL, DEST_HOST, DEST_PORT, SECRET",
     "Where `serve` sends its statistics: with PROTOCOL http, to DEST_HOST and DEST_PORT, as user SECRET."},
    {"NO_COLOR", "No colours, whatever the terminal knows."},
    {"XDG_DATA_HOME", "Where the embedded store is, in place of ~/.local/share."},
};

constexpr Entry kFiles[] = {
    {"~/.heare-auth.toml",
     "Values for every command, in a table [default]: store, s3_bucket, s3_key, s3_region, endpoint_url, refresh_url, "
     "storage_secret_file. An option goes before its variable, and that before this file."},
    {"~/.local/share/heare-auth/keys.json", "The document, where neither a store nor a bucket is named."},
    {"~/.aws/credentials, ~/.aws/config", "Credentials and region for S3, as the tools of AWS keep them."},
};

constexpr Entry kExitCodes[] = {
    {"0", "Done."},
    {"1", "Failed; standard error says why. Of `verify`: the secret is refused."},
    {"2", "Wrong usage or a bad value."},
    {"3", "Unknown: a write was sent, and whether it took effect could not be told. The message says how to find out."},
    {"4", "Of `verify`: could not be told, as the store or the document failed."},
};

std::string items(std::span<const Entry> entries) {
  std::string text;
  for (const Entry& entry : entries) text += item(bold(entry.tag), roff(entry.text));
  return text;
}

/// Each variable that stands for an option, with that option.
std::string environment(const ProgramInfo& program) {
  std::map<std::string, std::vector<std::string>> options_of;
  for (const CommandInfo& command : program.commands) {
    for (const OptionInfo& option : command.options) {
      for (const std::string& variable : variables_in(option.help)) append_new(options_of[variable], option.name);
    }
  }
  std::string text = "A variable that is set but empty counts as not set.\n";
  for (const auto& [variable, options] : options_of) {
    text += item(bold(variable), fmt::format("Stands for {}.", bold(fmt::format("{}", fmt::join(options, ", ")))));
  }
  return text + items(kOtherVariables);
}

}  // namespace

std::string man_page(const ProgramInfo& program) {
  std::string text = fmt::format(".\\\" Made by `{0} generate man`.\n.TH {1} 1 \"{2}\" \"{0} {3}\" \"User Commands\"\n",
                                 program.name, roff("HEARE-AUTH"), program.date, program.version);
  // No hyphens in names that are to be copied, and no second space between words.
  text += ".nh\n.ad l\n";
  text += section("NAME") + fmt::format("{} \\- {}\n", roff(program.name), roff(program.summary));
  text += section("SYNOPSIS") + bold(program.name) + " " + italic("COMMAND") + " [" + italic("OPTIONS") + "]\n";
  text += section("DESCRIPTION") +
          roff(
              "Keeps API keys in one JSON document, in a file or in S3, and tells over HTTP whether a key is good and "
              "whose it is. `serve` runs the service; every other command reads or edits the document, or asks the "
              "service.") +
          "\n";
  for (const OptionInfo& option : program.options) text += item_of(option);
  text += section("COMMANDS");
  for (const CommandInfo& command : program.commands) text += text_of(program, command);
  text += section("COMMON OPTIONS");
  for (const std::string& group : groups_of(program)) text += subsection(roff(group)) + group_items(program, group);
  text += section("ENVIRONMENT") + environment(program);
  text += section("FILES") + items(kFiles);
  text += section("EXIT STATUS") + items(kExitCodes);
  return text;
}

}  // namespace heare::app
