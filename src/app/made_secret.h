#pragma once

#include <optional>
#include <string>

#include "app/world.h"
#include "base/error.h"
#include "base/secret.h"

namespace heare::app {

/// A secret that a command has just made and stored, and what is shown with it: once, as nobody can show it again.
struct MadeSecret {
  std::string id;
  Secret secret;
  /// Above the id, where it is known to be stored, and where it is not: `Created API key`.
  std::string heading;
  std::string doubtful_heading;
  /// Below the secret: lines, laid out.
  std::string details;
  /// The key's record as the document holds it.
  std::string record;
  /// What to do where its fate is unknown, and where it is stored and could not be shown.
  std::string how_to_find_out;
  std::string when_lost;
};

/// Shows the secret, then tells the service, as `refresh_url` has it. `stored` is how storing it went: what was sent
/// and may be there is shown all the same. The exit code.
int show_made_secret(const MadeSecret& made, const Result<>& stored, const std::optional<std::string>& refresh_url,
                     bool json, const World& world);

}  // namespace heare::app
