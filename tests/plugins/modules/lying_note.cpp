// SPDX-License-Identifier: MIT
// The note is in order, the descriptor is not: which fault is chosen by a definition.
#include <mercator/plugin/abi.h>

#include <stdexcept>

#ifndef FAULT_SIZE
#define FAULT_SIZE sizeof(MercatorPluginDescriptor)
#endif
#ifndef FAULT_VERSION
#define FAULT_VERSION MERCATOR_ABI_VERSION
#endif
#ifndef FAULT_NAME
#define FAULT_NAME "lying"
#endif
#ifndef FAULT_CREATE
#define FAULT_CREATE create
#endif

MERCATOR_DEFINE_PLUGIN_NOTE("dialect", "lying", "1.0.0", "lying");

[[maybe_unused]] static void* create() {
    static int object = 0;
    return &object;
}

[[maybe_unused]] static void* create_nothing() {
    return nullptr;
}

[[maybe_unused]] static void* create_throws() {
    throw std::runtime_error("no memory for a dialect");
}

[[maybe_unused]] static void* create_throws_number() {
    throw 42;
}

const MercatorPluginDescriptor* mercator_plugin_entry() {
    [[maybe_unused]] static const MercatorPluginDescriptor descriptor = {
        FAULT_SIZE,    MERCATOR_ABI_KIND_SAME_TOOLCHAIN,
        FAULT_VERSION, MERCATOR_BUILD_FINGERPRINT,
        "dialect",     FAULT_NAME,
        "1.0.0",       "lying",
        FAULT_CREATE};
#if defined(FAULT_ENTRY_THROWS)
    throw std::runtime_error("entry refused");
#elif defined(FAULT_ENTRY_NULL)
    return nullptr;
#else
    return &descriptor;
#endif
}
