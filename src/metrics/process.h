#pragma once

#include <cstdint>
#include <optional>

namespace heare::metrics {

/// What the kernel knows of this process; nothing where it does not tell.
struct ProcessUsage {
  std::optional<double> cpu_seconds;
  /// Since 1970.
  std::optional<double> start_time_seconds;
  std::optional<uint64_t> resident_bytes;
  std::optional<uint64_t> virtual_bytes;
  std::optional<uint64_t> threads;
  std::optional<uint64_t> open_descriptors;
  /// The soft limit.
  std::optional<uint64_t> descriptors_max;
};

/// As it is now. A dozen microseconds.
ProcessUsage read_process_usage();

}  // namespace heare::metrics
