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
#include "app/generate.h"
#include "app/suggestion.h"
#include "app/version.h"

namespace heare::app {
namespace {

constexpr std::string_view kProgram = "heare-auth";
constexpr std::string_view kSummary = "A self-hosted API key service";
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
  CommandInfo (*describe)(const Command&);
};

/// The command's options, the same for everything that is made of them.
template <class Flags>
std::unique_ptr<CLI::App> declared(const Command& command, Flags& flags) {
  auto app = std::make_unique<CLI::App>(command.summary, fmt::format("{} {}", kProgram, command.name));
  app->set_help_flag("--help,-h", "Print this help");
  declare(*app, flags);
  return app;
}

template <class Flags>
std::expected<Invocation, Misuse> parse_command(const Command& command, std::vector<std::string> arguments) {
  Flags flags;
  const std::unique_ptr<CLI::App> declaration = declared(command, flags);
  CLI::App& app = *declaration;
  app.formatter(std::make_shared<HelpFormatter>());
  app.allow_extras();
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

OptionInfo info_of(const CLI::App& app, const CLI::Option& option) {
  OptionInfo info;
  info.name = option.get_name();
  if (!option.get_snames().empty()) info.short_name = "-" + option.get_snames().front();
  info.is_argument = option.get_positional();
  if (takes_value(option) && !info.is_argument) info.value = option.get_type_name();
  info.repeatable = is_list(option);
  info.help = option.get_description();
  // The group that options are in unless they are put elsewhere.
  if (option.get_group() != app.get_help_ptr()->get_group()) info.group = option.get_group();
  return info;
}

template <class Flags>
CommandInfo describe_command(const Command& command) {
  Flags flags;
  const std::unique_ptr<CLI::App> app = declared(command, flags);
  CommandInfo info = {command.name, command.summary, app->get_footer(), {}};
  while (info.footer.starts_with('\n')) info.footer.erase(0, 1);
  for (const CLI::Option* const option : std::as_const(*app).get_options())
    info.options.push_back(info_of(*app, *option));
  return info;
}

template <class Flags>
Command command_of(std::string name, const char* summary) {
  return {std::move(name), summary, parse_command<Flags>, describe_command<Flags>};
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      command_of<ServeFlags>("serve", "Run the service that verifies API keys"),
      command_of<CreateFlags>("create", "Create an API key and print its secret, once"),
      command_of<ListFlags>("list", "List the API keys"),
      command_of<ShowFlags>("show", "Show one API key"),
      command_of<UpdateFlags>("update", "Change what a key says: name, owner, scopes, expiry, metadata"),
      command_of<EnableFlags>("enable", "Make a disabled key good again"),
      command_of<DisableFlags>("disable", "Refuse a key until it is enabled again"),
      command_of<RotateFlags>("rotate", "Give a key a new secret and print it, once"),
      command_of<DeleteFlags>("delete", "Delete an API key"),
      command_of<VerifyFlags>("verify", "Tell whether the secret on standard input is good, without a service"),
      command_of<InspectFlags>("inspect", "Tell what the id or secret on standard input says of itself"),
      command_of<ImportFlags>("import", "Add keys from JSON lines or from another document"),
      command_of<ExportFlags>("export", "Print all keys as JSON lines, secrets included"),
      command_of<MigrateFlags>("migrate", "Hash the secrets in the document, or encrypt it anew"),
      command_of<RefreshCommandFlags>("refresh", "Make the running service load the keys anew"),
      command_of<DoctorFlags>("doctor", "Check the store: access, the document, and that no write can be lost"),
      command_of<HealthFlags>("health", "Ask whether the service is running"),
  };
  return all;
}

// --- Finding the command

std::string program_help() {
  std::string text = fmt::format(
      "{}\n\n"
      "Usage: {} COMMAND [OPTIONS]\n\nCommands:\n",
      kSummary, kProgram);
  for (const Command& command : commands()) text += fmt::format("  {:<16}{}\n", command.name, command.summary);
  return text + fmt::format(
                    "\nOptions:\n"
                    "  -h,--help       Print this help; `{0} COMMAND --help` tells a command's options\n"
                    "  --version       Print the version\n\n"
                    "An option wins over its environment variable, and that over ~/.heare-auth.toml.\n",
                    kProgram);
}

// --- Files made of the command line

struct Generator {
  std::string_view name;
  std::string (*make)(const ProgramInfo&);
};

constexpr Generator kGenerators[] = {
    {"man", man_page}, {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};

/// `generate`, a command for whoever builds the program; no help tells of it.
std::expected<Invocation, Misuse> generate(std::span<const char* const> arguments) {
  const std::string_view what = arguments.size() == 1 ? arguments.front() : "";
  const auto* const generator = std::ranges::find(kGenerators, what, &Generator::name);
  if (generator == std::end(kGenerators)) {
    return std::unexpected(Misuse{"generate: give man, bash, zsh or fish", "heare-auth --help"});
  }
  return Help{generator->make(describe_program())};
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

ProgramInfo describe_program() {
  const auto program_option = [](std::string name, std::string short_name, std::string help) {
    OptionInfo info;
    info.name = std::move(name);
    info.short_name = std::move(short_name);
    info.help = std::move(help);
    return info;
  };
  ProgramInfo program = {
      std::string(kProgram), std::string(kSummary), std::string(kVersion), std::string(kVersionDate), {}, {}};
  program.options = {program_option("--help", "-h", "Print the help, of the program or of a command"),
                     program_option("--version", "", "Print the version")};
  for (const Command& command : commands()) program.commands.push_back(command.describe(command));
  return program;
}

std::expected<Invocation, Misuse> parse_command_line(std::span<const char* const> arguments) {
  if (arguments.empty()) return Help{program_help(), false};
  const std::string name = arguments.front();
  if (name == "--help" || name == "-h") return Help{program_help()};
  if (name == "--version") return Help{fmt::format("{} {}\n", kProgram, kVersion)};
  if (name == "generate") return generate(arguments.subspan(1));
  const auto command = std::ranges::find(commands(), name, &Command::name);
  if (command == commands().end()) return std::unexpected(Misuse{unknown_command(name), "heare-auth --help"});
  return command->parse(*command, std::vector<std::string>(arguments.begin() + 1, arguments.end()));
}

}  // namespace heare::app
