# SPDX-License-Identifier: MIT
# Everything that is not ours, found once. What core needs is required; what only one dialect, the tests
# or the benchmarks need is required where it is used. Debian's names: cmake/debian-packages.txt.
# All of it is visible to a project that adds this one, because its dialects and the programs that link a
# dialect in need the same.
find_package(Threads REQUIRED GLOBAL)
find_package(fmt REQUIRED GLOBAL)
find_package(spdlog REQUIRED GLOBAL)
find_package(Boost 1.74 REQUIRED GLOBAL)
find_package(PkgConfig REQUIRED)
# For configuration files; headers only, included in one source of core.
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_path(NLOHMANN_JSON_INCLUDE_DIR nlohmann/json.hpp REQUIRED)

pkg_check_modules(SQLITE3 IMPORTED_TARGET GLOBAL sqlite3)     # PkgConfig::SQLITE3
pkg_check_modules(LIBPQ IMPORTED_TARGET GLOBAL libpq)         # PkgConfig::LIBPQ
pkg_check_modules(MARIADB IMPORTED_TARGET GLOBAL libmariadb)  # PkgConfig::MARIADB

# MySQL Connector/C++ (the JDBC-like interface) ships neither a CMake package nor a .pc file.
find_path(MYSQLCPPCONN_INCLUDE_DIR cppconn/driver.h)
find_library(MYSQLCPPCONN_LIBRARY mysqlcppconn)
if(MYSQLCPPCONN_INCLUDE_DIR AND MYSQLCPPCONN_LIBRARY AND NOT TARGET mysqlcppconn::mysqlcppconn)
    add_library(mysqlcppconn::mysqlcppconn UNKNOWN IMPORTED GLOBAL)
    set_target_properties(mysqlcppconn::mysqlcppconn PROPERTIES
        IMPORTED_LOCATION ${MYSQLCPPCONN_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${MYSQLCPPCONN_INCLUDE_DIR}
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${MYSQLCPPCONN_INCLUDE_DIR})
endif()
