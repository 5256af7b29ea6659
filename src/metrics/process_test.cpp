#include "metrics/process.h"

#include <chrono>
#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/clock.h"

namespace heare::metrics {
namespace {

TEST(ProcessUsage, KernelTellsAllOfIt) {
  const ProcessUsage usage = read_process_usage();
  EXPECT_TRUE(usage.cpu_seconds);
  EXPECT_GT(usage.resident_bytes.value(), 1'000'000);
  EXPECT_GT(usage.virtual_bytes.value(), usage.resident_bytes.value());
  EXPECT_EQ(usage.threads, 1);
  EXPECT_GT(usage.descriptors_max.value(), 3);
}

TEST(ProcessUsage, ProcessHasStartedAMomentAgo) {
  const auto now = std::chrono::duration<double>(system_clock().now().time_since_epoch()).count();
  const double started = read_process_usage().start_time_seconds.value();
  // The kernel's own time of its start is in whole seconds.
  EXPECT_LT(started, now + 2);
  EXPECT_GT(started, now - 3600);
}

TEST(ProcessUsage, DescriptorThatIsOpenedCounts) {
  const uint64_t before = read_process_usage().open_descriptors.value();
  const int opened = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(read_process_usage().open_descriptors.value(), before + 1);
  ::close(opened);
  EXPECT_EQ(read_process_usage().open_descriptors.value(), before);
}

}  // namespace
}  // namespace heare::metrics
