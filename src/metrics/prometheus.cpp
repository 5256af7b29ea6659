#include "metrics/prometheus.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace heare::metrics {
namespace {

constexpr std::array<std::string_view, kLoadOutcomes> kLoadOutcomeNames = {"success", "unchanged", "failed"};

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Puts the text together. Names, labels and help are ours: nothing in them needs to be escaped.
class Text {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help) {
    print("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }

  template <typename Value>
  void gauge(std::string_view name, std::string_view help, const std::optional<Value>& value) {
    plain(name, "gauge", help, value);
  }
  template <typename Value>
  void counter(std::string_view name, std::string_view help, const std::optional<Value>& value) {
    plain(name, "counter", help, value);
  }

  /// One line of a family that `begin` has begun.
  void labelled(std::string_view name, std::string_view label, std::string_view label_value, uint64_t value) {
    print("{}{{{}=\"{}\"}} {}\n", name, label, label_value, value);
  }

  template <size_t Bounds>
  void histogram(std::string_view name, std::string_view help,
                 const std::array<std::chrono::nanoseconds, Bounds>& bounds, const DurationTotals<Bounds>& totals) {
    begin(name, "histogram", help);
    uint64_t count = 0;
    for (size_t n = 0; n < Bounds; ++n) {
      count += totals.counts[n];
      print("{}_bucket{{le=\"{}\"}} {}\n", name, seconds(bounds[n]), count);
    }
    count += totals.counts[Bounds];
    print("{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n{0}_count {1}\n", name, count, seconds(totals.sum));
  }

  void build_info(std::string_view version, std::string_view commit) {
    constexpr std::string_view kName = "heare_auth_build_info";
    begin(kName, "gauge", "The version that runs.");
    print("{}{{version=\"{}\",commit=\"{}\"}} 1\n", kName, version, commit);
  }

  std::string take() { return std::move(text_); }

 private:
  template <typename... Values>
  void print(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  template <typename Value>
  void plain(std::string_view name, std::string_view type, std::string_view help, const std::optional<Value>& value) {
    if (!value) return;
    begin(name, type, help);
    print("{} {}\n", name, *value);
  }

  std::string text_;
};

void append_verifications(Text& text, const VerificationTotals& totals) {
  constexpr std::string_view kName = "heare_auth_verifications_total";
  text.begin(kName, "counter", "Keys that were verified, by verdict.");
  for (size_t n = 0; n < kVerdicts; ++n) {
    text.labelled(kName, "result", to_string(static_cast<Verdict>(n)), totals.verdicts[n]);
  }
  text.histogram("heare_auth_verify_duration_seconds", "Time that a verification took, without the network.",
                 kVerifyDurationBounds, totals.durations);
}

void append_keys(Text& text, const Snapshot& snapshot) {
  text.gauge("heare_auth_keys", "Keys in service.", snapshot.keys);
  text.gauge("heare_auth_keys_age_seconds", "Time since the store last confirmed the keys in service.",
             snapshot.keys_age_seconds);
  constexpr std::string_view kName = "heare_auth_refreshes_total";
  text.begin(kName, "counter", "Looks at the store, and refused calls of /refresh, by result.");
  for (size_t n = 0; n < kLoadOutcomes; ++n) {
    text.labelled(kName, "result", kLoadOutcomeNames[n], snapshot.loads.outcomes[n]);
  }
  text.labelled(kName, "result", "rejected", snapshot.refreshes_rejected);
  text.histogram("heare_auth_refresh_duration_seconds", "Time that a look at the store took.", kLoadDurationBounds,
                 snapshot.loads.durations);
}

void append_service(Text& text, const Snapshot& snapshot) {
  text.gauge("heare_auth_connections", "Open connections of clients.", std::optional(snapshot.connections));
  text.counter("heare_auth_log_lines_dropped_total", "Log lines dropped because their reader was too slow.",
               std::optional(snapshot.log_lines_dropped));
  text.build_info(snapshot.version, snapshot.commit);
}

/// The names that Prometheus's own clients have for them.
void append_process(Text& text, const ProcessUsage& process) {
  text.counter("process_cpu_seconds_total", "Processor time, user and system.", process.cpu_seconds);
  text.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.", process.start_time_seconds);
  text.gauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes);
  text.gauge("process_virtual_memory_bytes", "Virtual memory.", process.virtual_bytes);
  text.gauge("process_threads", "Threads.", process.threads);
  text.gauge("process_open_fds", "Open file descriptors.", process.open_descriptors);
  text.gauge("process_max_fds", "Limit of open file descriptors.", process.descriptors_max);
}

}  // namespace

std::string prometheus_text(const Snapshot& snapshot) {
  Text text;
  append_verifications(text, snapshot.verifications);
  append_keys(text, snapshot);
  append_service(text, snapshot);
  append_process(text, snapshot.process);
  return text.take();
}

}  // namespace heare::metrics
