#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/dice.h"
#include "simulation/scheduler.h"
#include "simulation/simulated_object.h"
#include "storage/object_store.h"

namespace heare::simulation {

/// How often each thing goes wrong, in thousandths of all calls.
struct Weather {
  /// No connection: the call certainly had no effect.
  unsigned no_connection = 0;
  unsigned denied = 0;
  /// 409: refused though the condition may hold.
  unsigned spurious_conflict = 0;
  /// 500, 503 or a reset before a write took effect: nobody can tell.
  unsigned lost_write = 0;
  /// The write took effect, and the answer never came.
  unsigned lost_answer = 0;
  /// The writer has given up when its write arrives.
  unsigned late_write = 0;
  /// A transfer breaks off in the middle; half of these begin again.
  unsigned broken_read = 0;
  /// A reader is answered by a replica that lags behind. Not so a writer: where conditions hold, reads are consistent.
  unsigned stale_read = 0;
  /// The longest that one way takes.
  std::chrono::microseconds longest_way = std::chrono::milliseconds(100);
  /// The store is gone in between.
  SteadyTime gone_from = SteadyTime::max();
  SteadyTime gone_until = SteadyTime::max();

  /// How long a client waits for an answer.
  std::chrono::microseconds patience() const {
    return std::min<std::chrono::microseconds>(100 * longest_way, std::chrono::seconds(10));
  }
  /// No call takes longer: its ways, a document in two times four pieces, and an answer that never comes.
  std::chrono::microseconds longest_call() const { return 12 * longest_way + patience(); }
};

/// What one client has of the shared object: calls that take their time, and go wrong as the weather is.
class SimulatedStore final : public storage::ObjectStore {
 public:
  /// Gets a line about each call.
  using Trace = std::function<void(const std::string&)>;

  SimulatedStore(Scheduler& scheduler, SimulatedObject& object, const Weather& weather, Dice& dice, const Trace& trace)
      : scheduler_(scheduler), object_(object), weather_(weather), dice_(dice), trace_(trace) {}

  /// What is called from now on is of the edit of that number.
  void begin_edit(size_t number) {
    author_ = {number};
    in_doubt_ = false;
  }
  /// A write of this edit was sent whose answer told nothing.
  bool in_doubt() const { return in_doubt_; }

  Result<storage::GetOutcome> get(const std::optional<storage::EntityTag>& known, storage::ByteSink& sink) override;
  Result<storage::PutOutcome> put(const storage::Object& object, const storage::Precondition& precondition) override;
  Result<> remove() override;
  std::string url() const override { return "simulated:"; }

 private:
  void travel() { scheduler_.pause(dice_.time(weather_.longest_way)); }
  bool is_gone() const;
  size_t version_to_read();
  Result<> hand_out(size_t version, storage::ByteSink& sink, bool half);
  Result<storage::PutOutcome> no_answer(std::string_view why);
  Result<storage::PutOutcome> arrive(std::string bytes, const storage::Precondition& precondition);
  void arrive_late(std::string bytes, const storage::Precondition& precondition);
  template <class... Args>
  void tell(fmt::format_string<Args...> format, Args&&... args) {
    if (!trace_) return;
    const std::string who = author_.edit ? fmt::format("edit {}", *author_.edit) : "a reader";
    trace_(who + ": " + fmt::format(format, std::forward<Args>(args)...));
  }

  Scheduler& scheduler_;
  SimulatedObject& object_;
  const Weather& weather_;
  Dice& dice_;
  const Trace& trace_;
  Author author_;
  bool in_doubt_ = false;
};

}  // namespace heare::simulation
