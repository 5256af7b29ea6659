#include "app/command_line.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/suggestion.h"
#include "app/version.h"

namespace heare::app {
namespace {

constexpr std::string_view kProgram = "heare-auth";
constexpr size_t kHelpColumn = 34;

// --- Help
// -----------------------------------------------------------------------------------------------------------------

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

// --- Declaring options: every value is taken as text, once or more; `given_twice` refuses the second

CLI::Option* add_value(CLI::App& app, const std::string& names, const char* type, std::optional<std::string>& target,
                       const std::string& help) {
  const auto take = [&target](const CLI::results_t& values) {
    target = values.front();
    return true;
  };
  return app.add_option(names, take, help)->type_name(type)->expected(1)->take_all()->allow_extra_args(false);
}

void add_store_options(CLI::App& app, StoreFlags& flags) {
  const char* const group = "Where the keys are";
  add_value(app, "--store", "URL", flags.store, "file:///path/keys.json or s3://bucket/key (HEARE_AUTH_STORE)")
      ->group(group);
  add_value(app, "--bucket", "NAME", flags.bucket, "S3 bucket (S3_BUCKET)")->group(group);
  add_value(app, "--key", "KEY", flags.key, "S3 key of the document (S3_KEY, default keys.json)")->group(group);
  add_value(app, "--region", "NAME", flags.region, "AWS region (S3_REGION, AWS_REGION)")->group(group);
  add_value(app, "--endpoint-url", "URL", flags.endpoint_url, "S3 endpoint (AWS_ENDPOINT_URL_S3)")->group(group);
  add_value(app, "--ca-bundle", "PATH", flags.ca_bundle,
            "Certificate authorities in place of the system's (AWS_CA_BUNDLE)")
      ->group(group);
  add_value(app, "--timeout", "DURATION", flags.timeout,
            "For an edit, besides what a large document needs (default 30s)")
      ->group(group);
  app.add_flag("--unsafe-unconditional-writes", flags.unsafe_unconditional_writes,
               "Overwrite whatever is there; only for a store that knows no conditions, and one writer")
      ->group(group);
  add_value(app, "--storage-secret", "TEXT", flags.storage_secret,
            "Encrypts the document; better given as STORAGE_SECRET")
      ->group(group);
  add_value(app, "--storage-secret-file", "PATH", flags.storage_secret_file, "File that holds it (STORAGE_SECRET_FILE)")
      ->group(group);
}

void add_refresh_options(CLI::App& app, RefreshFlags& flags) {
  const char* const group = "The running service";
  add_value(app, "--refresh-url", "URL", flags.refresh_url,
            "Told of the change (REFRESH_URL, default http://localhost:$PORT/refresh)")
      ->group(group);
  app.add_flag("--no-refresh", flags.no_refresh, "Tell no service")->group(group);
}

void add_json(CLI::App& app, bool& json) {
  app.add_flag("--json", json, "Print one JSON document");
}

// --- The commands

void declare(CLI::App& app, ServeFlags& flags) {
  add_value(app, "--host", "ADDRESS", flags.host, "Address to listen on (HEARE_AUTH_HOST, default 127.0.0.1)");
  add_value(app, "--port", "PORT", flags.port, "Port to listen on (PORT, default 8080)");
  add_value(app, "--threads", "N", flags.threads, "Serving threads (HEARE_AUTH_THREADS, default one for each CPU)");
  add_value(app, "--refresh-interval", "DURATION", flags.refresh_interval,
            "Look for changes (HEARE_AUTH_REFRESH_INTERVAL, default 10s, 0 = never)");
  add_value(app, "--max-connections", "N", flags.max_connections, "Connections at a time (default 10000)");
  add_value(app, "--log-level", "LEVEL", flags.log_level,
            "debug, info, warning or error (HEARE_AUTH_LOG_LEVEL, default info)");
  add_value(app, "--drain-delay", "DURATION", flags.drain_delay,
            "When stopping, accept connections for this long (default 0)");
  add_value(app, "--cache-file", "PATH", flags.cache_file,
            "Last good document, served when the store fails at the start (HEARE_AUTH_CACHE_FILE)");
  add_value(app, "--max-stale", "DURATION", flags.max_stale,
            "Answer 503 once the store has not confirmed the keys for this long (HEARE_AUTH_MAX_STALE, default never)");
  app.add_flag("--check-config", flags.check_config, "Check the options and load the keys, then exit");
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, CreateFlags& flags) {
  add_value(app, "--name", "NAME", flags.name, "What the key is for; required");
  add_value(app, "--metadata", "JSON", flags.metadata, "A JSON object that every verification answers with");
  add_value(app, "--secret-type", "TYPE", flags.secret_type, "Default shared_secret");
  add_value(app, "--expires-at", "ISO8601", flags.expires_at,
            "Good until then, in UTC unless it says otherwise (default never)");
  add_value(app, "--secret-storage", "plain|hashed", flags.secret_storage,
            "How the secret is stored (HEARE_AUTH_SECRET_STORAGE, default as in the document)");
  add_json(app, flags.json);
  add_refresh_options(app, flags.refresh);
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, ListFlags& flags) {
  app.add_flag("--detailed,-d", flags.detailed, "Every field but the secret");
  add_json(app, flags.json);
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, ShowFlags& flags) {
  add_value(app, "KEY_ID", "", flags.key_id, "The key's id, as `heare-auth list` shows it");
  add_json(app, flags.json);
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, DeleteFlags& flags) {
  add_value(app, "KEY_ID", "", flags.key_id, "The key's id, as `heare-auth list` shows it");
  app.add_flag("--yes,-y", flags.yes, "Do not ask");
  add_json(app, flags.json);
  add_refresh_options(app, flags.refresh);
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, RefreshCommandFlags& flags) {
  add_value(app, "--url", "URL", flags.url, "The service (REFRESH_URL, default http://localhost:$PORT/refresh)");
  add_json(app, flags.json);
}

void declare(CLI::App& app, HealthFlags& flags) {
  add_value(app, "--url", "URL", flags.url, "The service (default http://localhost:$PORT/health)");
  add_json(app, flags.json);
}

void declare(CLI::App& app, DoctorFlags& flags) {
  add_json(app, flags.json);
  add_store_options(app, flags.store);
}

// --- Reading one command's arguments

std::string help_command(std::string_view command) {
  return fmt::format("{} {} --help", kProgram, command);
}

bool takes_value(const CLI::Option& option) {
  return option.get_expected_max() > 0;
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

/// The complaint about arguments that no option or positional took.
std::string leftover(const CLI::App& app) {
  std::vector<std::string> rest = app.remaining();
  std::erase(rest, "--");
  const auto option = std::ranges::find_if(rest, [](const std::string& text) { return text.starts_with('-'); });
  if (option != rest.end()) {
    const std::string name = option->substr(0, option->find('='));
    return with_suggestion(fmt::format("unknown option '{}'", name), suggest(name, long_names(app)));
  }
  if (rest.empty()) return "";
  return fmt::format("unexpected argument '{}'", rest.front());
}

std::string given_twice(const CLI::App& app) {
  for (const CLI::Option* const option : app.get_options()) {
    if (takes_value(*option) && !option->get_positional() && option->count() > 1)
      return option->get_name() + ": given more than once";
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
  if (std::string message = leftover(app); !message.empty()) return misuse(std::move(message));
  if (std::string message = given_twice(app); !message.empty()) return misuse(std::move(message));
  return flags;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"serve", "Run the service that verifies API keys", parse_command<ServeFlags>},
      {"create", "Create an API key and print its secret, once", parse_command<CreateFlags>},
      {"list", "List the API keys", parse_command<ListFlags>},
      {"show", "Show one API key", parse_command<ShowFlags>},
      {"delete", "Delete an API key", parse_command<DeleteFlags>},
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
