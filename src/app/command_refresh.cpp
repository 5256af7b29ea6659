#include <fmt/format.h>

#include "app/colour.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/report.h"
#include "app/service_client.h"

namespace heare::app {

int command_refresh(const RefreshCommandFlags& flags, const World& world) {
  const Result<std::string> url =
      resolve_refresh_url(from_flag("--url", flags.url), world.environment, world.config_file);
  if (!url) return report_bad_option(world.terminal, url.error());
  const Result<RefreshAnswer> answer = call_refresh(*world.make_http_client(), *url);
  if (!answer) return report_failure(world.terminal, answer.error());
  if (flags.json) {
    world.terminal.out(answer->json + "\n");
  } else {
    print_marked(world.terminal, fmt::format("✓ Refresh successful - loaded {} keys\n", answer->keys_loaded));
  }
  return kExitDone;
}

}  // namespace heare::app
