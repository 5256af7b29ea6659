#include "app/config.h"

#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace heare::app {
namespace {

using namespace std::chrono_literals;

using Variables = std::map<std::string, std::string, std::less<>>;

std::string error_of(const ServeFlags& flags, const Variables& variables = {}) {
  const Result<ServeConfig> config = resolve_serve(flags, MapEnvironment(variables));
  if (config) return "no error";
  EXPECT_EQ(config.error().code, ErrorCode::invalid);
  return config.error().message;
}

TEST(ServeConfig, HasTheDefaultsOfTheContract) {
  const Result<ServeConfig> config = resolve_serve({}, MapEnvironment());
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.host, "127.0.0.1");
  EXPECT_EQ(config->server.port, 8080);
  EXPECT_GE(config->server.threads, 1U);
  EXPECT_EQ(config->server.connections_max, 10'000U);
  EXPECT_EQ(config->refresh_interval, 10s);
  EXPECT_EQ(config->log_level, log::Level::info);
  EXPECT_EQ(config->drain_delay, 0s);
}

TEST(ServeConfig, TakesVariables) {
  const Result<ServeConfig> config = resolve_serve({}, MapEnvironment({{"HEARE_AUTH_HOST", "::1"},
                                                                       {"PORT", "81"},
                                                                       {"HEARE_AUTH_THREADS", "3"},
                                                                       {"HEARE_AUTH_REFRESH_INTERVAL", "500ms"},
                                                                       {"HEARE_AUTH_LOG_LEVEL", "debug"}}));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.host, "::1");
  EXPECT_EQ(config->server.port, 81);
  EXPECT_EQ(config->server.threads, 3U);
  EXPECT_EQ(config->refresh_interval, 500ms);
  EXPECT_EQ(config->log_level, log::Level::debug);
}

TEST(ServeConfig, AFlagGoesBeforeAVariable) {
  const ServeFlags flags = {.host = "0.0.0.0",
                            .port = "0",
                            .threads = "2",
                            .refresh_interval = "0",
                            .max_connections = "7",
                            .log_level = "error",
                            .drain_delay = "5"};
  const Result<ServeConfig> config = resolve_serve(flags, MapEnvironment({{"HEARE_AUTH_HOST", "bad host"},
                                                                          {"PORT", "bad"},
                                                                          {"HEARE_AUTH_THREADS", "bad"},
                                                                          {"HEARE_AUTH_REFRESH_INTERVAL", "bad"},
                                                                          {"HEARE_AUTH_LOG_LEVEL", "bad"}}));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.host, "0.0.0.0");
  EXPECT_EQ(config->server.port, 0);
  EXPECT_EQ(config->server.threads, 2U);
  EXPECT_EQ(config->server.connections_max, 7U);
  EXPECT_EQ(config->refresh_interval, 0s);
  EXPECT_EQ(config->log_level, log::Level::error);
  EXPECT_EQ(config->drain_delay, 5s);
}

TEST(ServeConfig, ABadValueIsNamedWithItsSource) {
  EXPECT_EQ(error_of({.port = "65536"}), "--port: not a number from 0 to 65535 (65536)");
  EXPECT_EQ(error_of({.port = "-1"}), "--port: not a number from 0 to 65535 (-1)");
  EXPECT_EQ(error_of({.port = "80x"}), "--port: not a number from 0 to 65535 (80x)");
  EXPECT_EQ(error_of({.port = ""}), "--port: not a number from 0 to 65535 ()");
  EXPECT_EQ(error_of({}, {{"PORT", "http"}}), "PORT: not a number from 0 to 65535 (http)");
  EXPECT_EQ(error_of({.threads = "0"}), "--threads: not a number from 1 to 1024 (0)");
  EXPECT_EQ(error_of({.max_connections = "0"}), "--max-connections: not a number from 1 to 1000000 (0)");
  EXPECT_EQ(error_of({.refresh_interval = "soon"}),
            "--refresh-interval: not a duration of at most 100 years (soon), for example 500ms, 10s, 5m, 24h or 7d");
  EXPECT_EQ(error_of({.drain_delay = "-1s"}),
            "--drain-delay: not a duration of at most 100 years (-1s), for example 500ms, 10s, 5m, 24h or 7d");
  EXPECT_EQ(error_of({.log_level = "loud"}), "--log-level: not a level (loud), one of debug, info, warning, error");
  EXPECT_EQ(error_of({.host = ""}), "--host: empty, for example 127.0.0.1 or 0.0.0.0");
}

TEST(ServeConfig, ALimitThatRefusesEveryKeyAtOnceIsRefusedItself) {
  EXPECT_EQ(error_of({.max_stale = "0"}),
            "--max-stale: with 0 every key is too old at once (0), leave it out for no limit");
  EXPECT_EQ(error_of({}, {{"HEARE_AUTH_MAX_STALE", "10s"}}),
            "HEARE_AUTH_MAX_STALE: keys would be too old before they are looked at again (10s), give more than "
            "--refresh-interval, 10s");
  EXPECT_EQ(error_of({.refresh_interval = "0", .max_stale = "1s"}), "no error");
}

class CacheFile : public ::testing::Test {
 protected:
  Result<> check(const std::string& cache, const StoreLocation& store) {
    ServeConfig config = *resolve_serve({.cache_file = cache}, MapEnvironment());
    return check_cache_file(config, store);
  }

  heare::testing::TempDir folder_;
  const std::filesystem::path document_ = folder_.path() / "keys.json";
};

TEST_F(CacheFile, MayNotBeTheStoreByWhateverName) {
  std::ofstream(document_) << "{}";
  std::filesystem::create_symlink(document_, folder_.path() / "link");
  std::filesystem::create_hard_link(document_, folder_.path() / "other name");
  for (const std::string name : {"keys.json", "link", "other name", "./keys.json", "nothing/../keys.json"}) {
    const Result<> checked = check(folder_.path() / name, FileLocation{document_});
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().message,
              "--cache-file: it would overwrite the store itself (" + document_.native() + "), name another file");
  }
}

TEST_F(CacheFile, MayNotBecomeTheStoreOnceThatIsMade) {
  EXPECT_FALSE(check(document_, FileLocation{document_}));
  // Its note has a name of its own.
  EXPECT_FALSE(check(folder_.path() / "keys", FileLocation{folder_.path() / "keys.meta"}));
  // Replaced, the lock would be two.
  EXPECT_FALSE(check(folder_.path() / "keys.json.lock", FileLocation{document_}));
}

TEST_F(CacheFile, MayBeBesideTheStoreAndOfAnyNameForABucket) {
  EXPECT_TRUE(check(folder_.path() / "cache.json", FileLocation{document_}));
  EXPECT_TRUE(check(document_, BucketLocation{.bucket = "b", .key = "keys.json"}));
}

TEST(RefreshUrl, ThatNamesTheServiceAloneGetsThePath) {
  const auto url = [](const char* text) {
    return resolve_refresh_url(Setting{"--url", text}, MapEnvironment(), {}).value_or("error");
  };
  EXPECT_EQ(url("http://auth:81"), "http://auth:81/refresh");
  EXPECT_EQ(url("http://auth:81/"), "http://auth:81/refresh");
  EXPECT_EQ(url("http://auth/behind/refresh"), "http://auth/behind/refresh");
  EXPECT_EQ(url("http://auth/?x"), "http://auth/?x");
}

TEST(RefreshUrl, ComesFromFlagVariableFileAndPort) {
  ConfigFile file = {.path = "file"};
  Variables variables;
  std::optional<Setting> flag;
  const auto url = [&] { return resolve_refresh_url(flag, MapEnvironment(variables), file).value_or("error"); };
  EXPECT_EQ(url(), "http://localhost:8080/refresh");
  variables["PORT"] = "81";
  EXPECT_EQ(url(), "http://localhost:81/refresh");
  file.refresh_url = "http://file/refresh";
  EXPECT_EQ(url(), "http://file/refresh");
  variables["REFRESH_URL"] = "http://variable/refresh";
  EXPECT_EQ(url(), "http://variable/refresh");
  flag = Setting{"--refresh-url", "https://flag/refresh"};
  EXPECT_EQ(url(), "https://flag/refresh");
}

TEST(RefreshUrl, WhatIsNoHttpUrlIsRefusedWithoutItsPassword) {
  const Result<std::string> url =
      resolve_refresh_url(Setting{"--refresh-url", "ftp://ann:hunter2@host/x"}, MapEnvironment(), {});
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().message,
            "--refresh-url: not an http or https URL (ftp://host/x), for example http://localhost:8080/refresh");
}

TEST(HealthUrl, IsOnThePortOfTheEnvironment) {
  EXPECT_EQ(resolve_health_url({}, MapEnvironment(Variables{{"PORT", "81"}})).value_or(""),
            "http://localhost:81/health");
}

TEST(HealthUrl, ABadPortIsNamed) {
  const Result<std::string> url = resolve_health_url({}, MapEnvironment(Variables{{"PORT", "x"}}));
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().message, "PORT: not a number from 0 to 65535 (x)");
}

TEST(SecretStorageOption, IsLeftToTheDocumentByDefault) {
  const auto storage = resolve_secret_storage(std::nullopt, MapEnvironment());
  ASSERT_TRUE(storage);
  EXPECT_EQ(*storage, std::nullopt);
}

TEST(SecretStorageOption, AFlagGoesBeforeAVariable) {
  const MapEnvironment environment(Variables{{"HEARE_AUTH_SECRET_STORAGE", "plain"}});
  EXPECT_EQ(resolve_secret_storage(std::nullopt, environment).value(), keys::SecretStorage::plain);
  EXPECT_EQ(resolve_secret_storage("hashed", environment).value(), keys::SecretStorage::hashed);
}

TEST(SecretStorageOption, AnotherWordIsRefused) {
  const auto storage = resolve_secret_storage("rot13", MapEnvironment());
  ASSERT_FALSE(storage);
  EXPECT_EQ(storage.error().message, "--secret-storage: neither plain nor hashed (rot13)");
}

TEST(HostAndPort, AnIpv6AddressHasBrackets) {
  EXPECT_EQ(host_and_port("::1", 80), "[::1]:80");
  EXPECT_EQ(host_and_port("127.0.0.1", 80), "127.0.0.1:80");
}

TEST(WithoutCredentials, OnlyTheAuthorityIsLookedAt) {
  EXPECT_EQ(without_credentials("http://ann:pw@host/a@b"), "http://host/a@b");
  EXPECT_EQ(without_credentials("http://ann:p@w@host"), "http://host");
  EXPECT_EQ(without_credentials("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(without_credentials("http://host"), "http://host");
}

}  // namespace
}  // namespace heare::app
