# heare_library(<room> [DEPS <room>...] [LIBRARIES <library>...])
#
# Makes a room: the static library heare_<room> of the current folder's sources, and, where tests are built, the
# program <room>_test of its *_test.cpp and *_test_support.cpp. DEPS are the rooms that it may include; LIBRARIES are
# linked PRIVATE, so that no other room can include them through this one. tests/house checks the #include lines against
# these calls.
function(heare_library room)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test(_support)?\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test(_support)?\\.cpp$")

  add_library(heare_${room} STATIC ${sources})
  list(TRANSFORM ARG_DEPS PREPEND heare_ OUTPUT_VARIABLE rooms)
  target_link_libraries(heare_${room} PUBLIC heare_compile fmt::fmt ${rooms} PRIVATE ${ARG_LIBRARIES})

  if(HEARE_TESTS AND tests)
    add_executable(${room}_test ${tests})
    target_link_libraries(${room}_test PRIVATE heare_${room} heare_test_support GTest::gtest_main)
    # A test runs once: the optimizer would take longer than it saves.
    target_compile_options(${room}_test PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0 -fno-lto>)
    set_target_properties(${room}_test PROPERTIES HEARE_UNOPTIMIZED ON)
    add_dependencies(unit_tests ${room}_test)
    gtest_discover_tests(${room}_test TEST_PREFIX "${room}." DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit)
  endif()
endfunction()
