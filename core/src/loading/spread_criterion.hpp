// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/mapper.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace mercator {

/// A table that a statement reads, where it stands in FROM and the joins.
struct ReadTable {
    std::shared_ptr<const ast::TableRef> table;
    ast::ExpressionPtr on = nullptr; ///< of the join; empty in FROM
    bool keeps_no_other{true};       ///< no result row is without it: in FROM, or of an inner join
};
[[nodiscard]] std::vector<ReadTable> tables_in_order(const ast::Select& select);

/// Whether a criterion of `mapper`, whose objects lie in several tables, speaks of rows of this
/// table. `part` is which of them it is.
[[nodiscard]] bool is_part_of(const Mapper& mapper, const ast::TableRef& table, std::size_t& part);

/// That criterion for the table at `position` of those that a statement reads, which has this part
/// of the objects: the condition itself where the statement has all tables that it speaks of by
/// now, and nothing where another of them will bring it; else that no object of the class is there
/// for which it does not hold. So rows of a base are hidden as what they really are.
[[nodiscard]] ast::ExpressionPtr criterion_at(const Mapper& mapper,
                                              const ast::ExpressionPtr& condition, std::size_t part,
                                              const std::vector<ReadTable>& tables,
                                              std::size_t position);

} // namespace mercator
