#include "storage/cached_copy.h"

#include <chrono>
#include <fstream>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace heare::storage {
namespace {

using std::chrono::microseconds;

constexpr WallTime kConfirmed(microseconds(1'768'905'000'123'456));

class CachedCopyTest : public ::testing::Test {
 protected:
  void record(std::string_view bytes) {
    copy_.recording().restart();
    ASSERT_TRUE(copy_.recording().append(bytes.substr(0, 3)));
    ASSERT_TRUE(copy_.recording().append(bytes.substr(3)));
  }

  testing::TempDir folder_;
  const std::filesystem::path path_ = folder_.path() / "cache";
  CachedCopy copy_{path_};
};

TEST_F(CachedCopyTest, WithoutACopyThereIsNothing) {
  StringSink sink;
  EXPECT_EQ(copy_.read(sink)->has_value(), false);
}

TEST_F(CachedCopyTest, KeptCopyIsReadBackWithItsStoreTagAndAge) {
  record("the document");
  ASSERT_TRUE(copy_.keep("s3://bucket/key", {"\"tag\""}, kConfirmed));
  StringSink sink;
  const auto found = CachedCopy(path_).read(sink);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(sink.bytes, "the document");
  EXPECT_EQ((*found)->url, "s3://bucket/key");
  EXPECT_EQ((*found)->tag.value, "\"tag\"");
  EXPECT_EQ((*found)->confirmed_at, kConfirmed);
}

TEST_F(CachedCopyTest, RecordingCountsOnlyOnceItIsKept) {
  record("old");
  ASSERT_TRUE(copy_.keep("s3://b/k", {"1"}, kConfirmed));
  record("newer");
  StringSink sink;
  ASSERT_TRUE(CachedCopy(path_).read(sink));
  EXPECT_EQ(sink.bytes, "old");
}

TEST_F(CachedCopyTest, AnotherOneThatRecordsNothingLeavesWhatIsBeingWrittenAlone) {
  record("the document");
  const CachedCopy other(path_);
  ASSERT_TRUE(copy_.keep("s3://b/k", {"1"}, kConfirmed));
  StringSink sink;
  ASSERT_TRUE(CachedCopy(path_).read(sink));
  EXPECT_EQ(sink.bytes, "the document");
}

TEST_F(CachedCopyTest, RecordingThatBeginsAgainForgetsWhatCameBefore) {
  record("broken transfer");
  record("whole");
  ASSERT_TRUE(copy_.keep("s3://b/k", {"1"}, kConfirmed));
  StringSink sink;
  ASSERT_TRUE(copy_.read(sink));
  EXPECT_EQ(sink.bytes, "whole");
}

TEST_F(CachedCopyTest, ConfirmationSetsTheAge) {
  record("document");
  ASSERT_TRUE(copy_.keep("s3://b/k", {"1"}, kConfirmed));
  ASSERT_TRUE(copy_.confirm(kConfirmed + std::chrono::hours(1)));
  StringSink sink;
  EXPECT_EQ((*copy_.read(sink))->confirmed_at, kConfirmed + std::chrono::hours(1));
}

TEST_F(CachedCopyTest, FilesAreForTheirOwnerAlone) {
  record("document");
  ASSERT_TRUE(copy_.keep("s3://b/k", {"1"}, kConfirmed));
  for (const std::filesystem::path& file : {path_, folder_.path() / "cache.meta"}) {
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << file;
  }
}

TEST_F(CachedCopyTest, CopyWithoutItsNoteOrWithADamagedOneIsNotUsed) {
  record("document");
  ASSERT_TRUE(copy_.keep("s3://b/k", {"1"}, kConfirmed));
  StringSink sink;
  std::ofstream(folder_.path() / "cache.meta") << "s3://b/k";
  EXPECT_EQ(copy_.read(sink).error().code, ErrorCode::corrupt);
  std::filesystem::remove(folder_.path() / "cache.meta");
  EXPECT_EQ(copy_.read(sink).error().code, ErrorCode::corrupt);
  EXPECT_EQ(sink.bytes, "");
}

TEST_F(CachedCopyTest, FolderThatIsNotThereIsToldWhenItIsKept) {
  CachedCopy copy(folder_.path() / "missing" / "cache");
  copy.recording().restart();
  ASSERT_TRUE(copy.recording().append("document"));
  const Result<> kept = copy.keep("s3://b/k", {"1"}, kConfirmed);
  ASSERT_FALSE(kept);
  EXPECT_NE(kept.error().message.find("missing/cache"), std::string::npos);
}

TEST_F(CachedCopyTest, NothingIsLeftBesideTheCopyAndItsNote) {
  record("one");
  record("two");
  ASSERT_TRUE(copy_.keep("s3://b/k", {"1"}, kConfirmed));
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) ++files;
  EXPECT_EQ(files, 2U);
}

}  // namespace
}  // namespace heare::storage
