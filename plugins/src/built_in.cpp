// SPDX-License-Identifier: MIT
#include "built_in.hpp"

#include <mercator/plugin/loader.hpp>

#include <algorithm>
#include <mutex>

namespace mercator::plugin {

namespace {

// Filled by static constructors of the program, so it is made when the first of them comes.
struct BuiltIn {
    std::mutex mutex;
    std::vector<const MercatorPluginDescriptor*> descriptors;
};

BuiltIn& built_in() {
    // Never destroyed: other threads may still ask while the process ends.
    static BuiltIn& all = *new BuiltIn;
    return all;
}

} // namespace

void add_built_in(const MercatorPluginDescriptor& descriptor) {
    BuiltIn& all = built_in();
    const std::lock_guard lock(all.mutex);
    if (std::ranges::find(all.descriptors, &descriptor) == all.descriptors.end()) {
        all.descriptors.push_back(&descriptor);
    }
}

std::vector<const MercatorPluginDescriptor*> built_in_plugins() {
    BuiltIn& all = built_in();
    const std::lock_guard lock(all.mutex);
    return all.descriptors;
}

} // namespace mercator::plugin
