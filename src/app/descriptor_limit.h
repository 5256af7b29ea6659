#pragma once

#include <cstddef>

#include "app/config.h"
#include "app/terminal.h"
#include "base/error.h"

namespace heare::app {

/// How many files this process may have open, which is made as many as the system allows: a connection takes one, and
/// the usual soft limit of 1,024 is for programs that use select(2).
size_t raise_descriptor_limit();

/// Leaves some of so many descriptors for what is no client: where clients could take all of them, they could keep the
/// service from loading keys, and so a revoked one alive. Fewer connections than were asked for are warned about. Error
/// `unavailable` where none would be left.
Result<> bound_connections(ServeConfig& config, size_t descriptors, Terminal& terminal);

}  // namespace heare::app
