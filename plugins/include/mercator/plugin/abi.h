/* SPDX-License-Identifier: MIT */

/*
 * The door between libmercator and a plugin, in plain C.
 *
 * A plugin is a shared library named `libmercator_<name>.so` that exports one function,
 * `mercator_plugin_entry`, which returns a constant descriptor. The same facts stand in an ELF note
 * of the file, so that the loader can compare versions *without* opening the library: the
 * constructors of a stale plugin never run. Write both with one line at global scope:
 *
 *     static void* create(void) { return static_cast<mercator::Dialect*>(new MyDialect); }
 *     MERCATOR_DEFINE_PLUGIN("dialect", "mysql", "1.0.0", "mysql mariadb", create)
 *
 * What passes through `create` is a C++ object (for kind "dialect" a `mercator::Dialect*`,
 * converted to exactly that type before it becomes `void*`), owned by the caller. That is why both
 * sides must be built alike, and why the fingerprint is compared.
 *
 * The same sources can be linked into a program instead: compiled with
 * MERCATOR_STATIC_PLUGIN=<name> the entry is called `mercator_plugin_entry_<name>`, so that several
 * fit into one program, and there is no note. The program names it once, see
 * mercator/engine/built_in_dialect.hpp.
 */
#ifndef MERCATOR_PLUGIN_ABI_H
#define MERCATOR_PLUGIN_ABI_H

#ifdef __cplusplus
#include <cstddef> /* also tells which standard library this is, for the fingerprint below */
#include <cstdint>
#else
#include <stdint.h>
#endif

/* Grows whenever anything that crosses the door changes: this file, or core's rooms up to dialect.
 */
#define MERCATOR_ABI_VERSION 1

/* The plugin's object is C++ and both sides are built by compatible toolchains (the only kind
 * today). */
#define MERCATOR_ABI_KIND_SAME_TOOLCHAIN 1

#define MERCATOR_PLUGIN_TEXT_(value) #value
#define MERCATOR_PLUGIN_TEXT(value) MERCATOR_PLUGIN_TEXT_(value)

/* Compiler family. gcc and clang share layout, vtables and exceptions through the Itanium C++ ABI.
 */
#if defined(_MSC_VER)
#define MERCATOR_FINGERPRINT_COMPILER "msvc-" MERCATOR_PLUGIN_TEXT(_MSC_VER)
#elif defined(__GNUC__) || defined(__clang__)
#define MERCATOR_FINGERPRINT_COMPILER "itanium"
#else
#define MERCATOR_FINGERPRINT_COMPILER "unknown"
#endif

/* Standard library and the switches of it that change the layout of its types. */
#if defined(__GLIBCXX__)
#if defined(_GLIBCXX_DEBUG)
#define MERCATOR_FINGERPRINT_DEBUG " debug-containers"
#else
#define MERCATOR_FINGERPRINT_DEBUG ""
#endif
#define MERCATOR_FINGERPRINT_LIBRARY                                                               \
    "libstdc++ cxx11=" MERCATOR_PLUGIN_TEXT(_GLIBCXX_USE_CXX11_ABI) MERCATOR_FINGERPRINT_DEBUG
#elif defined(_LIBCPP_VERSION)
#define MERCATOR_FINGERPRINT_LIBRARY "libc++ abi=" MERCATOR_PLUGIN_TEXT(_LIBCPP_ABI_VERSION)
#elif defined(_MSVC_STL_VERSION)
#define MERCATOR_FINGERPRINT_LIBRARY "msvc-stl " MERCATOR_PLUGIN_TEXT(_ITERATOR_DEBUG_LEVEL)
#elif defined(__cplusplus)
#define MERCATOR_FINGERPRINT_LIBRARY "unknown"
#else
#define MERCATOR_FINGERPRINT_LIBRARY "none"
#endif

#ifdef __cplusplus
#define MERCATOR_FINGERPRINT_LANGUAGE "c++ " MERCATOR_PLUGIN_TEXT(__cplusplus)
#else
#define MERCATOR_FINGERPRINT_LANGUAGE "c"
#endif

/*
 * Names everything about a build that changes the layout of what crosses the door, for instance
 * "itanium; libstdc++ cxx11=1; c++ 202002L". Optimisation, debug and sanitizer flags do not.
 */
#define MERCATOR_BUILD_FINGERPRINT                                                                 \
    MERCATOR_FINGERPRINT_COMPILER "; " MERCATOR_FINGERPRINT_LIBRARY                                \
                                  "; " MERCATOR_FINGERPRINT_LANGUAGE

/* The entry is the one symbol of a plugin that must be visible. */
#if defined(_WIN32)
#define MERCATOR_PLUGIN_EXPORT __declspec(dllexport)
#else
#define MERCATOR_PLUGIN_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Constant data of the plugin; valid for the life of the process, since plugins are never closed.
 */
typedef struct MercatorPluginDescriptor {
    uint32_t struct_size;          /* sizeof this struct; read before anything else */
    uint32_t abi_kind;             /* MERCATOR_ABI_KIND_SAME_TOOLCHAIN */
    uint32_t abi_version;          /* MERCATOR_ABI_VERSION */
    const char* build_fingerprint; /* MERCATOR_BUILD_FINGERPRINT */
    const char* kind;              /* what create() makes: "dialect" */
    const char* name;              /* "mysql" */
    const char* version;           /* the plugin's own, for people */
    const char* schemes;           /* URI schemes it serves, separated by spaces: "mysql mariadb" */
    void* (*create)(void);         /* a new object, owned by the caller; may throw */
} MercatorPluginDescriptor;

/* The name of the entry, for dlsym. */
#define MERCATOR_PLUGIN_ENTRY_NAME "mercator_plugin_entry"

#define MERCATOR_PLUGIN_JOIN_(left, right) left##right
#define MERCATOR_PLUGIN_JOIN(left, right) MERCATOR_PLUGIN_JOIN_(left, right)

/* The entry of a plugin that is linked into the program. */
#define MERCATOR_STATIC_PLUGIN_ENTRY(name) MERCATOR_PLUGIN_JOIN(mercator_plugin_entry_, name)

#ifdef MERCATOR_STATIC_PLUGIN
#define MERCATOR_PLUGIN_ENTRY MERCATOR_STATIC_PLUGIN_ENTRY(MERCATOR_STATIC_PLUGIN)
const MercatorPluginDescriptor* MERCATOR_PLUGIN_ENTRY(void);
#else
#define MERCATOR_PLUGIN_ENTRY mercator_plugin_entry
MERCATOR_PLUGIN_EXPORT const MercatorPluginDescriptor* mercator_plugin_entry(void);
#endif

#ifdef __cplusplus
}
#endif

/*
 * The ELF note: vendor "mercator", type MERCATOR_NOTE_TYPE, and as description abi kind, abi
 * version, checksum, then five texts, each ended by a zero byte: fingerprint, kind, name, version,
 * schemes.
 *
 * The checksum is zero when the compiler writes it, which means "none". The program `mercator-seal`
 * puts that of everything that opening the library maps into its place after linking (add_dialect
 * does it); a sealed file with a damaged bit in its code or data is refused. Stripping symbols and
 * debug information keeps the seal, other changes need a new one.
 */
#define MERCATOR_NOTE_VENDOR "mercator"
#define MERCATOR_NOTE_TYPE 1
#define MERCATOR_NOTE_CHECKSUM_SIZE 8

/* clang would pad the note with red zones under AddressSanitizer; gcc leaves named sections alone.
 */
#if defined(__clang__)
#define MERCATOR_NOTE_PLAIN __attribute__((no_sanitize("address")))
#else
#define MERCATOR_NOTE_PLAIN
#endif

#define MERCATOR_NOTE_TEXT(kind, name, version, schemes)                                           \
    MERCATOR_BUILD_FINGERPRINT "\0" kind "\0" name "\0" version "\0" schemes

/* The note alone; use MERCATOR_DEFINE_PLUGIN, which also defines the entry. */
#define MERCATOR_DEFINE_PLUGIN_NOTE(kind, name, version, schemes)                                  \
    static const struct {                                                                          \
        uint32_t vendor_size;                                                                      \
        uint32_t description_size;                                                                 \
        uint32_t type;                                                                             \
        char vendor[(sizeof(MERCATOR_NOTE_VENDOR) + 3) / 4 * 4];                                   \
        uint32_t abi_kind;                                                                         \
        uint32_t abi_version;                                                                      \
        unsigned char checksum[MERCATOR_NOTE_CHECKSUM_SIZE];                                       \
        char text[sizeof(MERCATOR_NOTE_TEXT(kind, name, version, schemes))];                       \
    } mercator_plugin_note __attribute__((used, section(".note.mercator"), aligned(4)))            \
    MERCATOR_NOTE_PLAIN = {sizeof(MERCATOR_NOTE_VENDOR),                                           \
                           2 * sizeof(uint32_t) + MERCATOR_NOTE_CHECKSUM_SIZE +                    \
                               sizeof(MERCATOR_NOTE_TEXT(kind, name, version, schemes)),           \
                           MERCATOR_NOTE_TYPE,                                                     \
                           MERCATOR_NOTE_VENDOR,                                                   \
                           MERCATOR_ABI_KIND_SAME_TOOLCHAIN,                                       \
                           MERCATOR_ABI_VERSION,                                                   \
                           {0},                                                                    \
                           MERCATOR_NOTE_TEXT(kind, name, version, schemes)}

/* Makes this library a plugin. All arguments but the last are string literals. */
#ifdef MERCATOR_STATIC_PLUGIN
#define MERCATOR_DEFINE_PLUGIN(kind, name, version, schemes, create_function)                      \
    MERCATOR_DEFINE_PLUGIN_ENTRY(kind, name, version, schemes, create_function)
#else
#define MERCATOR_DEFINE_PLUGIN(kind, name, version, schemes, create_function)                      \
    MERCATOR_DEFINE_PLUGIN_NOTE(kind, name, version, schemes);                                     \
    MERCATOR_DEFINE_PLUGIN_ENTRY(kind, name, version, schemes, create_function)
#endif

/* The entry alone. */
#define MERCATOR_DEFINE_PLUGIN_ENTRY(kind, name, version, schemes, create_function)                \
    const MercatorPluginDescriptor* MERCATOR_PLUGIN_ENTRY(void) {                                  \
        static const MercatorPluginDescriptor descriptor = {sizeof(MercatorPluginDescriptor),      \
                                                            MERCATOR_ABI_KIND_SAME_TOOLCHAIN,      \
                                                            MERCATOR_ABI_VERSION,                  \
                                                            MERCATOR_BUILD_FINGERPRINT,            \
                                                            kind,                                  \
                                                            name,                                  \
                                                            version,                               \
                                                            schemes,                               \
                                                            create_function};                      \
        return &descriptor;                                                                        \
    }

#endif
