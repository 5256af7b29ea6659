#include "app/store_config.h"

#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace heare::app {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Three sources, and what comes of them.
struct Sources {
  StoreFlags flags = {};
  Variables variables = {{"HOME", "/home/ann"}};
  ConfigFile file = {.path = "/home/ann/.heare-auth.toml"};

  Result<StoreConfig> resolve() const { return resolve_store(flags, MapEnvironment(variables), file); }
  std::string url() const {
    const Result<StoreConfig> config = resolve();
    return config ? to_url(config->location) : "error: " + config.error().message;
  }
  BucketLocation s3() const {
    const Result<StoreConfig> config = resolve();
    const auto* const location = config ? std::get_if<BucketLocation>(&config->location) : nullptr;
    return location != nullptr ? *location : BucketLocation();
  }
};

TEST(StoreLocation, WithoutABucketOrStoreItIsTheEmbeddedOne) {
  EXPECT_EQ(Sources().url(), "file:///home/ann/.local/share/heare-auth/keys.json");
}

TEST(StoreLocation, TheEmbeddedStoreFollowsXdgDataHome) {
  EXPECT_EQ((Sources{.variables = {{"XDG_DATA_HOME", "/data"}}}.url()), "file:///data/heare-auth/keys.json");
}

TEST(StoreLocation, ARelativeXdgDataHomeIsIgnored) {
  EXPECT_EQ((Sources{.variables = {{"XDG_DATA_HOME", "data"}, {"HOME", "/h"}}}.url()),
            "file:///h/.local/share/heare-auth/keys.json");
}

TEST(StoreLocation, WithoutAHomeTheErrorSaysWhatToDo) {
  EXPECT_EQ((Sources{.variables = {}}.url()),
            "error: finding the embedded store: HOME is not set; set it, or name a store with --store file:///path");
}

TEST(StoreLocation, AFlagGoesBeforeAVariableBeforeTheFile) {
  Sources sources;
  sources.file.store = "file:///from/file";
  EXPECT_EQ(sources.url(), "file:///from/file");
  sources.variables["HEARE_AUTH_STORE"] = "file:///from/variable";
  EXPECT_EQ(sources.url(), "file:///from/variable");
  sources.flags.store = "file:///from/flag";
  EXPECT_EQ(sources.url(), "file:///from/flag");
}

TEST(StoreLocation, ABucketInAHigherSourceGoesBeforeAStoreInALowerOne) {
  Sources sources;
  sources.file.store = "file:///from/file";
  sources.variables["S3_BUCKET"] = "variable";
  EXPECT_EQ(sources.url(), "s3://variable/keys.json");
  sources.variables["HEARE_AUTH_STORE"] = "file:///from/variable";
  sources.flags.bucket = "flag";
  EXPECT_EQ(sources.url(), "s3://flag/keys.json");
}

TEST(StoreLocation, WithinOneSourceAStoreGoesBeforeABucket) {
  Sources sources;
  sources.flags = {.store = "file:///store", .bucket = "bucket"};
  EXPECT_EQ(sources.url(), "file:///store");
  sources.flags = {};
  sources.variables["S3_BUCKET"] = "bucket";
  sources.variables["HEARE_AUTH_STORE"] = "file:///store";
  EXPECT_EQ(sources.url(), "file:///store");
  sources = {};
  sources.file.s3_bucket = "bucket";
  sources.file.store = "file:///store";
  EXPECT_EQ(sources.url(), "file:///store");
}

TEST(StoreLocation, AnEmptyVariableCountsAsUnset) {
  Sources sources;
  sources.variables["HEARE_AUTH_STORE"] = "";
  sources.variables["S3_BUCKET"] = "";
  EXPECT_EQ(sources.url(), "file:///home/ann/.local/share/heare-auth/keys.json");
}

TEST(StoreLocation, TheKeyComesFromTheHighestSourceThatHasOne) {
  Sources sources;
  sources.flags.bucket = "b";
  sources.file.s3_key = "file.json";
  EXPECT_EQ(sources.url(), "s3://b/file.json");
  sources.variables["S3_KEY"] = "variable.json";
  EXPECT_EQ(sources.url(), "s3://b/variable.json");
  sources.flags.key = "flag.json";
  EXPECT_EQ(sources.url(), "s3://b/flag.json");
}

TEST(StoreLocation, TheKeyOfAnS3UrlIsItsOwn) {
  Sources sources;
  sources.flags.store = "s3://b/team/keys.json";
  sources.variables["S3_KEY"] = "other";
  EXPECT_EQ(sources.url(), "s3://b/team/keys.json");
}

TEST(StoreLocation, AKeyOptionBesideAnS3UrlWithAnotherKeyIsRefused) {
  Sources sources;
  sources.variables["HEARE_AUTH_STORE"] = "s3://prod/keys.json";
  sources.flags.key = "staging.json";
  const Result<StoreConfig> config = sources.resolve();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::invalid);
  EXPECT_EQ(config.error().message,
            "--key: HEARE_AUTH_STORE names the key already (s3://prod/keys.json); leave one of them out");
  sources.flags.key = "keys.json";
  EXPECT_TRUE(sources.resolve());
}

TEST(StoreLocation, AnS3UrlWithoutAKeyTakesTheKeyOption) {
  for (const std::string url : {"s3://b", "s3://b/"}) {
    Sources sources;
    sources.flags = {.store = url, .key = "other"};
    EXPECT_EQ(sources.url(), "s3://b/other");
  }
}

TEST(StoreLocation, TheRegionHasFiveSources) {
  Sources sources;
  sources.flags.bucket = "b";
  EXPECT_EQ(sources.s3().region, std::nullopt);
  sources.file.s3_region = "file";
  EXPECT_EQ(sources.s3().region, "file");
  sources.variables["AWS_DEFAULT_REGION"] = "aws-default";
  EXPECT_EQ(sources.s3().region, "aws-default");
  sources.variables["AWS_REGION"] = "aws";
  EXPECT_EQ(sources.s3().region, "aws");
  sources.variables["S3_REGION"] = "s3";
  EXPECT_EQ(sources.s3().region, "s3");
  sources.flags.region = "flag";
  EXPECT_EQ(sources.s3().region, "flag");
}

TEST(StoreLocation, TheEndpointHasFourSources) {
  Sources sources;
  sources.flags.bucket = "b";
  EXPECT_EQ(sources.s3().endpoint_url, std::nullopt);
  sources.file.endpoint_url = "http://file";
  EXPECT_EQ(sources.s3().endpoint_url, "http://file");
  sources.variables["AWS_ENDPOINT_URL"] = "http://aws";
  EXPECT_EQ(sources.s3().endpoint_url, "http://aws");
  sources.variables["AWS_ENDPOINT_URL_S3"] = "http://aws-s3";
  EXPECT_EQ(sources.s3().endpoint_url, "http://aws-s3");
  sources.flags.endpoint_url = "http://flag";
  EXPECT_EQ(sources.s3().endpoint_url, "http://flag");
}

class BadStoreUrl : public ::testing::TestWithParam<const char*> {};

TEST_P(BadStoreUrl, IsRefusedWithTheNameOfItsSource) {
  Sources sources;
  sources.variables["HEARE_AUTH_STORE"] = GetParam();
  const Result<StoreConfig> config = sources.resolve();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::invalid);
  EXPECT_TRUE(config.error().message.starts_with("HEARE_AUTH_STORE: ")) << config.error().message;
  EXPECT_NE(config.error().message.find(GetParam()), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(StoreLocation, BadStoreUrl,
                         ::testing::Values("keys.json", "/keys.json", "ftp://x/y", "s3://", "s3:///key", "file://",
                                           "file://keys.json", "file:///folder/", "FILE:///keys.json"));

// --- Storage secrets

std::string secret_of(const Sources& sources) {
  const Result<StoreConfig> config = sources.resolve();
  if (!config) return "error: " + config.error().message;
  return config->secrets.current ? std::string(config->secrets.current->reveal()) : "none";
}

class SecretFile : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    const std::string path = (folder_ / "secret").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

 private:
  heare::testing::TempDir folder_;
};

TEST(StoreLocation, ABadValueIsNamedWithItsSource) {
  const auto error_of = [](Sources sources) {
    sources.flags.bucket = "b";
    return sources.url();
  };
  EXPECT_EQ(error_of({.variables = {{"AWS_ENDPOINT_URL_S3", "minio"}}}),
            "error: AWS_ENDPOINT_URL_S3: does not begin with https:// or http:// (minio), for example "
            "https://minio.example.org:9000");
  EXPECT_EQ(error_of({.flags = {.region = "x y"}}), "error: --region: not the name of a region (x y)");
  EXPECT_EQ(error_of({.variables = {{"AWS_REGION", "x y"}}}), "error: AWS_REGION: not the name of a region (x y)");
  EXPECT_EQ(error_of({.flags = {.key = ""}}), "error: --key: empty");
  EXPECT_EQ((Sources{.variables = {{"S3_BUCKET", "arn:b"}, {"HOME", "/h"}}}.url()),
            "error: S3_BUCKET: not a bucket's name (arn:b)");
}

TEST(StoreLocation, OptionsOfABucketWithoutABucketAreRefused) {
  constexpr const char* kRemedy = ", not in a bucket; leave it out, or give --store s3://bucket/key";
  EXPECT_EQ((Sources{.flags = {.key = "prod/keys.json"}}.url()),
            std::string("error: --key: the keys are in file:///home/ann/.local/share/heare-auth/keys.json") + kRemedy);
  EXPECT_EQ((Sources{.flags = {.store = "file:///k", .region = "eu-west-1"}}.url()),
            std::string("error: --region: the keys are in file:///k") + kRemedy);
  // Variables are set for other programs as well.
  EXPECT_EQ((Sources{.flags = {.store = "file:///k"}, .variables = {{"AWS_REGION", "eu-west-1"}}}.url()), "file:///k");
}

TEST(StoreLocation, AnEndpointHasOneNameHoweverItIsTyped) {
  Sources sources;
  sources.flags.bucket = "b";
  sources.flags.endpoint_url = "HTTP://Minio:9000/base/";
  EXPECT_EQ(sources.s3().endpoint_url, "http://minio:9000/base");
}

TEST(StorageSecret, ThereIsNoneByDefault) {
  EXPECT_EQ(secret_of(Sources()), "none");
}

TEST(StorageSecret, AFlagGoesBeforeAVariableAndWarns) {
  Sources sources;
  sources.variables["STORAGE_SECRET"] = "variable";
  EXPECT_EQ(secret_of(sources), "variable");
  EXPECT_EQ(sources.resolve()->warning, std::nullopt);
  sources.flags.storage_secret = "flag";
  EXPECT_EQ(secret_of(sources), "flag");
  EXPECT_NE(sources.resolve()->warning.value_or("").find("STORAGE_SECRET_FILE"), std::string::npos);
}

TEST_F(SecretFile, OfAHigherSourceGoesBeforeASecretOfALowerOne) {
  Sources sources;
  sources.variables["STORAGE_SECRET"] = "variable";
  sources.flags.storage_secret_file = write("file");
  EXPECT_EQ(secret_of(sources), "file");
}

TEST_F(SecretFile, OfTheConfigurationIsTakenLast) {
  Sources sources;
  sources.file.storage_secret_file = write("file");
  EXPECT_EQ(secret_of(sources), "file");
  sources.variables["STORAGE_SECRET"] = "variable";
  EXPECT_EQ(secret_of(sources), "variable");
}

TEST_F(SecretFile, LosesOneNewlineAtItsEnd) {
  Sources sources;
  sources.flags.storage_secret_file = write(" a b \n\n");
  EXPECT_EQ(secret_of(sources), " a b \n");
}

TEST_F(SecretFile, ThatIsEmptyIsAnError) {
  for (const std::string text : {"", "\n"}) {
    Sources sources;
    sources.flags.storage_secret_file = write(text);
    EXPECT_TRUE(secret_of(sources).starts_with("error: --storage-secret-file: the file is empty"));
  }
}

TEST_F(SecretFile, AndASecretFromOneSourceAreAnError) {
  Sources sources;
  sources.variables["STORAGE_SECRET"] = "hunter2";
  sources.variables["STORAGE_SECRET_FILE"] = write("file");
  EXPECT_EQ(secret_of(sources), "error: STORAGE_SECRET and STORAGE_SECRET_FILE: give one of them");
  sources.flags = {.storage_secret = "hunter2", .storage_secret_file = "x"};
  EXPECT_EQ(secret_of(sources), "error: --storage-secret and --storage-secret-file: give one of them");
}

TEST(StorageSecret, AFileThatIsNotThereIsAnError) {
  Sources sources;
  sources.variables["STORAGE_SECRET_FILE"] = "/nowhere/secret";
  const Result<StoreConfig> config = sources.resolve();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::not_found);
  EXPECT_TRUE(config.error().message.starts_with("STORAGE_SECRET_FILE: reading /nowhere/secret: "));
}

TEST(StorageSecret, AnEmptyVariableCountsAsUnset) {
  EXPECT_EQ((secret_of({.variables = {{"HOME", "/h"}, {"STORAGE_SECRET", ""}}})), "none");
}

TEST(StorageSecret, AnEmptyFlagIsAnError) {
  EXPECT_EQ(secret_of({.flags = {.storage_secret = ""}}), "error: --storage-secret: empty");
}

TEST(StorageSecret, ThePreviousOneComesFromItsVariable) {
  Sources sources;
  sources.variables["STORAGE_SECRET_PREVIOUS"] = "before";
  const Result<StoreConfig> config = sources.resolve();
  ASSERT_TRUE(config);
  ASSERT_TRUE(config->secrets.previous);
  EXPECT_EQ(config->secrets.previous->reveal(), "before");
}

}  // namespace
}  // namespace heare::app
