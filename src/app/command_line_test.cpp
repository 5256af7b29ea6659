#include "app/command_line.h"

#include <vector>

#include <gtest/gtest.h>

namespace heare::app {
namespace {

std::expected<Invocation, Misuse> parse(std::vector<const char*> arguments) {
  return parse_command_line(arguments);
}

std::string message_of(std::vector<const char*> arguments) {
  const auto invocation = parse(std::move(arguments));
  return invocation ? "no error" : invocation.error().message;
}

template <class Flags>
Flags flags_of(std::vector<const char*> arguments) {
  const auto invocation = parse(std::move(arguments));
  if (!invocation) {
    ADD_FAILURE() << invocation.error().message;
    return {};
  }
  return std::get<Flags>(*invocation);
}

TEST(CommandLine, OptionsGoBeforeAndAfterThePositional) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{{"delete", "key_1", "--yes", "--store", "x"},
                                                                     {"delete", "--store", "x", "key_1", "-y"},
                                                                     {"delete", "--yes", "--store=x", "key_1"},
                                                                     {"delete", "-y", "--store", "x", "--", "key_1"}}) {
    const auto flags = flags_of<DeleteFlags>(arguments);
    EXPECT_EQ(flags.key_id, "key_1");
    EXPECT_TRUE(flags.yes);
    EXPECT_EQ(flags.store.store, "x");
  }
}

TEST(CommandLine, EveryOptionOfCreateIsTaken) {
  const auto flags = flags_of<CreateFlags>({"create",
                                            "--name",
                                            "N",
                                            "--metadata",
                                            "{}",
                                            "--secret-type",
                                            "t",
                                            "--expires-at",
                                            "e",
                                            "--secret-storage",
                                            "plain",
                                            "--json",
                                            "--refresh-url",
                                            "u",
                                            "--no-refresh",
                                            "--bucket",
                                            "b",
                                            "--key",
                                            "k",
                                            "--region",
                                            "r",
                                            "--endpoint-url",
                                            "eu",
                                            "--storage-secret",
                                            "s",
                                            "--storage-secret-file",
                                            "f"});
  EXPECT_EQ(flags.name, "N");
  EXPECT_EQ(flags.metadata, "{}");
  EXPECT_EQ(flags.secret_type, "t");
  EXPECT_EQ(flags.expires_at, "e");
  EXPECT_EQ(flags.secret_storage, "plain");
  EXPECT_TRUE(flags.json);
  EXPECT_EQ(flags.refresh.refresh_url, "u");
  EXPECT_TRUE(flags.refresh.no_refresh);
  EXPECT_EQ(flags.store.bucket, "b");
  EXPECT_EQ(flags.store.key, "k");
  EXPECT_EQ(flags.store.region, "r");
  EXPECT_EQ(flags.store.endpoint_url, "eu");
  EXPECT_EQ(flags.store.storage_secret, "s");
  EXPECT_EQ(flags.store.storage_secret_file, "f");
}

TEST(CommandLine, EveryOptionOfServeIsTaken) {
  const auto flags =
      flags_of<ServeFlags>({"serve", "--host", "h", "--port", "p", "--threads", "t", "--refresh-interval", "i",
                            "--max-connections", "m", "--log-level", "l", "--drain-delay", "d", "--check-config"});
  EXPECT_EQ(flags.host, "h");
  EXPECT_EQ(flags.port, "p");
  EXPECT_EQ(flags.threads, "t");
  EXPECT_EQ(flags.refresh_interval, "i");
  EXPECT_EQ(flags.max_connections, "m");
  EXPECT_EQ(flags.log_level, "l");
  EXPECT_EQ(flags.drain_delay, "d");
  EXPECT_TRUE(flags.check_config);
}

TEST(CommandLine, AValueMayBeEmpty) {
  EXPECT_EQ(flags_of<CreateFlags>({"create", "--name", ""}).name, "");
}

TEST(CommandLine, AValueMayLookLikeAnOption) {
  EXPECT_EQ(flags_of<CreateFlags>({"create", "--name=-x"}).name, "-x");
  EXPECT_EQ(flags_of<CreateFlags>({"create", "--name=--json"}).name, "--json");
}

TEST(CommandLine, AValueKeepsBracketsQuotesAndBackslashes) {
  EXPECT_EQ(flags_of<CreateFlags>({"create", "--metadata", R"({"a": ["b\n", 'c']})"}).metadata,
            R"({"a": ["b\n", 'c']})");
  EXPECT_EQ(flags_of<CreateFlags>({"create", "--metadata", "[1,2]"}).metadata, "[1,2]");
  EXPECT_EQ(flags_of<CreateFlags>({"create", "--name", "\"quoted\""}).name, "\"quoted\"");
}

TEST(CommandLine, AnOptionThatIsNotGivenIsNotSet) {
  const auto flags = flags_of<ListFlags>({"list"});
  EXPECT_EQ(flags.store.store, std::nullopt);
  EXPECT_FALSE(flags.detailed);
  EXPECT_FALSE(flags.json);
}

TEST(CommandLine, AnUnknownCommandGetsASuggestion) {
  EXPECT_EQ(message_of({"craete"}), "unknown command 'craete', did you mean 'create'?");
  EXPECT_EQ(message_of({"frobnicate"}), "unknown command 'frobnicate'");
}

TEST(CommandLine, AnUnknownOptionIsNamedWithoutItsValue) {
  EXPECT_EQ(message_of({"create", "--nmae", "x"}), "unknown option '--nmae', did you mean '--name'?");
  EXPECT_EQ(message_of({"list", "--storage-secert=hunter2"}),
            "unknown option '--storage-secert', did you mean '--storage-secret'?");
  EXPECT_EQ(message_of({"list", "-x"}), "unknown option '-x'");
  EXPECT_EQ(message_of({"show", "--bogus", "key_1"}), "unknown option '--bogus'");
}

TEST(CommandLine, AnOptionBeforeTheCommandIsExplained) {
  EXPECT_EQ(message_of({"--json", "list"}), "unknown option '--json', options go after the command");
}

TEST(CommandLine, AnArgumentTooManyIsNamed) {
  EXPECT_EQ(message_of({"show", "key_1", "key_2"}), "unexpected argument 'key_2'");
}

TEST(CommandLine, AnArgumentThatMayBeASecretIsNotQuoted) {
  EXPECT_EQ(message_of({"list", "hunter2"}), "unexpected argument, this command takes options only");
  for (const char* const command : {"verify", "inspect"}) {
    const std::string message = "unexpected argument; the secret is read from standard input";
    EXPECT_EQ(message_of({command, "hunter2"}), message);
    EXPECT_EQ(message_of({command, "--json", "hunter2"}), message);
    EXPECT_EQ(message_of({command, "-xhunter2"}), message);
    EXPECT_EQ(message_of({command, "--", "hunter2"}), message);
    EXPECT_EQ(message_of({command, "--secret", "hunter2"}), message);
    EXPECT_EQ(message_of({command, "--secret=hunter2"}).find("hunter2"), std::string::npos);
    EXPECT_EQ(message_of({command, "--jsn"}), "unknown option '--jsn', did you mean '--json'?");
  }
}

TEST(CommandLine, AMissingValueIsNamed) {
  EXPECT_EQ(message_of({"create", "--name"}), "--name: a value is missing");
  EXPECT_EQ(message_of({"create", "--name="}), "--name: a value is missing");
  EXPECT_EQ(message_of({"list", "--storage-secret-file"}), "--storage-secret-file: a value is missing");
}

TEST(CommandLine, AnOptionGivenTwiceIsAnError) {
  EXPECT_EQ(message_of({"create", "--name", "a", "--name", "b"}), "--name: given more than once");
}

TEST(CommandLine, AScopeMayBeGivenMoreThanOnceAndBeEmpty) {
  EXPECT_EQ(flags_of<CreateFlags>({"create", "--scope", "a", "--name", "n", "--scope=b:*"}).scopes,
            (std::vector<std::string>{"a", "b:*"}));
  EXPECT_EQ(flags_of<UpdateFlags>({"update", "--scope", "", "key_1"}).scopes, std::vector<std::string>{""});
  EXPECT_EQ(flags_of<UpdateFlags>({"update", "key_1"}).scopes, std::vector<std::string>{});
}

TEST(CommandLine, AFileMayBeStandardInput) {
  EXPECT_EQ(flags_of<ImportFlags>({"import", "-"}).file, "-");
  EXPECT_EQ(flags_of<ImportFlags>({"import", "-", "--json"}).file, "-");
  EXPECT_EQ(flags_of<ImportFlags>({"import", "--no-refresh", "-"}).file, "-");
}

TEST(CommandLine, AFlagTakesNoValue) {
  EXPECT_EQ(message_of({"list", "--json=maybe"}), "--json: takes no value");
}

TEST(CommandLine, EveryCommandHasHelp) {
  for (const char* const command :
       {"serve", "create", "list", "show", "update", "enable", "disable", "rotate", "delete", "verify", "inspect",
        "import", "export", "migrate", "refresh", "doctor", "health"}) {
    const auto help = flags_of<Help>({command, "--help"});
    EXPECT_TRUE(help.asked);
    EXPECT_NE(help.text.find(std::string("Usage: heare-auth ") + command), std::string::npos);
    EXPECT_EQ(flags_of<Help>({command, "-h"}).text, help.text);
    EXPECT_NE(flags_of<Help>({"--help"}).text.find(command), std::string::npos);
  }
}

TEST(CommandLine, WithoutACommandThereIsHelpThatNobodyAskedFor) {
  EXPECT_FALSE(flags_of<Help>({}).asked);
}

TEST(CommandLine, VersionNamesTheProgram) {
  EXPECT_TRUE(flags_of<Help>({"--version"}).text.starts_with("heare-auth 0."));
}

}  // namespace
}  // namespace heare::app
