# Compiler settings that every target of ours shares, as the interface target lockwire_options.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "build type" FORCE)
endif()
# Our asserts are the object checks' last line: they stay on in every host build.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")

option(LOCKWIRE_WERROR "treat warnings as errors" ON)
set(LOCKWIRE_SANITIZE "" CACHE STRING "sanitizers for every target, e.g. address,undefined")

add_library(lockwire_options INTERFACE)
target_include_directories(lockwire_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(lockwire_options INTERFACE
  -Wall -Wextra -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Wvla
  -fno-strict-aliasing -fno-common -fno-omit-frame-pointer
  $<$<BOOL:${LOCKWIRE_WERROR}>:-Werror>)
# lockwire-sim is linked at a fixed address (function pointers may lie in the arena).
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
add_compile_options(-fno-pie)
# scripts/coverage: gcov has to find the sources again, so they keep their full names there.
option(LOCKWIRE_COVERAGE "count executed lines (gcov)" OFF)
if(LOCKWIRE_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
else()
  add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
endif()
add_link_options(-no-pie)
if(LOCKWIRE_SANITIZE)
  add_compile_options(-fsanitize=${LOCKWIRE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LOCKWIRE_SANITIZE})
endif()
