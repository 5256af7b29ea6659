#include "simulation/checks.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "simulation/reading.h"

namespace heare::simulation {
namespace {

class EditChecks {
 public:
  EditChecks(const std::vector<Version>& versions, const std::deque<EditRun>& edits, const keys::DocumentCipher& cipher)
      : versions_(versions), edits_(edits), made_(edits.size()) {
    for (const Version& version : versions) {
      Result<Reading> reading = read_version(version, cipher);
      if (!reading) wrong("version {} cannot be read: {}", readings_.size(), reading.error().message);
      readings_.push_back(reading ? std::move(*reading) : Reading());
    }
  }

  std::vector<std::string> run() {
    // The first fault is the one to look at: others follow from it.
    for (size_t version = 1; version < versions_.size() && faults_.empty(); ++version) check_version(version);
    for (size_t edit = 0; edit < edits_.size() && faults_.empty(); ++edit) check_edit(edit);
    return std::move(faults_);
  }

  /// Which versions each edit has written.
  const std::vector<std::vector<size_t>>& made() const { return made_; }

 private:
  template <class... Args>
  void wrong(fmt::format_string<Args...> format, Args&&... args) {
    faults_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  std::string name_of(size_t edit) const { return fmt::format("edit {} ({})", edit, edits_[edit].edit->name()); }

  void check_version(size_t number) {
    const Author author = versions_[number].author;
    if (!author.edit) return;
    const size_t edit = *author.edit;
    made_[edit].push_back(number);
    const EditRun& run = edits_[edit];
    const Reading& before = readings_[number - 1];
    const Reading& after = readings_[number];
    if (before.absent && author.saw_document) wrong("{} recreates what has vanished", name_of(edit));
    if (run.edit->is_made(before)) wrong("{} is made twice, the second time by version {}", name_of(edit), number);
    if (!run.edit->is_made(after)) wrong("{} is not made by its own version {}", name_of(edit), number);
    if (!run.edit->is_step(before, after) || !same_around(before, after)) {
      wrong("version {} is not the one before with {} made, and no more", number, name_of(edit));
    }
  }

  /// What stands before and after the records.
  static bool same_around(const Reading& before, const Reading& after) {
    const auto head = [](const Reading& reading) {
      return std::string_view(reading.text).substr(0, reading.end_before(0));
    };
    const auto tail = [](const Reading& reading) {
      const size_t last = reading.records.empty() ? reading.end_before(0) : reading.records.back().end;
      return std::string_view(reading.text).substr(reading.text.find(']', last));
    };
    return head(before) == head(after) && tail(before) == tail(after);
  }

  void check_edit(size_t edit) {
    const EditRun& run = edits_[edit];
    if (run.ended - run.begun > run.longest) wrong("{} does not end in time", name_of(edit));
    if (made_[edit].size() > 1 && !run.was_in_doubt) wrong("{} is made again without a doubt", name_of(edit));
    const bool unknown = !run.result && run.result.error().code == ErrorCode::unknown_outcome;
    if (unknown && !run.was_in_doubt) wrong("{} is called unknown without cause", name_of(edit));
    if (!run.result && !unknown && !made_[edit].empty()) {
      wrong("{} is called failed, but it is made: {}", name_of(edit), run.result.error().message);
    }
    if (run.result && !is_made_in_time(edit)) wrong("{} is called done, but it is not", name_of(edit));
  }

  bool is_made_in_time(size_t edit) const {
    const EditRun& run = edits_[edit];
    const auto in_time = [&](size_t version) { return versions_[version].since <= run.ended; };
    if (std::ranges::any_of(made_[edit], in_time)) return true;
    if (!run.edit->may_be_made_by_others()) return false;
    for (size_t version = 0; version < versions_.size(); ++version) {
      const bool over = version + 1 < versions_.size() && versions_[version + 1].since < run.begun;
      if (!over && in_time(version) && run.edit->is_made(readings_[version])) return true;
    }
    return false;
  }

  const std::vector<Version>& versions_;
  const std::deque<EditRun>& edits_;
  std::vector<Reading> readings_;
  std::vector<std::vector<size_t>> made_;
  std::vector<std::string> faults_;
};

void count(Statistics& statistics, const EditRun& run, size_t times_made) {
  if (run.result) {
    ++statistics.done;
    if (run.was_in_doubt) ++statistics.settled;
  } else if (run.result.error().code == ErrorCode::unknown_outcome) {
    ++statistics.unknown;
  } else {
    ++statistics.failed;
  }
  if (times_made > 1) ++statistics.made_again;
}

/// The index is of these records, no more and no less.
bool is_index_of(const keys::KeyIndex& index, const Reading& reading) {
  return index.key_count() == reading.records.size() && std::ranges::all_of(reading.records, [&](const auto& record) {
           const auto entry = index.find(record.key.digest);
           return entry && entry->enabled() == record.key.enabled;
         });
}

std::string check_snapshot(const Version& version, const keys::KeyRepository::Snapshot& snapshot,
                           const std::string& copy, const keys::DocumentCipher& cipher) {
  if (version.bytes != copy) return "what was loaded is not the version that its tag names";
  const Result<Reading> reading = read_version(version, cipher);
  if (!reading || !is_index_of(*snapshot.loaded.index, *reading)) return "the index is not that of its document";
  return {};
}

}  // namespace

Statistics& Statistics::operator+=(const Statistics& other) {
  schedules += other.schedules;
  done += other.done;
  failed += other.failed;
  unknown += other.unknown;
  settled += other.settled;
  versions += other.versions;
  made_again += other.made_again;
  loads += other.loads;
  return *this;
}

std::vector<std::string> check_edits(const std::vector<Version>& versions, const std::deque<EditRun>& edits,
                                     const keys::DocumentCipher& cipher, Statistics& statistics) {
  EditChecks checks(versions, edits, cipher);
  std::vector<std::string> faults = checks.run();
  for (size_t edit = 0; edit < edits.size(); ++edit) count(statistics, edits[edit], checks.made()[edit].size());
  statistics.versions += versions.size();
  return faults;
}

std::string check_load(const std::vector<Version>& versions, size_t newest_at_begin,
                       const Result<keys::KeyRepository::LoadOutcome>& outcome,
                       const std::optional<storage::EntityTag>& known, const std::string& copy,
                       const keys::DocumentCipher& cipher) {
  if (!outcome) {
    const bool may_pass = outcome.error().code == ErrorCode::unavailable;
    return may_pass ? "" : "a load fails with: " + outcome.error().message;
  }
  const auto* const snapshot = std::get_if<keys::KeyRepository::Snapshot>(&*outcome);
  const bool absent = std::holds_alternative<storage::Absent>(*outcome);
  const std::optional<storage::EntityTag> tag = snapshot != nullptr ? snapshot->tag : known;
  const auto fits = [&](const Version& version) {
    return absent ? !version.bytes : version.bytes && version.tag == tag;
  };
  const auto found = std::find_if(versions.begin() + static_cast<ptrdiff_t>(newest_at_begin), versions.end(), fits);
  if (found == versions.end()) return "what was loaded was not there since the load began";
  return snapshot != nullptr ? check_snapshot(*found, *snapshot, copy, cipher) : "";
}

}  // namespace heare::simulation
