#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/checks.h"
#include "simulation/simulated_object.h"
#include "simulation/simulated_store.h"

namespace heare::simulation {

/// One world that follows from one number: a store and its weather, some writers and some readers.
struct ScheduleOptions {
  uint64_t seed = 0;
  SimulatedObject::Break broken = SimulatedObject::Break::none;
  /// Writers that overwrite whatever is there, as --unsafe-unconditional-writes lets them.
  bool unconditional_writes = false;
  /// Gets a line about everything that happens.
  SimulatedStore::Trace trace = nullptr;
};

struct ScheduleOutcome {
  /// What must not have happened.
  std::vector<std::string> faults;
  Statistics statistics;
  /// Stands for all that happened: equal for equal schedules.
  uint64_t fingerprint = 0;
};

ScheduleOutcome run_schedule(const ScheduleOptions& options);

}  // namespace heare::simulation
