include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(STRATA_CONFIG_DIR ${CMAKE_INSTALL_DATADIR}/cmake/strata)
install(DIRECTORY include/strata DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS strata ${STRATA_PARTS} EXPORT strata)
install(EXPORT strata NAMESPACE strata:: FILE strata-targets.cmake DESTINATION ${STRATA_CONFIG_DIR})
write_basic_package_version_file(strata-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES cmake/strata-config.cmake ${PROJECT_BINARY_DIR}/strata-config-version.cmake DESTINATION ${STRATA_CONFIG_DIR})
