# add_seccomp_policy(NAME SOURCE policy.sb [HEADER file.h] [PROGRAM file.bpf|file.sbp]
#                    [POLICY name] [ABI abi...] [OPTIMIZE 0|1|2|3|s] [KERNEL version] [MIN_KERNEL version]
#                    [DEFINES NAME=VALUE...] [INCLUDE_DIRECTORIES dir...] [OPTIONS option...])
#
# Compiles a policy when building, again when it or a file that it imports has changed. NAME is a target to link to: what does can include the
# header, which has the program of every policy of the file and every machine, and needs no file and no library when it runs (--emit c).
# HEADER is NAME.h unless given.
#
# PROGRAM also makes a file for the machine that is built for: a raw program, or, ending in .sbp, a container. Its path is the string NAME_PROGRAM
# (in capitals) where NAME is linked to, and the target property SBPC_PROGRAM, for install(FILES $<TARGET_PROPERTY:NAME,SBPC_PROGRAM> ...).
# ABI is for which; the policy's own where it is not given and the machine is not known.

if(CMAKE_VERSION VERSION_LESS 3.20)
  message(FATAL_ERROR "sbpc needs CMake 3.20 or newer: add_custom_command(DEPFILE) for every generator")
endif()
cmake_policy(VERSION 3.20...3.25)  # of the functions here; what find_package() reads does not change the caller's

function(_sbpc_default_abi out)
  string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" machine)
  set(abi)
  # x86_64, i386, x32, arm and aarch64 by what the C compiler makes of the processor; the rest by their uname.
  if(machine MATCHES "^(x86_64|amd64|i[3-6]86)$")
    set(abi x86_64)
    if(CMAKE_SIZEOF_VOID_P EQUAL 4)
      set(abi i386)
    endif()
  elseif(machine MATCHES "^(aarch64|arm64)$")
    set(abi aarch64)
    if(CMAKE_SIZEOF_VOID_P EQUAL 4)
      set(abi arm)
    endif()
  elseif(machine MATCHES "^arm")
    set(abi arm)
  elseif(machine MATCHES "^(riscv64|riscv32|loongarch64|s390x|ppc64le|ppc64|ppc|mips64|mips|mipsel|m68k|sparc64)$")
    set(abi ${machine})
  endif()
  set(${out} "${abi}" PARENT_SCOPE)
endfunction()

# The options of sbpc for what the arguments say, but for the outputs.
macro(_sbpc_options)
  set(options)
  foreach(pair POLICY:--policy KERNEL:--kernel MIN_KERNEL:--min-kernel)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 word)
    list(GET pair 1 option)
    if(ARG_${word})
      list(APPEND options ${option} "${ARG_${word}}")
    endif()
  endforeach()
  if(NOT "${ARG_OPTIMIZE}" STREQUAL "")
    list(APPEND options -O${ARG_OPTIMIZE})
  endif()
  foreach(define IN LISTS ARG_DEFINES)
    list(APPEND options -D "${define}")
  endforeach()
  foreach(folder IN LISTS ARG_INCLUDE_DIRECTORIES)
    get_filename_component(folder "${folder}" ABSOLUTE)
    list(APPEND options -I "${folder}")
  endforeach()
  list(APPEND options ${ARG_OPTIONS})
endmacro()

# One run of sbpc; the rest are its options.
function(_sbpc_output source output)
  add_custom_command(
    OUTPUT "${output}"
    COMMAND sbpc::sbpc "${source}" -MF "${output}.d" ${ARGN}
    DEPENDS "${source}" sbpc::sbpc
    DEPFILE "${output}.d"
    COMMENT "compiling the seccomp policy ${source}"
    VERBATIM)
endfunction()

function(add_seccomp_policy name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "SOURCE;HEADER;PROGRAM;POLICY;OPTIMIZE;KERNEL;MIN_KERNEL" "ABI;DEFINES;INCLUDE_DIRECTORIES;OPTIONS")
  if(NOT ARG_SOURCE)
    message(FATAL_ERROR "add_seccomp_policy(${name}): SOURCE is missing, the policy's file")
  endif()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_seccomp_policy(${name}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(source "${ARG_SOURCE}" ABSOLUTE)
  _sbpc_options()
  string(JOIN "," abis ${ARG_ABI})
  if(NOT ARG_HEADER)
    set(ARG_HEADER ${name}.h)
  endif()
  # In a folder of its own: what includes it sees nothing else of the build.
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}.sbpc")
  get_filename_component(header "${ARG_HEADER}" ABSOLUTE BASE_DIR "${folder}")
  get_filename_component(header_folder "${header}" DIRECTORY)
  file(MAKE_DIRECTORY "${header_folder}")
  set(machine ${abis})
  list(TRANSFORM machine PREPEND "--target=")
  _sbpc_output("${source}" "${header}" --emit "c=${header}" ${machine} ${options})
  set(outputs "${header}")

  add_library(${name} INTERFACE)
  target_include_directories(${name} INTERFACE "${folder}")
  if(ARG_PROGRAM)
    get_filename_component(program "${ARG_PROGRAM}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    if(NOT ARG_ABI)
      _sbpc_default_abi(abis)
    endif()
    set(machine ${abis})
    list(TRANSFORM machine PREPEND "--target=")
    _sbpc_output("${source}" "${program}" -o "${program}" ${machine} ${options})
    list(APPEND outputs "${program}")
    string(MAKE_C_IDENTIFIER "${name}" word)
    string(TOUPPER "${word}" word)
    target_compile_definitions(${name} INTERFACE ${word}_PROGRAM="${program}")
    set_target_properties(${name} PROPERTIES SBPC_PROGRAM "${program}")
  endif()
  add_custom_target(${name}_policy ALL DEPENDS ${outputs})
  add_dependencies(${name} ${name}_policy)
endfunction()
