#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "keys/cipher.h"
#include "simulation/edits.h"
#include "simulation/simulated_object.h"
#include "simulation/simulated_store.h"

namespace heare::simulation {

/// One edit of a schedule, and how it ended.
struct EditRun {
  std::unique_ptr<Edit> edit;
  /// What it may take.
  std::chrono::microseconds longest{};
  SteadyTime begun;
  SteadyTime ended;
  Result<> result;
  bool was_in_doubt = false;
};

/// What all schedules together have seen: a simulation in which nothing goes wrong proves nothing.
struct Statistics {
  size_t schedules = 0;
  size_t done = 0;
  size_t failed = 0;
  size_t unknown = 0;
  /// Edits in doubt that turned out done.
  size_t settled = 0;
  size_t versions = 0;
  /// Edits that were made a second time, as another edit had undone what they could not know to be made.
  size_t made_again = 0;
  size_t loads = 0;

  Statistics& operator+=(const Statistics& other);
};

/// Everything that happened to the document is explained by the edits, each of which has one effect, at one moment,
/// as it was told to whoever asked for it. Returns what is not so.
///
/// The one exception: an edit whose write is in doubt may have been made, and undone by another one that ran at the
/// same time, before it could look. It cannot know, and is made again: as if it had come after that one.
std::vector<std::string> check_edits(const std::vector<Version>& versions, const std::deque<EditRun>& edits,
                                     const keys::DocumentCipher& cipher, Statistics& statistics);

/// What a reader has loaded is one version as it was stored, and one that was the newest since `newest_at_begin`.
/// Returns what is wrong, or nothing.
std::string check_load(const std::vector<Version>& versions, size_t newest_at_begin,
                       const Result<keys::KeyRepository::LoadOutcome>& outcome,
                       const std::optional<storage::EntityTag>& known, const std::string& copy,
                       const keys::DocumentCipher& cipher);

}  // namespace heare::simulation
