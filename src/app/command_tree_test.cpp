#include "app/command_tree.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "app/command_line.h"

namespace heare::app {
namespace {

using Words = std::vector<std::string>;

OptionInfo option_of(std::string_view command, std::string_view name) {
  const ProgramInfo program = describe_program();
  const auto found = std::ranges::find(program.commands, command, &CommandInfo::name);
  if (found != program.commands.end()) {
    const auto option = std::ranges::find(found->options, name, &OptionInfo::name);
    if (option != found->options.end()) return *option;
  }
  ADD_FAILURE() << command << " has no " << name;
  return {};
}

TEST(CommandTree, AnOptionIsAsItWasDeclared) {
  const OptionInfo detailed = option_of("list", "--detailed");
  EXPECT_EQ(detailed.short_name, "-d");
  EXPECT_EQ(detailed.value, "");
  EXPECT_EQ(detailed.help, "Every field but the secret");
  EXPECT_EQ(detailed.group, "");
  EXPECT_FALSE(detailed.is_argument);
  EXPECT_FALSE(detailed.repeatable);
  EXPECT_EQ(option_of("list", "--store").group, "Where the keys are");
  EXPECT_TRUE(option_of("create", "--scope").repeatable);
  EXPECT_TRUE(option_of("show", "KEY_ID").is_argument);
}

TEST(CommandTree, ValuesAreToldWhereTheyCanBe) {
  EXPECT_EQ(option_of("list", "--sort").values(), (Words{"name", "created", "expires", "id"}));
  EXPECT_EQ(option_of("list", "--owner").values(), Words{});
}

TEST(CommandTree, AFilesNameIsKnownForOne) {
  EXPECT_TRUE(option_of("import", "FILE").is_file());
  EXPECT_TRUE(option_of("serve", "--cache-file").is_file());
  EXPECT_FALSE(option_of("show", "KEY_ID").is_file());
  EXPECT_FALSE(option_of("list", "--store").is_file());
}

TEST(CommandTree, GenerateIsHidden) {
  const ProgramInfo program = describe_program();
  EXPECT_EQ(std::ranges::find(program.commands, "generate", &CommandInfo::name), program.commands.end());
  const char* const help[] = {"--help"};
  EXPECT_EQ(std::get<Help>(*parse_command_line(help)).text.find("generate"), std::string::npos);
}

TEST(CommandTree, VariablesAreFoundInBrackets) {
  EXPECT_EQ(variables_in("S3 key (S3_KEY, default keys.json)"), Words{"S3_KEY"});
  EXPECT_EQ(variables_in("AWS region (S3_REGION, AWS_REGION)"), (Words{"S3_REGION", "AWS_REGION"}));
  EXPECT_EQ(variables_in("The service (default http://localhost:$PORT/health)"), Words{});
  EXPECT_EQ(variables_in("A JSON object"), Words{});
  EXPECT_EQ(variables_in(") ("), Words{});
}

}  // namespace
}  // namespace heare::app
