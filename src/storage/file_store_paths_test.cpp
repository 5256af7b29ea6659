#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "storage/file_store.h"

#include "storage/file_store_test_support.h"

namespace heare::storage {
namespace {

TEST(FileStorePaths, SymbolicLinkStaysAndItsTargetIsWritten) {
  const TempDir folder;
  fs::create_directory(folder / "volume");
  write_in_place(folder / "volume/real.json", "old");
  fs::create_symlink("volume/real.json", folder / "hop");
  fs::create_symlink(folder / "hop", folder / "keys.json");
  ASSERT_TRUE(put(*make_file_store(folder / "keys.json"), "new", IfMatch{read_tag(*make_file_store(folder / "hop"))})
                  .has_value());
  EXPECT_TRUE(fs::is_symlink(folder / "keys.json"));
  EXPECT_FALSE(fs::is_symlink(folder / "volume/real.json"));
  EXPECT_EQ(contents(folder / "volume/real.json"), "new");
  // Writers that come by different names meet at one lock.
  EXPECT_TRUE(fs::exists(folder / "volume/real.json.lock"));
}

TEST(FileStorePaths, SymbolicLinkToNothingIsAbsentAndItsTargetIsMade) {
  const TempDir folder;
  fs::create_symlink("volume/real.json", folder / "keys.json");
  const auto store = make_file_store(folder / "keys.json");
  StringSink sink;
  EXPECT_TRUE(std::holds_alternative<Absent>(store->get(std::nullopt, sink).value()));
  ASSERT_TRUE(put(*store, "new", IfAbsent{}).has_value());
  EXPECT_EQ(contents(folder / "volume/real.json"), "new");
}

TEST(FileStorePaths, SymbolicLinksInACircleAreAnError) {
  const TempDir folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  const auto store = make_file_store(folder / "a");
  EXPECT_EQ(error_of_get(*store).code, ErrorCode::invalid);
  EXPECT_EQ(error_of_put(*store).code, ErrorCode::invalid);
}

TEST(FileStorePaths, FolderInPlaceOfTheFileIsAnError) {
  const TempDir folder;
  fs::create_directory(folder / "keys.json");
  const auto store = make_file_store(folder / "keys.json");
  const Error error = error_of_get(*store);
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_EQ(error.message, "reading " + (folder / "keys.json").native() + ": Is a directory; name another file");
  EXPECT_EQ(error_of_put(*store).code, ErrorCode::invalid);
  EXPECT_EQ(error_of_put(*store, IfAbsent{}).code, ErrorCode::invalid);
}

TEST(FileStorePaths, PipeInPlaceOfTheFileIsAnError) {
  const TempDir folder;
  ASSERT_EQ(::mkfifo((folder / "keys.json").c_str(), 0600), 0);
  EXPECT_EQ(error_of_get(*make_file_store(folder / "keys.json")).code, ErrorCode::invalid);
}

TEST(FileStorePaths, FileInPlaceOfTheFolderIsAnErrorAndNotAbsence) {
  const TempDir folder;
  write_in_place(folder / "data", "a file");
  const auto store = make_file_store(folder / "data/keys.json");
  EXPECT_EQ(error_of_get(*store).code, ErrorCode::invalid);
  EXPECT_EQ(error_of_put(*store).code, ErrorCode::invalid);
}

TEST(FileStorePaths, DeniedFileIsAnErrorWithPathReasonAndRemedy) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is denied to root";
  const TempDir folder;
  write_in_place(folder / "keys.json", "old");
  fs::permissions(folder / "keys.json", fs::perms::none);
  const Error error = error_of_get(*make_file_store(folder / "keys.json"));
  EXPECT_EQ(error.code, ErrorCode::unauthorized);
  EXPECT_EQ(error.message,
            "reading " + (folder / "keys.json").native() +
                ": Permission denied; run as the user whose file it is, or let this user into its folder");
}

TEST(FileStorePaths, DeniedFolderIsAnErrorAndKeepsTheFile) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is denied to root";
  const TempDir folder;
  const auto store = make_file_store(folder / "keys.json");
  ASSERT_TRUE(put(*store, "old").has_value());
  ASSERT_EQ(::chmod(folder.path().c_str(), 0500), 0);
  EXPECT_EQ(error_of_put(*store).code, ErrorCode::unauthorized);
  EXPECT_EQ(contents(folder / "keys.json"), "old");
  ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
}

/// Ends the process: with 0 where a write of more than a file may have was refused, after the refusal's message.
[[noreturn]] void write_over_the_limit(ObjectStore& store) {
  const rlimit limit{.rlim_cur = 4096, .rlim_max = 4096};
  ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const auto outcome = put(store, std::string(kLargeBytes, 'x'));
  fmt::print(stderr, "{}\n", outcome ? "it was written" : outcome.error().message);
  ::_exit(outcome ? 1 : 0);
}

// A limit of a process on the size of files stands in for a full disk: write(2) fails halfway in the same way.
TEST(FileStorePaths, WriteThatFailsHalfwayIsAnErrorAndKeepsTheFile) {
  const TempDir folder;
  const auto store = make_file_store(folder / "keys.json");
  ASSERT_TRUE(put(*store, "old").has_value());
  EXPECT_EXIT(write_over_the_limit(*store), ::testing::ExitedWithCode(0), "writing .*keys.json: File too large");
  EXPECT_EQ(contents(folder / "keys.json"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2) << "the half-written file stays";
}

TEST(FileStorePaths, IfMatchMakesNoFolderForWhatHasVanished) {
  const TempDir folder;
  const auto store = make_file_store(folder / "gone/keys.json");
  EXPECT_EQ(error_of_put(*store, IfMatch{{"tag"}}).code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(folder / "gone"));
}

TEST(FileStorePaths, RemovingWhatHasNoFolderIsDone) {
  const TempDir folder;
  EXPECT_TRUE(make_file_store(folder / "gone/keys.json")->remove().has_value());
  EXPECT_FALSE(fs::exists(folder / "gone"));
}

}  // namespace
}  // namespace heare::storage
