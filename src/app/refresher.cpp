#include "app/refresher.h"

#include <algorithm>
#include <cstdint>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <variant>

#include "base/out_of_memory.h"
#include "base/time_format.h"

namespace heare::app {
namespace {

using std::chrono::milliseconds;

/// Pauses of the first load: the first, and the longest; each is twice the one before.
constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{4000};
/// How soon a pause notices a stop.
constexpr milliseconds kPauseSlice{100};
/// While the cache serves, the store is tried at least this often, also where polling is off.
constexpr milliseconds kRetryInterval{5000};
/// Events are never dropped, and an id has any length that a document gives it.
constexpr size_t kLoggedIdBytesMax = 256;

Result<size_t> stopped() {
  return fail(ErrorCode::unavailable, "the service is stopping");
}

/// A load may take all of a processor for a second: verifications go first. Threads that this one starts inherit it.
void yield_to_serving_threads() {
  constexpr int kNiceness = 10;
  // Of the calling thread alone, on Linux. Nobody may be refused to become nicer.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
}

/// To the microsecond: more digits say nothing about a load.
double milliseconds_of(SteadyTime::duration duration) {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count()) / 1000;
}

}  // namespace

metrics::LoadOutcome KeyRefresher::outcome_of(const Result<LoadResult>& result) {
  if (!result) return metrics::LoadOutcome::failed;
  return result->changed ? metrics::LoadOutcome::success : metrics::LoadOutcome::unchanged;
}

KeyRefresher::KeyRefresher(keys::KeyRepository& repository, log::Logger& logger, const Clock& clock,
                           milliseconds interval, std::unique_ptr<DocumentCache> cache)
    : repository_(repository), logger_(logger), clock_(clock), interval_(interval), cache_(std::move(cache)) {}

KeyRefresher::~KeyRefresher() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  if (cache_thread_.joinable()) cache_thread_.join();
}

void KeyRefresher::start(Listener listener) {
  listener_ = std::move(listener);
  const Result<> ours = cache_ ? cache_->check_owner() : Result<>();
  if (!ours) logger_.event(log::Level::warning, "cache_ignored", {{"error", ours.error().message}});
  if (cache_ && ours) {
    set_cache_use(CacheUse::undecided);
    cache_thread_ = std::thread([this] { watch_cache(); });
  }
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
    // By the machine's clock, which is what a Condition waits by: nobody else moves time on while this waits.
    const SteadyTime deadline = system_clock().steady_now() + timeout;
    const auto working = [this]() HEARE_REQUIRES(mutex_) {
      return (!ended_ && thread_.joinable()) || (cache_use_ == CacheUse::undecided && cache_thread_.joinable());
    };
    while (working()) {
      if (!changed_.wait_until(lock, deadline) && working()) return false;
    }
  }
  if (thread_.joinable()) thread_.join();
  if (cache_thread_.joinable()) cache_thread_.join();
  return true;
}

void KeyRefresher::work() {
  if (load_first()) {
    // Not before: nobody is served until then.
    yield_to_serving_threads();
    while (wait_for_turn()) {
      [[maybe_unused]] const Result<LoadResult> told = take_turn(true);  // to the log, and to who asked
    }
  }
  end();
}

bool KeyRefresher::load_first() {
  const SteadyTime deadline = clock_.steady_now() + kFirstLoadTimeout;
  milliseconds wait = kFirstPause;
  while (true) {
    const Result<LoadResult> result = take_turn(false);
    if (stopping()) return false;
    note_first_try();
    // From here on a failure is one of many: the service answers from the cache.
    const bool cache_serves = wait_for_cache() == CacheUse::served;
    // A stop ends that wait before the cache thread has told its decision.
    if (stopping()) return false;
    if (result && !cache_serves) listener_.first_loaded(result->key_count);
    if (result && !cache_serves) warn_of_plain_secrets(plain_secret_count_);
    if (result || cache_serves) return true;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock_.steady_now());
    if (result.error().code != ErrorCode::unavailable || left <= milliseconds(0)) {
      listener_.first_loaded(std::unexpected(result.error()));
      return false;
    }
    pause(std::min(wait, left));
    wait = std::min(wait * 2, kLongestPause);
  }
}

void KeyRefresher::warn_of_plain_secrets(size_t count) {
  if (count == 0) return;
  logger_.event(log::Level::warning, "plain_secrets", {{"count", static_cast<int64_t>(count)}});
}

Result<KeyRefresher::LoadResult> KeyRefresher::take_turn(bool log_success) {
  const Demand demand = take_demand();
  const SteadyTime started = clock_.steady_now();
  Result<LoadResult> result = load();
  const SteadyTime::duration duration = clock_.steady_now() - started;
  listener_.load_ended(outcome_of(result), duration);
  if (!result) {
    logger_.event(log::Level::error, "refresh_failed", {{"error", result.error().message}});
  } else if (demand.asked || ((log_success || cache_serves()) && result->changed)) {
    logger_.event(
        log::Level::info, "refresh_success",
        {{"keys_loaded", static_cast<int64_t>(result->key_count)}, {"duration_ms", milliseconds_of(duration)}});
  }
  for (const Done& done : demand.waiting) {
    done(result ? Result<size_t>(result->key_count) : std::unexpected(result.error()));
  }
  return result;
}

Result<KeyRefresher::LoadResult> KeyRefresher::load() {
  // The moment of asking: what the answer says may have been true only then.
  const WallTime asked_at = clock_.now();
  mend_cache(asked_at);
  Result<keys::KeyRepository::LoadOutcome> outcome =
      within_memory([this] { return repository_.load(tag_, cache_ ? &cache_->recording() : nullptr); });
  if (!outcome) return std::unexpected(outcome.error());
  if (std::holds_alternative<storage::Absent>(*outcome)) return adopt_absence();
  if (auto* const snapshot = std::get_if<keys::KeyRepository::Snapshot>(&*outcome)) {
    return adopt(std::move(*snapshot), asked_at);
  }
  if (cache_) cache_->confirm(asked_at);
  confirm(asked_at);
  return LoadResult{key_count_, false};
}

void KeyRefresher::mend_cache(WallTime asked_at) {
  if (!cache_ || !tag_ || cache_->is_current()) {
    cache_pause_ = kFirstCachePause;
    cache_due_.reset();
    return;
  }
  const SteadyTime now = clock_.steady_now();
  if (!cache_due_) cache_due_ = now + cache_pause_;
  if (now < *cache_due_) return;
  cache_due_.reset();
  const auto copied = repository_.copy(cache_->recording());
  // Of a store that fails, and of a newer document, the load that follows tells.
  if (!copied || *copied != tag_) return;
  cache_->keep(*tag_, asked_at);
  cache_pause_ = std::min(2 * cache_pause_, kLongestCachePause);
}

Result<KeyRefresher::LoadResult> KeyRefresher::adopt_absence() {
  if (tag_) {
    return fail(ErrorCode::not_found, "{}: the document has vanished; the keys loaded before stay in service",
                repository_.url());
  }
  if (cache_ && cache_->is_there()) {
    return fail(
        ErrorCode::not_found,
        "{}: the document is not there, but there is a cache of it; if it is meant to be gone, remove the cache",
        repository_.url());
  }
  // Confirmed after it is in service, never before: what the cache has served may be old and void.
  const bool is_news = !is_loaded();
  if (is_news) {
    logger_.event(log::Level::warning, "document_absent", {{"store", repository_.url()}});
    publish_loaded(keys::KeyIndexBuilder().finish());
  }
  confirm(clock_.now());
  return LoadResult{0, is_news};
}

Result<KeyRefresher::LoadResult> KeyRefresher::adopt(keys::KeyRepository::Snapshot snapshot, WallTime confirmed_at) {
  warn_of_doubtful_fields(snapshot.loaded);
  tag_ = std::move(snapshot.tag);
  key_count_ = snapshot.loaded.index->key_count();
  plain_secret_count_ = snapshot.loaded.plain_secret_count;
  publish_loaded(std::move(snapshot.loaded.index));
  confirm(confirmed_at);
  if (cache_) cache_->keep(*tag_, confirmed_at);
  return LoadResult{key_count_, true};
}

void KeyRefresher::confirm(WallTime at) {
  const MutexLock lock(publish_mutex_);
  listener_.confirmed(at);
}

bool KeyRefresher::is_loaded() {
  const MutexLock lock(publish_mutex_);
  return loaded_;
}

void KeyRefresher::publish_loaded(std::unique_ptr<const keys::KeyIndex> index) {
  const MutexLock lock(publish_mutex_);
  loaded_ = true;
  listener_.publish(std::move(index));
}

// --- The cache

void KeyRefresher::watch_cache() {
  set_cache_use(store_is_late_or_failed() ? serve_cache() : CacheUse::none);
}

bool KeyRefresher::store_is_late_or_failed() {
  const SteadyTime deadline = clock_.steady_now() + kCacheDelay;
  MutexLock lock(mutex_);
  while (!first_try_over_ && !stopping_) {
    if (!changed_.wait_until(lock, deadline)) break;
  }
  if (stopping_) return false;
  lock.unlock();
  return !is_loaded();
}

KeyRefresher::CacheUse KeyRefresher::serve_cache() {
  Result<std::optional<DocumentCache::Cached>> cached = within_memory([this] { return cache_->load(); });
  const MutexLock lock(publish_mutex_);
  if (loaded_) return CacheUse::none;
  if (!cached) {
    logger_.event(log::Level::warning, "cache_ignored", {{"error", cached.error().message}});
    return CacheUse::none;
  }
  if (!*cached) return CacheUse::none;
  const size_t key_count = (*cached)->loaded.index->key_count();
  logger_.event(
      log::Level::error, "cache_served",
      {{"keys_loaded", static_cast<int64_t>(key_count)}, {"confirmed_at", format_utc((*cached)->confirmed_at)}});
  warn_of_doubtful_fields((*cached)->loaded);
  warn_of_plain_secrets((*cached)->loaded.plain_secret_count);
  // Its age first: keys that are too old must not be answered for a moment.
  listener_.confirmed((*cached)->confirmed_at);
  listener_.publish(std::move((*cached)->loaded.index));
  listener_.first_loaded(key_count);
  return CacheUse::served;
}

bool KeyRefresher::cache_serves() {
  const MutexLock lock(mutex_);
  return cache_use_ == CacheUse::served;
}

KeyRefresher::CacheUse KeyRefresher::wait_for_cache() {
  MutexLock lock(mutex_);
  while (cache_use_ == CacheUse::undecided && !stopping_) changed_.wait(lock);
  return cache_use_;
}

void KeyRefresher::set_cache_use(CacheUse use) {
  const MutexLock lock(mutex_);
  cache_use_ = use;
  changed_.notify_all();
}

void KeyRefresher::note_first_try() {
  const MutexLock lock(mutex_);
  first_try_over_ = true;
  changed_.notify_all();
}

// --- What was asked for, and the end

void KeyRefresher::warn_of_doubtful_fields(const keys::Loaded& loaded) {
  for (const keys::DoubtfulField& doubtful : loaded.doubtful_fields) {
    logger_.event(
        log::Level::warning, "doubtful_field",
        {{"key_id", std::string_view(doubtful.key_id).substr(0, kLoggedIdBytesMax)}, {"field", doubtful.field}});
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
  MutexLock lock(mutex_);
  const bool cache_serves = cache_use_ == CacheUse::served && !tag_;
  const bool retries_more_often = cache_serves && (interval_ == milliseconds(0) || interval_ > kRetryInterval);
  const milliseconds interval = retries_more_often ? kRetryInterval : interval_;
  const SteadyTime due = clock_.steady_now() + interval;
  while (!stopping_ && !demand_.asked) {
    if (interval == milliseconds(0)) {
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
