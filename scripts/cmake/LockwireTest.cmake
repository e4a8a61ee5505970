# lockwire_unit(<area> SOURCES a.c b.c LIBS target...): one Criterion executable unit_<area> and
# one ctest "unit.<area>". TOOLCHAIN traps handled here: Criterion exits 0 when it ran nothing or
# when a worker leaked, hence the own main (unit_main.c) and FAIL_REGULAR_EXPRESSION.
#
# lockwire_unit_plain(<area> ...): the same sources with the plain runner (no Criterion), for
# targets on which Criterion is not to be had, e.g. 32-bit. Extra: FLAGS -m32.
find_package(PkgConfig REQUIRED)
pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion>=2.4)

set(LOCKWIRE_UNIT_DIR ${CMAKE_SOURCE_DIR}/harness/tests/unit)
string(JOIN "|" LOCKWIRE_UNIT_FAIL "Tested: 0 " "ERROR: [A-Za-z]+Sanitizer" "runtime error:"
  "during its setup or teardown")
set(LOCKWIRE_UNIT_ENV
  "ASAN_OPTIONS=abort_on_error=1:handle_segv=0:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1")

# What unit tests show of the catalogues (SHOWS in unit.h): a file per executable, new each run.
set(LOCKWIRE_UNIT_EVIDENCE ${CMAKE_BINARY_DIR}/evidence)
file(MAKE_DIRECTORY ${LOCKWIRE_UNIT_EVIDENCE})
set(LOCKWIRE_UNIT_RUN sh -c [[rm -f "$LOCKWIRE_EVIDENCE" && exec "$@"]] unit)

# All Criterion executables: what a sanitizer build needs; and all with the plain runner.
add_custom_target(units)
add_custom_target(units-plain)
add_library(lockwire_unit_main OBJECT
  ${LOCKWIRE_UNIT_DIR}/unit_main.c ${LOCKWIRE_UNIT_DIR}/unit_evidence.c)
target_link_libraries(lockwire_unit_main PRIVATE lockwire_options PkgConfig::CRITERION)

function(lockwire_unit area)
  cmake_parse_arguments(U "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(unit_${area} ${U_SOURCES} $<TARGET_OBJECTS:lockwire_unit_main>)
  target_link_libraries(unit_${area} PRIVATE lockwire_options ${U_LIBS} PkgConfig::CRITERION)
  target_include_directories(unit_${area} PRIVATE ${LOCKWIRE_UNIT_DIR})
  # Criterion's Test() macros define non-static functions without prototypes.
  target_compile_options(unit_${area} PRIVATE -Wno-missing-prototypes)
  target_link_options(unit_${area} PRIVATE ${LOCKWIRE_LTO_OFF})
  add_dependencies(units unit_${area})
  add_test(NAME unit.${area} COMMAND ${LOCKWIRE_UNIT_RUN} $<TARGET_FILE:unit_${area}> -j2)
  set_tests_properties(unit.${area} PROPERTIES LABELS unit TIMEOUT 300 FIXTURES_SETUP evidence
    FAIL_REGULAR_EXPRESSION "${LOCKWIRE_UNIT_FAIL}"
    ENVIRONMENT "${LOCKWIRE_UNIT_ENV};LOCKWIRE_EVIDENCE=${LOCKWIRE_UNIT_EVIDENCE}/${area}.tsv")
endfunction()

function(lockwire_unit_plain area)
  cmake_parse_arguments(U "" "" "SOURCES;LIBS;FLAGS" ${ARGN})
  add_executable(unit_${area} ${U_SOURCES}
    ${LOCKWIRE_UNIT_DIR}/unit_main_plain.c ${LOCKWIRE_UNIT_DIR}/unit_evidence.c)
  target_compile_definitions(unit_${area} PRIVATE LOCKWIRE_UNIT_PLAIN=1)
  target_link_libraries(unit_${area} PRIVATE lockwire_options ${U_LIBS})
  target_include_directories(unit_${area} PRIVATE ${LOCKWIRE_UNIT_DIR})
  target_compile_options(unit_${area} PRIVATE ${U_FLAGS})
  target_link_options(unit_${area} PRIVATE ${U_FLAGS})
  add_dependencies(units-plain unit_${area})
  add_test(NAME unit.${area} COMMAND ${LOCKWIRE_UNIT_RUN} $<TARGET_FILE:unit_${area}>)
  set_tests_properties(unit.${area} PROPERTIES LABELS "unit;variant" TIMEOUT 300
    FIXTURES_SETUP evidence
    FAIL_REGULAR_EXPRESSION "${LOCKWIRE_UNIT_FAIL}"
    ENVIRONMENT "${LOCKWIRE_UNIT_ENV};LOCKWIRE_EVIDENCE=${LOCKWIRE_UNIT_EVIDENCE}/${area}.tsv")
endfunction()
