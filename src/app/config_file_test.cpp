#include "app/config_file.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace heare::app {
namespace {

constexpr const char* kPath = "/home/ann/.heare-auth.toml";

std::string message_of(std::string_view toml) {
  const Result<ConfigFile> file = parse_config_file(toml, kPath);
  if (file) return "no error";
  EXPECT_EQ(file.error().code, ErrorCode::invalid);
  return file.error().message;
}

TEST(ConfigFile, EveryNameIsRead) {
  const Result<ConfigFile> file = parse_config_file(R"(
[default]
s3_bucket = "bucket"
s3_key = "key"
s3_region = "region"
endpoint_url = "http://localhost:9000"
store = "file:///keys.json"
refresh_url = "http://localhost:1/refresh"
storage_secret_file = "/run/secret"
)",
                                                    kPath);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->s3_bucket, "bucket");
  EXPECT_EQ(file->s3_key, "key");
  EXPECT_EQ(file->s3_region, "region");
  EXPECT_EQ(file->endpoint_url, "http://localhost:9000");
  EXPECT_EQ(file->store, "file:///keys.json");
  EXPECT_EQ(file->refresh_url, "http://localhost:1/refresh");
  EXPECT_EQ(file->storage_secret_file, "/run/secret");
}

TEST(ConfigFile, AnEmptyFileSetsNothing) {
  const Result<ConfigFile> file = parse_config_file("# nothing yet\n", kPath);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->store, std::nullopt);
}

TEST(ConfigFile, AnEmptyTextCountsAsNotGiven) {
  const Result<ConfigFile> file = parse_config_file("[default]\nstore = \"\"\n", kPath);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->store, std::nullopt);
}

TEST(ConfigFile, AnUnknownNameIsRefusedWithItsPlaceAndTheKnownOnes) {
  EXPECT_EQ(message_of("[default]\ns3_bukket = \"x\"\n"),
            "/home/ann/.heare-auth.toml:2: unknown name 's3_bukket' in [default], which takes s3_bucket, s3_key, "
            "s3_region, endpoint_url, store, refresh_url, storage_secret_file");
}

TEST(ConfigFile, AnotherTableIsRefused) {
  EXPECT_EQ(message_of("[production]\nstore = \"x\"\n"),
            "/home/ann/.heare-auth.toml:1: unknown name 'production', the file has one table, [default]");
}

TEST(ConfigFile, ANameOutsideTheTableIsRefused) {
  EXPECT_EQ(message_of("store = \"x\"\n"),
            "/home/ann/.heare-auth.toml:1: unknown name 'store', the file has one table, [default]");
}

TEST(ConfigFile, AValueThatIsNoTextIsRefused) {
  EXPECT_EQ(message_of("[default]\ns3_key = 5\n"), "/home/ann/.heare-auth.toml:2: s3_key: not a text in quotes");
}

TEST(ConfigFile, WhatIsNotTomlIsRefusedWithItsLine) {
  EXPECT_TRUE(message_of("[default]\nstore = \n").starts_with("/home/ann/.heare-auth.toml:2: not TOML: "));
}

TEST(ConfigFile, ANameGivenTwiceIsRefused) {
  EXPECT_TRUE(message_of("[default]\nstore = \"a\"\nstore = \"b\"\n").starts_with("/home/ann/.heare-auth.toml:3: "));
}

TEST(ConfigFile, AHomeWithoutTheFileSetsNothing) {
  const heare::testing::TempDir home;
  const Result<ConfigFile> file = read_config_file(MapEnvironment({{"HOME", home.path().string()}}));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->path, "");
}

TEST(ConfigFile, NoHomeMeansNoFile) {
  EXPECT_TRUE(read_config_file(MapEnvironment()));
}

TEST(ConfigFile, AFileThatCannotBeReadIsAnError) {
  const heare::testing::TempDir home;
  std::filesystem::create_directory(home / ".heare-auth.toml");
  const Result<ConfigFile> file = read_config_file(MapEnvironment({{"HOME", home.path().string()}}));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::unavailable);
  EXPECT_NE(file.error().message.find(".heare-auth.toml"), std::string::npos);
}

}  // namespace
}  // namespace heare::app
