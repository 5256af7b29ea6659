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
configure_file("${SOURCE}/src/app/commit.h.in" "${OUTPUT}" @ONLY)
