# SPDX-License-Identifier: MIT
# add_dialect(<name> [SOURCES <file> ...] [LIBRARIES <target> ...])
# Compiles plugin.cpp and every other source of the current folder (or the given ones) into
# libmercator_<name>.so, a library that is opened at run time and that nobody links. It is built into
# <build>/dialects, shows one symbol, and is sealed with a checksum.
# The same objects make the target mercator::<name>_static, built only for who links it: a program that
# takes the dialect in (see mercator/engine/built_in_dialect.hpp), or a dialect that derives from it and
# includes <dialects/<name>/dialect.hpp>.
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

    list(FILTER dialect_SOURCES EXCLUDE REGEX "(^|/)plugin\\.cpp$")
    set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
    set(build mercator_own_build fmt::fmt Boost::headers)
    set(objects)
    if(dialect_SOURCES)
        set(objects $<TARGET_OBJECTS:mercator_${name}_objects>)
        add_library(mercator_${name}_objects OBJECT ${dialect_SOURCES})
        target_link_libraries(mercator_${name}_objects PRIVATE mercator ${build} ${dialect_LIBRARIES})
        target_include_directories(mercator_${name}_objects PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    endif()

    add_library(mercator_${name} SHARED plugin.cpp ${objects})
    target_link_libraries(mercator_${name} PRIVATE
        mercator ${build} mercator_complete ${dialect_LIBRARIES})
    target_link_options(mercator_${name} PRIVATE
        "LINKER:--version-script=${map}")
    set_target_properties(mercator_${name} PROPERTIES
        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/dialects
        LINK_DEPENDS ${map}
        # The same in both places: rewriting it at installation would break the seal.
        BUILD_WITH_INSTALL_RPATH ON
        INSTALL_RPATH "$ORIGIN/../..:$ORIGIN/..")
    seal_dialect(mercator_${name})
    set_property(GLOBAL APPEND PROPERTY MERCATOR_DIALECTS mercator_${name})
    # Unset in a project that adds this one and has dialects of its own.
    if(MERCATOR_DIALECT_DESTINATION)
        install(TARGETS mercator_${name} LIBRARY DESTINATION ${MERCATOR_DIALECT_DESTINATION})
    endif()

    add_library(mercator_${name}_static STATIC EXCLUDE_FROM_ALL plugin.cpp ${objects})
    add_library(mercator::${name}_static ALIAS mercator_${name}_static)
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH dialects)
    cmake_path(GET dialects PARENT_PATH above)
    target_include_directories(mercator_${name}_static INTERFACE ${above})
    target_compile_definitions(mercator_${name}_static PRIVATE MERCATOR_STATIC_PLUGIN=${name})
    target_link_libraries(mercator_${name}_static
        PRIVATE ${build} PUBLIC mercator ${dialect_LIBRARIES})
endfunction()

# The tool runs on the machine that builds, unless an emulator runs what was built for another; a dialect
# without a seal is usable, its bits just are not compared.
function(seal_dialect target)
    if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
        message(STATUS "${target} gets no checksum, because mercator-seal cannot run here")
        return()
    endif()
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND mercator_seal $<TARGET_FILE:${target}> VERBATIM)
endfunction()
