#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"

namespace heare::app {

/// The whole of a file that a person names: configuration, a secret, keys to import. Errors: `not_found`,
/// `unavailable`, and `invalid` where it has more than `bytes_max` (a device, or some other file).
Result<std::string> read_file(const std::string& path, size_t bytes_max);

/// The same for a file that is open; `name` is for messages.
Result<std::string> read_to_end(int fd, const std::string& name, size_t bytes_max);

}  // namespace heare::app
