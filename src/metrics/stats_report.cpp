#include "metrics/stats_report.h"

#include <iterator>

#include <fmt/format.h>

namespace heare::metrics {
namespace {

/// A group of members, put together while it is not known whether there will be any.
class Group {
 public:
  explicit Group(std::string_view name) : name_(name) {}

  /// Begins a member; its value is to be appended.
  std::string& member(std::string_view name) {
    fmt::format_to(std::back_inserter(text_), "{}\"heare-auth.{}\":", text_.empty() ? '{' : ',', name);
    return text_;
  }
  void append_to(std::string& json) const {
    if (text_.empty()) return;
    fmt::format_to(std::back_inserter(json), "{}\"{}\":{}}}", json.empty() ? '{' : ',', name_, text_);
  }

 private:
  std::string_view name_;
  std::string text_;
};

}  // namespace

std::string stats_json(const StatsReport& report) {
  Group counters("counters");
  for (const auto& [name, count] : report.counters) {
    if (count > 0) fmt::format_to(std::back_inserter(counters.member(name)), "{}", count);
  }
  Group gauges("gauges");
  for (const auto& [name, value] : report.gauges) {
    fmt::format_to(std::back_inserter(gauges.member(name)), "{}", value);
  }
  Group timers("timers");
  for (const auto& [name, durations] : report.timers) {
    if (durations.empty()) continue;
    std::string& text = timers.member(name);
    char before = '[';
    for (const std::chrono::nanoseconds duration : durations) {
      fmt::format_to(std::back_inserter(text), "{}{}", before,
                     std::chrono::duration<double, std::milli>(duration).count());
      before = ',';
    }
    text += ']';
  }
  std::string json;
  for (const Group* group : {&counters, &gauges, &timers}) group->append_to(json);
  return json.empty() ? "{}" : json + "}";
}

}  // namespace heare::metrics
