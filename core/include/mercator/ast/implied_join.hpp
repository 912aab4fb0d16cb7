// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/support/export.hpp>

#include <optional>
#include <string>

namespace mercator::ast {

/// The SELECT with the joins that its columns imply (`TableRef::implied`) and that belong to its
/// own FROM, those of columns in its subqueries included; nothing when there are none. Compilers
/// call it; a tree keeps its paths as they are, so that it may still be given joins of its own.
///
/// The joins stand behind the statement's own, an owner before what hangs on it; one that the
/// condition of a join needs stands before that join. Where a join of the statement's own may give
/// rows without the table at which a path begins, the path's joins are outer ones as well.
/// CompileError when that cannot be, and when two different paths have the same alias.
[[nodiscard]] MERCATOR_API std::optional<Select> with_implied_joins(const Select& select);

/// The table at which the path to `table` begins: `table` itself when no join is implied.
[[nodiscard]] MERCATOR_API const std::shared_ptr<const TableRef>&
start_of_path(const std::shared_ptr<const TableRef>& table) noexcept;

/// The alias of a table that one step leads to from a table of this name. The same for the same,
/// and short enough for every database.
[[nodiscard]] MERCATOR_API std::string path_alias(const std::string& owner,
                                                  const std::string& step);

} // namespace mercator::ast
