# SPDX-License-Identifier: MIT
# The room plan as data: who may include whom. CMake builds the rooms in this order, and
# tests/architecture reads the same lines. A room may always include itself.
#
#   mercator_room(<name> [MAY_INCLUDE <room> ...] [MAY_INCLUDE_FILES <header> ...])
#
# Headers that lie directly in include/mercator (the export macro, the version) belong to every room,
# except the umbrella mercator.hpp, which no room includes.

function(mercator_room name)
    set_property(GLOBAL APPEND PROPERTY MERCATOR_ROOMS ${name})
endfunction()

mercator_room(support)
mercator_room(types   MAY_INCLUDE support)
mercator_room(ast     MAY_INCLUDE support types)
mercator_room(schema  MAY_INCLUDE support types ast)
mercator_room(dialect MAY_INCLUDE support types ast schema)
mercator_room(engine  MAY_INCLUDE support types ast schema dialect
              MAY_INCLUDE_FILES plugin/loader.hpp plugin/load_error.hpp plugin/abi.h)
mercator_room(mapping MAY_INCLUDE support types ast schema)
mercator_room(state   MAY_INCLUDE support types ast schema mapping)
mercator_room(loading MAY_INCLUDE support types ast schema dialect engine mapping state)
mercator_room(session MAY_INCLUDE support types ast schema dialect engine mapping state loading
              MAY_INCLUDE_FILES plugin/loader.hpp plugin/load_error.hpp plugin/abi.h)

# The places outside of the library. A dialect never includes another dialect; the command is a program
# that uses the library like any other.
function(mercator_outside_room name)
endfunction()

mercator_outside_room(plugin)
mercator_outside_room(dialects MAY_INCLUDE support types ast schema dialect MAY_INCLUDE_FILES plugin/abi.h)
mercator_outside_room(command MAY_INCLUDE support types ast schema dialect engine mapping state loading session)
