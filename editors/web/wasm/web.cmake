# web.cmake: the whole command line as WebAssembly, for the playground; editors/web/build.py configures it with Emscripten.
# Included by the root CMakeLists.txt instead of the run-time library and the probe, which are Linux alone.
get_target_property(driver_sources sbpc_driver SOURCES)
list(FILTER driver_sources EXCLUDE REGEX "/driver/(ask_kernel|learn_record|run_[a-z_]+|lsp_world|commands/run|commands/lsp)\\.cpp$")
set_target_properties(sbpc_driver PROPERTIES SOURCES "${driver_sources}")
target_sources(sbpc_driver PRIVATE editors/web/wasm/no_kernel.cpp)
target_include_directories(sbpc_driver PRIVATE ${CMAKE_SOURCE_DIR}/runtime/include)  # for the numbers of its header

# What the library links is no longer linked, by itself or by who links it.
function(sbpc_unlink library unwanted)
  foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
    get_target_property(linked ${library} ${property})
    list(REMOVE_ITEM linked ${unwanted} "$<LINK_ONLY:${unwanted}>")
    set_target_properties(${library} PROPERTIES ${property} "${linked}")
  endforeach()
endfunction()

# No language server: it is two threads, and its library would need more of std::ranges than Emscripten's has.
sbpc_unlink(sbpc_driver sbpc_lsp)

# No libyaml: of the formats that are imported JSON's are read.
get_target_property(import_sources sbpc_import SOURCES)
list(FILTER import_sources EXCLUDE REGEX "/import/yaml\\.cpp$")
set_target_properties(sbpc_import PROPERTIES SOURCES "${import_sources}")
sbpc_unlink(sbpc_import yaml)
target_sources(sbpc_import PRIVATE editors/web/wasm/no_yaml.cpp)

# ANTLR's run-time, from the sources of Debian's package: Debian's library is not WebAssembly.
file(GLOB_RECURSE antlr_sources ${SBPC_ANTLR_SOURCE}/*.cpp)
add_library(sbpc_antlr STATIC ${antlr_sources})
set_target_properties(sbpc_antlr PROPERTIES CXX_STANDARD 14  # its C++17 parts are not in its headers
  UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 20)                  # each of its files is little more than its headers
target_include_directories(sbpc_antlr PRIVATE ${SBPC_ANTLR_SOURCE})
target_compile_options(sbpc_antlr PRIVATE -w)

add_executable(sbpc compiler/driver/main/main.cpp)
target_link_libraries(sbpc PRIVATE sbpc_driver)
set_target_properties(sbpc PROPERTIES SUFFIX .js)
# One script without a second file, which a page from file:// could not load; main() is called for each compile.
target_link_options(sbpc PRIVATE -sSINGLE_FILE=1 -sMODULARIZE=1 -sEXPORT_NAME=sbpcModule -sINVOKE_RUN=0 -sEXIT_RUNTIME=0
  -sEXPORTED_RUNTIME_METHODS=FS,callMain -sEXPORTED_FUNCTIONS=_main,_fflush -sALLOW_MEMORY_GROWTH=1 -sTOTAL_STACK=8MB -sENVIRONMENT=web,worker,node -sFORCE_FILESYSTEM=1)
