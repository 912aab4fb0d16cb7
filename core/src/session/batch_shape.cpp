// SPDX-License-Identifier: MIT
#include "batch_shape.hpp"

#include <algorithm>

namespace mercator {

BatchShape batch_shape(const Capabilities& capabilities, ast::BatchForm form, std::uint32_t rows,
                       std::size_t binds_per_row, std::size_t count) noexcept {
    if (form == ast::BatchForm::Single || count == 1) return {};
    std::size_t most = rows;
    if (form == ast::BatchForm::MultiRow && binds_per_row > 0)
        most = std::min<std::size_t>(most, capabilities.max_binds / binds_per_row);
    most = std::max<std::size_t>(most, 1);
    return most == 1 ? BatchShape{} : BatchShape{form, std::min(most, count)};
}

} // namespace mercator
