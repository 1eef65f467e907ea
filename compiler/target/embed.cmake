# Makes tables.cpp, the syscall database of data/*.tsv as constant arrays, and adds it to sbpc_target.
# Included (not a subdirectory of its own): a custom command belongs to the directory that makes the target.
file(GLOB target_data CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/data/*.tsv)
set(target_tables ${CMAKE_BINARY_DIR}/compiler/target/tables.cpp)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/compiler/target)
add_custom_command(
  OUTPUT ${target_tables}
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/embed_tables.py --data ${CMAKE_CURRENT_LIST_DIR}/data
          --arches ${CMAKE_CURRENT_LIST_DIR}/arches.def --out ${target_tables}
  DEPENDS ${target_data} ${CMAKE_CURRENT_LIST_DIR}/arches.def ${CMAKE_SOURCE_DIR}/tools/embed_tables.py
  COMMENT "embedding the syscall tables"
  VERBATIM)
target_sources(sbpc_target PRIVATE ${target_tables})
