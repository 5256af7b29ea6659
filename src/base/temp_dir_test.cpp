#include "support/temp_dir.h"

#include <fstream>

#include <gtest/gtest.h>

namespace heare::testing {
namespace {

TEST(TempDir, IsItsOwnAndGoneAtTheEndWithWhatItHolds) {
  std::filesystem::path path;
  {
    const TempDir first;
    const TempDir second;
    path = first.path();
    EXPECT_NE(path, second.path());
    std::ofstream(first / "file") << "x";
    std::filesystem::create_directory(first / "folder");
    EXPECT_TRUE(std::filesystem::exists(path / "file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace heare::testing
