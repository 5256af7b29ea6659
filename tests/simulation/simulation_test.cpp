#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "simulation/schedule.h"

// HEARE_SIMULATION_SCHEDULES: how many schedules (5000). HEARE_SIMULATION_FIRST: the seed of the first one (1), of
// which the others follow. HEARE_SIMULATION_SEED: only this one, with all that happens in it.
namespace heare::simulation {
namespace {

using Break = SimulatedObject::Break;

std::optional<uint64_t> number_from(const char* variable) {
  const char* const text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody changes it
  if (text == nullptr) return std::nullopt;
  uint64_t number = 0;
  const std::string_view digits(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    std::cerr << variable << ": not a number\n";
    std::exit(2);  // NOLINT(concurrency-mt-unsafe): there is no other thread yet
  }
  return number;
}

/// The same schedule again, told line by line.
std::string story_of(ScheduleOptions options) {
  std::string story;
  options.trace = [&story](const std::string& line) { story += line + "\n"; };
  (void)run_schedule(options);
  return story;
}

struct Summary {
  Statistics statistics;
  /// Of the first seed that failed.
  std::optional<uint64_t> failed_seed;
  std::vector<std::string> faults;
};

/// Schedules of `count` seeds from `first` on, on every processor.
Summary run_schedules(ScheduleOptions options, uint64_t first, uint64_t count) {
  Summary summary;
  std::mutex mutex;
  std::atomic<uint64_t> next = first;
  const auto work = [&, options]() mutable {
    Statistics statistics;
    while ((options.seed = next++) < first + count) {
      ScheduleOutcome outcome = run_schedule(options);
      statistics += outcome.statistics;
      if (outcome.faults.empty()) continue;
      const std::lock_guard lock(mutex);
      if (summary.failed_seed && *summary.failed_seed < options.seed) continue;
      summary.failed_seed = options.seed;
      summary.faults = std::move(outcome.faults);
    }
    const std::lock_guard lock(mutex);
    summary.statistics += statistics;
  };
  std::vector<std::thread> threads;
  for (unsigned n = 0; n < std::max(1U, std::thread::hardware_concurrency()); ++n) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  return summary;
}

TEST(SimulatedEdits, AreNeitherLostNorDoubledNorMixed) {
  const std::optional<uint64_t> only = number_from("HEARE_SIMULATION_SEED");
  const uint64_t first = only.value_or(number_from("HEARE_SIMULATION_FIRST").value_or(1));
  const uint64_t count = only ? 1 : number_from("HEARE_SIMULATION_SCHEDULES").value_or(5000);
  const Summary summary = run_schedules({}, first, count);
  const Statistics& seen = summary.statistics;
  fmt::print(
      "{} schedules from seed {}: {} edits done ({} of them after a doubt, {} made again), {} failed, {} of unknown "
      "outcome; {} versions, {} loads\n",
      seen.schedules, first, seen.done, seen.settled, seen.made_again, seen.failed, seen.unknown, seen.versions,
      seen.loads);
  if (only) std::cout << story_of({.seed = *only});
  ASSERT_FALSE(summary.failed_seed) << "seed " << *summary.failed_seed << ":\n"
                                    << fmt::format("{}", fmt::join(summary.faults, "\n")) << "\n\n"
                                    << story_of({.seed = *summary.failed_seed})
                                    << "\nagain: HEARE_SIMULATION_SEED=" << *summary.failed_seed;
  // Where nothing goes wrong, nothing is shown.
  if (count < 1000) return;
  EXPECT_GT(seen.done, count);
  EXPECT_GT(seen.settled, count / 20);
  EXPECT_GT(seen.failed, count / 20);
  EXPECT_GT(seen.unknown, count / 100);
  EXPECT_GT(seen.loads, count);
}

TEST(SimulatedEdits, AreTheSameForTheSameSeed) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_EQ(run_schedule({.seed = seed}).fingerprint, run_schedule({.seed = seed}).fingerprint) << seed;
  }
  EXPECT_NE(run_schedule({.seed = 1}).fingerprint, run_schedule({.seed = 2}).fingerprint);
}

/// A store that does not keep what it promises, and what is then found.
struct Broken {
  std::string_view name;
  ScheduleOptions options;
  std::string_view finding;
};

void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.name;
}

class BrokenStore : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenStore, IsFoundOut) {
  const Summary summary = run_schedules(GetParam().options, 1, 300);
  ASSERT_TRUE(summary.failed_seed);
  EXPECT_TRUE(std::ranges::any_of(summary.faults, [](const std::string& fault) {
    return fault.contains(GetParam().finding);
  })) << fmt::format("{}", fmt::join(summary.faults, "\n"));
}

const Broken kBroken[] = {
    {"ThatIgnoresIfMatch", {.broken = Break::ignores_conditions}, "is not the one before with"},
    {"ThatChecksIfMatchTooEarly", {.broken = Break::checks_too_early}, "is not the one before with"},
    {"ThatIsAskedForNoCondition", {.unconditional_writes = true}, "is not the one before with"},
    {"ThatForgetsWrites", {.broken = Break::forgets_writes}, "is called done, but it is not"},
    {"ThatMixesVersions", {.broken = Break::mixes_versions}, "load"},
    {"ThatGoesBack", {.broken = Break::goes_back}, "was not there since the load began"},
};

INSTANTIATE_TEST_SUITE_P(Simulation, BrokenStore, ::testing::ValuesIn(kBroken),
                         [](const auto& broken) { return std::string(broken.param.name); });

}  // namespace
}  // namespace heare::simulation
