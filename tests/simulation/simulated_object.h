#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/scheduler.h"
#include "storage/object_store.h"

namespace heare::simulation {

/// Who makes a write: no edit at the beginning, and where an operator removes the document.
struct Author {
  std::optional<size_t> edit = std::nullopt;
  /// That edit had read a document before.
  bool saw_document = false;
};

/// One state of the object, from `since` until the next one.
struct Version {
  /// Nothing: there is no object.
  std::optional<std::string> bytes;
  storage::EntityTag tag;
  Author author;
  SteadyTime since;
};

/// The one object that all share, with everything that it ever was. What a write means is decided here, at the moment
/// at which it arrives; how it comes here is SimulatedStore's part.
class SimulatedObject {
 public:
  enum class Break {
    none,
    ignores_conditions,  ///< overwrites whatever is there
    checks_too_early,    ///< looks at the condition some time before it writes
    forgets_writes,      ///< says that it has stored what it has not
    mixes_versions,      ///< hands out the beginning of one version and the end of another
    goes_back,           ///< hands out older versions, though it should not
  };
  struct Options {
    /// A tag names a content, as in a file and mostly in S3, rather than one write.
    bool tags_name_content = false;
    Break broken = Break::none;
  };

  SimulatedObject(Scheduler& scheduler, Options options) : scheduler_(scheduler), options_(options) {
    versions_.push_back({std::nullopt, {}, {}, scheduler_.now()});
  }

  /// Writes, if the precondition holds now.
  Result<storage::PutOutcome> write(std::string bytes, const storage::Precondition& precondition, Author author);
  void remove();

  const std::vector<Version>& versions() const { return versions_; }
  size_t newest() const { return versions_.size() - 1; }
  const Options& options() const { return options_; }

  /// The precondition holds now; an error where it is about an object that is not there.
  Result<bool> holds(const storage::Precondition& precondition) const;

 private:
  storage::EntityTag tag_for(std::string_view bytes) const;

  Scheduler& scheduler_;
  const Options options_;
  std::vector<Version> versions_;
};

}  // namespace heare::simulation
