#include "app/command_line.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/command_options.h"
#include "app/suggestion.h"
#include "app/version.h"

namespace heare::app {
namespace {

constexpr std::string_view kProgram = "heare-auth";
constexpr size_t kHelpColumn = 34;

// --- Help

/// CLI11's layout, with the positional that a command needs in its usage, and one blank line between groups, not two.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() {
    column_width(kHelpColumn);
    label("Positionals", "Arguments");
  }

  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string usage = fmt::format("\nUsage: {}", name);
    for (const CLI::Option* const option : app->get_options()) {
      if (option->get_positional()) usage += " " + option->get_name(true);
    }
    return usage + " [OPTIONS]\n";
  }

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
    for (size_t at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n")) text.erase(at, 1);
    while (text.ends_with("\n\n")) text.pop_back();
    return text;
  }
};

// --- Reading one command's arguments

std::string help_command(std::string_view command) {
  return fmt::format("{} {} --help", kProgram, command);
}

bool takes_value(const CLI::Option& option) {
  return option.get_expected_max() > 0;
}

/// True for the few options that may be given more than once.
bool is_list(const CLI::Option& option) {
  return option.get_type_name() == kListTypeName;
}

/// What CLI11 has against the arguments, in words of ours: its own may quote them, and one may be a secret. It names
/// the option only in its text; of the names that are found there the longest is meant, as one may begin like another.
std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
  const std::string text = error.what();
  const CLI::Option* meant = nullptr;
  for (const CLI::Option* const option : app.get_options()) {
    const std::string name = option->get_name();
    if (text.find(name) == std::string::npos) continue;
    if (meant == nullptr || name.size() > meant->get_name().size()) meant = option;
  }
  if (meant == nullptr) return "the arguments cannot be read";
  return meant->get_name() + (takes_value(*meant) ? ": a value is missing" : ": takes no value");
}

std::vector<std::string> long_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string with_suggestion(std::string message, const std::optional<std::string>& suggestion) {
  return suggestion ? fmt::format("{}, did you mean '{}'?", message, *suggestion) : message;
}

/// A secret is what these commands read, and so what somebody may give them as an argument: it is not quoted, nor where
/// it begins with a dash.
template <class Flags>
constexpr bool kReadsSecret = std::is_same_v<Flags, VerifyFlags> || std::is_same_v<Flags, InspectFlags>;

bool takes_positional(const CLI::App& app) {
  return std::ranges::any_of(app.get_options(), [](const CLI::Option* option) { return option->get_positional(); });
}

/// The complaint about arguments that no option or positional took.
std::string leftover(const CLI::App& app, bool reads_secret) {
  std::vector<std::string> rest = app.remaining();
  std::erase(rest, "--");
  if (reads_secret && std::ranges::any_of(rest, [](const std::string& text) { return !text.starts_with("--"); })) {
    return "unexpected argument; the secret is read from standard input";
  }
  const auto option = std::ranges::find_if(rest, [](const std::string& text) { return text.starts_with('-'); });
  if (option != rest.end()) {
    const std::string name = option->substr(0, option->find('='));
    return with_suggestion(fmt::format("unknown option '{}'", name), suggest(name, long_names(app)));
  }
  if (rest.empty()) return "";
  // Where none is taken, whatever stands there may be a secret as well.
  if (!takes_positional(app)) return "unexpected argument, this command takes options only";
  return fmt::format("unexpected argument '{}'", rest.front());
}

std::string given_twice(const CLI::App& app) {
  for (const CLI::Option* const option : app.get_options()) {
    if (is_list(*option) || !takes_value(*option) || option->get_positional()) continue;
    if (option->count() > 1) return option->get_name() + ": given more than once";
  }
  return "";
}

struct Command {
  std::string name;
  const char* summary;
  std::expected<Invocation, Misuse> (*parse)(const Command&, std::vector<std::string>);
};

template <class Flags>
std::expected<Invocation, Misuse> parse_command(const Command& command, std::vector<std::string> arguments) {
  Flags flags;
  CLI::App app(command.summary, fmt::format("{} {}", kProgram, command.name));
  app.set_help_flag("--help,-h", "Print this help");
  app.formatter(std::make_shared<HelpFormatter>());
  app.allow_extras();
  declare(app, flags);
  const auto misuse = [&command](std::string message) {
    return std::unexpected(Misuse{std::move(message), help_command(command.name)});
  };
  try {
    std::ranges::reverse(arguments);  // as CLI11 wants them
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {  // exceptions are the way in which this library answers
    return Help{app.help()};
  } catch (const CLI::ParseError& error) {
    return misuse(complaint(app, error));
  }
  if (std::string message = leftover(app, kReadsSecret<Flags>); !message.empty()) return misuse(std::move(message));
  if (std::string message = given_twice(app); !message.empty()) return misuse(std::move(message));
  return flags;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"serve", "Run the service that verifies API keys", parse_command<ServeFlags>},
      {"create", "Create an API key and print its secret, once", parse_command<CreateFlags>},
      {"list", "List the API keys", parse_command<ListFlags>},
      {"show", "Show one API key", parse_command<ShowFlags>},
      {"update", "Change what a key says: name, owner, scopes, expiry, metadata", parse_command<UpdateFlags>},
      {"enable", "Make a disabled key good again", parse_command<EnableFlags>},
      {"disable", "Refuse a key until it is enabled again", parse_command<DisableFlags>},
      {"rotate", "Give a key a new secret and print it, once", parse_command<RotateFlags>},
      {"delete", "Delete an API key", parse_command<DeleteFlags>},
      {"verify", "Tell whether the secret on standard input is good, without a service", parse_command<VerifyFlags>},
      {"inspect", "Tell what the id or secret on standard input says of itself", parse_command<InspectFlags>},
      {"import", "Add keys from JSON lines or from another document", parse_command<ImportFlags>},
      {"export", "Print all keys as JSON lines, secrets included", parse_command<ExportFlags>},
      {"migrate", "Hash the secrets in the document, or encrypt it anew", parse_command<MigrateFlags>},
      {"refresh", "Make the running service load the keys anew", parse_command<RefreshCommandFlags>},
      {"doctor", "Check the store: access, the document, and that no write can be lost", parse_command<DoctorFlags>},
      {"health", "Ask whether the service is running", parse_command<HealthFlags>},
  };
  return all;
}

// --- Finding the command

std::string program_help() {
  std::string text = fmt::format(
      "A self-hosted API key service\n\n"
      "Usage: {} COMMAND [OPTIONS]\n\nCommands:\n",
      kProgram);
  for (const Command& command : commands()) text += fmt::format("  {:<16}{}\n", command.name, command.summary);
  return text + fmt::format(
                    "\nOptions:\n"
                    "  -h,--help       Print this help; `{0} COMMAND --help` tells a command's options\n"
                    "  --version       Print the version\n\n"
                    "An option wins over its environment variable, and that over ~/.heare-auth.toml.\n",
                    kProgram);
}

std::string unknown_command(const std::string& name) {
  if (name.starts_with('-')) {
    return fmt::format("unknown option '{}', options go after the command", name.substr(0, name.find('=')));
  }
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  return with_suggestion(fmt::format("unknown command '{}'", name), suggest(name, names));
}

}  // namespace

std::expected<Invocation, Misuse> parse_command_line(std::span<const char* const> arguments) {
  if (arguments.empty()) return Help{program_help(), false};
  const std::string name = arguments.front();
  if (name == "--help" || name == "-h") return Help{program_help()};
  if (name == "--version") return Help{fmt::format("{} {}\n", kProgram, kVersion)};
  const auto command = std::ranges::find(commands(), name, &Command::name);
  if (command == commands().end()) return std::unexpected(Misuse{unknown_command(name), "heare-auth --help"});
  return command->parse(*command, std::vector<std::string>(arguments.begin() + 1, arguments.end()));
}

}  // namespace heare::app
