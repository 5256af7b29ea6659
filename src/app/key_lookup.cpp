#include "app/key_lookup.h"

namespace heare::app {

Result<std::string> require_key_id(const std::optional<std::string>& argument) {
  if (!argument || argument->empty()) return fail(ErrorCode::invalid, "KEY_ID: missing, `heare-auth list` shows them");
  if (argument->starts_with("sec_")) {
    return fail(ErrorCode::invalid, "KEY_ID: this is a secret, not an id; `heare-auth list` shows the ids");
  }
  return *argument;
}

}  // namespace heare::app
