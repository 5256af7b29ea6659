#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "app/document_cache.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "http/server.h"
#include "keys/key_index.h"
#include "keys/repository.h"
#include "log/logger.h"
#include "metrics/loads.h"
#include "storage/object_store.h"

namespace heare::app {

/// Loads the document, on one thread of its own: at the start, whenever the interval is over, and when asked. Callers
/// who ask together share one load, and who asks while a load runs gets the next one, as the running one may have read
/// the document before the caller's edit. A load that fails leaves everything as it is. Every load that brings
/// something new, was asked for or failed is logged.
class KeyRefresher final : public http::Refresher {
 public:
  /// Whom the refresher tells. Called from its threads, one call at a time.
  struct Listener {
    /// Makes every serving thread answer from a snapshot, and returns once all do.
    std::function<void(std::unique_ptr<const keys::KeyIndex>)> publish;
    /// What was published last is what the store held at that moment.
    std::function<void(WallTime)> confirmed;
    /// The end of the first load, from the store or from the cache: the number of keys, or why there will be none.
    std::function<void(const Result<size_t>&)> first_loaded;
    /// Each look at the store, as soon as it has ended.
    std::function<void(metrics::LoadOutcome, std::chrono::nanoseconds)> load_ended = [](metrics::LoadOutcome,
                                                                                        std::chrono::nanoseconds) {};
  };

  /// `interval` 0: no load but the ones asked for. `cache` may be nullptr.
  KeyRefresher(keys::KeyRepository& repository, log::Logger& logger, const Clock& clock,
               std::chrono::milliseconds interval, std::unique_ptr<DocumentCache> cache = nullptr);
  /// Waits for a load that runs.
  ~KeyRefresher() override;

  /// Begins. The first load counts an absent document as one without keys, and tries for kFirstLoadTimeout to reach a
  /// store that is unavailable; any other failure is final at once, and the refresher has then ended. Where there is a
  /// cache of that store, no failure is final: the cache is published when the first try has failed or kCacheDelay is
  /// over, and the tries go on. Called once.
  void start(Listener listener);

  /// Asks for a load that begins after this call. After the end `done` gets an error.
  void refresh(std::function<void(Result<size_t>)> done) override;
  /// The same, for those who do not wait for the result.
  void request();

  /// Ends: begins no further load, answers those who wait, and waits for a load that runs. False where that takes
  /// longer than `timeout`; then only the end of the process frees its thread.
  bool stop(std::chrono::milliseconds timeout);

 private:
  using Done = std::function<void(Result<size_t>)>;
  /// Who has asked for a load.
  struct Demand {
    std::vector<Done> waiting;
    bool asked = false;
  };
  struct LoadResult {
    size_t key_count;
    bool changed;
  };
  /// What has become of the cache since the start.
  enum class CacheUse { undecided, none, served };

  /// Pauses before a try to mend the cache: soon, as a revoked key may be in the old copy, but seldom where the disk
  /// stays full. Each copy that was read doubles the pause.
  static constexpr std::chrono::minutes kFirstCachePause{1};
  static constexpr std::chrono::minutes kLongestCachePause{64};

  static metrics::LoadOutcome outcome_of(const Result<LoadResult>& result);

  void work();
  bool load_first();
  /// One load for all who have asked so far, logged and answered.
  Result<LoadResult> take_turn(bool log_success);
  Result<LoadResult> load();
  /// Where the cache lacks what is loaded, copies it from the store once more, if it is time to.
  void mend_cache(WallTime asked_at);
  Result<LoadResult> adopt_absence();
  Result<LoadResult> adopt(keys::KeyRepository::Snapshot snapshot, WallTime confirmed_at);
  void publish_loaded(std::unique_ptr<const keys::KeyIndex> index);
  void confirm(WallTime at);
  bool is_loaded();
  void warn_of_plain_secrets(size_t count);
  void warn_of_doubtful_fields(const keys::Loaded& loaded);
  /// Sleeps, but not past a stop.
  void pause(std::chrono::milliseconds duration);

  /// The other thread: falls back on the cache once the store is late or has failed.
  void watch_cache();
  bool store_is_late_or_failed();
  CacheUse serve_cache();
  CacheUse wait_for_cache();
  bool cache_serves();
  void set_cache_use(CacheUse use);

  void note_first_try();
  Demand take_demand();
  bool wait_for_turn();
  bool stopping();
  void end();

  // constant after construction
  keys::KeyRepository& repository_;
  log::Logger& logger_;
  const Clock& clock_;
  const std::chrono::milliseconds interval_;
  const std::unique_ptr<DocumentCache> cache_;

  // constant after `start`
  Listener listener_;
  std::thread thread_;
  std::thread cache_thread_;

  // the refresher's thread only
  std::optional<storage::EntityTag> tag_;
  size_t key_count_ = 0;
  size_t plain_secret_count_ = 0;
  std::chrono::minutes cache_pause_ = kFirstCachePause;
  std::optional<SteadyTime> cache_due_;

  /// Held while the listener is told something, so that the cache never takes the place of the store's document.
  Mutex publish_mutex_;
  bool loaded_ HEARE_GUARDED_BY(publish_mutex_) = false;

  Mutex mutex_;
  Condition changed_;
  Demand demand_ HEARE_GUARDED_BY(mutex_);
  bool first_try_over_ HEARE_GUARDED_BY(mutex_) = false;
  CacheUse cache_use_ HEARE_GUARDED_BY(mutex_) = CacheUse::none;
  bool stopping_ HEARE_GUARDED_BY(mutex_) = false;
  bool ended_ HEARE_GUARDED_BY(mutex_) = false;
};

/// As long as a service that starts waits for a store that is down: longer than a restart of the store takes, shorter
/// than a supervisor's patience.
inline constexpr std::chrono::seconds kFirstLoadTimeout{30};
/// How long the store may keep silent before the cache serves.
inline constexpr std::chrono::seconds kCacheDelay{5};

}  // namespace heare::app
