#include "app/after_edit.h"

#include <utility>

#include <fmt/format.h>

#include "app/colour.h"
#include "app/config.h"
#include "app/report.h"
#include "app/service_client.h"

namespace heare::app {

Result<std::optional<std::string>> resolve_refresh(const RefreshFlags& flags, const World& world) {
  if (flags.no_refresh) return std::nullopt;
  Result<std::string> url =
      resolve_refresh_url(from_flag("--refresh-url", flags.refresh_url), world.environment, world.config_file);
  if (!url) return std::unexpected(url.error());
  return std::move(*url);
}

std::optional<uint64_t> refresh_after_edit(const std::optional<std::string>& url, const World& world) {
  if (!url) return std::nullopt;
  const Result<RefreshAnswer> answer = call_refresh(*world.make_http_client(), *url);
  if (answer) return answer->keys_loaded;
  warn(world.terminal, fmt::format("Could not refresh service: {}", answer.error().message));
  world.terminal.err(
      "    The change is stored. A service that runs takes it up at its next refresh; to have it at once, start\n"
      "    the service or call: heare-auth refresh (--no-refresh leaves the call out).\n");
  return std::nullopt;
}

std::string refreshed_line(uint64_t keys_loaded) {
  return fmt::format("✓ Service refreshed - {} keys loaded\n", keys_loaded);
}

std::string refresh_json(const std::optional<uint64_t>& keys_loaded) {
  if (!keys_loaded) return "null";
  return fmt::format("{{\n    \"keys_loaded\": {}\n  }}", *keys_loaded);
}

std::function<std::string(std::string_view)> json_with(std::string_view member, std::string value_json) {
  return [member, value_json = std::move(value_json)](std::string_view refresh) {
    return fmt::format("{{\n  \"{}\": {},\n  \"refresh\": {}\n}}\n", member, value_json, refresh);
  };
}

int report_edit(const Result<>& edited, const EditReport& report, const std::optional<std::string>& url, bool json,
                const World& world) {
  Terminal& terminal = world.terminal;
  if (!edited) {
    const int exit_code = report_failure(terminal, edited.error());
    if (exit_code == kExitUnknownOutcome) terminal.err(report.how_to_find_out + "\n");
    return exit_code;
  }
  if (!json) print_marked(terminal, report.done + "\n");
  const std::optional<uint64_t> refreshed = refresh_after_edit(url, world);
  if (json) {
    terminal.out(report.json(refresh_json(refreshed)));
  } else if (refreshed) {
    print_marked(terminal, refreshed_line(*refreshed));
  }
  if (const Result<> shown = terminal.flush(); !shown) {
    const int exit_code = report_failure(terminal, shown.error());
    terminal.err("The change is stored.\n");
    return exit_code;
  }
  return kExitDone;
}

}  // namespace heare::app
