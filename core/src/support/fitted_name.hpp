// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mercator {

/// The name itself if it has at most `longest` bytes; else its beginning and a hash of the whole,
/// so that two names that begin alike stay two. The same on every machine and in every version,
/// because databases keep such names. Cuts no UTF-8 letter in half.
[[nodiscard]] std::string fitted_name(std::string_view name, std::size_t longest);

} // namespace mercator
