#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "http/server.h"
#include "keys/key_index.h"
#include "keys/repository.h"
#include "log/logger.h"
#include "storage/object_store.h"

namespace heare::app {

/// Loads the document, on one thread of its own: at the start, whenever the interval is over, and when asked. Callers
/// who ask together share one load, and who asks while a load runs gets the next one, as the running one may have read
/// the document before the caller's edit. A load that fails leaves everything as it is. Every load that brings
/// something new, was asked for or failed is logged.
class KeyRefresher final : public http::Refresher {
 public:
  /// Makes every serving thread answer from a snapshot, and returns once all do.
  using Publish = std::function<void(std::unique_ptr<const keys::KeyIndex>)>;
  /// Takes the end of the first load: the number of keys, or why there will be none.
  using FirstLoaded = std::function<void(const Result<size_t>&)>;

  /// `interval` 0: no load but the ones asked for.
  KeyRefresher(keys::KeyRepository& repository, log::Logger& logger, const Clock& clock,
               std::chrono::milliseconds interval);
  /// Waits for a load that runs.
  ~KeyRefresher() override;

  /// Begins. The first load counts an absent document as one without keys, and tries for kFirstLoadTimeout to reach a
  /// store that is unavailable; any other failure is final at once. `first_loaded` is called on the refresher's thread,
  /// unless `stop` comes first; after a final failure the refresher has ended. Called once.
  void start(Publish publish, FirstLoaded first_loaded);

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

  void work();
  bool load_first();
  void warn_of_plain_secrets();
  /// One load for all who have asked so far, logged and answered.
  Result<LoadResult> take_turn(bool log_success);
  Result<LoadResult> load();
  void warn_of_doubtful_fields(const keys::Loaded& loaded);
  /// Sleeps, but not past a stop.
  void pause(std::chrono::milliseconds duration);

  Demand take_demand();
  bool wait_for_turn();
  bool stopping();
  void end();

  // constant after construction
  keys::KeyRepository& repository_;
  log::Logger& logger_;
  const Clock& clock_;
  const std::chrono::milliseconds interval_;

  // constant after `start`
  Publish publish_;
  FirstLoaded first_loaded_;
  std::thread thread_;

  // the refresher's thread only
  std::optional<storage::EntityTag> tag_;
  size_t key_count_ = 0;
  size_t plain_secret_count_ = 0;
  bool loaded_ = false;

  Mutex mutex_;
  Condition changed_;
  Demand demand_ HEARE_GUARDED_BY(mutex_);
  bool stopping_ HEARE_GUARDED_BY(mutex_) = false;
  bool ended_ HEARE_GUARDED_BY(mutex_) = false;
};

/// As long as a service that starts waits for a store that is down: longer than a restart of the store takes, shorter
/// than a supervisor's patience.
inline constexpr std::chrono::seconds kFirstLoadTimeout{30};

}  // namespace heare::app
