// SPDX-License-Identifier: MIT
// Prints whether the system distrusts the environment of this process, and the folders that a
// loader searches in it.
#include <mercator/plugin/loader.hpp>

#include <cstdio>
#include <sys/auxv.h>

int main() {
    std::printf("secure %lu\n", ::getauxval(AT_SECURE));
    const mercator::plugin::Loader loader;
    for (const auto& folder : loader.folders()) {
        std::printf("%s\n", folder.c_str());
    }
}
