#pragma once

#include <optional>
#include <string_view>

namespace heare::http {

struct Target {
  std::string_view path;
  /// What follows the question mark.
  std::string_view query;
};

/// Takes a request target apart: `/path?query`, or that after `http://host` or `https://host` (RFC 9112 section 3.2;
/// an absolute target counts by its path, `/` where it has none). Nothing for any other form: `*`, an authority,
/// another scheme, user information or a fragment.
std::optional<Target> split_target(std::string_view target);

/// True for what a Host field may hold here (RFC 9110 section 7.2): a name or address, and perhaps a port. An empty one
/// is refused, as `http` URIs need a host (section 4.2.1).
bool is_host(std::string_view text);

}  // namespace heare::http
