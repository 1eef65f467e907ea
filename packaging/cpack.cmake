# `cpack` in a build folder: the packages sbpc, libsbp0 and libsbp-dev, by the components of install.cmake. Tested by test/package/deb.test.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sbpc)
set(CPACK_PACKAGE_VENDOR "sbpc")
# There is no list to write to yet; .invalid is a name that nobody has or will have (RFC 2606).
set(CPACK_PACKAGE_CONTACT "the sbpc developers <developers@sbpc.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL sbpc libsbp0 libsbp-dev)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

set(CPACK_DEBIAN_SBPC_PACKAGE_NAME sbpc)
set(CPACK_DEBIAN_SBPC_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_SBPC_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_SBPC_PACKAGE_SUGGESTS "libsbp-dev, bubblewrap")
set(CPACK_DEBIAN_SBPC_DESCRIPTION "compiler for seccomp policies
A language for seccomp policies, which system calls a program may make with
which arguments, and its optimising compiler. Every program it writes is proved
to be the policy; it runs commands under a policy and explains what is denied.")

set(CPACK_DEBIAN_LIBSBP0_PACKAGE_NAME libsbp0)
set(CPACK_DEBIAN_LIBSBP0_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBSBP0_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_LIBSBP0_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/debian/triggers)
set(CPACK_DEBIAN_LIBSBP0_DESCRIPTION "puts compiled seccomp policies into force (library)
Loads programs that sbpc has compiled and installs them, with errors that say
what to do, and reports which system call a policy denied.")

set(CPACK_DEBIAN_LIBSBP-DEV_PACKAGE_NAME libsbp-dev)
set(CPACK_DEBIAN_LIBSBP-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBSBP-DEV_PACKAGE_DEPENDS "libsbp0 (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_LIBSBP-DEV_PACKAGE_SUGGESTS sbpc)
set(CPACK_DEBIAN_LIBSBP-DEV_DESCRIPTION "puts compiled seccomp policies into force (development files)
The header, the static library, manual pages, and what pkg-config and CMake
need to build programs with libsbp.")

# Debian wants every package's changelog and licence.
foreach(package sbpc libsbp0 libsbp-dev)
  set(doc ${CMAKE_BINARY_DIR}/packaging/${package})
  configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/changelog.in ${doc}/changelog.Debian @ONLY)
  execute_process(COMMAND gzip -9nfk ${doc}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)
  install(FILES ${doc}/changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${package} EXCLUDE_FROM_ALL)
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${package})
endforeach()
file(WRITE ${CMAKE_BINARY_DIR}/packaging/lintian/sbpc "# one file that runs anywhere: docs/decisions/0002-static-binary.md\nsbpc: statically-linked-binary\nsbpc: embedded-library *\n")
install(FILES ${CMAKE_BINARY_DIR}/packaging/lintian/sbpc DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT sbpc EXCLUDE_FROM_ALL)
include(CPack)
