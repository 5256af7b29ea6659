#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "storage/object_store.h"

namespace heare::testing {

/// What happens to one write.
enum class PutFault {
  none,
  conflict,      ///< refused as if another writer had been faster
  lost_request,  ///< never arrives; its fate cannot be told
  lost_answer,   ///< takes effect; its fate cannot be told
  denied,        ///< refused for good
};

/// A store in front of another one that lets writes fail as scripted, one fault for each `put` in order.
class FaultyStore final : public storage::ObjectStore {
 public:
  explicit FaultyStore(storage::ObjectStore& store) : store_(store) {}

  std::deque<PutFault> put_faults;
  /// Called before each write reaches the store: what another writer does meanwhile.
  std::function<void()> before_put;
  int gets = 0;
  int puts = 0;

  Result<storage::GetOutcome> get(const std::optional<storage::EntityTag>& known, storage::ByteSink& sink) override {
    ++gets;
    return store_.get(known, sink);
  }

  Result<storage::PutOutcome> put(const storage::Object& object, const storage::Precondition& precondition) override {
    ++puts;
    if (before_put) std::exchange(before_put, nullptr)();
    switch (next_fault()) {
      case PutFault::conflict:
        return storage::Conflict();
      case PutFault::lost_request:
        return fail(ErrorCode::unknown_outcome, "no answer to the write");
      case PutFault::lost_answer:
        (void)store_.put(object, precondition);
        return fail(ErrorCode::unknown_outcome, "no answer to the write");
      case PutFault::denied:
        return fail(ErrorCode::unauthorized, "writing is not allowed");
      case PutFault::none:
        break;
    }
    return store_.put(object, precondition);
  }

  Result<> remove() override { return store_.remove(); }
  std::string url() const override { return store_.url(); }

 private:
  PutFault next_fault() {
    if (put_faults.empty()) return PutFault::none;
    const PutFault fault = put_faults.front();
    put_faults.pop_front();
    return fault;
  }

  storage::ObjectStore& store_;
};

}  // namespace heare::testing
