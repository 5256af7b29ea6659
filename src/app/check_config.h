#pragma once

#include "app/config.h"
#include "app/store_config.h"
#include "app/world.h"

namespace heare::app {

/// `serve --check-config`: loads the document as the service would, prints what it found, and returns the exit code.
/// Nothing is listened on, so it may run beside the service.
int check_config(const ServeConfig& config, const StoreConfig& store, const World& world);

}  // namespace heare::app
