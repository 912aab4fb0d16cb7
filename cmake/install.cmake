# SPDX-License-Identifier: MIT
# What `cmake --install` lays down, the package that find_package(mercator) reads, and mercator.pc.
include(CMakePackageConfigHelpers)

install(TARGETS mercator EXPORT mercatorTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/core/include/ ${PROJECT_SOURCE_DIR}/plugins/include/
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mercator)
install(EXPORT mercatorTargets NAMESPACE mercator:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/mercatorConfig.cmake.in
    ${PROJECT_BINARY_DIR}/mercatorConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mercatorConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mercatorConfig.cmake ${PROJECT_BINARY_DIR}/mercatorConfigVersion.cmake
    DESTINATION ${package_dir})

# For builds without CMake: pkg-config --cflags --libs mercator.
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH MERCATOR_PREFIX_FROM_PKGCONFIG /prefix/${pkgconfig_dir} /prefix)
string(REGEX REPLACE "/$" "" MERCATOR_PREFIX_FROM_PKGCONFIG ${MERCATOR_PREFIX_FROM_PKGCONFIG})
configure_file(${PROJECT_SOURCE_DIR}/cmake/mercator.pc.in ${PROJECT_BINARY_DIR}/mercator.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mercator.pc DESTINATION ${pkgconfig_dir})

# A Debian package of the same: `cpack --config build/release/CPackConfig.cmake`, then
# `apt install ./mercator_<version>_<architecture>.deb`. What it depends on is read from the libraries.
if(PROJECT_IS_TOP_LEVEL)
    set(CPACK_GENERATOR DEB)
    set(CPACK_PACKAGE_NAME mercator)
    set(CPACK_PACKAGE_CONTACT "The Mercator authors <mercator@example.org>")
    set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
    set(CPACK_STRIP_FILES OFF) # a stripped dialect would no longer fit its checksum
    set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
    set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
    set(CPACK_DEBIAN_PACKAGE_SUGGESTS graphviz) # draws what `mercator schema --format svg` shows
    include(CPack)
endif()
