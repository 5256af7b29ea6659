#pragma once

#include <string>

#include "base/error.h"
#include "base/secret.h"

namespace heare::s3 {

/// The whole of a file that holds credentials or a token. Errors name the path: `not_found`, `unavailable` where it
/// cannot be read, `unauthorized` where it has more than 1 MiB (a device, or some other file).
Result<Secret> read_credentials_file(const std::string& path);

/// The token that a file holds, without white space around it. Errors as above (`unauthorized` too where the file is
/// not there), and `unauthorized` where it holds none that can be sent in a header.
Result<Secret> read_token_file(const std::string& path);

}  // namespace heare::s3
