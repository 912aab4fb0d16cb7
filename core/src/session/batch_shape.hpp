// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/dialect/capabilities.hpp>

#include <cstddef>
#include <cstdint>

namespace mercator {

/// How the next rows of a batch travel, and how many of them at once.
struct BatchShape {
    ast::BatchForm form = ast::BatchForm::Single;
    std::size_t rows = 1;
};

/// For `count` rows that are left; `form` and `rows` are what the backend takes for this kind of
/// statement.
[[nodiscard]] BatchShape batch_shape(const Capabilities& capabilities, ast::BatchForm form,
                                     std::uint32_t rows, std::size_t binds_per_row,
                                     std::size_t count) noexcept;

} // namespace mercator
