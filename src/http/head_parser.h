#pragma once

#include <string_view>
#include <vector>

#include "http/message.h"

namespace heare::http {

enum class Version { http_1_0, http_1_1 };

/// A request's head in its parts: views into the bytes that it was parsed from.
struct Head {
  std::string_view method;
  std::string_view target;
  Version version;
  /// Values without white space around them. The memory is kept from one request to the next.
  std::vector<Field> fields;
};

/// Splits a whole head, the empty line at its end included, by the grammar of RFC 9112. False where it does not follow
/// it, or names another version than 1.0 or 1.1.
bool parse_head(std::string_view bytes, Head& head);

}  // namespace heare::http
