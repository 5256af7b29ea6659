# What every target is compiled with.
add_library(heare_compile INTERFACE)
target_compile_options(heare_compile INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wimplicit-fallthrough)
# A compiler that is newer than those of the tests may warn of more, and is to build all the same.
if(HEARE_TESTS)
  target_compile_options(heare_compile INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(heare_compile INTERFACE -Wthread-safety -Werror=thread-safety)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes an empty std::optional's contents for read when it optimizes. Clang and the sanitizers watch this.
  target_compile_options(heare_compile INTERFACE -Wno-maybe-uninitialized)
endif()
# Optimizing over all files at once takes a seventh off a verification. Objects are compiled both ways, so that only the
# program is linked that way: for every test it would take longer than it saves.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" AND NOT HEARE_SANITIZE)
  target_compile_options(heare_compile INTERFACE -flto=auto -ffat-lto-objects)
  target_link_options(heare_compile INTERFACE $<IF:$<BOOL:$<TARGET_PROPERTY:HEARE_SHIPPED>>,-flto=auto,-fno-lto>)
endif()
# The same commit gives the same program, wherever its tree is: the folder's name does not get into it.
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  set(nowhere "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
  target_compile_options(heare_compile INTERFACE ${nowhere})
  # Where the whole program is optimized at once, the linker compiles, too.
  target_link_options(heare_compile INTERFACE ${nowhere})
endif()
# Against attacks on memory, as tests/integration/test_hardening.py looks for it. The sanitizers have checks of their own,
# which these would hide; lengths are only checked where the optimizer knows them.
if(NOT HEARE_SANITIZE)
  include(CheckCXXCompilerFlag)
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection)
    check_cxx_compiler_flag(${flag} heare_has${flag})
    if(heare_has${flag})
      target_compile_options(heare_compile INTERFACE ${flag})
    endif()
  endforeach()
  target_link_options(heare_compile INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(optimized $<NOT:$<BOOL:$<TARGET_PROPERTY:HEARE_UNOPTIMIZED>>>)
    target_compile_options(heare_compile INTERFACE -U_FORTIFY_SOURCE $<${optimized}:-D_FORTIFY_SOURCE=3>)
  endif()
endif()
# Checks of the standard library's preconditions: cheap, and an out-of-range index stops instead of leaking memory.
target_compile_definitions(heare_compile INTERFACE _GLIBCXX_ASSERTIONS)
target_include_directories(heare_compile INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_BINARY_DIR}/generated")

if(HEARE_SANITIZE)
  target_compile_options(heare_compile INTERFACE
    -fsanitize=${HEARE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(heare_compile INTERFACE -fsanitize=${HEARE_SANITIZE})
endif()

if(HEARE_COVERAGE)
  target_compile_options(heare_compile INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(heare_compile INTERFACE -fprofile-instr-generate)
endif()

# Decided once for a build folder: a ccache that is installed later must not make everything compile anew.
if(NOT DEFINED HEARE_COMPILER_LAUNCHER)
  find_program(ccache ccache NO_CACHE)
  if(NOT ccache)
    set(ccache "")
  endif()
  set(HEARE_COMPILER_LAUNCHER "${ccache}" CACHE STRING "What runs the compiler: ccache, or nothing")
endif()
set(CMAKE_CXX_COMPILER_LAUNCHER "${HEARE_COMPILER_LAUNCHER}")
