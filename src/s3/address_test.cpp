#include "s3/address.h"

#include <gtest/gtest.h>

namespace heare::s3 {
namespace {

Address address_of(const S3Location& location) {
  const Result<Address> address = make_address(location, location.region);
  if (!address) {
    ADD_FAILURE() << address.error().message;
    return {};
  }
  return *address;
}

std::string url_of_key(std::string key) {
  return address_of({.bucket = "keys", .key = std::move(key), .endpoint = "http://127.0.0.1:9000"}).url();
}

std::string problem_with(const S3Location& location) {
  const Result<Address> address = make_address(location, location.region);
  EXPECT_FALSE(address) << address->url();
  if (address) return "";
  EXPECT_EQ(address.error().code, ErrorCode::invalid);
  return address.error().message;
}

TEST(Address, AwsBucketIsPartOfTheHost) {
  const Address address =
      address_of({.bucket = "my-bucket", .key = "keys.json", .region = "eu-west-1", .endpoint = ""});
  EXPECT_EQ(address.url(), "https://my-bucket.s3.eu-west-1.amazonaws.com/keys.json");
  EXPECT_EQ(address.host, "my-bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(address.path, "/keys.json");
}

TEST(Address, RegionThatIsAskedDecidesTheHost) {
  const S3Location location = {.bucket = "my-bucket", .key = "k", .region = "eu-west-1", .endpoint = ""};
  EXPECT_EQ(make_address(location, "us-east-1")->host, "my-bucket.s3.us-east-1.amazonaws.com");
}

TEST(Address, BucketThatIsNoHostLabelIsPartOfThePath) {
  for (const char* bucket : {"my.bucket", "My-Bucket", "my_bucket", "-bucket", "bucket-", "ab"}) {
    const Address address = address_of({.bucket = bucket, .key = "k", .region = "us-east-1", .endpoint = ""});
    EXPECT_EQ(address.url(), fmt::format("https://s3.us-east-1.amazonaws.com/{}/k", bucket));
    EXPECT_EQ(address.host, "s3.us-east-1.amazonaws.com");
  }
}

TEST(Address, PartitionsHaveDomainsOfTheirOwn) {
  const auto host = [](std::string region) {
    return address_of({.bucket = "my-bucket", .key = "k", .region = std::move(region), .endpoint = ""}).host;
  };
  EXPECT_EQ(host("cn-north-1"), "my-bucket.s3.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(host("us-gov-west-1"), "my-bucket.s3.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(host("us-iso-east-1"), "my-bucket.s3.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(host("us-isob-east-1"), "my-bucket.s3.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(host("eusc-de-east-1"), "my-bucket.s3.eusc-de-east-1.amazonaws.eu");
}

TEST(Address, CustomEndpointIsAddressedInPathStyle) {
  const Address address =
      address_of({.bucket = "my-bucket", .key = "keys.json", .endpoint = "https://minio.example.org:9000"});
  EXPECT_EQ(address.url(), "https://minio.example.org:9000/my-bucket/keys.json");
  EXPECT_EQ(address.host, "minio.example.org:9000");
}

TEST(Address, EndpointMayEndWithSlashOrHaveAPath) {
  EXPECT_EQ(address_of({.bucket = "b", .key = "k", .endpoint = "http://localhost:9000/"}).url(),
            "http://localhost:9000/b/k");
  EXPECT_EQ(address_of({.bucket = "b", .key = "k", .endpoint = "https://gateway/s3/"}).url(), "https://gateway/s3/b/k");
}

TEST(Address, HostHeaderHasNoPortThatIsTheSchemesOwn) {
  EXPECT_EQ(address_of({.bucket = "b", .key = "k", .endpoint = "https://example.org:443"}).host, "example.org");
  EXPECT_EQ(address_of({.bucket = "b", .key = "k", .endpoint = "http://example.org:80"}).host, "example.org");
  EXPECT_EQ(address_of({.bucket = "b", .key = "k", .endpoint = "http://example.org:443"}).host, "example.org:443");
  EXPECT_EQ(address_of({.bucket = "b", .key = "k", .endpoint = "http://[::1]:9000"}).host, "[::1]:9000");
}

TEST(Address, SchemeAndHostAreTakenInAnyCase) {
  EXPECT_EQ(address_of({.bucket = "b", .key = "k", .endpoint = "HTTPS://Example.ORG"}).url(),
            "https://example.org/b/k");
}

TEST(Address, OddKeysAreEncodedOnce) {
  EXPECT_EQ(url_of_key("a b"), "http://127.0.0.1:9000/keys/a%20b");
  EXPECT_EQ(url_of_key("a+b=c"), "http://127.0.0.1:9000/keys/a%2Bb%3Dc");
  EXPECT_EQ(url_of_key("100%"), "http://127.0.0.1:9000/keys/100%25");
  EXPECT_EQ(url_of_key("%20"), "http://127.0.0.1:9000/keys/%2520");
  EXPECT_EQ(url_of_key("what?#"), "http://127.0.0.1:9000/keys/what%3F%23");
  EXPECT_EQ(url_of_key("schlüssel"), "http://127.0.0.1:9000/keys/schl%C3%BCssel");
}

TEST(Address, SlashesOfAKeyStayAsTheyAre) {
  EXPECT_EQ(url_of_key("team/a/keys.json"), "http://127.0.0.1:9000/keys/team/a/keys.json");
  EXPECT_EQ(url_of_key("/leading"), "http://127.0.0.1:9000/keys//leading");
  EXPECT_EQ(url_of_key("a//b/"), "http://127.0.0.1:9000/keys/a//b/");
  EXPECT_EQ(url_of_key("a/../b/./c"), "http://127.0.0.1:9000/keys/a/../b/./c");
}

TEST(Address, EndpointWithoutSchemeIsRefused) {
  EXPECT_EQ(problem_with({.bucket = "b", .key = "k", .endpoint = "minio:9000"}),
            "--endpoint-url: does not begin with https:// or http:// (minio:9000), for example "
            "https://minio.example.org:9000");
  EXPECT_NE(problem_with({.bucket = "b", .key = "k", .endpoint = "ftp://minio"}), "");
}

TEST(Address, EndpointThatIsMoreOrLessThanSchemeHostAndPathIsRefused) {
  EXPECT_NE(problem_with({.bucket = "b", .key = "k", .endpoint = "https://"}), "");
  EXPECT_NE(problem_with({.bucket = "b", .key = "k", .endpoint = "https:///path"}), "");
  EXPECT_NE(problem_with({.bucket = "b", .key = "k", .endpoint = "https://host?x=1"}), "");
  EXPECT_NE(problem_with({.bucket = "b", .key = "k", .endpoint = "https://host/p?x=1"}), "");
  EXPECT_NE(problem_with({.bucket = "b", .key = "k", .endpoint = "https://ho st"}), "");
  EXPECT_NE(problem_with({.bucket = "b", .key = "k", .endpoint = "https://host\r\nX-Evil: 1"}), "");
  EXPECT_NE(problem_with({.bucket = "b", .key = "k", .endpoint = "https://host/\r\nX-Evil: 1"}), "");
}

TEST(Address, PasswordInAnEndpointIsRefusedAndNotShown) {
  const std::string problem = problem_with({.bucket = "b", .key = "k", .endpoint = "https://me:hunter2@host"});
  EXPECT_NE(problem, "");
  EXPECT_EQ(problem.find("hunter2"), std::string::npos) << problem;
}

TEST(Address, BucketThatIsNoneIsRefused) {
  EXPECT_NE(problem_with({.bucket = "", .key = "k", .endpoint = ""}), "");
  EXPECT_NE(problem_with({.bucket = "arn:aws:s3:::x", .key = "k", .endpoint = ""}), "");
  EXPECT_NE(problem_with({.bucket = "a/b", .key = "k", .endpoint = ""}), "");
  EXPECT_NE(problem_with({.bucket = "b", .key = "", .endpoint = ""}), "");
}

TEST(Address, RegionThatWouldChangeTheHostIsRefused) {
  for (const char* region : {"", "evil.example/", "eu west", "a@b", "eu-west-1.evil", "x:1", "a#b"}) {
    EXPECT_FALSE(is_region_name(region)) << region;
    EXPECT_NE(problem_with({.bucket = "bucket", .key = "k", .region = region, .endpoint = ""}), "");
  }
  EXPECT_TRUE(is_region_name("ap-southeast-2"));
  EXPECT_TRUE(is_region_name("auto"));
}

}  // namespace
}  // namespace heare::s3
