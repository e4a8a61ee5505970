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
  -fno-strict-aliasing -fno-common
  $<$<BOOL:${LOCKWIRE_WERROR}>:-Werror>)
if(LOCKWIRE_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(lockwire_options INTERFACE -fno-omit-frame-pointer)
endif()
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
# Coverage for libFuzzer. "full": everywhere, comparisons too; programs that are no fuzzers do not
# link then. "fast": only branches, only in what inputs are about: see harness/fuzz/CMakeLists.txt.
set(LOCKWIRE_FUZZ "" CACHE STRING "instrument for libFuzzer (clang): full, fast or nothing")
if(NOT LOCKWIRE_FUZZ MATCHES "^(full|fast|)$")
  message(FATAL_ERROR "LOCKWIRE_FUZZ has to be full, fast or nothing, not ${LOCKWIRE_FUZZ}")
endif()
if(LOCKWIRE_FUZZ STREQUAL "full")
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# lockwire-sim is optimised as a whole where that matters (a frame passes through sixty small
# functions in four rooms); the objects are fat, so that everything else links them as usual. Those
# functions become few: -O2 alone inlines less than their calls cost. Vectors made of neighbouring
# scalars cost more than they gain, and so does loading early what may not be needed.
option(LOCKWIRE_LTO "link-time optimisation of lockwire-sim in optimised gcc builds" ON)
set(LOCKWIRE_LTO_COMPILE "")
set(LOCKWIRE_LTO_LINK "")
set(LOCKWIRE_LTO_OFF "")
if(LOCKWIRE_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT LOCKWIRE_SANITIZE
   AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(LOCKWIRE_LTO_LINK -flto=auto -O2 -fno-tree-slp-vectorize -fno-tree-partial-pre
      --param=max-inline-insns-auto=200 --param=inline-unit-growth=400
      --param=large-function-growth=400 --param=large-stack-frame-growth=3000)
  set(LOCKWIRE_LTO_COMPILE ${LOCKWIRE_LTO_LINK} -ffat-lto-objects)
  set(LOCKWIRE_LTO_OFF -fno-lto)
endif()
