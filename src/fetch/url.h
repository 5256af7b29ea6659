#pragma once

#include <optional>
#include <string>

namespace heare::fetch {

/// What is to be known of a URL beside its text.
struct Url {
  /// Scheme, host, port and path, for messages: without user information, query and fragment, which may be secret.
  std::string shown;
  /// Names this machine or a link-local address, such as a cloud's metadata service: no proxy can stand in between.
  bool is_near = false;
};

/// Nothing where `text` is no http or https URL.
std::optional<Url> parse_url(const std::string& text);

}  // namespace heare::fetch
