# add_seccomp_policy(NAME SOURCE policy.sb
#                    [POLICY name] [ABI abi...] [OPTIMIZE 0|1|2|3|s] [KERNEL version] [MIN_KERNEL version]
#                    [DEFINES NAME=VALUE...] [INCLUDE_DIRECTORIES dir...] [OPTIONS option...] [OUTPUT file.bpf])
#
# Compiles a policy when building, again when it or a file that it imports has changed. NAME is a target to link to: it has the program built
# before what links to it, and defines NAME_PROGRAM (in capitals, as a string) to the program's path in the build tree. The path is the target
# property SBPC_PROGRAM too, for install(FILES $<TARGET_PROPERTY:NAME,SBPC_PROGRAM> ...).
#
# ABI is the machine that is built for unless given: one raw program serves the ABIs of one family. Not given and not known, the policy's own.

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

function(add_seccomp_policy name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "SOURCE;POLICY;OPTIMIZE;KERNEL;MIN_KERNEL;OUTPUT" "ABI;DEFINES;INCLUDE_DIRECTORIES;OPTIONS")
  if(NOT ARG_SOURCE)
    message(FATAL_ERROR "add_seccomp_policy(${name}): SOURCE is missing, the policy's file")
  endif()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_seccomp_policy(${name}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(source "${ARG_SOURCE}" ABSOLUTE)
  if(NOT ARG_OUTPUT)
    set(ARG_OUTPUT ${name}.bpf)
  endif()
  get_filename_component(program "${ARG_OUTPUT}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  if(NOT ARG_ABI)
    _sbpc_default_abi(ARG_ABI)
  endif()

  set(options)
  if(ARG_ABI)
    string(JOIN "," abis ${ARG_ABI})
    list(APPEND options --target ${abis})
  endif()
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

  add_custom_command(
    OUTPUT "${program}"
    COMMAND sbpc::sbpc "${source}" -o "${program}" -MF "${program}.d" ${options} ${ARG_OPTIONS}
    DEPENDS "${source}" sbpc::sbpc
    DEPFILE "${program}.d"
    COMMENT "compiling the seccomp policy ${ARG_SOURCE}"
    VERBATIM)
  add_custom_target(${name}_program ALL DEPENDS "${program}")
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_program)
  string(MAKE_C_IDENTIFIER "${name}" word)
  string(TOUPPER "${word}" word)
  target_compile_definitions(${name} INTERFACE ${word}_PROGRAM="${program}")
  set_target_properties(${name} PROPERTIES SBPC_PROGRAM "${program}")
endfunction()
