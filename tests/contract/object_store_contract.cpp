#include "contract/object_store_contract.h"

#include <atomic>
#include <latch>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace heare::contract {
namespace {

using storage::Absent;
using storage::Conflict;
using storage::EntityTag;
using storage::IfAbsent;
using storage::IfMatch;
using storage::NotModified;
using storage::ObjectStore;
using storage::Precondition;
using storage::Read;
using storage::Stored;
using storage::StringSink;
using storage::Unconditional;

constexpr int kWriters = 8;
constexpr int kWritesEach = 25;

Result<storage::PutOutcome> put(ObjectStore& store, std::string_view bytes, const Precondition& precondition) {
  return store.put({.bytes = bytes, .content_type = "application/octet-stream"}, precondition);
}

/// Writes what must not fail.
EntityTag must_put(ObjectStore& store, std::string_view bytes, const Precondition& precondition = Unconditional{}) {
  const auto outcome = put(store, bytes, precondition);
  if (!outcome || !std::holds_alternative<Stored>(*outcome)) {
    ADD_FAILURE() << (outcome ? "refused as a conflict" : outcome.error().message);
    return {};
  }
  return std::get<Stored>(*outcome).tag;
}

struct Content {
  std::string bytes;
  EntityTag tag;
};

/// Nothing where the object is absent.
std::optional<Content> must_read(ObjectStore& store) {
  StringSink sink;
  const auto outcome = store.get(std::nullopt, sink);
  if (!outcome) {
    ADD_FAILURE() << outcome.error().message;
    return std::nullopt;
  }
  const auto* read = std::get_if<Read>(&*outcome);
  if (read == nullptr) return std::nullopt;
  return Content{.bytes = std::move(sink.bytes), .tag = read->tag};
}

bool is_conflict(const Result<storage::PutOutcome>& outcome) {
  if (!outcome) ADD_FAILURE() << outcome.error().message;
  return outcome && std::holds_alternative<Conflict>(*outcome);
}

/// Records how it is called.
class RecordingSink final : public storage::ByteSink {
 public:
  void restart() override {
    ++restarts;
    bytes.clear();
    pieces = 0;
  }
  Result<> append(std::string_view part) override {
    if (restarts == 0) ADD_FAILURE() << "bytes before restart";
    bytes += part;
    ++pieces;
    return {};
  }
  int restarts = 0;
  int pieces = 0;
  std::string bytes;
};

class FailingSink final : public storage::ByteSink {
 public:
  void restart() override {}
  Result<> append(std::string_view /*part*/) override { return fail(ErrorCode::corrupt, "the sink has had enough"); }
};

/// Runs `work(store)` in kWriters threads at once, each with a store of its own.
template <class Work>
void race(const std::function<std::unique_ptr<ObjectStore>()>& open, const Work& work) {
  std::latch ready(kWriters);
  std::vector<std::jthread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, store = open(), writer] {
      ready.arrive_and_wait();
      work(*store, writer);
    });
  }
}

/// Adds one to the number in the object; false where another writer was faster.
bool try_increment(ObjectStore& store) {
  const auto content = must_read(store);
  if (!content) return false;
  const std::string next = std::to_string(std::stoi(content->bytes) + 1);
  return !is_conflict(put(store, next, IfMatch{content->tag}));
}

TEST_P(ObjectStoreContract, AbsenceIsNotAFailure) {
  const auto store = open();
  RecordingSink sink;
  const auto outcome = store->get(std::nullopt, sink);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_TRUE(std::holds_alternative<Absent>(*outcome));
  EXPECT_EQ(sink.pieces, 0);
}

TEST_P(ObjectStoreContract, KnownTagOfAnAbsentObjectIsAbsent) {
  const auto store = open();
  const EntityTag tag = must_put(*store, "gone soon");
  ASSERT_TRUE(store->remove().has_value());
  RecordingSink sink;
  const auto outcome = store->get(tag, sink);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_TRUE(std::holds_alternative<Absent>(*outcome));
}

TEST_P(ObjectStoreContract, EveryByteIsReadAsItWasWritten) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  const auto store = open();
  must_put(*store, bytes);
  const auto content = must_read(*store);
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(content->bytes, bytes);
}

TEST_P(ObjectStoreContract, EmptyObjectIsNotAbsent) {
  const auto store = open();
  must_put(*store, "");
  const auto content = must_read(*store);
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(content->bytes, "");
}

TEST_P(ObjectStoreContract, LargeObjectArrivesWholeAndInPieces) {
  std::string bytes;
  while (bytes.size() < size_t{5} * 1024 * 1024 + 3) bytes += std::to_string(bytes.size());
  const auto store = open();
  const EntityTag stored = must_put(*store, bytes);
  RecordingSink sink;
  const auto outcome = store->get(std::nullopt, sink);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_TRUE(sink.bytes == bytes);
  EXPECT_GT(sink.pieces, 1);
  EXPECT_EQ(std::get<Read>(*outcome).tag, stored);
}

TEST_P(ObjectStoreContract, TagOfAWriteIsTheTagOfTheNextRead) {
  const auto store = open();
  const EntityTag stored = must_put(*store, "one");
  EXPECT_EQ(must_read(*store)->tag, stored);
  EXPECT_EQ(must_read(*open())->tag, stored);
}

TEST_P(ObjectStoreContract, OtherBytesHaveAnotherTag) {
  const auto store = open();
  const EntityTag one = must_put(*store, "one");
  EXPECT_NE(must_put(*store, "two"), one);
}

TEST_P(ObjectStoreContract, KnownTagIsNotModifiedAndLeavesTheSinkAlone) {
  const auto store = open();
  const EntityTag tag = must_put(*store, "one");
  // Of another instance, of this one, and again.
  for (const auto& reader : {open(), open()}) {
    for (int times = 0; times < 2; ++times) {
      RecordingSink sink;
      const auto outcome = reader->get(tag, sink);
      ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
      EXPECT_TRUE(std::holds_alternative<NotModified>(*outcome));
      EXPECT_EQ(sink.restarts, 0);
      EXPECT_EQ(sink.pieces, 0);
    }
  }
}

TEST_P(ObjectStoreContract, StaleTagIsRead) {
  const auto store = open();
  const EntityTag stale = must_put(*store, "one");
  const EntityTag fresh = must_put(*store, "two");
  RecordingSink sink;
  const auto outcome = store->get(stale, sink);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(std::get<Read>(*outcome).tag, fresh);
  EXPECT_EQ(sink.bytes, "two");
  EXPECT_GE(sink.restarts, 1);
}

TEST_P(ObjectStoreContract, ErrorOfTheSinkEndsTheReadAndIsReturned) {
  const auto store = open();
  must_put(*store, "one");
  FailingSink sink;
  const auto outcome = store->get(std::nullopt, sink);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::corrupt);
  EXPECT_EQ(outcome.error().message, "the sink has had enough");
  EXPECT_EQ(must_read(*store)->bytes, "one");
}

TEST_P(ObjectStoreContract, IfAbsentCreates) {
  const auto store = open();
  must_put(*store, "one", IfAbsent{});
  EXPECT_EQ(must_read(*store)->bytes, "one");
}

TEST_P(ObjectStoreContract, IfAbsentLeavesAnExistingObjectAlone) {
  const auto store = open();
  must_put(*store, "one");
  EXPECT_TRUE(is_conflict(put(*store, "two", IfAbsent{})));
  EXPECT_EQ(must_read(*store)->bytes, "one");
}

TEST_P(ObjectStoreContract, IfMatchReplacesWhatWasRead) {
  const auto store = open();
  must_put(*store, "a longer text than the next");
  must_put(*store, "two", IfMatch{must_read(*store)->tag});
  EXPECT_EQ(must_read(*store)->bytes, "two");
}

TEST_P(ObjectStoreContract, IfMatchOfAStaleTagWritesNothing) {
  const auto store = open();
  const EntityTag stale = must_put(*store, "one");
  must_put(*open(), "two");
  EXPECT_TRUE(is_conflict(put(*store, "three", IfMatch{stale})));
  EXPECT_EQ(must_read(*store)->bytes, "two");
}

TEST_P(ObjectStoreContract, IfMatchRecreatesNothing) {
  const auto store = open();
  const EntityTag tag = must_put(*store, "one");
  ASSERT_TRUE(store->remove().has_value());
  const auto outcome = put(*store, "two", IfMatch{tag});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::not_found);
  EXPECT_FALSE(must_read(*store).has_value());
}

TEST_P(ObjectStoreContract, UnconditionalOverwritesWhatAnotherWriterPut) {
  const auto store = open();
  must_put(*store, "one");
  must_put(*open(), "two");
  must_put(*store, "three", Unconditional{});
  EXPECT_EQ(must_read(*open())->bytes, "three");
}

TEST_P(ObjectStoreContract, RemovedObjectIsAbsent) {
  const auto store = open();
  must_put(*store, "one");
  ASSERT_TRUE(store->remove().has_value());
  EXPECT_FALSE(must_read(*store).has_value());
  EXPECT_FALSE(must_read(*open()).has_value());
}

TEST_P(ObjectStoreContract, RemovingAnAbsentObjectIsDone) {
  EXPECT_TRUE(open()->remove().has_value());
}

TEST_P(ObjectStoreContract, EveryInstanceTellsTheSameUrl) {
  EXPECT_NE(open()->url(), "");
  EXPECT_EQ(open()->url(), open()->url());
}

TEST_P(ObjectStoreContract, ReaderSeesTheOldObjectOrTheNewOne) {
  const auto writer_store = open();
  // As long as several pieces, and of different lengths.
  const std::string texts[] = {std::string(3'000'000, 'a'), std::string(2'000'000, 'b')};
  must_put(*writer_store, texts[0]);
  // Asked to stop also where a read fails below.
  const std::jthread writer([&](const std::stop_token& stop) {
    for (size_t turn = 1; !stop.stop_requested(); ++turn) must_put(*writer_store, texts[turn % 2]);
  });
  const auto reader = open();
  for (int reads = 0; reads < 20; ++reads) {
    const auto content = must_read(*reader);
    ASSERT_TRUE(content.has_value());
    ASSERT_TRUE(content->bytes == texts[0] || content->bytes == texts[1]) << content->bytes.size();
  }
}

TEST_P(ObjectStoreContract, OfEightWritersThatCreateOneWins) {
  std::atomic<int> winners = 0;
  std::atomic<int> winner = -1;
  race([this] { return open(); },
       [&](ObjectStore& store, int writer) {
         if (is_conflict(put(store, std::to_string(writer), IfAbsent{}))) return;
         ++winners;
         winner = writer;
       });
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(must_read(*open())->bytes, std::to_string(winner));
}

TEST_P(ObjectStoreContract, OfEightWritersThatReplaceOneWins) {
  const auto store = open();
  const EntityTag tag = must_put(*store, "start");
  std::atomic<int> winners = 0;
  race([this] { return open(); },
       [&](ObjectStore& own_store, int writer) {
         if (!is_conflict(put(own_store, std::to_string(writer), IfMatch{tag}))) ++winners;
       });
  EXPECT_EQ(winners, 1);
}

TEST_P(ObjectStoreContract, EditsOfEightWritersLoseNothing) {
  must_put(*open(), "0");
  race([this] { return open(); },
       [](ObjectStore& store, int /*writer*/) {
         for (int done = 0; done < kWritesEach && !::testing::Test::HasFailure();) {
           if (try_increment(store)) ++done;
         }
       });
  EXPECT_EQ(must_read(*open())->bytes, std::to_string(kWriters * kWritesEach));
}

}  // namespace

// A suite of this name is instantiated in the files beside this one, where the servers for it are at hand.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObjectStoreContract);

}  // namespace heare::contract
