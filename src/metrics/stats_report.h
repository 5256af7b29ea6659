#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heare::metrics {

/// What heare-stats is told of one period. Names are those that the Python service sends, without prefix, and outlive
/// the report.
struct StatsReport {
  struct Counter {
    std::string_view name;
    uint64_t count;
  };
  struct Gauge {
    std::string_view name;
    uint64_t value;
  };
  struct Timer {
    std::string_view name;
    std::vector<std::chrono::nanoseconds> durations;
  };
  std::vector<Counter> counters;
  std::vector<Gauge> gauges;
  std::vector<Timer> timers;
};

/// `{"counters":{name:sum},"gauges":{name:value},"timers":{name:[ms,…]}}`: every name with the prefix `heare-auth.`,
/// counters of 0 and timers without a duration left out, groups without a member too.
std::string stats_json(const StatsReport& report);

}  // namespace heare::metrics
