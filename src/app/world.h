#pragma once

#include <functional>
#include <memory>

#include "app/config_file.h"
#include "app/environment.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/random.h"
#include "fetch/http_client.h"

namespace heare::app {

/// Everything outside that a command touches, so that tests can have their own. What it refers to outlives the command.
struct World {
  const Environment& environment;
  const ConfigFile& config_file;
  Terminal& terminal;
  const Clock& clock;
  Random& random;
  /// Made only by the commands that need one.
  std::function<std::unique_ptr<fetch::HttpClient>()> make_http_client;
};

}  // namespace heare::app
