// SPDX-License-Identifier: MIT
#pragma once

/// Everything in libmercator is hidden unless it says otherwise. A class or function marked
/// `MERCATOR_EXPORT` is visible to programs and to plugins, and has one vtable and one type-info,
/// both in libmercator, so that `dynamic_cast` and `catch` agree on both sides of the door.
#ifndef MERCATOR_EXPORT
#if defined(_WIN32)
#define MERCATOR_EXPORT
#else
#define MERCATOR_EXPORT __attribute__((visibility("default")))
#endif
#endif
