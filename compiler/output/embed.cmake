# Makes report_page.cpp: the parts of compiler/output/page/ as string literals, for report_html.cpp.
set(page_parts page.html page.css core.js calls.js tree.js source.js)
list(TRANSFORM page_parts PREPEND ${CMAKE_SOURCE_DIR}/compiler/output/page/)
set(report_page ${CMAKE_BINARY_DIR}/compiler/output/report_page.cpp)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/compiler/output)
add_custom_command(
  OUTPUT ${report_page}
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/embed_page.py --out ${report_page} ${page_parts}
  DEPENDS ${page_parts} ${CMAKE_SOURCE_DIR}/tools/embed_page.py ${CMAKE_SOURCE_DIR}/tools/embed_stdlib.py
  COMMENT "embedding the report's page"
  VERBATIM)
target_sources(sbpc_output PRIVATE ${report_page})
