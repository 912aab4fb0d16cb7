// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {

/// A column of a mapper as it stands in a relationship's condition: under the name of a side.
[[nodiscard]] ast::ExpressionPtr side_column(const Mapper& mapper, std::uint16_t index,
                                             std::string_view side);
/// The same for a column of the table between.
[[nodiscard]] ast::ExpressionPtr link_column(const Table& table, std::uint16_t index);
[[nodiscard]] ast::ExpressionPtr equals(ast::ExpressionPtr left, ast::ExpressionPtr right);

/// Index of the column in `mapper.columns()`; MappingError when no member is mapped to it.
[[nodiscard]] std::uint16_t mapped_index(const Relationship& relationship, const Mapper& mapper,
                                         const std::string& column);
/// The same for a column of one of its tables.
[[nodiscard]] std::uint16_t mapped_index(const Relationship& relationship, const Mapper& mapper,
                                         const Table& table, const std::string& column);
/// The member behind a column, as in "&Order::billing_id"; the column's name without one.
[[nodiscard]] std::string member_text(const Mapper& mapper, const std::string& column);

/// Does the expression name a column of this side, in a subquery too?
[[nodiscard]] bool mentions(const ast::ExpressionPtr& expression, std::string_view side);
/// The same condition seen from the other side.
[[nodiscard]] ast::ExpressionPtr swap_sides(const ast::ExpressionPtr& expression,
                                            std::size_t parts);
/// Columns under the names of the mapper's tables get those of a side.
[[nodiscard]] ast::ExpressionPtr to_side(ast::ExpressionPtr expression, const Mapper& mapper,
                                         std::string_view side);
/// What the tables of a mapper are called in a statement, or as a side.
[[nodiscard]] std::vector<std::string> qualifiers_of(const Mapper& mapper);
[[nodiscard]] std::vector<std::string> side_names(const Mapper& mapper, std::string_view side);
/// Does a row of one lie in a table in which a row of the other lies?
[[nodiscard]] bool share_a_table(const Mapper& a, const Mapper& b);
/// A foreign key of one of a class's tables to one of another's, not the one that joins its own.
struct KeyBetween {
    const ForeignKey* key;
    const Table* child;
    const Table* parent;
};
/// To the table of the most derived class that any key leads to, from the same.
[[nodiscard]] std::vector<KeyBetween> keys_between(const Mapper& child, const Mapper& parent);
[[nodiscard]] ast::ExpressionPtr rename_side(const ast::ExpressionPtr& expression,
                                             std::string_view from, std::string_view to);

/// A condition taken apart: names of columns that must be equal on two sides, and the rest.
struct SplitCondition {
    std::vector<std::pair<std::string, std::string>> equal; ///< of the first side, of the second
    std::vector<ast::ExpressionPtr> rest;
};
[[nodiscard]] SplitCondition split_condition(const ast::ExpressionPtr& condition,
                                             std::string_view first, std::string_view second);

/// Columns of a foreign key and what they refer to, one by one; a key without target columns refers
/// to the primary key.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> key_columns(const ForeignKey& key,
                                                                           const Table& target);
[[nodiscard]] bool refers_to(const ForeignKey& key, const Table& table);

/// The other side of a resolved relationship goes by the same columns.
void mirror_join(const Relationship& forward, Relationship& reverse);
/// What follows from `pairs` and `condition`.
void settle_join(Relationship& relationship);

} // namespace mercator
