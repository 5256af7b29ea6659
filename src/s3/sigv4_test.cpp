#include "s3/sigv4.h"

#include <chrono>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/sha256.h"

namespace heare::s3 {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// --- Amazon S3's own examples: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html ----------------

const WallTime kExampleTime = std::chrono::sys_days(std::chrono::year(2013) / 5 / 24);
const SigningScope kExampleScope = {"us-east-1", "s3"};

Credentials example_credentials() {
  return {"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), Secret(), std::nullopt};
}

SignableRequest example_request(std::string method, std::string path) {
  return {
      std::move(method), std::move(path), {}, {{"Host", "examplebucket.s3.amazonaws.com"}}, std::string(kEmptyHash)};
}

std::string authorization(SignableRequest request) {
  const std::vector<fetch::Header> headers =
      signed_headers(std::move(request), example_credentials(), kExampleScope, kExampleTime);
  EXPECT_EQ(headers.back().name, "Authorization");
  return headers.back().value;
}

TEST(SigV4, AwsExampleGetObject) {
  SignableRequest request = example_request("GET", "/test.txt");
  request.headers.push_back({"Range", "bytes=0-9"});
  EXPECT_EQ(authorization(request),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, AwsExamplePutObject) {
  SignableRequest request = example_request("PUT", "/" + uri_encode("test$file.text", true));
  request.headers.push_back({"Date", "Fri, 24 May 2013 00:00:00 GMT"});
  request.headers.push_back({"x-amz-storage-class", "REDUCED_REDUNDANCY"});
  request.payload_hash = to_hex(crypto::sha256("Welcome to Amazon S3."));
  EXPECT_EQ(authorization(request),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
            "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, AwsExampleGetBucketLifecycle) {
  SignableRequest request = example_request("GET", "/");
  request.query = {{"lifecycle", ""}};
  EXPECT_EQ(authorization(request),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SigV4, AwsExampleListObjects) {
  SignableRequest request = example_request("GET", "/");
  request.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_EQ(authorization(request),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, AwsExampleCanonicalRequestAndStringToSign) {
  SignableRequest request = example_request("GET", "/test.txt");
  request.headers.push_back({"Range", "bytes=0-9"});
  request.headers.push_back({"x-amz-content-sha256", std::string(kEmptyHash)});
  request.headers.push_back({"x-amz-date", "20130524T000000Z"});
  const Signature signature = sign(request, example_credentials(), kExampleScope, kExampleTime);
  EXPECT_EQ(signature.canonical_request,
            "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(signature.string_to_sign,
            "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
            "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
}

// --- Cases of AWS's signing test suite, written out -----------------------------------------------------------------

const WallTime kSuiteTime = std::chrono::sys_days(std::chrono::year(2015) / 8 / 30) + 12h + 36min;
const SigningScope kSuiteScope = {"us-east-1", "service"};

SignableRequest suite_request(std::string method, std::string path) {
  return {std::move(method),
          std::move(path),
          {},
          {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
          std::string(kEmptyHash)};
}

std::string suite_signature(const SignableRequest& request) {
  const Credentials credentials = {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Secret(),
                                   std::nullopt};
  return sign(request, credentials, kSuiteScope, kSuiteTime).signature;
}

TEST(SigV4, SuiteGetVanilla) {
  EXPECT_EQ(suite_signature(suite_request("GET", "/")),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4, SuiteEmptyPathIsTheRoot) {
  EXPECT_EQ(suite_signature(suite_request("GET", "")), suite_signature(suite_request("GET", "/")));
}

TEST(SigV4, SuiteGetUtf8) {
  EXPECT_EQ(suite_signature(suite_request("GET", uri_encode("/ሴ", true))),
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
}

TEST(SigV4, SuiteGetSpaceUnnormalized) {
  EXPECT_EQ(suite_signature(suite_request("GET", uri_encode("/example space/", true))),
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741");
}

TEST(SigV4, SuiteHeaderValuesAreFolded) {
  SignableRequest request = suite_request("GET", "/");
  request.headers.push_back({"My-Header1", "value1\n  value2\n     value3"});
  EXPECT_EQ(suite_signature(request), "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd");
}

TEST(SigV4, SessionTokenIsSent) {
  SignableRequest request = suite_request("GET", "/");
  request.headers.pop_back();
  Credentials credentials = example_credentials();
  credentials.session_token = Secret("a-token");
  const std::vector<fetch::Header> headers = signed_headers(request, credentials, kSuiteScope, kSuiteTime);
  ASSERT_EQ(headers.size(), 5U);
  EXPECT_EQ(headers[3].name, "x-amz-security-token");
  EXPECT_EQ(headers[3].value, "a-token");
  EXPECT_NE(headers[4].value.find("x-amz-date;x-amz-security-token, "), std::string::npos) << headers[4].value;
}

// --- uri_encode -----------------------------------------------------------------------------------------------------

TEST(UriEncode, UnreservedCharactersStay) {
  constexpr std::string_view kUnreserved = "ABCXYZabcxyz0189-._~";
  EXPECT_EQ(uri_encode(kUnreserved, false), kUnreserved);
}

TEST(UriEncode, EverythingElseIsEncodedInUpperCase) {
  EXPECT_EQ(uri_encode(" +=%&?#:@!$'()*,;[]\"<>|\\^`{}", true),
            "%20%2B%3D%25%26%3F%23%3A%40%21%24%27%28%29%2A%2C%3B%5B%5D%22%3C%3E%7C%5C%5E%60%7B%7D");
}

TEST(UriEncode, Utf8IsEncodedByteForByte) {
  EXPECT_EQ(uri_encode("schlüssel/鍵", true), "schl%C3%BCssel/%E9%8D%B5");
}

TEST(UriEncode, SlashStaysInPathsOnly) {
  EXPECT_EQ(uri_encode("a/b", true), "a/b");
  EXPECT_EQ(uri_encode("a/b", false), "a%2Fb");
}

TEST(UriEncode, NulAndHighBytesAreEncoded) {
  EXPECT_EQ(uri_encode(std::string_view("\0\x7F\xFF", 3), true), "%00%7F%FF");
}

}  // namespace
}  // namespace heare::s3
