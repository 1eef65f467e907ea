# web.cmake: the whole command line as WebAssembly, for the playground; editors/web/build.py configures it with Emscripten.
# Included by the root CMakeLists.txt instead of the run-time library and the probe, which are Linux alone.
get_target_property(driver_sources sbpc_driver SOURCES)
list(FILTER driver_sources EXCLUDE REGEX "/driver/(ask_kernel|learn_record|run_[a-z_]+|lsp_world|commands/run|commands/lsp)\\.cpp$")
set_target_properties(sbpc_driver PROPERTIES SOURCES "${driver_sources}")
target_sources(sbpc_driver PRIVATE editors/web/wasm/no_kernel.cpp)
target_include_directories(sbpc_driver PRIVATE ${CMAKE_SOURCE_DIR}/runtime/include)  # for the numbers of its header

# No language server: it is two threads, and its library would need more of std::ranges than Emscripten's has.
foreach(libraries LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
  get_target_property(driver_libraries sbpc_driver ${libraries})
  list(REMOVE_ITEM driver_libraries sbpc_lsp)
  set_target_properties(sbpc_driver PROPERTIES ${libraries} "${driver_libraries}")
endforeach()

# No libyaml: of the formats that are imported JSON's are read.
get_target_property(import_sources sbpc_import SOURCES)
list(FILTER import_sources EXCLUDE REGEX "/import/yaml\\.cpp$")
get_target_property(import_libraries sbpc_import LINK_LIBRARIES)
list(REMOVE_ITEM import_libraries yaml)
set_target_properties(sbpc_import PROPERTIES SOURCES "${import_sources}" LINK_LIBRARIES "${import_libraries}")
target_sources(sbpc_import PRIVATE editors/web/wasm/no_yaml.cpp)

# ANTLR's run-time, from the sources of Debian's package: Debian's library is not WebAssembly.
file(GLOB_RECURSE antlr_sources ${SBPC_ANTLR_SOURCE}/*.cpp)
add_library(sbpc_antlr STATIC ${antlr_sources})
set_target_properties(sbpc_antlr PROPERTIES CXX_STANDARD 14)  # its C++17 parts are not in its headers
target_include_directories(sbpc_antlr PRIVATE ${SBPC_ANTLR_SOURCE})
target_compile_options(sbpc_antlr PRIVATE -w)

add_executable(sbpc compiler/driver/main/main.cpp)
target_link_libraries(sbpc PRIVATE sbpc_driver)
set_target_properties(sbpc PROPERTIES SUFFIX .js)
# One script without a second file, which a page from file:// could not load; main() is called for each compile.
target_link_options(sbpc PRIVATE -sSINGLE_FILE=1 -sMODULARIZE=1 -sEXPORT_NAME=sbpcModule -sINVOKE_RUN=0 -sEXIT_RUNTIME=0
  -sEXPORTED_RUNTIME_METHODS=FS,callMain -sEXPORTED_FUNCTIONS=_main,_fflush -sALLOW_MEMORY_GROWTH=1 -sTOTAL_STACK=8MB -sENVIRONMENT=web,worker,node -sFORCE_FILESYSTEM=1)
