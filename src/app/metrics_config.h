#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/environment.h"
#include "app/setting.h"
#include "base/error.h"
#include "metrics/stats_push.h"

/// Whom the service tells what it does. Every error is `invalid` and begins with the option or variable that it is
/// about.
namespace heare::app {

struct Address {
  std::string host;
  uint16_t port;
};

/// `HOST:PORT`, with brackets round an IPv6 address, as `setting` has it; nothing where there is none.
Result<std::optional<Address>> resolve_metrics_listen(const std::optional<Setting>& setting);

/// heare-stats, where PROTOCOL is `http` and DEST_HOST and DEST_PORT are set, with SECRET as its user.
Result<std::optional<metrics::StatsReceiver>> resolve_stats_receiver(const Environment& environment);

}  // namespace heare::app
