#include <fmt/format.h>

#include "app/colour.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/report.h"
#include "app/service_client.h"

namespace heare::app {

int command_health(const HealthFlags& flags, const World& world) {
  const Result<std::string> url = resolve_health_url(from_flag("--url", flags.url), world.environment);
  if (!url) return report_bad_option(world.terminal, url.error());
  const Result<std::string> answer = call_health(*world.make_http_client(), *url);
  if (!answer) return report_failure(world.terminal, answer.error());
  if (flags.json) {
    world.terminal.out(*answer + "\n");
  } else {
    print_marked(world.terminal, fmt::format("✓ {} is healthy\n", printable(without_credentials(*url))));
  }
  return kExitDone;
}

}  // namespace heare::app
