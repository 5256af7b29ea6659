#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"

namespace heare::app {

/// The whole of a file that a person wrote: configuration, a secret. Errors: `not_found`, `unavailable`, and `invalid`
/// where it has more than `bytes_max` (a device, or some other file).
Result<std::string> read_small_file(const std::string& path, size_t bytes_max);

}  // namespace heare::app
