# heare_embed(<library> NAMESPACE <namespace> HEADER <header> FILES <file>...)
#
# Makes a static library of files of the current folder: for each `name.suffix` the definition of
#   std::string_view name_suffix();
# in that namespace, declared in that header. Its code is made again when a file changes. In the text
#   @PROJECT_VERSION@                  becomes the project's version,
#   @HASH_OF_script@, @HASH_OF_style@  become the hash of what that element holds, as a Content-Security-Policy has it.
# Kept out of compile_commands.json: what is made is no code to be judged.
set(HEARE_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(heare_embed library)
  cmake_parse_arguments(ARG "" "NAMESPACE;HEADER" "FILES" ${ARGN})
  foreach(file IN LISTS ARG_FILES)
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${file}.cpp")
    add_custom_command(OUTPUT "${source}"
      COMMAND "${CMAKE_COMMAND}" -D "INPUT=${CMAKE_CURRENT_SOURCE_DIR}/${file}" -D "OUTPUT=${source}"
        -D "NAMESPACE=${ARG_NAMESPACE}" -D "HEADER=${ARG_HEADER}" -D "PROJECT_VERSION=${PROJECT_VERSION}"
        -P "${HEARE_EMBED_SCRIPT}"
      DEPENDS "${file}" "${HEARE_EMBED_SCRIPT}"
      COMMENT "Embedding ${file}" VERBATIM)
    list(APPEND sources "${source}")
  endforeach()
  add_library(${library} STATIC ${sources})
  target_link_libraries(${library} PRIVATE heare_compile)
  set_target_properties(${library} PROPERTIES EXPORT_COMPILE_COMMANDS OFF)
endfunction()

# --- What the command above runs

# SHA-256 of a text, in base 64.
function(sha256_base64 text out)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 hex "${text}")
  # 32 bytes, and one to make a multiple of three.
  string(REGEX MATCHALL "......" groups "${hex}00")
  set(encoded "")
  foreach(group IN LISTS groups)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${group} >> ${shift}) & 63")
      string(SUBSTRING "${alphabet}" ${index} 1 character)
      string(APPEND encoded "${character}")
    endforeach()
  endforeach()
  string(REGEX REPLACE "A$" "=" encoded "${encoded}")
  set(${out} "${encoded}" PARENT_SCOPE)
endfunction()

# Puts the hash of what an element holds in place of its mark.
function(fill_in_hash element text out)
  if(text MATCHES "@HASH_OF_${element}@")
    string(FIND "${text}" "<${element}>" begin)
    string(FIND "${text}" "</${element}>" end)
    string(LENGTH "<${element}>" tag)
    math(EXPR begin "${begin} + ${tag}")
    math(EXPR length "${end} - ${begin}")
    string(SUBSTRING "${text}" ${begin} ${length} content)
    sha256_base64("${content}" hash)
    string(REPLACE "@HASH_OF_${element}@" "'sha256-${hash}'" text "${text}")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  # Without it, a script takes @NAME@ for a variable.
  cmake_minimum_required(VERSION 3.25)
  file(READ "${INPUT}" text)
  string(REPLACE "@PROJECT_VERSION@" "${PROJECT_VERSION}" text "${text}")
  foreach(element script style)
    fill_in_hash(${element} "${text}" text)
  endforeach()
  get_filename_component(name "${INPUT}" NAME)
  string(MAKE_C_IDENTIFIER "${name}" name)
  # Byte by byte: a string literal may not be that long.
  string(HEX "${text}" bytes)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
  file(WRITE "${OUTPUT}" "\
// Made by cmake/HeareEmbed.cmake.
#include \"${HEADER}\"

namespace ${NAMESPACE} {
namespace {
constexpr char kText[] = {
${bytes}};
}

std::string_view ${name}() { return {kText, sizeof(kText)}; }

}
")
endif()
