// SPDX-License-Identifier: MIT
// A program that brings its dialect along: nothing is opened at run time.
#include <mercator/mercator.hpp>

#include <fmt/core.h>

#include <cstdlib>

#include <mercator/engine/built_in_dialect.hpp>
MERCATOR_BUILT_IN_DIALECT(sqlite)

int main() {
    for (const auto& dialect : mercator::dialects())
        fmt::print("{} {} {}\n", dialect.name, dialect.path, dialect.problem);

    const auto found = mercator::dialects();
    const bool is_built_in =
        !found.empty() && found.front().name == "sqlite" && found.front().built_in;
    return is_built_in ? EXIT_SUCCESS : EXIT_FAILURE;
}
