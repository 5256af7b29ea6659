#include "app/progress_line.h"

#include <gtest/gtest.h>

#include "app/commands.h"
#include "app/report.h"

#include "app/commands_test_support.h"

namespace heare::app {
namespace {

using keys::Step;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class ProgressLineTest : public CommandsTest {};

TEST_F(ProgressLineTest, TheFirstSecondIsQuiet) {
  {
    ProgressLine progress(world, false);
    clock.advance(999ms);
    progress.show(Step::reading, 1'000'000);
  }
  EXPECT_EQ(terminal.statuses, Lines{});
}

TEST_F(ProgressLineTest, AfterASecondEachStepIsTold) {
  ProgressLine progress(world, false);
  clock.advance(1s);
  progress.show(Step::taking, 1'234'567);
  progress.show(Step::reading, 12'345'678);
  progress.show(Step::checking, 20'000'000);
  progress.show(Step::changing, 20'000'000);
  progress.show(Step::writing, 999'999);
  EXPECT_EQ(terminal.statuses,
            (Lines{"Reading keys: 1,234,567", "Reading the document: 12.3 MB", "Checking the document: 20.0 MB",
                   "Changing the document: 20.0 MB", "Writing the document: 1.0 MB"}));
}

TEST_F(ProgressLineTest, OneStepIsToldTenTimesASecond) {
  ProgressLine progress(world, false);
  clock.advance(1s);
  for (uint64_t count = 0; count <= 200; ++count) {
    progress.show(Step::taking, count);
    clock.advance(1ms);
  }
  EXPECT_EQ(terminal.statuses, (Lines{"Reading keys: 0", "Reading keys: 100", "Reading keys: 200"}));
}

TEST_F(ProgressLineTest, ALongWriteIsToldAtOnce) {
  ProgressLine progress(world, false);
  progress.show(Step::writing, 4'999'999);
  EXPECT_EQ(terminal.statuses, Lines{});
  progress.show(Step::writing, 5'000'000);
  EXPECT_EQ(terminal.statuses, Lines{"Writing the document: 5.0 MB"});
}

TEST_F(ProgressLineTest, TheLineGoesInTheEnd) {
  {
    ProgressLine progress(world, false);
    clock.advance(1s);
    progress.show(Step::taking, 1);
  }
  EXPECT_EQ(terminal.statuses, (Lines{"Reading keys: 1", ""}));
}

TEST_F(ProgressLineTest, ForJsonNothingIsTold) {
  ProgressLine progress(world, true);
  clock.advance(1s);
  progress.show(Step::writing, 9'000'000);
  EXPECT_EQ(terminal.statuses, Lines{});
}

TEST_F(ProgressLineTest, TheLineFitsTheScreen) {
  ProgressLine progress(world, false);
  terminal.width = 12;
  clock.advance(1s);
  progress.show(Step::taking, 1);
  EXPECT_EQ(terminal.statuses, Lines{"Reading ke…"});
}

TEST_F(ProgressLineTest, AnEditTellsOfItsSteps) {
  put(R"({"keys": [{"id": "key_a", "secret": "s", "x": ")" + std::string(5'000'000, 'x') + "\"}]}");
  EXPECT_EQ(command_update({.store = store(), .key_id = "key_a", .name = "N"}, world), kExitDone);
  EXPECT_EQ(terminal.statuses, (Lines{"Writing the document: 5.0 MB", ""}));
}

}  // namespace
}  // namespace heare::app
