# SPDX-License-Identifier: MIT
# MERCATOR_SANITIZERS, a list for -fsanitize: "address;undefined" or "thread". It applies to everything
# that is built here, the dialects included, because a report must be able to cross the plugin boundary.
set(MERCATOR_SANITIZERS "" CACHE STRING "Sanitizers to build with, e.g. address;undefined")

if(MERCATOR_SANITIZERS)
    string(REPLACE ";" "," sanitizers "${MERCATOR_SANITIZERS}")
    add_compile_options(-fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${sanitizers})
    # The sanitizers' own checks make g++ 12 see uninitialised reads where there are none.
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

# A library that lacks a symbol fails when it is linked, not when a user opens it. Sanitized libraries find
# the sanitizer's symbols only in the program.
add_library(mercator_complete INTERFACE)
if(NOT MERCATOR_SANITIZERS)
    target_link_options(mercator_complete INTERFACE -Wl,--no-undefined)
endif()
