#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

/// What a new key may have. What a document already holds is served however long it is. Errors are `invalid` and begin
/// with `field`, as whoever is told knows it: `--owner`, `owner`.
namespace heare::keys {

/// A name or an owner.
Result<> check_label_length(std::string_view field, std::string_view text);
/// Their number, and the length of each.
Result<> check_scope_bounds(std::string_view field, const std::vector<std::string>& scopes);

}  // namespace heare::keys
