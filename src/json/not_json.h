#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace heare::json {

/// The error of a text that is not JSON. `problem` says what is wrong at that byte and quotes nothing of the text,
/// which may hold secrets.
inline std::unexpected<Error> not_json(uint64_t offset, std::string_view problem) {
  return fail(ErrorCode::invalid, "not valid JSON at byte {}: {}", offset, problem);
}

}  // namespace heare::json
