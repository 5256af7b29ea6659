#pragma once

#include <span>
#include <string>
#include <string_view>

namespace heare::http {

struct Field {
  std::string_view name;
  std::string_view value;
};

/// A whole request. Views into the connection's buffer, valid while it is answered.
struct Request {
  std::string_view method;
  /// The target's path, without query: also of an absolute target.
  std::string_view path;
  std::string_view query;
  std::span<const Field> fields;
  std::string_view body;
  /// The connection's peer, without port.
  std::string_view peer_address;

  /// The first field of that name, in any case; nullptr where there is none.
  const Field* find(std::string_view name) const;
};

/// An answer in the making; its memory is kept from one to the next.
struct Response {
  int status = 200;
  /// Whole further header lines, each with its CRLF.
  std::string fields;
  std::string_view content_type = "application/json";
  std::string body;
  /// Where not empty, the body in place of `body`: text that lives as long as the program, so that no answer copies it
  /// into memory that stays.
  std::string_view page;

  void reset();
};

/// How an answer is put on the wire, besides what it says.
struct Envelope {
  /// As the Date field holds it.
  std::string_view date;
  /// What the Connection field says; nothing where the protocol's default holds.
  std::string_view connection;
  /// The answer to a HEAD request: everything but the body.
  bool head_only;
};

/// Appends the whole answer (RFC 9112).
void append_response(std::string& out, const Response& response, const Envelope& envelope);

/// `OK` for 200, and so on for every status that the service gives.
std::string_view reason_phrase(int status);

}  // namespace heare::http
