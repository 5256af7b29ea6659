# cmake -D SOURCE=<tree> -D OUTPUT=<header> -P HeareCommit.cmake
#
# Writes the header that names the commit which is built, and touches it only where that has changed. A tree without its
# history, such as a release's archive, has none: then -D COMMIT=<id> may name it.
if(NOT COMMIT)
  execute_process(
    COMMAND git -C "${SOURCE}" rev-parse --short=12 HEAD
    OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  # Of another repository around this tree the commit says nothing.
  if(failed OR NOT EXISTS "${SOURCE}/.git")
    set(COMMIT unknown)
  endif()
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[
#pragma once

#include <string_view>

namespace heare::app {

/// The commit that this was built from, or `unknown`.
inline constexpr std::string_view kCommit = "@COMMIT@";

}  // namespace heare::app
]] @ONLY)
