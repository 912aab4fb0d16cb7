// SPDX-License-Identifier: MIT
#pragma once

/// Everything in libmercator is hidden unless it carries this mark. Classes that cross the plugin
/// boundary must carry it, so that their type information exists once in the process and exceptions
/// are caught by type.
#define MERCATOR_API __attribute__((visibility("default")))
