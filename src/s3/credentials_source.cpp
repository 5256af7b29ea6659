#include "s3/credentials_source.h"

#include <algorithm>
#include <string_view>

namespace heare::s3 {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

}  // namespace

bool is_header_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_header_value(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

Result<Credentials> checked(Credentials credentials) {
  static constexpr std::string_view kStray = "holds a space, a newline or another character that cannot be sent";
  if (credentials.access_key_id.empty()) return fail(ErrorCode::unauthorized, "the access key id is missing");
  if (credentials.secret_access_key.empty()) return fail(ErrorCode::unauthorized, "the secret access key is missing");
  if (!is_header_word(credentials.access_key_id)) {
    return fail(ErrorCode::unauthorized, "the access key id {}", kStray);
  }
  // The secret is never sent, and stores of one's own allow spaces and any letter in it.
  if (std::ranges::any_of(credentials.secret_access_key.reveal(), is_control)) {
    return fail(ErrorCode::unauthorized, "the secret access key holds a newline or another control character");
  }
  if (!credentials.session_token.empty() && !is_header_word(credentials.session_token.reveal())) {
    return fail(ErrorCode::unauthorized, "the session token {}", kStray);
  }
  return credentials;
}

}  // namespace heare::s3
