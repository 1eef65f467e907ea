# What `cmake --install` puts where, by component: sbpc (the compiler and what goes with it), libsbp0, libsbp-dev. The .deb packages are the
# components: cpack.cmake. Included by the root CMakeLists.txt. Tested by test/package/.
# Debian's place for libraries, whatever the prefix: it looks there under /usr/local too.
if(EXISTS /etc/debian_version AND CMAKE_LIBRARY_ARCHITECTURE AND NOT CMAKE_CROSSCOMPILING)
  set(CMAKE_INSTALL_LIBDIR lib/${CMAKE_LIBRARY_ARCHITECTURE} CACHE PATH "libraries, under the prefix")
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(made ${CMAKE_BINARY_DIR}/packaging)
file(MAKE_DIRECTORY ${made})

# ---- manual pages and completions, made by sbpc from its own tables; sbp.h's comments are the library's pages ----

# The change log is Debian's upstream one.
execute_process(COMMAND sh -c "gzip -9nc < CHANGELOG.md > ${made}/changelog.gz" WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMAND_ERROR_IS_FATAL ANY)
add_custom_command(
  OUTPUT ${made}/sbpc.1.gz ${made}/sbpc.bash ${made}/_sbpc ${made}/sbpc.fish
  COMMAND sbpc --print man > ${made}/sbpc.1
  COMMAND gzip -9nf ${made}/sbpc.1
  COMMAND sbpc completion bash > ${made}/sbpc.bash
  COMMAND sbpc completion zsh > ${made}/_sbpc
  COMMAND sbpc completion fish > ${made}/sbpc.fish
  DEPENDS sbpc
  COMMENT "writing sbpc's manual page and completions"
  VERBATIM)
set(library_pages ${made}/man3)
add_custom_command(
  OUTPUT ${library_pages}/done
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/gen_man.py --gzip --version ${PROJECT_VERSION} --out ${library_pages}
          ${CMAKE_SOURCE_DIR}/runtime/include/sbp.h
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/gen_man.py ${CMAKE_SOURCE_DIR}/runtime/include/sbp.h
  COMMENT "writing libsbp's manual pages"
  VERBATIM)
add_custom_target(packaging ALL DEPENDS ${made}/sbpc.1.gz ${library_pages}/done)

# ---- sbpc ----

install(TARGETS sbpc RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT sbpc)
install(FILES ${made}/sbpc.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT sbpc)
install(FILES ${made}/sbpc.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME sbpc COMPONENT sbpc)
install(FILES ${made}/_sbpc DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT sbpc)
install(FILES ${made}/sbpc.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT sbpc)
# To read: sbpc has the modules in itself.
install(DIRECTORY stdlib DESTINATION ${CMAKE_INSTALL_DATADIR}/sbpc COMPONENT sbpc FILES_MATCHING PATTERN *.sb)
install(DIRECTORY editors DESTINATION ${CMAKE_INSTALL_DATADIR}/sbpc COMPONENT sbpc
        PATTERN node_modules EXCLUDE PATTERN dist EXCLUDE PATTERN *.vsix EXCLUDE PATTERN .gitignore EXCLUDE PATTERN vim EXCLUDE PATTERN emacs EXCLUDE PATTERN __pycache__ EXCLUDE)
install(DIRECTORY editors/vim/ DESTINATION ${CMAKE_INSTALL_DATADIR}/vim/vimfiles COMPONENT sbpc)
install(DIRECTORY editors/emacs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/emacs/site-lisp COMPONENT sbpc FILES_MATCHING PATTERN *.el)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT sbpc PATTERN target EXCLUDE PATTERN Cargo.lock EXCLUDE PATTERN __pycache__ EXCLUDE)
install(FILES README.md ${made}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT sbpc)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT sbpc FILES_MATCHING PATTERN *.md PATTERN decisions EXCLUDE PATTERN images EXCLUDE)

# find_package(sbpc): the compiler as a build tool. It finds find_package(sbp) where that is installed too.
set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/sbpc)
configure_package_config_file(packaging/cmake/sbpcConfig.cmake.in ${made}/sbpcConfig.cmake INSTALL_DESTINATION ${package_dir}
                              PATH_VARS CMAKE_INSTALL_BINDIR NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${made}/sbpcConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${made}/sbpcConfig.cmake ${made}/sbpcConfigVersion.cmake packaging/cmake/AddSeccompPolicy.cmake DESTINATION ${package_dir} COMPONENT sbpc)

# ---- libsbp ----

install(TARGETS sbp_shared EXPORT sbp LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libsbp0 NAMELINK_COMPONENT libsbp-dev)
install(TARGETS sbp_static EXPORT sbp ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libsbp-dev)
install(FILES runtime/include/sbp.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT libsbp-dev)
install(DIRECTORY ${library_pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT libsbp-dev FILES_MATCHING PATTERN *.3.gz)
# Where it is installed is known only then (--prefix, DESTDIR): the file says it from where it lies.
file(RELATIVE_PATH up_from_pkgconfig /x/${CMAKE_INSTALL_LIBDIR}/pkgconfig /x)
configure_file(packaging/libsbp.pc.in ${made}/libsbp.pc @ONLY)
install(FILES ${made}/libsbp.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT libsbp-dev)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sbp)
install(EXPORT sbp NAMESPACE sbp:: DESTINATION ${package_dir} FILE sbpConfig.cmake COMPONENT libsbp-dev)
write_basic_package_version_file(${made}/sbpConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${made}/sbpConfigVersion.cmake DESTINATION ${package_dir} COMPONENT libsbp-dev)

include(${CMAKE_SOURCE_DIR}/packaging/cpack.cmake)
