// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mercator::plugin {

/// The known scheme that needs the fewest edits to become `wanted`, ignoring case; empty if even
/// that one differs in more than a third of its letters (but two slips are always forgiven).
std::string nearest_scheme(std::string_view wanted, const std::vector<std::string>& known);

} // namespace mercator::plugin
