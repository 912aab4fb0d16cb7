// SPDX-License-Identifier: MIT
#include "marker.hpp"

#include <mercator/plugin/abi.h>

static void* create() {
    static int object = 0;
    return &object;
}

const MercatorPluginDescriptor* mercator_plugin_entry() {
    static const MercatorPluginDescriptor descriptor = {sizeof(MercatorPluginDescriptor),
                                                        MERCATOR_ABI_KIND_SAME_TOOLCHAIN,
                                                        MERCATOR_ABI_VERSION,
                                                        MERCATOR_BUILD_FINGERPRINT,
                                                        "dialect",
                                                        "no_note",
                                                        "1.0.0",
                                                        "nonote",
                                                        create};
    return &descriptor;
}
