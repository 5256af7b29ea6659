#include "http/message.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"

namespace heare::http {
namespace {

std::string_view text_of(const fmt::format_int& number) {
  return {number.data(), number.size()};
}

}  // namespace

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
  page = {};
}

void append_response(std::string& out, const Response& response, const Envelope& envelope) {
  const std::string_view body = response.page.empty() ? std::string_view(response.body) : response.page;
  append(out, "HTTP/1.1 ", text_of(fmt::format_int(response.status)), " ", reason_phrase(response.status),
         "\r\nDate: ", envelope.date, "\r\n");
  if (!response.content_type.empty()) append(out, "Content-Type: ", response.content_type, "\r\n");
  if (!envelope.connection.empty()) append(out, "Connection: ", envelope.connection, "\r\n");
  append(out, "Content-Length: ", text_of(fmt::format_int(body.size())), "\r\n", response.fields, "\r\n",
         envelope.head_only ? std::string_view() : body);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
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
