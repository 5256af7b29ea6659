#pragma once

#include <cstdint>
#include <expected>

#include "http/head_parser.h"

namespace heare::http {

/// How a request's body is delimited, and what becomes of the connection.
struct Framing {
  bool chunked = false;
  /// Where it is not chunked.
  uint64_t body_bytes = 0;
  /// The client's wish and the protocol's default: HTTP/1.1 keeps the connection unless told otherwise.
  bool keep_alive = false;
  /// The client waits for `100 Continue` before it sends the body.
  bool expects_continue = false;
  /// It expects something else, which nobody here can give it.
  bool expects_other = false;
};

/// Reads the fields that decide where a request ends. Whatever a proxy in front might see otherwise is refused with
/// 400: any second Content-Length or Transfer-Encoding, both of them, a coding that is not exactly `chunked`, codings
/// in HTTP/1.0; and a missing, doubled or malformed Host.
std::expected<Framing, int> judge_framing(const Head& head);

}  // namespace heare::http
