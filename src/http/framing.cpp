#include "http/framing.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "http/line_scanner.h"
#include "http/request_target.h"

namespace heare::http {
namespace {

/// Fields by how often they are given, with the last value of each.
struct Seen {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  std::string_view host;
  std::string_view length;
  std::string_view coding;
  bool close = false;
  bool keep_alive = false;
  bool expects = false;
  bool expects_other = false;
};

void read_connection(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    const size_t comma = std::min(value.find(','), value.size());
    const auto option = trim(value.substr(0, comma));
    if (equal_ignoring_case(option, "close")) seen.close = true;
    if (equal_ignoring_case(option, "keep-alive")) seen.keep_alive = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void read_field(const Field& field, Seen& seen) {
  if (equal_ignoring_case(field.name, "host")) {
    ++seen.hosts;
    seen.host = field.value;
  } else if (equal_ignoring_case(field.name, "content-length")) {
    ++seen.lengths;
    seen.length = field.value;
  } else if (equal_ignoring_case(field.name, "transfer-encoding")) {
    ++seen.codings;
    seen.coding = field.value;
  } else if (equal_ignoring_case(field.name, "connection")) {
    read_connection(field.value, seen);
  } else if (equal_ignoring_case(field.name, "expect")) {
    seen.expects = true;
    if (!equal_ignoring_case(field.value, "100-continue")) seen.expects_other = true;
  }
}

/// Digits only: no sign, no list, nothing that overflows.
std::optional<uint64_t> parse_length(std::string_view text) {
  uint64_t length = 0;
  // from_chars on an unsigned type takes neither sign nor white space.
  const auto [parsed, error] = std::from_chars(text.begin(), text.end(), length);
  if (error != std::errc{} || parsed != text.end() || text.empty()) return std::nullopt;
  return length;
}

}  // namespace

std::expected<Framing, int> judge_framing(const Head& head) {
  Seen seen;
  for (const Field& field : head.fields) read_field(field, seen);

  const bool modern = head.version == Version::http_1_1;
  if (seen.hosts > 1 || (seen.hosts == 0 && modern)) return std::unexpected(400);
  if (seen.hosts == 1 && !is_host(seen.host)) return std::unexpected(400);
  if (seen.lengths + seen.codings > 1) return std::unexpected(400);

  Framing framing;
  if (seen.codings == 1) {
    if (!modern || !equal_ignoring_case(seen.coding, "chunked")) return std::unexpected(400);
    framing.chunked = true;
  }
  if (seen.lengths == 1) {
    const auto length = parse_length(seen.length);
    if (!length) return std::unexpected(400);
    framing.body_bytes = *length;
  }
  framing.expects_other = seen.expects_other;
  // RFC 9110 section 10.1.1: from HTTP/1.0 the expectation is to be ignored.
  framing.expects_continue = seen.expects && modern;
  framing.keep_alive = !seen.close && (modern || seen.keep_alive);
  return framing;
}

}  // namespace heare::http
