# SPDX-License-Identifier: MIT
# add_room(<name>): compiles core/src/<name> as an object library and links it into libmercator.
# A room without sources is legal: it consists of headers.
function(add_room name)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/core/src/${name}/*.cpp)
    if(NOT sources)
        return()
    endif()
    add_library(mercator_${name}_room OBJECT ${sources})
    target_include_directories(mercator_${name}_room PRIVATE ${PROJECT_SOURCE_DIR}/core/src)
    target_link_libraries(mercator_${name}_room PRIVATE mercator_core_build mercator_own_build)
    target_sources(mercator PRIVATE $<TARGET_OBJECTS:mercator_${name}_room>)
endfunction()
