#include "app/progress_line.h"

#include <chrono>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "app/display_text.h"

namespace heare::app {
namespace {

/// Who waits for less does not wonder.
constexpr std::chrono::seconds kPatience{1};
/// Faster than a person reads.
constexpr std::chrono::milliseconds kBetween{100};
/// A write says nothing before it is over: one that a slow link (5 MB/s) takes a second for is told at once.
constexpr uint64_t kLongWriteBytes = 5'000'000;

std::string_view what_is_done(keys::Step step) {
  switch (step) {
    case keys::Step::reading:
      return "Reading the document";
    case keys::Step::checking:
      return "Checking the document";
    case keys::Step::changing:
      return "Changing the document";
    case keys::Step::writing:
      return "Writing the document";
    case keys::Step::taking:
      return "Reading keys";
  }
  return "";
}

std::string with_separators(uint64_t number) {
  std::string text = fmt::to_string(number);
  for (size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string line_of(keys::Step step, uint64_t count) {
  const std::string amount =
      step == keys::Step::taking ? with_separators(count) : fmt::format("{:.1f} MB", static_cast<double>(count) / 1e6);
  return fmt::format("{}: {}", what_is_done(step), amount);
}

}  // namespace

ProgressLine::ProgressLine(const World& world, bool json)
    : terminal_(world.terminal), clock_(world.clock), silent_(json), begin_(world.clock.steady_now()) {}

ProgressLine::~ProgressLine() {
  if (shown_) terminal_.show_status("");
}

keys::KeyRepository& ProgressLine::watch(keys::KeyRepository& repository) {
  repository.tell(listener());
  return repository;
}

keys::Progress ProgressLine::listener() {
  return [this](keys::Step step, uint64_t count) { show(step, count); };
}

bool ProgressLine::is_due(keys::Step step, uint64_t count, SteadyTime now) const {
  if (step == keys::Step::writing && count >= kLongWriteBytes) return true;
  if (now - begin_ < kPatience) return false;
  return shown_ != step || now - shown_at_ >= kBetween;
}

void ProgressLine::show(keys::Step step, uint64_t count) {
  if (silent_) return;
  const SteadyTime now = clock_.steady_now();
  if (!is_due(step, count, now)) return;
  const std::string line = line_of(step, count);
  const size_t columns = terminal_.columns(Stream::errors);
  terminal_.show_status(columns == 0 ? line : cut_to_columns(line, columns - 1));
  shown_ = step;
  shown_at_ = now;
}

}  // namespace heare::app
