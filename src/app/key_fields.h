#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

/// The values that a key's fields are given on the command line. Errors are `invalid` and name the option.
namespace heare::app {

/// A short text that ends up in tables and headers.
Result<std::string> read_label(std::string_view option, const std::string& text);

/// A JSON object, as it was typed.
Result<std::string> read_metadata(const std::string& text);

/// A time in RFC 3339 and UTC, however it was typed: so that every reader of the document, in any language, takes it
/// for the same moment.
Result<std::string> read_time(std::string_view option, const std::string& text);

/// What each `--scope` has named.
Result<std::vector<std::string>> read_scopes(const std::vector<std::string>& scopes);

}  // namespace heare::app
