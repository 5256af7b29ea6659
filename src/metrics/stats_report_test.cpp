#include "metrics/stats_report.h"

#include <gtest/gtest.h>

namespace heare::metrics {
namespace {

using namespace std::chrono_literals;

TEST(StatsJson, NamesHaveThePrefixAndTimersAreMilliseconds) {
  EXPECT_EQ(stats_json({.counters = {{"verify.requests", 12}, {"shutdown", 1}},
                        .gauges = {{"keys.count", 0}},
                        .timers = {{"verify.duration", {1500ns, 2ms}}}}),
            R"({"counters":{"heare-auth.verify.requests":12,"heare-auth.shutdown":1},)"
            R"("gauges":{"heare-auth.keys.count":0},"timers":{"heare-auth.verify.duration":[0.0015,2]}})");
}

TEST(StatsJson, WhatHasNotHappenedAndEmptyGroupsAreLeftOut) {
  EXPECT_EQ(stats_json({.counters = {{"verify.requests", 0}}, .gauges = {}, .timers = {{"verify.duration", {}}}}),
            "{}");
  EXPECT_EQ(stats_json({.counters = {{"a", 0}, {"b", 1}}, .gauges = {}, .timers = {}}),
            R"({"counters":{"heare-auth.b":1}})");
  EXPECT_EQ(stats_json({.counters = {}, .gauges = {{"a", 1}}, .timers = {}}), R"({"gauges":{"heare-auth.a":1}})");
}

}  // namespace
}  // namespace heare::metrics
