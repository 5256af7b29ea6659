#pragma once

#include <string_view>

namespace heare::http {

/// True for 127.0.0.0/8, ::1 and IPv4-mapped loopback, in any spelling that a forwarding header may have: with a port,
/// in brackets, in quotes. False for anything that is no address.
bool is_loopback_address(std::string_view text);

/// The same for a list, as X-Forwarded-For holds it: every element must be loopback.
bool all_loopback(std::string_view comma_separated);

/// The same for a Forwarded header (RFC 7239): every element must have exactly one `for=`, of a loopback address.
bool all_loopback_forwarded(std::string_view header);

}  // namespace heare::http
