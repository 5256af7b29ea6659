#include <atomic>
#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/refresher.h"
#include "storage/memory_store.h"
#include "support/fake_clock.h"
#include "support/pipe.h"
#include "support/sequence_random.h"
#include "support/temp_dir.h"

namespace heare::app {
namespace {

using heare::testing::FakeClock;
using heare::testing::Pipe;
using heare::testing::SequenceRandom;
using heare::testing::TempDir;

constexpr std::string_view kOneKey = R"({"keys":[{"id":"a","secret":"1"}]})";
constexpr std::string_view kTwoKeys = R"({"keys":[{"id":"a","secret":"1"},{"id":"b","secret":"2"}]})";

/// A store that can be broken.
class BreakableStore final : public storage::ObjectStore {
 public:
  explicit BreakableStore(std::string url) : url_(std::move(url)) {}

  void put_document(std::string_view bytes) {
    ASSERT_TRUE(store_->put({bytes, "application/json"}, storage::Unconditional()));
  }
  std::atomic<bool> denied = false;

  Result<storage::GetOutcome> get(const std::optional<storage::EntityTag>& known, storage::ByteSink& sink) override {
    if (denied) return fail(ErrorCode::unauthorized, "access denied");
    return store_->get(known, sink);
  }
  Result<storage::PutOutcome> put(const storage::Object& object, const storage::Precondition& when) override {
    return store_->put(object, when);
  }
  Result<> remove() override { return store_->remove(); }
  std::string url() const override { return url_; }

 private:
  const std::unique_ptr<storage::ObjectStore> store_ = storage::make_memory_store();
  const std::string url_;
};

/// One life of a service, from its start to its end.
class Life {
 public:
  Life(BreakableStore& store, const std::filesystem::path& cache, const Clock& clock = system_clock())
      : repository_(store, cipher_, clock, random_),
        refresher_(repository_, *logger_, clock, std::chrono::milliseconds(0),
                   std::make_unique<DocumentCache>(cache, store.url(), cipher_, *logger_)) {
    refresher_.start({
        .publish = [this](std::unique_ptr<const keys::KeyIndex> index) { published_.push_back(index->key_count()); },
        .confirmed = [this](WallTime at) { confirmed_.push_back(at); },
        .first_loaded = [this](const Result<size_t>& loaded) { first_.set_value(loaded); },
    });
  }

  Result<size_t> first_load() { return first_.get_future().get(); }
  Result<size_t> ask() {
    std::promise<Result<size_t>> answer;
    refresher_.refresh([&answer](Result<size_t> loaded) { answer.set_value(std::move(loaded)); });
    return answer.get_future().get();
  }
  /// Ends it; all that it has logged.
  std::string end() {
    EXPECT_TRUE(refresher_.stop(std::chrono::hours(1)));
    EXPECT_TRUE(logger_->flush(std::chrono::minutes(1)));
    logger_.reset();
    return pipe_.read_all();
  }
  const std::vector<size_t>& published() const { return published_; }
  const std::vector<WallTime>& confirmed() const { return confirmed_; }

 private:
  Pipe pipe_;
  SequenceRandom random_;
  keys::DocumentCipher cipher_{keys::StorageSecrets()};
  std::unique_ptr<log::Logger> logger_ = log::make_logger(pipe_.write_end(), log::Level::debug, system_clock());
  std::promise<Result<size_t>> first_;
  std::vector<size_t> published_;
  std::vector<WallTime> confirmed_;
  keys::KeyRepository repository_;
  KeyRefresher refresher_;
};

class RefresherCache : public ::testing::Test {
 protected:
  /// A life in which all went well.
  void fill_cache(std::string_view document) {
    store_.put_document(document);
    Life life(store_, cache_);
    ASSERT_TRUE(life.first_load());
    life.end();
  }

  TempDir folder_;
  const std::filesystem::path cache_ = folder_ / "cache";
  BreakableStore store_{"s3://bucket/keys.json"};
};

TEST_F(RefresherCache, StoreThatFailsAtTheStartIsReplacedByTheCacheAndTriedOn) {
  fill_cache(kTwoKeys);
  store_.denied = true;
  Life life(store_, cache_);
  EXPECT_EQ(*life.first_load(), 2U);
  EXPECT_FALSE(life.ask());
  store_.put_document(kOneKey);
  store_.denied = false;
  EXPECT_EQ(*life.ask(), 1U);
  const std::string log = life.end();
  EXPECT_EQ(life.published(), (std::vector<size_t>{2, 1}));
  EXPECT_NE(log.find(R"("event":"refresh_failed","error":"access denied")"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("event":"cache_served","keys_loaded":2)"), std::string::npos) << log;
}

TEST_F(RefresherCache, BrokenAndAbsentDocumentsAreReplacedByTheCacheToo) {
  fill_cache(kTwoKeys);
  store_.put_document("{");
  {
    Life life(store_, cache_);
    EXPECT_EQ(*life.first_load(), 2U);
    life.end();
  }
  ASSERT_TRUE(store_.remove());
  Life life(store_, cache_);
  EXPECT_EQ(*life.first_load(), 2U);
  EXPECT_EQ(life.end().find("document_absent"), std::string::npos);
}

TEST_F(RefresherCache, AgeOfTheCacheIsTheLastConfirmation) {
  fill_cache(kTwoKeys);
  storage::CachedCopy copy(cache_);
  const WallTime long_ago = system_clock().now() - std::chrono::hours(24);
  ASSERT_TRUE(copy.confirm(long_ago));
  store_.denied = true;
  Life life(store_, cache_);
  ASSERT_TRUE(life.first_load());
  life.end();
  EXPECT_EQ(life.confirmed(), std::vector<WallTime>{long_ago});
}

TEST_F(RefresherCache, UnchangedDocumentConfirmsTheCache) {
  store_.put_document(kOneKey);
  Life life(store_, cache_);
  ASSERT_TRUE(life.first_load());
  ASSERT_TRUE(life.ask());
  storage::CachedCopy copy(cache_);
  ASSERT_TRUE(copy.confirm(WallTime()));
  ASSERT_TRUE(life.ask());
  life.end();
  EXPECT_EQ((*copy.find())->confirmed_at, life.confirmed().back());
}

TEST_F(RefresherCache, CacheOfAnotherStoreIsIgnoredWithAWarning) {
  fill_cache(kTwoKeys);
  BreakableStore other("s3://other/keys.json");
  other.denied = true;
  Life life(other, cache_);
  EXPECT_EQ(life.first_load().error().code, ErrorCode::unauthorized);
  const std::string log = life.end();
  EXPECT_NE(log.find(R"("event":"cache_ignored")"), std::string::npos) << log;
  EXPECT_TRUE(life.published().empty());
}

TEST_F(RefresherCache, CacheOfAnotherStoreIsWarnedAboutOnceThoughItIsNotNeeded) {
  fill_cache(kTwoKeys);
  BreakableStore other("s3://other/keys.json");
  Life life(other, cache_);
  EXPECT_EQ(*life.first_load(), 0U);
  const std::string log = life.end();
  const size_t first = log.find(R"("event":"cache_ignored")");
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find(R"("event":"cache_ignored")", first + 1), std::string::npos) << log;
}

TEST_F(RefresherCache, WithoutACacheFileTheFailureIsFinal) {
  store_.denied = true;
  Life life(store_, cache_);
  EXPECT_EQ(life.first_load().error().code, ErrorCode::unauthorized);
}

TEST_F(RefresherCache, CacheThatCannotBeWrittenIsWarnedAboutAndStopsNobody) {
  store_.put_document(kOneKey);
  Life life(store_, folder_ / "missing" / "cache");
  EXPECT_EQ(*life.first_load(), 1U);
  ASSERT_TRUE(life.ask());
  EXPECT_NE(life.end().find(R"("event":"cache_failed")"), std::string::npos);
}

TEST_F(RefresherCache, OldCopyIsNotConfirmedWhereTheNewOneCouldNotBeKept) {
  store_.put_document(kTwoKeys);
  Life life(store_, cache_);
  ASSERT_TRUE(life.first_load());
  ASSERT_TRUE(life.ask());
  // A folder in the way of the note: the next copy cannot be kept.
  std::filesystem::remove(folder_ / "cache.meta");
  std::filesystem::create_directory(folder_ / "cache.meta");
  std::filesystem::create_directory(folder_ / "cache.meta" / "full");
  store_.put_document(kOneKey);
  EXPECT_EQ(*life.ask(), 1U);
  const auto before = std::filesystem::last_write_time(cache_);
  ASSERT_TRUE(life.ask());
  EXPECT_EQ(std::filesystem::last_write_time(cache_), before);
  EXPECT_NE(life.end().find("cache_failed"), std::string::npos);
}

TEST_F(RefresherCache, CacheIsMendedOnceItCanBeWritten) {
  FakeClock clock;
  store_.put_document(kOneKey);
  const std::filesystem::path cache = folder_ / "missing" / "cache";
  Life life(store_, cache, clock);
  ASSERT_TRUE(life.first_load());
  ASSERT_TRUE(life.ask());
  std::filesystem::create_directory(cache.parent_path());
  clock.advance(std::chrono::seconds(59));
  ASSERT_TRUE(life.ask());
  EXPECT_FALSE(std::filesystem::exists(cache)) << "a disk that stays full must not cost a read at each poll";
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(*life.ask(), 1U);
  EXPECT_TRUE(std::filesystem::exists(cache));
  life.end();
  // It was the same document.
  EXPECT_EQ(life.published(), std::vector<size_t>{1});
}

TEST_F(RefresherCache, CacheThatSomebodyRemovesComesBack) {
  FakeClock clock;
  store_.put_document(kOneKey);
  Life life(store_, cache_, clock);
  ASSERT_TRUE(life.first_load());
  ASSERT_TRUE(life.ask());
  std::filesystem::remove(cache_);
  ASSERT_TRUE(life.ask());
  ASSERT_TRUE(life.ask());
  clock.advance(std::chrono::minutes(1));
  ASSERT_TRUE(life.ask());
  EXPECT_TRUE(std::filesystem::exists(cache_));
}

TEST_F(RefresherCache, DamagedCacheIsNotServed) {
  fill_cache(kTwoKeys);
  std::filesystem::resize_file(cache_, 20);
  store_.denied = true;
  Life life(store_, cache_);
  EXPECT_FALSE(life.first_load());
  EXPECT_NE(life.end().find(R"("event":"cache_ignored")"), std::string::npos);
}

}  // namespace
}  // namespace heare::app
