#include "keys/piece_thread.h"

#include <atomic>
#include <new>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace heare::keys {
namespace {

constexpr size_t kPieceBytes = PieceThread::kPieceBytes;

std::string numbered(size_t bytes) {
  std::string text;
  for (size_t n = 0; text.size() < bytes; ++n) text += std::to_string(n) + ",";
  text.resize(bytes);
  return text;
}

TEST(PieceThread, HandsOnEveryByteInItsOrder) {
  for (const size_t bytes :
       {size_t{0}, size_t{1}, kPieceBytes - 1, kPieceBytes, kPieceBytes + 1, 9 * kPieceBytes + 7}) {
    for (const size_t part : {size_t{1000}, kPieceBytes, 3 * kPieceBytes}) {
      const std::string text = numbered(bytes);
      std::string seen;
      PieceThread thread([&seen](std::string_view piece) -> Result<> {
        seen += piece;
        return {};
      });
      for (size_t at = 0; at < bytes; at += part) ASSERT_TRUE(thread.append(std::string_view(text).substr(at, part)));
      ASSERT_TRUE(thread.finish());
      ASSERT_EQ(seen == text, true) << bytes << " in parts of " << part;
    }
  }
}

TEST(PieceThread, WorksAsideOnWhatIsLongAndStartsNoThreadForWhatIsShort) {
  const auto worked_here = [](size_t bytes) {
    std::thread::id worker;
    PieceThread thread([&worker](std::string_view) -> Result<> {
      worker = std::this_thread::get_id();
      return {};
    });
    EXPECT_TRUE(thread.append(std::string(bytes, 'x')));
    EXPECT_TRUE(thread.finish());
    return worker == std::this_thread::get_id();
  };
  EXPECT_TRUE(worked_here(kPieceBytes - 1));
  EXPECT_FALSE(worked_here(kPieceBytes));
}

TEST(PieceThread, ALackOfMemoryIsAnErrorWhereverItIsMet) {
  for (const size_t bytes : {kPieceBytes - 1, 2 * kPieceBytes}) {
    PieceThread thread([](std::string_view) -> Result<> { throw std::bad_alloc(); });
    static_cast<void>(thread.append(std::string(bytes, 'x')));
    const Result<> told = thread.finish();
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, ErrorCode::unavailable);
    EXPECT_EQ(told.error().message, "there is not enough memory");
  }
}

TEST(PieceThread, AnErrorEndsTheWorkAndIsToldByEachCallThatFollows) {
  int calls = 0;
  PieceThread thread([&calls](std::string_view) -> Result<> {
    ++calls;
    return fail(ErrorCode::corrupt, "piece {} is bad", calls);
  });
  // It may be told only with a later piece, but once the ring has been round it must be.
  Result<> told;
  for (size_t n = 0; n <= PieceThread::kPieces && told; ++n) told = thread.append(std::string(kPieceBytes, 'x'));
  ASSERT_FALSE(told);
  EXPECT_FALSE(thread.append(std::string(kPieceBytes, 'x')));
  const Result<> finished = thread.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().message, "piece 1 is bad");
  EXPECT_EQ(calls, 1);
}

TEST(PieceThread, ErrorOfTheLastPieceIsToldAtTheEnd) {
  PieceThread thread([](std::string_view piece) -> Result<> {
    if (piece.ends_with('!')) return fail(ErrorCode::corrupt, "bad at its last byte");
    return {};
  });
  ASSERT_TRUE(thread.append(std::string(2 * kPieceBytes, 'x')));
  ASSERT_TRUE(thread.append("!"));
  EXPECT_EQ(thread.finish().error().message, "bad at its last byte");
}

TEST(PieceThread, AbandonedMidwayItEndsAndWorksNoMore) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> exists = true;
    {
      PieceThread thread([&exists](std::string_view) -> Result<> {
        EXPECT_TRUE(exists);
        return {};
      });
      ASSERT_TRUE(thread.append(std::string((PieceThread::kPieces - 1) * kPieceBytes + 5, 'x')));
    }
    exists = false;
  }
}

}  // namespace
}  // namespace heare::keys
