# What sbpc_driver needs besides its sources: the version, the standard library as string literals.
# Included (not a subdirectory of its own): a custom command belongs to the directory that makes the target.
file(GLOB stdlib_modules CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/stdlib/*.sb)
set(stdlib_table ${CMAKE_BINARY_DIR}/compiler/driver/stdlib_table.cpp)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/compiler/driver)
add_custom_command(
  OUTPUT ${stdlib_table}
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/embed_stdlib.py --out ${stdlib_table} ${stdlib_modules}
  DEPENDS ${stdlib_modules} ${CMAKE_SOURCE_DIR}/tools/embed_stdlib.py
  COMMENT "embedding the standard library"
  VERBATIM)
target_sources(sbpc_driver PRIVATE ${stdlib_table})
target_compile_definitions(sbpc_driver PRIVATE SBPC_VERSION="${PROJECT_VERSION}")
