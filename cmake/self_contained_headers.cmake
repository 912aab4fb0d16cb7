# SPDX-License-Identifier: MIT
# The target self_contained_headers compiles every public header alone, as the only include of a file.
# The one .h is compiled as C, as its name promises. Run by tests/architecture, not by a plain build.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/core/include/mercator/*.hpp
    ${PROJECT_SOURCE_DIR}/plugins/include/mercator/*.hpp
    ${PROJECT_SOURCE_DIR}/plugins/include/mercator/*.h)

set(lonely_sources)
foreach(header IN LISTS headers)
    string(REGEX REPLACE "^.*/include/" "" include ${header})
    string(MAKE_C_IDENTIFIER ${include} name)
    cmake_path(GET include EXTENSION LAST_ONLY extension)
    set(suffix cpp)
    if(extension STREQUAL ".h")
        set(suffix c)
    endif()
    set(source ${PROJECT_BINARY_DIR}/self_contained_headers/${name}.${suffix})
    # Included twice: a header must also bear to be met again.
    file(CONFIGURE OUTPUT ${source} CONTENT "#include <${include}>\n#include <${include}>\n")
    list(APPEND lonely_sources ${source})
endforeach()

if(lonely_sources)
    add_library(self_contained_headers OBJECT EXCLUDE_FROM_ALL ${lonely_sources})
    target_link_libraries(self_contained_headers PRIVATE mercator::mercator mercator_own_build)
    # Only the front end is wanted. An empty translation unit is not what -Wpedantic should judge here.
    target_compile_options(self_contained_headers PRIVATE -O0 -g0)
endif()
