#include "keys/repository.h"

#include <numeric>
#include <utility>

#include <gtest/gtest.h>

#include "keys/verifier.h"
#include "storage/memory_store.h"
#include "support/fake_clock.h"
#include "support/faulty_store.h"
#include "support/sequence_random.h"

namespace heare::keys {
namespace {

using testing::PutFault;

class KeyRepositoryTest : public ::testing::Test {
 protected:
  static KeyRepository::Edit create(std::string id) {
    return [id = std::move(id)](KeyDocument& document, bool) -> Result<bool> {
      if (document.find(id)) return false;
      NewKey key;
      key.id = id;
      key.secret = Secret("secret of " + id);
      if (const Result<> done = document.append({&key, 1}, document.secret_storage()); !done) {
        return std::unexpected(done.error());
      }
      return true;
    };
  }

  std::vector<std::string> ids() {
    std::vector<std::string> found;
    const auto document = repository_.read();
    if (document && *document) {
      (*document)->for_each([&found](json::Value, const ApiKey& key) { found.push_back(key.id); });
    }
    return found;
  }

  std::chrono::nanoseconds time_slept() const {
    const auto sleeps = clock_.sleeps();
    return std::accumulate(sleeps.begin(), sleeps.end(), std::chrono::nanoseconds(0));
  }

  std::unique_ptr<storage::ObjectStore> memory_ = storage::make_memory_store();
  testing::FaultyStore store_{*memory_};
  DocumentCipher cipher_{StorageSecrets{}};
  testing::FakeClock clock_;
  testing::SequenceRandom random_{1};
  KeyRepository repository_{store_, cipher_, clock_, random_};
};

TEST_F(KeyRepositoryTest, FaultOfTheDocumentIsToldWithItsUrlWhereverItIs) {
  const std::string records = R"({"id":"a","secret":"b"},)";
  std::string early = R"({"keys":[x)";
  std::string late = R"({"keys":[)";
  for (int n = 0; n < 200'000; ++n) {
    early += records;
    late += records;
  }
  for (const std::string& json : {early, late}) {
    ASSERT_TRUE(memory_->put({json, "application/json"}, storage::Unconditional()));
    const auto loaded = repository_.load(std::nullopt);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::corrupt);
    EXPECT_TRUE(loaded.error().message.starts_with(store_.url() + ": ")) << loaded.error().message;
    const auto read = repository_.read();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, loaded.error().message);
  }
}

TEST_F(KeyRepositoryTest, AbsentDocumentIsNoFailureAndTheFirstEditMakesIt) {
  EXPECT_TRUE(std::holds_alternative<storage::Absent>(*repository_.load(std::nullopt)));
  EXPECT_FALSE(repository_.read()->has_value());
  ASSERT_TRUE(repository_.edit(create("a")));
  EXPECT_EQ(ids(), std::vector<std::string>{"a"});
}

TEST_F(KeyRepositoryTest, UnchangedDocumentIsNotLoadedAgain) {
  ASSERT_TRUE(repository_.edit(create("a")));
  auto first = repository_.load(std::nullopt);
  const auto& snapshot = std::get<KeyRepository::Snapshot>(*first);
  EXPECT_EQ(snapshot.loaded.index->key_count(), 1U);
  EXPECT_TRUE(std::holds_alternative<storage::NotModified>(*repository_.load(snapshot.tag)));
  ASSERT_TRUE(repository_.edit(create("b")));
  EXPECT_TRUE(std::holds_alternative<KeyRepository::Snapshot>(*repository_.load(snapshot.tag)));
}

TEST_F(KeyRepositoryTest, EachStepOfAnEditIsTold) {
  ASSERT_TRUE(repository_.edit(create("a")));
  std::vector<Step> steps;
  uint64_t bytes_written = 0;
  repository_.tell([&](Step step, uint64_t count) {
    if (steps.empty() || steps.back() != step) steps.push_back(step);
    if (step == Step::writing) bytes_written = count;
  });
  ASSERT_TRUE(repository_.edit(create("b")));
  EXPECT_EQ(steps, (std::vector{Step::reading, Step::checking, Step::changing, Step::writing}));
  EXPECT_EQ(bytes_written, repository_.read().value()->json().size());
}

TEST_F(KeyRepositoryTest, EditThatChangesNothingWritesNothing) {
  ASSERT_TRUE(repository_.edit(create("a")));
  ASSERT_TRUE(repository_.edit(create("a")));
  EXPECT_EQ(store_.puts, 1);
}

TEST_F(KeyRepositoryTest, FailedEditWritesNothing) {
  const auto refuse = [](KeyDocument&, bool) -> Result<bool> { return fail(ErrorCode::not_found, "no such key"); };
  EXPECT_EQ(repository_.edit(refuse).error().code, ErrorCode::not_found);
  EXPECT_EQ(store_.puts, 0);
}

TEST_F(KeyRepositoryTest, FasterWriterIsNotOverwritten) {
  testing::FakeClock other_clock;
  KeyRepository other(*memory_, cipher_, other_clock, random_);
  ASSERT_TRUE(repository_.edit(create("a")));
  store_.before_put = [&] { ASSERT_TRUE(other.edit(create("theirs"))); };
  ASSERT_TRUE(repository_.edit(create("ours")));
  EXPECT_EQ(ids(), (std::vector<std::string>{"a", "theirs", "ours"}));
}

TEST_F(KeyRepositoryTest, TwoFirstWritersBothKeepTheirKey) {
  testing::FakeClock other_clock;
  KeyRepository other(*memory_, cipher_, other_clock, random_);
  store_.before_put = [&] { ASSERT_TRUE(other.edit(create("theirs"))); };
  ASSERT_TRUE(repository_.edit(create("ours")));
  EXPECT_EQ(ids(), (std::vector<std::string>{"theirs", "ours"}));
}

TEST_F(KeyRepositoryTest, EditIsToldOfAWriteInDoubtAndOfNoConflict) {
  testing::FakeClock other_clock;
  KeyRepository other(*memory_, cipher_, other_clock, random_);
  std::vector<bool> told;
  const auto told_create = [&](KeyDocument& document, bool in_doubt) {
    told.push_back(in_doubt);
    return create("ours")(document, in_doubt);
  };
  store_.before_put = [&] { ASSERT_TRUE(other.edit(create("theirs"))); };
  store_.put_faults = {PutFault::none, PutFault::lost_answer};
  ASSERT_TRUE(repository_.edit(told_create));
  // The first try met a conflict; the answer to the second was lost, and the third found what it had written.
  EXPECT_EQ(told, (std::vector{false, false, true}));
}

TEST_F(KeyRepositoryTest, WriteWhoseAnswerWasLostHasOneEffectAndIsDone) {
  store_.put_faults = {PutFault::lost_answer};
  ASSERT_TRUE(repository_.edit(create("a")));
  EXPECT_EQ(ids(), std::vector<std::string>{"a"});
  EXPECT_EQ(store_.puts, 1);
}

TEST_F(KeyRepositoryTest, WriteThatNeverArrivedIsSentAgainAfterReading) {
  ASSERT_TRUE(repository_.edit(create("a")));
  store_.put_faults = {PutFault::lost_request, PutFault::conflict};
  const int gets_before = store_.gets;
  ASSERT_TRUE(repository_.edit(create("b")));
  EXPECT_EQ(ids(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(store_.gets - gets_before - 1, 3);  // one before each write, and one by ids()
}

TEST_F(KeyRepositoryTest, WriteWithoutAnyAnswerInTimeIsUnknownAndNeverFailed) {
  store_.put_faults.assign(10'000, PutFault::lost_request);
  EXPECT_EQ(repository_.edit(create("a")).error().code, ErrorCode::unknown_outcome);
  EXPECT_LE(time_slept(), limits::kEditTimeout);
}

TEST_F(KeyRepositoryTest, WriteThatTookUpAllTheTimeAndIsThereIsDone) {
  KeyRepository hasty(store_, cipher_, clock_, random_, {.edit_timeout = std::chrono::milliseconds(0)});
  store_.put_faults = {PutFault::lost_answer};
  EXPECT_TRUE(hasty.edit(create("a")));
  EXPECT_EQ(store_.puts, 1);
}

TEST_F(KeyRepositoryTest, EndlessConflictsEndWithTheTime) {
  store_.put_faults.assign(10'000, PutFault::conflict);
  const Result<> done = repository_.edit(create("a"));
  EXPECT_EQ(done.error().code, ErrorCode::conflict);
  EXPECT_GT(store_.puts, 20) << "gives up too early for eight writers";
  EXPECT_LE(time_slept(), limits::kEditTimeout);
}

TEST_F(KeyRepositoryTest, DeniedWriteFailsAtOnce) {
  store_.put_faults = {PutFault::denied};
  EXPECT_EQ(repository_.edit(create("a")).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(store_.puts, 1);
}

TEST_F(KeyRepositoryTest, DeniedWriteAfterAnUncertainOneIsNotCalledFailed) {
  store_.put_faults = {PutFault::lost_request};
  store_.put_faults.insert(store_.put_faults.end(), 10'000, PutFault::denied);
  EXPECT_EQ(repository_.edit(create("a")).error().code, ErrorCode::unknown_outcome);
}

// The simulation found this: the write was in, another writer deleted the key, and "no such key" was taken for the
// outcome of it all.
TEST_F(KeyRepositoryTest, EditThatFailsAfterAnUncertainWriteIsNotCalledFailed) {
  store_.put_faults = {PutFault::lost_answer};
  const Result<> done = repository_.edit([&](KeyDocument& document, bool in_doubt) -> Result<bool> {
    if (in_doubt) return fail(ErrorCode::not_found, "no such key");
    return create("a")(document, in_doubt);
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::unknown_outcome);
  EXPECT_TRUE(done.error().message.ends_with("no such key")) << done.error().message;
}

TEST_F(KeyRepositoryTest, DocumentThatVanishesAfterAnUncertainWriteIsNeitherRecreatedNorCalledFailed) {
  ASSERT_TRUE(repository_.edit(create("a")));
  store_.put_faults = {PutFault::lost_request};
  store_.before_put = [&] { ASSERT_TRUE(memory_->remove()); };
  EXPECT_EQ(repository_.edit(create("b")).error().code, ErrorCode::unknown_outcome);
  EXPECT_TRUE(ids().empty());
}

TEST_F(KeyRepositoryTest, VanishedDocumentIsNotRecreated) {
  ASSERT_TRUE(repository_.edit(create("a")));
  store_.before_put = [&] { ASSERT_TRUE(memory_->remove()); };
  EXPECT_EQ(repository_.edit(create("b")).error().code, ErrorCode::not_found);
  EXPECT_TRUE(ids().empty());
}

TEST_F(KeyRepositoryTest, DocumentThatVanishesBetweenTwoTriesIsNotRecreated) {
  ASSERT_TRUE(repository_.edit(create("a")));
  store_.put_faults = {PutFault::conflict};
  store_.before_put = [&] { ASSERT_TRUE(memory_->remove()); };
  EXPECT_EQ(repository_.edit(create("b")).error().code, ErrorCode::not_found);
  EXPECT_TRUE(ids().empty());
}

TEST_F(KeyRepositoryTest, BrokenDocumentIsNeitherLoadedNorOverwritten) {
  ASSERT_TRUE(memory_->put({"{\"keys\": [", "application/json"}, storage::IfAbsent()));
  EXPECT_EQ(repository_.load(std::nullopt).error().code, ErrorCode::corrupt);
  EXPECT_EQ(repository_.edit(create("a")).error().code, ErrorCode::corrupt);
  EXPECT_EQ(store_.puts, 0);
}

TEST_F(KeyRepositoryTest, EncryptedDocumentIsNotEditedWithThePreviousSecretAlone) {
  StorageSecrets secrets;
  secrets.current = Secret("passphrase");
  const DocumentCipher encrypting(secrets);
  KeyRepository encrypted(store_, encrypting, clock_, random_);
  ASSERT_TRUE(encrypted.edit(create("a")));

  StorageSecrets only_previous;
  only_previous.previous = Secret("passphrase");
  const DocumentCipher reading(only_previous);
  KeyRepository readable(store_, reading, clock_, random_);
  const Result<> done = readable.edit(create("b"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::invalid);
  EXPECT_TRUE(done.error().message.contains("set STORAGE_SECRET,")) << done.error().message;
  EXPECT_EQ(store_.puts, 1);
  // What changes nothing writes nothing.
  EXPECT_TRUE(readable.edit(create("a")));
}

TEST_F(KeyRepositoryTest, EncryptedDocumentStaysEncrypted) {
  StorageSecrets secrets;
  secrets.current = Secret("passphrase");
  const DocumentCipher encrypting(secrets);
  KeyRepository sealed(*memory_, encrypting, clock_, random_);
  ASSERT_TRUE(sealed.edit(create("a")));
  storage::StringSink sink;
  ASSERT_TRUE(memory_->get(std::nullopt, sink));
  EXPECT_TRUE(sink.bytes.starts_with(kEncryptedHeader));
  EXPECT_EQ(std::get<KeyRepository::Snapshot>(*sealed.load(std::nullopt)).loaded.index->key_count(), 1U);
  EXPECT_EQ(repository_.read().error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace heare::keys
