#include "http/client_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdint>
#include <netinet/in.h>

#include "base/text.h"
#include "http/line_scanner.h"

namespace heare::http {
namespace {

/// inet_pton wants a terminated text.
using AddressText = std::array<char, INET6_ADDRSTRLEN>;

bool copy_address(std::string_view text, AddressText& out) {
  if (text.size() >= out.size() || text.find('\0') != std::string_view::npos) return false;
  *std::ranges::copy(text, out.begin()).out = '\0';
  return true;
}

bool is_loopback_v4(std::string_view text) {
  AddressText terminated;
  in_addr address{};
  return copy_address(text, terminated) && inet_pton(AF_INET, terminated.data(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

bool is_loopback_v6(std::string_view text) {
  AddressText terminated;
  in6_addr address{};
  if (!copy_address(text, terminated) || inet_pton(AF_INET6, terminated.data(), &address) != 1) return false;
  if (IN6_IS_ADDR_LOOPBACK(&address)) return true;
  return IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127;
}

bool is_port(std::string_view text) {
  uint16_t port = 0;
  const auto [parsed, error] = std::from_chars(text.begin(), text.end(), port);
  return !text.empty() && error == std::errc{} && parsed == text.end();
}

bool is_port_suffix(std::string_view text) {
  return text.empty() || (text.front() == ':' && is_port(text.substr(1)));
}

/// Calls `judge` with each piece of `text` between separators that stand outside of quotes; false once it does.
template <class Judge>
bool all_pieces(std::string_view text, char separator, Judge judge) {
  bool quoted = false;
  size_t begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    // An escape inside quotes: nobody writes an address so, and reading on might take a quote for an end.
    if (text[at] == '\\') return false;
    if (quoted || text[at] != separator) continue;
    if (!judge(trim(text.substr(begin, at - begin)))) return false;
    begin = at + 1;
  }
  return !quoted && judge(trim(text.substr(begin)));
}

/// One element of Forwarded: `by=…;for=…;proto=…`.
bool is_loopback_element(std::string_view element) {
  int for_count = 0;
  const bool well_formed = all_pieces(element, ';', [&for_count](std::string_view pair) {
    if (pair.empty()) return true;  // RFC 7239 section 4 lets a pair be left out.
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || !is_token(pair.substr(0, equals))) return false;
    if (!equal_ignoring_case(pair.substr(0, equals), "for")) return true;
    ++for_count;
    return is_loopback_address(pair.substr(equals + 1));
  });
  return well_formed && for_count == 1;
}

}  // namespace

bool is_loopback_address(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.starts_with('[')) {
    const size_t bracket = text.find(']');
    if (bracket == std::string_view::npos || !is_port_suffix(text.substr(bracket + 1))) return false;
    const auto inner = text.substr(1, bracket - 1);
    return is_loopback_v6(inner) || is_loopback_v4(inner);
  }
  const auto colons = std::ranges::count(text, ':');
  if (colons > 1) return is_loopback_v6(text);
  const size_t colon = std::min(text.find(':'), text.size());
  return is_port_suffix(text.substr(colon)) && is_loopback_v4(text.substr(0, colon));
}

bool all_loopback(std::string_view comma_separated) {
  return all_pieces(comma_separated, ',', is_loopback_address);
}

bool all_loopback_forwarded(std::string_view header) {
  return all_pieces(header, ',', is_loopback_element);
}

}  // namespace heare::http
