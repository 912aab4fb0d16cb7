# SPDX-License-Identifier: MIT
# MERCATOR_COVERAGE: count executed lines and branches (gcov format, read it with gcovr).
option(MERCATOR_COVERAGE "Instrument for coverage" OFF)

if(MERCATOR_COVERAGE)
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
endif()
