#include "simulation/simulated_store.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace heare::simulation {
namespace {

/// How long a write may be under way.
constexpr std::chrono::seconds kLatest{40};
/// How far a replica lags behind.
constexpr uint32_t kVersionsBehindMax = 3;

}  // namespace

bool SimulatedStore::is_gone() const {
  return scheduler_.now() >= weather_.gone_from && scheduler_.now() < weather_.gone_until;
}

size_t SimulatedStore::version_to_read() {
  const bool goes_back = object_.options().broken == SimulatedObject::Break::goes_back && dice_.chance(200);
  if (!goes_back && (author_.edit || !dice_.chance(weather_.stale_read))) return object_.newest();
  return object_.newest() - std::min<size_t>(object_.newest(), dice_.below(kVersionsBehindMax + 1));
}

Result<storage::GetOutcome> SimulatedStore::get(const std::optional<storage::EntityTag>& known,
                                                storage::ByteSink& sink) {
  travel();
  if (is_gone() || dice_.chance(weather_.no_connection)) {
    tell("read: no connection");
    return fail(ErrorCode::unavailable, "simulated: no connection");
  }
  size_t number = version_to_read();
  const auto version = [&]() -> const Version& { return object_.versions()[number]; };
  tell("read of version {}", number);
  if (version().bytes && known == version().tag) {
    travel();
    return storage::NotModified();
  }
  if (version().bytes && dice_.chance(weather_.broken_read)) {
    if (Result<> done = hand_out(number, sink, true); !done) return std::unexpected(done.error());
    tell("read broke off");
    if (dice_.chance(500)) return fail(ErrorCode::unavailable, "simulated: the transfer broke off");
    number = object_.newest();
  }
  if (!version().bytes) {
    travel();
    return storage::Absent();
  }
  storage::EntityTag tag = version().tag;
  if (Result<> done = hand_out(number, sink, false); !done) return std::unexpected(done.error());
  author_.saw_document = true;
  return storage::Read{std::move(tag)};
}

/// In pieces, between which others act.
Result<> SimulatedStore::hand_out(size_t version, storage::ByteSink& sink, bool half) {
  std::string bytes = *object_.versions()[version].bytes;
  if (half) bytes.resize(dice_.below(static_cast<uint32_t>(bytes.size()) + 1));
  const size_t piece = bytes.size() / dice_.between(1, 4) + 1;
  sink.restart();
  for (size_t begin = 0; begin < bytes.size(); begin += piece) {
    travel();
    const std::optional<std::string>& newest = object_.versions().back().bytes;
    const bool mixes = object_.options().broken == SimulatedObject::Break::mixes_versions;
    if (mixes && newest && newest->size() > begin) bytes = *newest;
    if (Result<> taken = sink.append(std::string_view(bytes).substr(begin, piece)); !taken) return taken;
  }
  return {};
}

Result<storage::PutOutcome> SimulatedStore::no_answer(std::string_view why) {
  in_doubt_ = true;
  tell("write: {}", why);
  return fail(ErrorCode::unknown_outcome, "simulated: {}", why);
}

Result<storage::PutOutcome> SimulatedStore::put(const storage::Object& object,
                                                const storage::Precondition& precondition) {
  // The caller's bytes need not outlive the call.
  std::string bytes(object.bytes);
  travel();
  if (dice_.chance(weather_.no_connection)) {
    tell("write: no connection");
    return fail(ErrorCode::unavailable, "simulated: no connection");
  }
  if (dice_.chance(weather_.denied)) {
    tell("write: denied");
    return fail(ErrorCode::unauthorized, "simulated: denied");
  }
  if (dice_.chance(weather_.spurious_conflict)) {
    tell("write: refused by chance");
    return storage::Conflict();
  }
  if (is_gone() || dice_.chance(weather_.lost_write)) {
    travel();
    return no_answer("no effect, and no answer");
  }
  if (dice_.chance(weather_.late_write)) {
    arrive_late(std::move(bytes), precondition);
    scheduler_.pause(dice_.time(weather_.patience()));
    return no_answer("under way, and no answer");
  }
  const Result<storage::PutOutcome> outcome = arrive(std::move(bytes), precondition);
  if (dice_.chance(weather_.lost_answer)) {
    scheduler_.pause(dice_.time(weather_.patience()));
    return no_answer("arrived, and no answer");
  }
  travel();
  return outcome;
}

Result<storage::PutOutcome> SimulatedStore::arrive(std::string bytes, const storage::Precondition& precondition) {
  if (object_.options().broken == SimulatedObject::Break::checks_too_early) {
    const Result<bool> held = object_.holds(precondition);
    if (!held) return std::unexpected(held.error());
    if (!*held) return storage::Conflict();
    travel();
    return object_.write(std::move(bytes), storage::Unconditional(), author_);
  }
  Result<storage::PutOutcome> outcome = object_.write(std::move(bytes), precondition, author_);
  const bool stored = outcome && std::holds_alternative<storage::Stored>(*outcome);
  tell("write: {}", stored ? fmt::format("version {}", object_.newest()) : "refused");
  return outcome;
}

void SimulatedStore::arrive_late(std::string bytes, const storage::Precondition& precondition) {
  scheduler_.later(dice_.time(kLatest), [this, bytes = std::move(bytes), precondition, author = author_] {
    const Result<storage::PutOutcome> outcome = object_.write(bytes, precondition, author);
    const bool stored = outcome && std::holds_alternative<storage::Stored>(*outcome);
    tell("late write of edit {}: {}", *author.edit, stored ? fmt::format("version {}", object_.newest()) : "refused");
  });
}

Result<> SimulatedStore::remove() {
  object_.remove();
  return {};
}

}  // namespace heare::simulation
