#include "storage/file_store.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

#include "storage/file_lock.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include "storage/file_store_test_support.h"

namespace heare::storage {
namespace {

using heare::testing::FakeClock;

unsigned mode_of(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

/// Bytes that this process has asked read(2) and its kin for, or nothing where the kernel does not count them.
std::optional<uint64_t> bytes_read_so_far() {
  std::ifstream io("/proc/self/io");
  std::string name;
  uint64_t value = 0;
  while (io >> name >> value) {
    if (name == "rchar:") return value;
  }
  return std::nullopt;
}

/// A file that was last changed long ago, by the clock that the store has.
class SettledFile {
 public:
  explicit SettledFile(std::string_view bytes) {
    write_in_place(path, bytes);
    clock.set_now(system_clock().now() + std::chrono::hours(1));
  }
  TempDir folder;
  fs::path path = folder / "keys.json";
  FakeClock clock;
};

TEST(FileStore, FileAndLockAreTheOwnersAlone) {
  const TempDir folder;
  const mode_t mask = ::umask(0);
  const auto store = make_file_store(folder / "a/b/keys.json");
  EXPECT_TRUE(put(*store, "one").has_value());
  ::umask(mask);
  EXPECT_EQ(mode_of(folder / "a/b/keys.json"), 0600U);
  EXPECT_EQ(mode_of(folder / "a/b/keys.json.lock"), 0600U);
  EXPECT_EQ(mode_of(folder / "a"), 0700U);
  EXPECT_EQ(mode_of(folder / "a/b"), 0700U);
}

TEST(FileStore, FileThatOthersCouldReadIsTheOwnersAloneOnceWritten) {
  const TempDir folder;
  write_in_place(folder / "keys.json", "old");
  ASSERT_EQ(::chmod((folder / "keys.json").c_str(), 0644), 0);
  const auto store = make_file_store(folder / "keys.json");
  EXPECT_TRUE(put(*store, "new").has_value());
  EXPECT_EQ(mode_of(folder / "keys.json"), 0600U);
}

TEST(FileStore, MaskOfTheProcessTakesNothingFromTheOwner) {
  const TempDir folder;
  const mode_t mask = ::umask(0777);
  const auto outcome = put(*make_file_store(folder / "keys.json"), "new");
  ::umask(mask);
  EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(mode_of(folder / "keys.json"), 0600U);
}

TEST(FileStore, FileThatRootWritesStaysItsOwners) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can write for others";
  const TempDir folder;
  write_in_place(folder / "keys.json", "old");
  ASSERT_EQ(::chown((folder / "keys.json").c_str(), 65534, 65534), 0);
  const auto store = make_file_store(folder / "keys.json");
  EXPECT_TRUE(put(*store, "new").has_value());
  for (const auto& path : {folder / "keys.json", folder / "keys.json.lock"}) {
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, 65534U) << path;
  }
}

TEST(FileStore, UrlIsAbsolute) {
  EXPECT_EQ(make_file_store("/x/keys.json")->url(), "file:///x/keys.json");
  EXPECT_EQ(make_file_store("keys.json")->url(), "file://" + (fs::current_path() / "keys.json").native());
}

TEST(FileStore, TagIsTheSha256OfTheContent) {
  const TempDir folder;
  write_in_place(folder / "keys.json", "abc");
  const auto store = make_file_store(folder / "keys.json");
  EXPECT_EQ(read_tag(*store).value, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FileStore, UnchangedFileIsNotReadAgain) {
  const SettledFile file(std::string(kLargeBytes, 'x'));
  const auto store = make_file_store(file.path, file.clock);
  const EntityTag tag = read_tag(*store);
  const auto before = bytes_read_so_far();
  if (!before) GTEST_SKIP() << "this kernel does not count what is read";
  StringSink sink;
  EXPECT_TRUE(std::holds_alternative<NotModified>(store->get(tag, sink).value()));
  EXPECT_LT(*bytes_read_so_far() - *before, kLargeBytes);
}

// Two changes within one tick of the file system's clock bear the same times, and a file system uses the number of a
// removed inode again at once.
TEST(FileStore, FileThatChangedJustBeforeItWasReadIsReadAgain) {
  SettledFile file(std::string(kLargeBytes, 'x'));
  file.clock.set_now(system_clock().now());
  const auto store = make_file_store(file.path, file.clock);
  const EntityTag tag = read_tag(*store);
  const auto before = bytes_read_so_far();
  if (!before) GTEST_SKIP() << "this kernel does not count what is read";
  StringSink sink;
  EXPECT_TRUE(std::holds_alternative<NotModified>(store->get(tag, sink).value()));
  EXPECT_GE(*bytes_read_so_far() - *before, kLargeBytes);
}

TEST(FileStore, TouchedFileOfTheSameContentIsNotModified) {
  const SettledFile file("same");
  const auto store = make_file_store(file.path, file.clock);
  const EntityTag tag = read_tag(*store);
  write_in_place(file.path, "same");
  fs::last_write_time(file.path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  StringSink sink;
  sink.bytes = "untouched";
  EXPECT_TRUE(std::holds_alternative<NotModified>(store->get(tag, sink).value()));
  EXPECT_EQ(sink.bytes, "untouched");
}

TEST(FileStore, OtherContentOfTheSameSizeAndTimeIsRead) {
  const SettledFile file("old");
  const auto time = fs::last_write_time(file.path);
  const auto store = make_file_store(file.path, file.clock);
  const EntityTag tag = read_tag(*store);
  write_in_place(file.path, "new");
  fs::last_write_time(file.path, time);
  StringSink sink;
  EXPECT_TRUE(std::holds_alternative<Read>(store->get(tag, sink).value()));
  EXPECT_EQ(sink.bytes, "new");
}

/// Does something when the first piece arrives.
class MeddlingSink final : public ByteSink {
 public:
  explicit MeddlingSink(std::function<void()> meddle) : meddle_(std::move(meddle)) {}
  void restart() override {
    ++restarts;
    bytes.clear();
  }
  Result<> append(std::string_view part) override {
    bytes += part;
    if (meddle_) std::exchange(meddle_, nullptr)();
    return {};
  }
  int restarts = 0;
  std::string bytes;

 private:
  std::function<void()> meddle_;
};

TEST(FileStore, FileThatIsReplacedWhileItIsReadIsReadToItsEnd) {
  const TempDir folder;
  const auto store = make_file_store(folder / "keys.json");
  const std::string old_bytes(kLargeBytes, 'o');
  ASSERT_TRUE(put(*store, old_bytes).has_value());
  const auto writer = make_file_store(folder / "keys.json");
  MeddlingSink sink([&] { EXPECT_TRUE(put(*writer, "new").has_value()); });
  ASSERT_TRUE(store->get(std::nullopt, sink).has_value());
  EXPECT_TRUE(sink.bytes == old_bytes);
  EXPECT_EQ(sink.restarts, 1);
}

TEST(FileStore, FileThatIsWrittenIntoWhileItIsReadIsReadFromItsBeginningAgain) {
  const TempDir folder;
  write_in_place(folder / "keys.json", std::string(kLargeBytes, 'o'));
  const auto store = make_file_store(folder / "keys.json");
  MeddlingSink sink([&] { write_in_place(folder / "keys.json", "new"); });
  ASSERT_TRUE(store->get(std::nullopt, sink).has_value());
  EXPECT_EQ(sink.bytes, "new");
  EXPECT_EQ(sink.restarts, 2);
}

TEST(FileStore, LeftoversOfKilledWritersGoWithTheNextWrite) {
  const TempDir folder;
  const fs::path leftover = folder / "keys.json.tmp-0123456789abcdef";
  const fs::path others[] = {folder / "keys.json.tmp-backup", folder / "other.json.tmp-0123456789abcdef",
                             folder / "keys.json.tmp-0123456789abcdef0"};
  write_in_place(leftover, "half");
  for (const auto& other : others) write_in_place(other, "somebody's");
  ASSERT_TRUE(put(*make_file_store(folder / "keys.json"), "new").has_value());
  EXPECT_FALSE(fs::exists(leftover));
  for (const auto& other : others) EXPECT_TRUE(fs::exists(other)) << other;
}

TEST(FileStore, WriteLeavesNothingBesideItsLock) {
  const TempDir folder;
  const auto store = make_file_store(folder / "keys.json");
  ASSERT_TRUE(put(*store, "one").has_value());
  ASSERT_TRUE(put(*store, "two").has_value());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);
}

/// Holds the lock as another process would: by another opening of the file.
class HeldLock {
 public:
  explicit HeldLock(const fs::path& path) : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    held = ::flock(descriptor_.get(), LOCK_EX | LOCK_NB) == 0;
  }
  bool held = false;

 private:
  FileDescriptor descriptor_;
};

TEST(FileStore, WriterGivesUpOnALockThatStaysHeldAndNamesIt) {
  const TempDir folder;
  write_in_place(folder / "keys.json", "old");
  const HeldLock lock(folder / "keys.json.lock");
  ASSERT_TRUE(lock.held);
  const FakeClock clock;
  const auto started = clock.steady_now();
  const auto store = make_file_store(folder / "keys.json", clock);
  const Error error = error_of_put(*store);
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_NE(error.message.find("keys.json.lock"), std::string::npos) << error.message;
  EXPECT_GE(clock.steady_now() - started, kLockWait);
  EXPECT_NE(error.message.find("has held it for 30 s"), std::string::npos) << error.message;
  EXPECT_EQ(contents(folder / "keys.json"), "old");
}

TEST(FileStore, WriterWaitsNoLongerThanItIsTold) {
  const TempDir folder;
  const HeldLock lock(folder / "keys.json.lock");
  ASSERT_TRUE(lock.held);
  const FakeClock clock;
  const auto started = clock.steady_now();
  const auto store = make_file_store(folder / "keys.json", clock, std::chrono::milliseconds(500));
  const Error error = error_of_put(*store);
  EXPECT_NE(error.message.find("has held it for 0.5 s"), std::string::npos) << error.message;
  EXPECT_LT(clock.steady_now() - started, std::chrono::seconds(1));
}

TEST(FileStore, ReaderNeedsNoLock) {
  const TempDir folder;
  write_in_place(folder / "keys.json", "old");
  const HeldLock lock(folder / "keys.json.lock");
  ASSERT_TRUE(lock.held);
  StringSink sink;
  EXPECT_TRUE(make_file_store(folder / "keys.json")->get(std::nullopt, sink).has_value());
  EXPECT_EQ(sink.bytes, "old");
}

}  // namespace
}  // namespace heare::storage
