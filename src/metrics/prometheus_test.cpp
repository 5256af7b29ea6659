#include "metrics/prometheus.h"

#include <gtest/gtest.h>

namespace heare::metrics {
namespace {

using namespace std::chrono_literals;

bool has_line(const std::string& text, std::string_view line) {
  return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

TEST(PrometheusText, EveryVerdictHasItsLineFromTheStart) {
  Snapshot snapshot;
  snapshot.verifications.verdicts[static_cast<size_t>(Verdict::expired)] = 7;
  const std::string text = prometheus_text(snapshot);
  EXPECT_TRUE(has_line(text, "# TYPE heare_auth_verifications_total counter"));
  EXPECT_TRUE(has_line(text, R"(heare_auth_verifications_total{result="expired"} 7)"));
  for (const auto* const verdict : {"success", "missing", "malformed", "not_found", "disabled", "scope"}) {
    EXPECT_TRUE(has_line(text, "heare_auth_verifications_total{result=\"" + std::string(verdict) + "\"} 0")) << verdict;
  }
}

TEST(PrometheusText, BucketsAddUpAndAreInSeconds) {
  Snapshot snapshot;
  auto& durations = snapshot.verifications.durations;
  durations.counts.front() = 3;
  durations.counts.at(1) = 2;
  durations.counts.back() = 1;
  durations.sum = 1500ms;
  const std::string text = prometheus_text(snapshot);
  EXPECT_TRUE(has_line(text, "# TYPE heare_auth_verify_duration_seconds histogram"));
  EXPECT_TRUE(has_line(text, R"(heare_auth_verify_duration_seconds_bucket{le="1e-06"} 3)"));
  EXPECT_TRUE(has_line(text, R"(heare_auth_verify_duration_seconds_bucket{le="2e-06"} 5)"));
  EXPECT_TRUE(has_line(text, R"(heare_auth_verify_duration_seconds_bucket{le="0.1"} 5)"));
  EXPECT_TRUE(has_line(text, R"(heare_auth_verify_duration_seconds_bucket{le="+Inf"} 6)"));
  EXPECT_TRUE(has_line(text, "heare_auth_verify_duration_seconds_sum 1.5"));
  EXPECT_TRUE(has_line(text, "heare_auth_verify_duration_seconds_count 6"));
}

TEST(PrometheusText, LoadsAndRejectionsAreOneFamily) {
  Snapshot snapshot;
  snapshot.loads.outcomes = {1, 20, 3};
  snapshot.refreshes_rejected = 4;
  const std::string text = prometheus_text(snapshot);
  EXPECT_TRUE(has_line(text, R"(heare_auth_refreshes_total{result="success"} 1)"));
  EXPECT_TRUE(has_line(text, R"(heare_auth_refreshes_total{result="unchanged"} 20)"));
  EXPECT_TRUE(has_line(text, R"(heare_auth_refreshes_total{result="failed"} 3)"));
  EXPECT_TRUE(has_line(text, R"(heare_auth_refreshes_total{result="rejected"} 4)"));
}

TEST(PrometheusText, WhatIsNotKnownIsNotTold) {
  Snapshot snapshot;
  EXPECT_EQ(prometheus_text(snapshot).find("heare_auth_keys"), std::string::npos);
  EXPECT_EQ(prometheus_text(snapshot).find("process_"), std::string::npos);
  snapshot.keys = 5;
  snapshot.keys_age_seconds = 2.5;
  snapshot.process.open_descriptors = 9;
  const std::string text = prometheus_text(snapshot);
  EXPECT_TRUE(has_line(text, "heare_auth_keys 5"));
  EXPECT_TRUE(has_line(text, "heare_auth_keys_age_seconds 2.5"));
  EXPECT_TRUE(has_line(text, "process_open_fds 9"));
}

TEST(PrometheusText, VersionIsALabel) {
  Snapshot snapshot;
  snapshot.version = "1.2.3";
  snapshot.commit = "abc";
  EXPECT_TRUE(has_line(prometheus_text(snapshot), R"(heare_auth_build_info{version="1.2.3",commit="abc"} 1)"));
}

}  // namespace
}  // namespace heare::metrics
