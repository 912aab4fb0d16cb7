// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace mercator::command {

/// Has Graphviz draw a graph in its language as SVG. Its program `dot` is looked for where programs
/// are; if there is none, the error says how to get it.
[[nodiscard]] std::string draw_svg(const std::string& graph);

} // namespace mercator::command
