// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <cstdlib>

/// Writes the file named by MERCATOR_TEST_MARKER when the library is opened: proof that code ran.
struct Marker {
    Marker() {
        if (const char* path = std::getenv("MERCATOR_TEST_MARKER")) {
            if (std::FILE* file = std::fopen(path, "w")) {
                std::fclose(file);
            }
        }
    }
};

static const Marker marker;
