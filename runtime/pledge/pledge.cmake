# sbp_pledge_sources: pledge.c and its filter, compiled from pledge.sb by sbpc for the machine that libsbp is built for.
#
# Cross compiling, the sbpc that is built cannot run here: SBPC_EXECUTABLE names one that can. Without one libsbp is built all the same, and
# sbp_pledge() answers ENOSYS. The machine is what the C compiler says: the condition of src/native.h that holds.
set(sbp_pledge_dir ${CMAKE_CURRENT_SOURCE_DIR}/pledge)
set(sbp_pledge_sources ${sbp_pledge_dir}/pledge.c)

separate_arguments(sbp_c_flags UNIX_COMMAND "${CMAKE_C_FLAGS}")
execute_process(COMMAND ${CMAKE_C_COMPILER} ${sbp_c_flags} -E -dM -include ${CMAKE_CURRENT_SOURCE_DIR}/src/native.h -x c /dev/null
                OUTPUT_VARIABLE sbp_macros ERROR_QUIET)
string(REGEX MATCH "#define SBPI_NATIVE_ABI \"([a-z0-9_]+)\"" sbp_matched "${sbp_macros}")
set(sbp_abi ${CMAKE_MATCH_1})

if(CMAKE_CROSSCOMPILING)
  find_program(SBPC_EXECUTABLE sbpc NO_CMAKE_FIND_ROOT_PATH DOC "a policy compiler that runs on this machine")
  set(sbp_compiler ${SBPC_EXECUTABLE})
  set(sbp_compiler_depends)
else()
  set(sbp_compiler $<TARGET_FILE:sbpc>)
  set(sbp_compiler_depends sbpc)
endif()

if(sbp_compiler AND sbp_abi AND NOT sbp_abi STREQUAL "unknown")
  set(sbp_pledge_policy ${CMAKE_CURRENT_BINARY_DIR}/pledge_policy.h)
  add_custom_command(
    OUTPUT ${sbp_pledge_policy}
    COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 ${sbp_compiler} ${sbp_pledge_dir}/pledge.sb --target ${sbp_abi} -Wno-newer-twin --emit c=${sbp_pledge_policy}
    DEPENDS ${sbp_pledge_dir}/pledge.sb ${sbp_compiler_depends}
    COMMENT "compiling the filter of sbp_pledge() for ${sbp_abi}"
    VERBATIM)
  add_custom_target(sbp_pledge_policy DEPENDS ${sbp_pledge_policy})  # one rule for both libraries
  list(APPEND sbp_pledge_sources ${sbp_pledge_policy})
  set_source_files_properties(${sbp_pledge_dir}/pledge.c PROPERTIES COMPILE_DEFINITIONS SBP_HAS_PLEDGE)
else()
  message(STATUS "libsbp is built without sbp_pledge(): name an sbpc that runs here with -DSBPC_EXECUTABLE=...")
endif()
