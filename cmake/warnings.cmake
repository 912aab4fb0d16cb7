# SPDX-License-Identifier: MIT
# What every target of ours is compiled with, and no target of a consumer.
add_library(mercator_own_build INTERFACE)

option(MERCATOR_WARNINGS_AS_ERRORS "Treat warnings as errors" ${PROJECT_IS_TOP_LEVEL})

# g++ 12 says that the enumerator SqlKind::Date of a scoped enum "shadows" the type Date, which it
# cannot; the narrower form has no such false alarm. clang, the other compiler of every
# change, checks the full form.
set(shadow -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    set(shadow -Wshadow=local)
endif()

if(PROJECT_IS_TOP_LEVEL)
    target_compile_options(mercator_own_build INTERFACE
        -Wall -Wextra -Wpedantic ${shadow} -Wconversion -Wsign-conversion
        $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
        $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
endif()
# g++ 12 sees overlapping copies in its own std::string once it inlines enough (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(mercator_own_build INTERFACE $<$<CONFIG:Release>:-Wno-restrict>)
endif()
if(MERCATOR_WARNINGS_AS_ERRORS)
    target_compile_options(mercator_own_build INTERFACE -Werror)
endif()

# Calls inside one of our libraries need not go through the symbol table.
target_compile_options(mercator_own_build INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-semantic-interposition>)

# For tests and examples, after mercator_own_build: designated initialisers name what is set and leave the
# rest to the members' own defaults, which g++ and clang would warn of.
add_library(mercator_designated_initialisers INTERFACE)
target_compile_options(mercator_designated_initialisers INTERFACE -Wno-missing-field-initializers)
