#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "log/logger.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace heare::log {
namespace {

using namespace std::chrono_literals;

TEST(FullDisk, LinesComeOutWholeOnceThereIsRoom) {
  const testing::TempDir dir;
  const std::filesystem::path path = dir / "log";
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);

  // A limit on the size of files stands in for the disk: the write that meets it is cut short, the next one fails.
  constexpr rlim_t kRoom = 100;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit full = before;
  full.rlim_cur = kRoom;
  const auto signal_before = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);

  const testing::FakeClock clock;
  auto logger = make_logger(fd, Level::info, clock);
  std::string expected;
  for (int64_t n = 0; n < 5; ++n) {
    logger->event(Level::info, "e", {{"n", n}});
    append_line(expected, Level::info, "e", {{"n", n}}, clock.now());
  }
  while (std::filesystem::file_size(path) < kRoom) std::this_thread::yield();
  const bool flushed_while_full = logger->flush(0ms);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(flushed_while_full);

  EXPECT_TRUE(logger->flush(60s));
  logger.reset();
  close(fd);
  signal(SIGXFSZ, signal_before);
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), expected);
}

}  // namespace
}  // namespace heare::log
