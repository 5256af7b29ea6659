#include "app/metrics_config.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "app/config.h"

namespace heare::app {
namespace {

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(port) : std::nullopt;
}

bool consists_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

/// What may stand in a URL's authority as it is: a name or an IPv4 address; or an IPv6 address, without its brackets.
bool is_host(std::string_view text) {
  if (std::ranges::count(text, ':') >= 2) return consists_of(text, "0123456789abcdefABCDEF:.");
  return !text.empty() && consists_of(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_");
}

std::string_view without_brackets(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

Result<std::optional<Address>> resolve_metrics_listen(const std::optional<Setting>& setting) {
  if (!setting) return std::nullopt;
  const std::string_view text = setting->text;
  const size_t colon = std::min(text.rfind(':'), text.size());
  const std::string_view host = text.substr(0, colon);
  const auto port = parse_port(text.substr(std::min(colon + 1, text.size())));
  // Of two colons or more nobody can tell whether the last is one of the address.
  const bool is_clear = host.find(':') == std::string_view::npos || without_brackets(host) != host;
  if (port && is_clear && is_host(without_brackets(host))) {
    return Address{std::string(without_brackets(host)), *port};
  }
  return fail(ErrorCode::invalid, "{}: not an address and a port ({}), for example 127.0.0.1:9100 or [::]:9100",
              setting->origin, setting->text);
}

Result<std::optional<metrics::StatsReceiver>> resolve_stats_receiver(const Environment& environment) {
  const auto host = environment.get("DEST_HOST");
  const auto port_text = environment.get("DEST_PORT");
  if (environment.get("PROTOCOL") != "http" || !host || !port_text) return std::nullopt;
  const auto port = parse_port(*port_text);
  if (!port || *port == 0) return fail(ErrorCode::invalid, "DEST_PORT: not a number from 1 to 65535 ({})", *port_text);
  const std::string address(without_brackets(*host));
  if (!is_host(address)) return fail(ErrorCode::invalid, "DEST_HOST: not the name or address of a host ({})", *host);

  constexpr uint16_t kHttpsPort = 443;
  metrics::StatsReceiver receiver;
  receiver.url = fmt::format("{}://{}/http", *port == kHttpsPort ? "https" : "http", host_and_port(address, *port));
  receiver.user = Secret(environment.get("SECRET").value_or(""));
  return receiver;
}

}  // namespace heare::app
