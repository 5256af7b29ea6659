#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "keys/document.h"

namespace heare::app {

/// The id that a command line names. An error (`invalid`) where it is missing, or where it is a secret: those must not
/// get into messages, and no record is found by one.
Result<std::string> require_key_id(const std::optional<std::string>& argument);

}  // namespace heare::app
