# The engine as a package: find_package(neural_ode 0.2 CONFIG), or pkg-config. The component `neural_ode` is all of it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/neural_ode)

install(TARGETS neural_ode_engine EXPORT neural_ode_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT neural_ode)
install(EXPORT neural_ode_targets NAMESPACE neural_ode:: DESTINATION ${package_dir} COMPONENT neural_ode)

# The headers as they are when it is installed.
install(CODE "include(\"${CMAKE_CURRENT_LIST_DIR}/public-headers.cmake\")
file(REMOVE_RECURSE \"${PROJECT_BINARY_DIR}/include/neural_ode\")
neural_ode_write_headers(\"${PROJECT_SOURCE_DIR}/engine\" \"${PROJECT_BINARY_DIR}/generated/engine/version.h\"
                         \"${PROJECT_BINARY_DIR}/include\")" COMPONENT neural_ode)
install(DIRECTORY ${PROJECT_BINARY_DIR}/include/neural_ode DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT neural_ode)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/neural_ode-config.cmake.in
  ${PROJECT_BINARY_DIR}/neural_ode-config.cmake INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/neural_ode-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/neural_ode-config.cmake ${PROJECT_BINARY_DIR}/neural_ode-config-version.cmake
        DESTINATION ${package_dir} COMPONENT neural_ode)

# How the file finds its prefix, wherever that is moved.
file(RELATIVE_PATH neural_ode_pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" neural_ode_pc_prefix ${neural_ode_pc_prefix})
configure_file(${CMAKE_CURRENT_LIST_DIR}/neural_ode.pc.in ${PROJECT_BINARY_DIR}/neural_ode.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/neural_ode.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT neural_ode)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/neural_ode COMPONENT neural_ode)
