# SPDX-License-Identifier: MIT
# MERCATOR_SANITIZERS, a list for -fsanitize: "address;undefined" or "thread". It applies to everything
# that is built here, the dialects included, because a report must be able to cross the plugin boundary.
set(MERCATOR_SANITIZERS "" CACHE STRING "Sanitizers to build with, e.g. address;undefined")

if(MERCATOR_SANITIZERS)
    string(REPLACE ";" "," sanitizers "${MERCATOR_SANITIZERS}")
    add_compile_options(-fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${sanitizers})
endif()
