#include "app/colour.h"

#include <gtest/gtest.h>

#include "app/report.h"

#include "app/app_test_support.h"

namespace heare::app {
namespace {

TEST(PrintMarked, OnlyTheMarkIsColoured) {
  FakeTerminal terminal;
  terminal.colours = true;
  print_marked(terminal, "✓ a ✓\n✗ b\n! c\n⚠️  d\ne ✗\n\nf");
  EXPECT_EQ(terminal.printed,
            "\x1b[32m✓\x1b[0m a ✓\n\x1b[31m✗\x1b[0m b\n\x1b[33m!\x1b[0m c\n\x1b[33m⚠️\x1b[0m  d\ne ✗\n\nf");
}

TEST(PrintMarked, WithoutColoursTheTextIsAsItIs) {
  FakeTerminal terminal;
  print_marked(terminal, "✓ a\n");
  EXPECT_EQ(terminal.printed, "✓ a\n");
}

TEST(ColourOfStatus, OnlyARefusedKeyStandsOut) {
  EXPECT_EQ(colour_of_status("active"), Colour::none);
  EXPECT_NE(colour_of_status("expired"), Colour::none);
  EXPECT_NE(colour_of_status("disabled"), Colour::none);
}

TEST(Report, TheFirstWordOfAnErrorAndOfAWarningIsColoured) {
  FakeTerminal terminal;
  terminal.colours = true;
  report_failure(terminal, {ErrorCode::invalid, "Error: x"});
  warn(terminal, "y");
  EXPECT_EQ(terminal.told, "\x1b[31mError:\x1b[0m Error: x\n\x1b[33m⚠️  Warning:\x1b[0m y\n");
}

TEST(Report, WithoutColoursTheTextIsAsItIs) {
  FakeTerminal terminal;
  report_failure(terminal, {ErrorCode::invalid, "x"});
  warn(terminal, "y");
  EXPECT_EQ(terminal.told, "Error: x\n⚠️  Warning: y\n");
}

}  // namespace
}  // namespace heare::app
