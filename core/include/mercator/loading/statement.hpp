// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string_view>

namespace mercator {

/// Adds a join along a relationship. The owner's table must be in the statement under `owner` (or is put into FROM when the
/// statement reads nothing yet); the target is joined under `target`. CompileError when a class is joined to itself
/// without an alias.
MERCATOR_API void join_relationship(ast::Select& select, const Relationship& relationship, ast::JoinKind kind,
                                    const std::shared_ptr<const ast::TableRef>& owner,
                                    const std::shared_ptr<const ast::TableRef>& target);

/// "owner.fk = target.pk" for the tables under these qualifiers.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr relationship_condition(const Relationship& relationship,
                                                                     const std::string& owner,
                                                                     const std::string& target);

/// Joins a class by the one foreign key between it and what the statement reads. CompileError when there is none or several.
MERCATOR_API void join_by_foreign_key(ast::Select& select, const Mapper& target, ast::JoinKind kind);

/// Gives a statement without FROM the table of its first column.
MERCATOR_API void infer_from(ast::Select& select);

/// `SELECT count(*)` over the rows that `select` would give.
[[nodiscard]] MERCATOR_API ast::Select count_of(const ast::Select& select);

/// Throws ArgumentError for a negative LIMIT or OFFSET.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr row_count(std::int64_t count, std::string_view clause);

}  // namespace mercator
