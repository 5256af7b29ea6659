#include "app/refresher.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

namespace heare::app {
namespace {

using std::chrono::milliseconds;

/// Pauses of the first load: the first, and the longest; each is twice the one before.
constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{4000};
/// How soon a pause notices a stop.
constexpr milliseconds kPauseSlice{100};

Result<size_t> stopped() {
  return fail(ErrorCode::unavailable, "the service is stopping");
}

/// To the microsecond: more digits say nothing about a load.
double milliseconds_between(SteadyTime begin, SteadyTime end) {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(end - begin).count()) / 1000;
}

}  // namespace

KeyRefresher::KeyRefresher(keys::KeyRepository& repository, log::Logger& logger, const Clock& clock,
                           milliseconds interval)
    : repository_(repository), logger_(logger), clock_(clock), interval_(interval) {}

KeyRefresher::~KeyRefresher() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void KeyRefresher::start(Publish publish, FirstLoaded first_loaded) {
  publish_ = std::move(publish);
  first_loaded_ = std::move(first_loaded);
  thread_ = std::thread([this] { work(); });
}

void KeyRefresher::refresh(std::function<void(Result<size_t>)> done) {
  {
    const MutexLock lock(mutex_);
    if (!stopping_ && !ended_) {
      demand_.waiting.push_back(std::move(done));
      demand_.asked = true;
      changed_.notify_all();
      return;
    }
  }
  done(stopped());
}

void KeyRefresher::request() {
  const MutexLock lock(mutex_);
  demand_.asked = true;
  changed_.notify_all();
}

bool KeyRefresher::stop(milliseconds timeout) {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    const SteadyTime deadline = clock_.steady_now() + timeout;
    while (!ended_ && thread_.joinable()) {
      if (!changed_.wait_until(lock, deadline) && !ended_) return false;
    }
  }
  if (thread_.joinable()) thread_.join();
  return true;
}

void KeyRefresher::work() {
  if (load_first()) {
    while (wait_for_turn()) static_cast<void>(take_turn(true));
  }
  end();
}

bool KeyRefresher::load_first() {
  const SteadyTime deadline = clock_.steady_now() + kFirstLoadTimeout;
  milliseconds wait = kFirstPause;
  while (true) {
    const Result<LoadResult> result = take_turn(false);
    if (stopping()) return false;
    if (result) {
      first_loaded_(result->key_count);
      warn_of_plain_secrets();
      return true;
    }
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock_.steady_now());
    if (result.error().code != ErrorCode::unavailable || left <= milliseconds(0)) {
      first_loaded_(std::unexpected(result.error()));
      return false;
    }
    pause(std::min(wait, left));
    wait = std::min(wait * 2, kLongestPause);
  }
}

void KeyRefresher::warn_of_plain_secrets() {
  if (plain_secret_count_ == 0) return;
  logger_.event(log::Level::warning, "plain_secrets", {{"count", static_cast<int64_t>(plain_secret_count_)}});
}

Result<KeyRefresher::LoadResult> KeyRefresher::take_turn(bool log_success) {
  const Demand demand = take_demand();
  const SteadyTime started = clock_.steady_now();
  Result<LoadResult> result = load();
  const double duration_ms = milliseconds_between(started, clock_.steady_now());
  if (!result) {
    logger_.event(log::Level::error, "refresh_failed",
                  {{"error", result.error().message}, {"duration_ms", duration_ms}});
  } else if (demand.asked || (log_success && result->changed)) {
    logger_.event(log::Level::info, "refresh_success",
                  {{"keys_loaded", static_cast<int64_t>(result->key_count)}, {"duration_ms", duration_ms}});
  }
  for (const Done& done : demand.waiting) {
    done(result ? Result<size_t>(result->key_count) : std::unexpected(result.error()));
  }
  return result;
}

Result<KeyRefresher::LoadResult> KeyRefresher::load() {
  Result<keys::KeyRepository::LoadOutcome> outcome = repository_.load(tag_);
  if (!outcome) return std::unexpected(outcome.error());
  if (std::holds_alternative<storage::NotModified>(*outcome)) return LoadResult{key_count_, false};
  if (std::holds_alternative<storage::Absent>(*outcome)) {
    if (tag_) {
      return fail(ErrorCode::not_found, "{}: the document has vanished; the keys loaded before stay in service",
                  repository_.url());
    }
    if (std::exchange(loaded_, true)) return LoadResult{0, false};
    logger_.event(log::Level::warning, "document_absent", {{"store", repository_.url()}});
    publish_(keys::KeyIndexBuilder().finish());
    return LoadResult{0, true};
  }
  auto& snapshot = std::get<keys::KeyRepository::Snapshot>(*outcome);
  warn_of_doubtful_fields(snapshot.loaded);
  loaded_ = true;
  tag_ = std::move(snapshot.tag);
  key_count_ = snapshot.loaded.index->key_count();
  plain_secret_count_ = snapshot.loaded.plain_secret_count;
  publish_(std::move(snapshot.loaded.index));
  return LoadResult{key_count_, true};
}

void KeyRefresher::warn_of_doubtful_fields(const keys::Loaded& loaded) {
  for (const keys::DoubtfulField& doubtful : loaded.doubtful_fields) {
    logger_.event(log::Level::warning, "doubtful_field", {{"key_id", doubtful.key_id}, {"field", doubtful.field}});
  }
  const size_t unlisted = loaded.doubtful_field_count - loaded.doubtful_fields.size();
  if (unlisted == 0) return;
  logger_.event(log::Level::warning, "doubtful_fields_unlisted", {{"count", static_cast<int64_t>(unlisted)}});
}

void KeyRefresher::pause(milliseconds duration) {
  // In slices of the injected clock rather than on the condition: a test's clock then passes the time.
  while (duration > milliseconds(0) && !stopping()) {
    const milliseconds slice = std::min(duration, kPauseSlice);
    clock_.sleep_for(slice);
    duration -= slice;
  }
}

KeyRefresher::Demand KeyRefresher::take_demand() {
  const MutexLock lock(mutex_);
  return std::exchange(demand_, Demand());
}

bool KeyRefresher::wait_for_turn() {
  const SteadyTime due = clock_.steady_now() + interval_;
  MutexLock lock(mutex_);
  while (!stopping_ && !demand_.asked) {
    if (interval_ == milliseconds(0)) {
      changed_.wait(lock);
    } else if (!changed_.wait_until(lock, due)) {
      break;
    }
  }
  return !stopping_;
}

bool KeyRefresher::stopping() {
  const MutexLock lock(mutex_);
  return stopping_;
}

void KeyRefresher::end() {
  std::vector<Done> waiting;
  {
    const MutexLock lock(mutex_);
    ended_ = true;
    waiting = std::move(demand_.waiting);
  }
  for (const Done& done : waiting) done(stopped());
  const MutexLock lock(mutex_);
  changed_.notify_all();
}

}  // namespace heare::app
