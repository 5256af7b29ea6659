#include "app/generate.h"

#include <gtest/gtest.h>

namespace heare::app {
namespace {

OptionInfo option(std::string name, std::string short_name, std::string value, std::string help) {
  OptionInfo info;
  info.name = std::move(name);
  info.short_name = std::move(short_name);
  info.value = std::move(value);
  info.help = std::move(help);
  return info;
}

/// With what means something to a shell or to roff.
ProgramInfo program() {
  OptionInfo file = option("FILE", "", "", "What to read");
  file.is_argument = true;
  OptionInfo many = option("--many", "", "N", "Any [number]: of them");
  many.repeatable = true;
  CommandInfo take = {"take", R"(It's a: \ 'test')", "Use `that`.", {}};
  take.options = {option("--yes", "-y", "", R"(Don't "ask")"), option("--how", "", "well|badly", "How (HOW)"),
                  option("--from", "", "PATH", ".file ~ ^ …"), many, file};
  ProgramInfo all;
  all.name = "heare-auth";
  all.summary = "A service";
  all.version = "1.2.3";
  all.date = "2026-01-20";
  all.options = {option("--help", "-h", "", "Help")};
  all.commands = {take};
  return all;
}

void expect_in(const std::string& text, std::string_view part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\n--- is not in\n" << text;
}

TEST(Generate, TheManPageSaysWhatTheOptionsSay) {
  const std::string page = man_page(program());
  expect_in(page, R"(.TH HEARE\-AUTH 1 "2026-01-20" "heare-auth 1.2.3" "User Commands")");
  expect_in(page, R"(\fBheare\-auth take\fR \fIFILE\fR [\fIOPTIONS\fR])");
  expect_in(page, R"(\fB\-y\fR, \fB\-\-yes\fR)");
  expect_in(page, R"(Don\(aqt \(dqask\(dq.)");
  expect_in(page, R"(\fB\-\-how\fR \fBwell\fR|\fBbadly\fR)");
  expect_in(page,
            "\n"
            R"(\&.file \(ti \(ha \[u2026].)");
  expect_in(page, R"(Use \fBthat\fR.)");
  expect_in(page, "\\fBHOW\\fR\nStands for \\fB\\-\\-how\\fR.\n");
}

TEST(Generate, BashKnowsWhatFollowsAnOption) {
  const std::string script = bash_completion(program());
  expect_in(script, "compgen -W 'take --help'");
  expect_in(script, "options='--yes --how --from --many' files=yes\n");
  expect_in(script, "--how) values='well badly' ;;\n");
  expect_in(script, "--from) files=yes options='' ;;\n");
  expect_in(script, "--many) return ;;\n");
}

TEST(Generate, ZshGetsItsSpecialCharactersEscaped) {
  const std::string script = zsh_completion(program());
  expect_in(script, R"('take:It'\''s a\: \\ '\''test'\''')");
  expect_in(script, R"x('(-y --yes)'{-y,--yes}'[Don'\''t "ask"]')x");
  expect_in(script, R"x('--how=[How (HOW)]:value:(well badly)')x");
  expect_in(script, R"('*--many=[Any \[number\]\: of them]:N: ')");
  expect_in(script, "':FILE:_files'");
}

TEST(Generate, FishGetsItsSpecialCharactersEscaped) {
  const std::string script = fish_completion(program());
  expect_in(script, R"(-a take -d 'It\'s a: \\ \'test\'')");
  expect_in(script, R"(-n '__heare_auth_command take' -s y -l yes -d 'Don\'t "ask"')");
  expect_in(script, "-l how -x -a 'well badly' -d 'How (HOW)'\n");
  expect_in(script, "-l from -r -F -d ");
  expect_in(script, "-n '__heare_auth_command take' -F\n");
}

TEST(Generate, FishTellsASharedOptionOnce) {
  ProgramInfo twice = program();
  twice.commands.push_back(twice.commands.front());
  twice.commands.back().name = "give";
  expect_in(fish_completion(twice), "-n '__heare_auth_command take give' -l how ");
}

TEST(Generate, AGroupThatCommandsShareIsToldOnce) {
  ProgramInfo twice = program();
  twice.commands.front().options[1].group = "Manners";
  twice.commands.push_back(twice.commands.front());
  const std::string page = man_page(twice);
  constexpr std::string_view kHow = R"(\fB\-\-how\fR \fBwell)";
  EXPECT_EQ(page.find(kHow), page.rfind(kHow));
  expect_in(page, ".SS Manners\n");
  expect_in(page, R"(And the options of \[u201C]Manners\[u201D], below.)");
}

}  // namespace
}  // namespace heare::app
