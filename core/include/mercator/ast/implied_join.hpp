// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/support/export.hpp>

#include <optional>

namespace mercator::ast {

/// The SELECT with the joins that its columns imply (`TableRef::implied`) and that belong to its
/// own FROM, those of columns in its subqueries included; nothing when there are none. Compilers
/// call it; a tree keeps its paths as they are, so that it may still be given joins of its own.
///
/// The joins stand behind the statement's own, an owner before what hangs on it; one that the
/// condition of a join needs stands before that join. CompileError when that cannot be, and when
/// two different paths have the same alias.
[[nodiscard]] MERCATOR_API std::optional<Select> with_implied_joins(const Select& select);

/// The table at which the path to `table` begins: `table` itself when no join is implied.
[[nodiscard]] MERCATOR_API const std::shared_ptr<const TableRef>&
start_of_path(const std::shared_ptr<const TableRef>& table) noexcept;

} // namespace mercator::ast
