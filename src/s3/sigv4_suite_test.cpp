// AWS's own test suite for Signature Version 4 (the folder `sigv4` of the vectors): each case is a request, its
// canonical request, string to sign and signature. Found through HEARE_AUTH_VECTORS, or beside the repository.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/time_format.h"
#include "crypto/sha256.h"
#include "json/reader.h"
#include "s3/sigv4.h"

namespace heare::s3 {
namespace {

namespace fs = std::filesystem;

// Cases whose path the service normalises before it signs (`.`, `..`, `//`). S3 never does: `a/../b` is a key of its
// own. Each has an `-unnormalized` twin, which does apply.
constexpr std::array<std::string_view, 6> kNormalizedPaths = {
    "get-relative-normalized", "get-relative-relative-normalized", "get-slash-dot-slash-normalized",
    "get-slash-normalized",    "get-slashes-normalized",           "get-slash-pointless-dot-normalized",
};

fs::path suite_folder() {
  const char* const told = std::getenv("HEARE_AUTH_VECTORS");
  return fs::path(told != nullptr ? told : HEARE_VECTORS) / "sigv4";
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string member(json::Value object, std::string_view name) {
  std::string scratch;
  return std::string(object.find(name).text(scratch));
}

struct Case {
  SignableRequest request;
  Credentials credentials;
  SigningScope scope;
  WallTime time;
};

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

void read_target(std::string_view target, SignableRequest& request) {
  const size_t question = target.find('?');
  request.path = uri_encode(percent_decoded(target.substr(0, question)), true);
  if (question == std::string_view::npos) return;
  std::istringstream pairs{std::string(target.substr(question + 1))};
  for (std::string pair; std::getline(pairs, pair, '&');) {
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string value = equals < pair.size() ? pair.substr(equals + 1) : "";
    request.query.emplace_back(percent_decoded(pair.substr(0, equals)), percent_decoded(value));
  }
}

/// Reads `request.txt`: request line, headers (a line that begins with a space continues the one before), body.
SignableRequest read_request(const std::string& text) {
  SignableRequest request;
  const size_t header_end = std::min(text.find("\n\n"), text.size());
  std::istringstream lines(text.substr(0, header_end));
  std::string line;
  std::getline(lines, line);
  const size_t first_space = line.find(' ');
  request.method = line.substr(0, first_space);
  // The target may hold spaces itself.
  read_target(std::string_view(line).substr(first_space + 1, line.rfind(' ') - first_space - 1), request);
  while (std::getline(lines, line)) {
    if (line.starts_with(' ')) {
      request.headers.back().value += '\n' + line;
      continue;
    }
    const size_t colon = line.find(':');
    request.headers.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }
  const std::string body = header_end + 2 <= text.size() ? text.substr(header_end + 2) : "";
  request.payload_hash = to_hex(crypto::sha256(body));
  return request;
}

Case read_case(const fs::path& folder) {
  const std::string context_text = read_file(folder / "context.json");
  json::Reader reader;
  const json::Value context = reader.read(context_text).value();
  const json::Value keys = context.find("credentials");

  Case it;
  it.request = read_request(read_file(folder / "request.txt"));
  it.credentials.access_key_id = member(keys, "access_key_id");
  it.credentials.secret_access_key = Secret(member(keys, "secret_access_key"));
  it.credentials.session_token = Secret(member(keys, "token"));
  it.scope = {member(context, "region"), member(context, "service")};
  it.time = parse_iso8601(member(context, "timestamp")).value();

  it.request.headers.push_back({"X-Amz-Date", "20150830T123600Z"});
  const bool token_is_signed = !context.find("omit_session_token").is_true();
  if (token_is_signed && !it.credentials.session_token.empty()) {
    it.request.headers.push_back({"X-Amz-Security-Token", std::string(it.credentials.session_token.reveal())});
  }
  if (context.find("sign_body").is_true()) {
    it.request.headers.push_back({"x-amz-content-sha256", it.request.payload_hash});
  }
  return it;
}

TEST(SigV4Suite, EveryCaseThatAppliesToS3HasAwsSignature) {
  const fs::path folder = suite_folder();
  if (!fs::is_directory(folder)) GTEST_SKIP() << "no AWS signing test suite in " << folder << " (HEARE_AUTH_VECTORS)";

  int cases = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (std::ranges::find(kNormalizedPaths, name) != kNormalizedPaths.end()) continue;
    SCOPED_TRACE(name);
    const Case it = read_case(entry.path());
    const Signature signature = sign(it.request, it.credentials, it.scope, it.time);
    EXPECT_EQ(signature.canonical_request, read_file(entry.path() / "header-canonical-request.txt"));
    EXPECT_EQ(signature.string_to_sign, read_file(entry.path() / "header-string-to-sign.txt"));
    EXPECT_EQ(signature.signature, read_file(entry.path() / "header-signature.txt"));
    ++cases;
  }
  EXPECT_GE(cases, 30);
}

}  // namespace
}  // namespace heare::s3
