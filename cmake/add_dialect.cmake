# SPDX-License-Identifier: MIT
# add_dialect(<name> [SOURCES <file> ...] [LIBRARIES <target> ...])
# Compiles every source of the current folder (or the given ones) into libmercator_<name>.so, a library
# that is opened at run time and that nobody links. It is built into <build>/dialects.
function(add_dialect name)
    cmake_parse_arguments(PARSE_ARGV 1 dialect "" "" "SOURCES;LIBRARIES")
    if(NOT dialect_SOURCES)
        file(GLOB dialect_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    endif()
    foreach(library IN LISTS dialect_LIBRARIES)
        if(library MATCHES "::" AND NOT TARGET ${library})
            message(STATUS "dialect ${name}: skipped, ${library} was not found")
            return()
        endif()
    endforeach()

    add_library(mercator_${name} SHARED ${dialect_SOURCES})
    target_link_libraries(mercator_${name} PRIVATE mercator mercator_own_build mercator_complete
        fmt::fmt Boost::headers ${dialect_LIBRARIES})
    target_include_directories(mercator_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    set_target_properties(mercator_${name} PROPERTIES
        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/dialects
        INSTALL_RPATH "$ORIGIN/../..")
    set_property(GLOBAL APPEND PROPERTY MERCATOR_DIALECTS mercator_${name})
    install(TARGETS mercator_${name} LIBRARY DESTINATION ${MERCATOR_DIALECT_DESTINATION})
endfunction()
