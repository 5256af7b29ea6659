#include "http/message.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"

namespace heare::http {

const Field* Request::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(fields, [name](const Field& field) { return equal_ignoring_case(field.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

void Response::reset() {
  status = 200;
  fields.clear();
  content_type = "application/json";
  body.clear();
}

void append_response(std::string& out, const Response& response, const Envelope& envelope) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 reason_phrase(response.status), envelope.date);
  if (!response.content_type.empty()) {
    fmt::format_to(std::back_inserter(out), "Content-Type: {}\r\n", response.content_type);
  }
  fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  if (!envelope.connection.empty()) {
    fmt::format_to(std::back_inserter(out), "Connection: {}\r\n", envelope.connection);
  }
  out += response.fields;
  out += "\r\n";
  if (!envelope.head_only) out += response.body;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

}  // namespace heare::http
