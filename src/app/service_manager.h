#pragma once

#include <string_view>

#include "app/environment.h"

namespace heare::app {

/// Tells systemd, where it waits for it (NOTIFY_SOCKET; sd_notify(3)), what has become of the service: `READY=1` once
/// it serves, `STOPPING=1` once it stops. Where nobody waits or hears, nothing happens.
void notify_service_manager(const Environment& environment, std::string_view state);

}  // namespace heare::app
