# Options every target of ours compiles with, and the two kinds of targets there are:
# a module (an OBJECT library: self-registering objects vanish from static ones) and a test program.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(pagmo REQUIRED)
pkg_check_modules(systemc REQUIRED IMPORTED_TARGET systemc)
# Debian's SystemC exports the C++17 API symbol only; SystemC provides this macro for the purpose.
target_compile_definitions(PkgConfig::systemc INTERFACE SC_CPLUSPLUS=201703L)
# Its headers are not ours to keep warning-free.
get_target_property(_systemc_includes PkgConfig::systemc INTERFACE_INCLUDE_DIRECTORIES)
if(_systemc_includes)
  set_target_properties(PkgConfig::systemc PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${_systemc_includes}")
endif()

add_library(mixpe_options INTERFACE)
target_include_directories(mixpe_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
# -ffp-contract=off: a fused multiply and add would round differently from the hardware modelled.
# GCC 12 warns of overlaps in std::string that cannot be (its bug 105651), and of uninitialised strings
# in aggregates built from braces.
target_compile_options(mixpe_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Werror
  -Wno-restrict -Wno-maybe-uninitialized -ffp-contract=off)
if(MIXPE_SANITIZE)
  # -Wno-error: instrumented code draws false warnings; the other presets keep them errors. -g1: the
  # line numbers of a report, at four fifths of the time and half the size.
  target_compile_options(mixpe_options INTERFACE -Wno-error -fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
  target_link_options(mixpe_options INTERFACE -fsanitize=address,undefined)
endif()
if(MIXPE_DEBUG_CHECKS)
  target_compile_definitions(mixpe_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()

# mixpe_module(NAME [LINK libs…]): every .cpp below this folder that is not a test.
function(mixpe_module name)
  cmake_parse_arguments(ARG "" "" "LINK;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(${name} OBJECT ${sources})
  target_link_libraries(${name} PUBLIC mixpe_options ${ARG_LINK})
endfunction()

# A stage of the pipeline: the module mixpe_<stage> from the folder <stage>, and the tests beside it.
# OBJECT libraries do not pass their objects on, so each stage names its objects for the programs.
function(mixpe_module_dir stage)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${stage})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(mixpe_${stage} OBJECT ${sources})
  target_link_libraries(mixpe_${stage} PUBLIC mixpe_options ${ARG_LINK})
  # All objects up to and including this stage.
  set(upstream ${MIXPE_STAGES})
  list(APPEND upstream mixpe_${stage})
  set(MIXPE_STAGES ${upstream} PARENT_SCOPE)
  if(BUILD_TESTING)
    file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${dir}/*_test.cpp)
    mixpe_test(sim_${stage}_test SOURCES ${tests} LINK mixpe_models ${upstream} rapidcheck)
  endif()
endfunction()

# mixpe_test(NAME SOURCES… [LINK libs…]): one GoogleTest program, its cases listed by ctest.
# Its files are compiled eight at a time and lightly optimised: alone and at -O3, headers and the
# templates of GoogleTest took four fifths of the time. What is tested keeps the level of its module.
# A Debug build compiles each file alone: it is for who changes one and runs it.
function(mixpe_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_SOURCES)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON)
  endif()
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(${name} PRIVATE mixpe_options ${ARG_LINK} GTest::gtest GTest::gmock
    GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE MIXPE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    MIXPE_BINARY="$<TARGET_FILE_DIR:mixpe>/mixpe")
  if(name MATCHES "^(models|sim)_")
    add_dependencies(unit_tests ${name})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTIES TIMEOUT 300)
endfunction()

add_custom_target(unit_tests)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  include(GoogleTest)
endif()
