# SPDX-License-Identifier: MIT
# Everything that is not ours, found once. What core needs is required; what only one dialect, the tests
# or the benchmarks need is required where it is used. Debian's names: cmake/debian-packages.txt.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(PkgConfig REQUIRED)
# For configuration files; headers only, included in one source of core.
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_path(NLOHMANN_JSON_INCLUDE_DIR nlohmann/json.hpp REQUIRED)

pkg_check_modules(SQLITE3 IMPORTED_TARGET sqlite3)     # PkgConfig::SQLITE3
pkg_check_modules(LIBPQ IMPORTED_TARGET libpq)         # PkgConfig::LIBPQ
pkg_check_modules(MARIADB IMPORTED_TARGET libmariadb)  # PkgConfig::MARIADB

# MySQL Connector/C++ (the JDBC-like interface) ships neither a CMake package nor a .pc file.
find_path(MYSQLCPPCONN_INCLUDE_DIR cppconn/driver.h)
find_library(MYSQLCPPCONN_LIBRARY mysqlcppconn)
if(MYSQLCPPCONN_INCLUDE_DIR AND MYSQLCPPCONN_LIBRARY AND NOT TARGET mysqlcppconn::mysqlcppconn)
    add_library(mysqlcppconn::mysqlcppconn UNKNOWN IMPORTED)
    set_target_properties(mysqlcppconn::mysqlcppconn PROPERTIES
        IMPORTED_LOCATION ${MYSQLCPPCONN_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${MYSQLCPPCONN_INCLUDE_DIR}
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${MYSQLCPPCONN_INCLUDE_DIR})
endif()
