// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/abi.h>
#include <mercator/support/export.hpp>

/// A dialect linked into the program: one file to ship, nothing to look for at run time.
///
/// In CMake (the project added with add_subdirectory), link the dialect's static target; in one
/// source of the program, name it once at global scope:
///
///     target_link_libraries(shop PRIVATE mercator::mercator mercator::sqlite_static)
///
///     #include <mercator/engine/built_in_dialect.hpp>
///     MERCATOR_BUILT_IN_DIALECT(sqlite)
///
/// From then on every `sqlite://` address uses it, before any plugin in any folder. It is the same
/// code, and passes the same tests, as the plugin. Any number of dialects can be built in; the name
/// is that of the dialect, and it serves all its schemes.
///
/// A dialect of your own needs no file either: compile its sources with
/// MERCATOR_STATIC_PLUGIN=<name> defined for the one with MERCATOR_DEFINE_PLUGIN.
#define MERCATOR_BUILT_IN_DIALECT(name)                                                            \
    extern "C" const MercatorPluginDescriptor* MERCATOR_STATIC_PLUGIN_ENTRY(name)(void);           \
    [[maybe_unused]] static const bool MERCATOR_PLUGIN_JOIN(mercator_built_in_, name) =            \
        ::mercator::add_built_in_dialect(MERCATOR_STATIC_PLUGIN_ENTRY(name)());

namespace mercator {

/// What MERCATOR_BUILT_IN_DIALECT calls before `main`; call it yourself where a program decides at
/// run time. Thread-safe; a second time does nothing. Always true. A dialect that was built for
/// another version is a PluginError when it is asked for.
MERCATOR_API bool add_built_in_dialect(const MercatorPluginDescriptor* dialect);

} // namespace mercator
