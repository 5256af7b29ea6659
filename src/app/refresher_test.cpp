#include "app/refresher.h"

#include <deque>
#include <future>
#include <new>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "storage/memory_store.h"
#include "support/fake_clock.h"
#include "support/pipe.h"
#include "support/sequence_random.h"

namespace heare::app {
namespace {

using heare::testing::FakeClock;
using heare::testing::Pipe;
using heare::testing::SequenceRandom;

/// A store whose reads wait at a gate while it is closed, and fail as scripted.
class GatedStore final : public storage::ObjectStore {
 public:
  void put_document(const std::string& bytes) {
    ASSERT_TRUE(store_->put({bytes, "application/json"}, storage::Unconditional()));
  }
  void remove_document() { ASSERT_TRUE(store_->remove()); }

  void fail_next(ErrorCode code, int times = 1) {
    const MutexLock lock(mutex_);
    for (int i = 0; i < times; ++i) failures_.push_back(code);
  }
  void run_out_of_memory_once() {
    const MutexLock lock(mutex_);
    out_of_memory_ = true;
  }
  void close_gate() {
    const MutexLock lock(mutex_);
    open_ = false;
  }
  void open_gate() {
    const MutexLock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Until the nth read, counted from 1, stands at the gate or is through.
  void wait_for_read(int number) {
    MutexLock lock(mutex_);
    while (reads_ < number) changed_.wait(lock);
  }
  int reads() {
    const MutexLock lock(mutex_);
    return reads_;
  }

  Result<storage::GetOutcome> get(const std::optional<storage::EntityTag>& known, storage::ByteSink& sink) override {
    if (const std::optional<ErrorCode> code = pass_gate()) return fail(*code, "scripted");
    return store_->get(known, sink);
  }
  Result<storage::PutOutcome> put(const storage::Object& object, const storage::Precondition& when) override {
    return store_->put(object, when);
  }
  Result<> remove() override { return store_->remove(); }
  std::string url() const override { return "memory:"; }

 private:
  std::optional<ErrorCode> pass_gate() {
    MutexLock lock(mutex_);
    ++reads_;
    changed_.notify_all();
    while (!open_) changed_.wait(lock);
    if (std::exchange(out_of_memory_, false)) throw std::bad_alloc();
    if (failures_.empty()) return std::nullopt;
    const ErrorCode code = failures_.front();
    failures_.pop_front();
    return code;
  }

  const std::unique_ptr<storage::ObjectStore> store_ = storage::make_memory_store();
  Mutex mutex_;
  Condition changed_;
  bool open_ HEARE_GUARDED_BY(mutex_) = true;
  bool out_of_memory_ HEARE_GUARDED_BY(mutex_) = false;
  int reads_ HEARE_GUARDED_BY(mutex_) = 0;
  std::deque<ErrorCode> failures_ HEARE_GUARDED_BY(mutex_);
};

std::string document(int keys) {
  std::string text = "{\"keys\": [";
  for (int i = 0; i < keys; ++i) {
    text += fmt::format("{}{{\"id\": \"key_{}\", \"secret\": \"sec_{}\"}}", i == 0 ? "" : ",", i, i);
  }
  return text + "]}";
}

class Refresher : public ::testing::Test {
 protected:
  /// Starts, and waits for the end of the first load.
  Result<size_t> start() {
    begin();
    return first_.get_future().get();
  }
  void begin() {
    refresher_.start({
        .publish = [this](std::unique_ptr<const keys::KeyIndex> index) { published_.push_back(index->key_count()); },
        .confirmed = [this](WallTime at) { confirmed_ = at; },
        .first_loaded = [this](const Result<size_t>& loaded) { first_.set_value(loaded); },
    });
  }

  std::future<Result<size_t>> ask() {
    auto promise = std::make_shared<std::promise<Result<size_t>>>();
    refresher_.refresh([promise](Result<size_t> loaded) { promise->set_value(std::move(loaded)); });
    return promise->get_future();
  }

  /// All lines so far; ends the refresher first. Once.
  std::string log() {
    EXPECT_TRUE(refresher_.stop(std::chrono::hours(1)));
    EXPECT_TRUE(logger_->flush(std::chrono::minutes(1)));
    logger_.reset();
    return pipe_.read_all();
  }

  Pipe pipe_;
  FakeClock clock_;
  SequenceRandom random_;
  GatedStore store_;
  keys::DocumentCipher cipher_{keys::StorageSecrets()};
  keys::KeyRepository repository_{store_, cipher_, clock_, random_};
  std::unique_ptr<log::Logger> logger_ = log::make_logger(pipe_.write_end(), log::Level::debug, clock_);
  std::promise<Result<size_t>> first_;
  std::vector<size_t> published_;
  WallTime confirmed_;
  KeyRefresher refresher_{repository_, *logger_, clock_, std::chrono::milliseconds(0)};
};

size_t count(std::string_view text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(Refresher, TheFirstLoadIsPublished) {
  store_.put_document(document(3));
  EXPECT_EQ(start().value(), 3U);
  refresher_.stop(std::chrono::hours(1));
  EXPECT_EQ(published_, std::vector<size_t>{3});
}

TEST_F(Refresher, AnAbsentDocumentIsPublishedAsNoKeysAndWarnedAbout) {
  EXPECT_EQ(start().value(), 0U);
  EXPECT_EQ(ask().get().value(), 0U);
  const std::string lines = log();
  EXPECT_EQ(published_, std::vector<size_t>{0});
  EXPECT_EQ(count(lines, R"("event":"document_absent","store":"memory:")"), 1U) << lines;
}

TEST_F(Refresher, AFirstLoadThatCannotPassFailsAtOnce) {
  store_.fail_next(ErrorCode::corrupt);
  const Result<size_t> loaded = start();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::corrupt);
  EXPECT_EQ(store_.reads(), 1);
  EXPECT_TRUE(clock_.sleeps().empty());
}

TEST_F(Refresher, AFirstLoadThatMayPassIsTriedAgain) {
  store_.put_document(document(1));
  store_.fail_next(ErrorCode::unavailable, 3);
  EXPECT_EQ(start().value(), 1U);
  EXPECT_EQ(store_.reads(), 4);
}

TEST_F(Refresher, AFirstLoadGivesUpAfterThirtySeconds) {
  store_.fail_next(ErrorCode::unavailable, 1000);
  const SteadyTime begin = clock_.steady_now();
  const Result<size_t> loaded = start();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::unavailable);
  EXPECT_EQ(clock_.steady_now() - begin, kFirstLoadTimeout);
  // 0.25 + 0.5 + 1 + 2 + 6 × 4 s, and what is left.
  EXPECT_EQ(store_.reads(), 12);
}

TEST_F(Refresher, CallsWhileALoadRunsShareTheNextOneAndNeverGetItsResult) {
  store_.put_document(document(1));
  ASSERT_TRUE(start());
  store_.close_gate();
  std::future<Result<size_t>> running = ask();
  store_.wait_for_read(2);
  std::future<Result<size_t>> late[] = {ask(), ask(), ask()};
  store_.open_gate();
  EXPECT_EQ(running.get().value(), 1U);
  for (auto& answer : late) EXPECT_EQ(answer.get().value(), 1U);
  EXPECT_EQ(store_.reads(), 3);
}

TEST_F(Refresher, ACallWhileTheFirstLoadRunsGetsTheNextOne) {
  store_.put_document(document(1));
  store_.close_gate();
  begin();
  store_.wait_for_read(1);
  std::future<Result<size_t>> late = ask();
  store_.open_gate();
  EXPECT_EQ(late.get().value(), 1U);
  EXPECT_EQ(store_.reads(), 2);
}

TEST_F(Refresher, AnEditIsInWhatTheCallAfterItGets) {
  store_.put_document(document(1));
  ASSERT_TRUE(start());
  store_.put_document(document(2));
  EXPECT_EQ(ask().get().value(), 2U);
  refresher_.stop(std::chrono::hours(1));
  EXPECT_EQ(published_, (std::vector<size_t>{1, 2}));
}

TEST_F(Refresher, AnUnchangedDocumentIsASuccessThatPublishesNothing) {
  store_.put_document(document(2));
  ASSERT_TRUE(start());
  EXPECT_EQ(ask().get().value(), 2U);
  const std::string lines = log();
  EXPECT_EQ(published_, std::vector<size_t>{2});
  EXPECT_EQ(count(lines, "refresh_success"), 1U) << lines;
}

TEST_F(Refresher, ALackOfMemoryIsAFailureLikeOthers) {
  store_.put_document(document(2));
  ASSERT_TRUE(start());
  store_.run_out_of_memory_once();
  const Result<size_t> failed = ask().get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "there is not enough memory");
  store_.put_document(document(3));
  EXPECT_EQ(ask().get().value(), 3U);
}

TEST_F(Refresher, AFailureKeepsTheOldKeysAndIsToldToWhoAsked) {
  store_.put_document(document(2));
  ASSERT_TRUE(start());
  store_.put_document("{\"keys\": [{}]}");
  const Result<size_t> failed = ask().get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::corrupt);
  store_.put_document(document(3));
  EXPECT_EQ(ask().get().value(), 3U);
  const std::string lines = log();
  EXPECT_EQ(published_, (std::vector<size_t>{2, 3}));
  EXPECT_EQ(count(lines, "refresh_failed"), 1U) << lines;
}

TEST_F(Refresher, ADocumentThatVanishesIsAFailureAndItsKeysStay) {
  store_.put_document(document(2));
  ASSERT_TRUE(start());
  store_.remove_document();
  const Result<size_t> failed = ask().get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "memory:: the document has vanished; the keys loaded before stay in service");
  refresher_.stop(std::chrono::hours(1));
  EXPECT_EQ(published_, std::vector<size_t>{2});
}

TEST_F(Refresher, PlainSecretsAreWarnedAboutOnceAndDoubtfulFieldsAtEachLoad) {
  const std::string doubtful = R"({"keys": [{"id": "key_a", "secret": "sec_a", "metadata": 5}]})";
  store_.put_document(doubtful);
  ASSERT_TRUE(start());
  store_.put_document(doubtful + "\n");
  ASSERT_TRUE(ask().get());
  const std::string lines = log();
  EXPECT_EQ(count(lines, "plain_secrets"), 1U) << lines;
  EXPECT_EQ(count(lines, "doubtful_field"), 2U) << lines;
}

TEST_F(Refresher, ARequestWithoutAnAnswerLoadsToo) {
  store_.put_document(document(1));
  ASSERT_TRUE(start());
  refresher_.request();
  store_.wait_for_read(2);
  EXPECT_EQ(store_.reads(), 2);
}

TEST_F(Refresher, WhoAsksAfterTheEndGetsAnError) {
  ASSERT_TRUE(start());
  ASSERT_TRUE(refresher_.stop(std::chrono::hours(1)));
  EXPECT_FALSE(ask().get());
}

TEST_F(Refresher, WhoWaitsAtTheEndGetsAnError) {
  ASSERT_TRUE(start());
  store_.close_gate();
  std::future<Result<size_t>> running = ask();
  store_.wait_for_read(2);
  std::future<Result<size_t>> waiting = ask();
  EXPECT_FALSE(refresher_.stop(std::chrono::milliseconds(0)));
  store_.open_gate();
  EXPECT_TRUE(running.get());
  EXPECT_FALSE(waiting.get());
}

TEST_F(Refresher, EachAnswerOfTheStoreConfirmsWhatIsLoaded) {
  store_.put_document(document(1));
  ASSERT_TRUE(start());
  EXPECT_EQ(confirmed_, clock_.now());
  clock_.advance(std::chrono::seconds(7));
  ASSERT_TRUE(ask().get());
  EXPECT_EQ(confirmed_, clock_.now());
  const WallTime before = clock_.now();
  clock_.advance(std::chrono::seconds(7));
  store_.fail_next(ErrorCode::unavailable);
  ASSERT_FALSE(ask().get());
  EXPECT_EQ(confirmed_, before);
}

/// With a real clock: the timer is a wait on the machine's own.
TEST(RefresherInterval, AChangedDocumentIsLoadedUnasked) {
  Pipe pipe;
  SequenceRandom random;
  GatedStore store;
  const keys::DocumentCipher cipher{keys::StorageSecrets()};
  keys::KeyRepository repository(store, cipher, system_clock(), random);
  const auto logger = log::make_logger(pipe.write_end(), log::Level::debug, system_clock());
  store.put_document(document(1));
  std::promise<void> second;
  std::vector<size_t> published;
  KeyRefresher refresher(repository, *logger, system_clock(), std::chrono::milliseconds(1));
  refresher.start({
      .publish =
          [&](std::unique_ptr<const keys::KeyIndex> index) {
            published.push_back(index->key_count());
            if (published.size() == 2) second.set_value();
          },
      .confirmed = [](WallTime) {},
      .first_loaded = [](const Result<size_t>&) {},
  });
  store.wait_for_read(3);  // the unchanged one is looked at, and nothing comes of it
  store.put_document(document(2));
  second.get_future().wait();
  EXPECT_TRUE(refresher.stop(std::chrono::hours(1)));
  EXPECT_EQ(published, (std::vector<size_t>{1, 2}));
}

}  // namespace
}  // namespace heare::app
