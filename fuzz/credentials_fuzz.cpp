// Arbitrary bytes as a file of profiles, and as an answer of STS, a container endpoint or a metadata service: what is
// accepted can be used, and what is refused is not quoted.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "s3/credentials_answer.h"
#include "s3/credentials_ini.h"
#include "s3/credentials_source.h"
#include "support.h"

namespace {

using heare::Result;
using heare::fuzz::require;
using heare::s3::Credentials;
using heare::s3::ProfileFileKind;
using heare::s3::Profiles;

bool is_trimmed(std::string_view text) {
  static constexpr std::string_view kSpace = " \t\r\n\v\f";
  return text.empty() ||
         (kSpace.find(text.front()) == std::string_view::npos && kSpace.find(text.back()) == std::string_view::npos);
}

void check_profiles(std::string_view text, ProfileFileKind kind) {
  const Result<Profiles> profiles = heare::s3::parse_profiles(text, kind);
  if (!profiles) {
    // The line's number and one of three texts, however long the line is.
    require(profiles.error().message.starts_with("line ") && profiles.error().message.size() < 100);
    return;
  }
  for (const auto& [name, profile] : *profiles) {
    require(!name.empty() && name.find('\n') == std::string::npos);
    for (const auto& [property, value] : profile) {
      require(!property.empty() && is_trimmed(property) && is_trimmed(value.reveal()));
      require(std::ranges::none_of(property, [](char c) { return c >= 'A' && c <= 'Z'; }));
      require(value.reveal().find('\n') == std::string_view::npos);
    }
  }
}

void check_answer(const Result<Credentials>& credentials) {
  if (credentials) {
    require(heare::s3::checked(*credentials).has_value());
  } else {
    require(credentials.error().code == heare::ErrorCode::unauthorized && credentials.error().message.size() < 200);
    require(heare::s3::is_header_value(credentials.error().message));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = heare::fuzz::text_of(data, size);
  check_profiles(text, ProfileFileKind::credentials);
  check_profiles(text, ProfileFileKind::config);
  check_answer(heare::s3::read_json_answer(text));
  check_answer(heare::s3::read_sts_answer(text));
  return 0;
}
