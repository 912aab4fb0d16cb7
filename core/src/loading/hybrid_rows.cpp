// SPDX-License-Identifier: MIT
#include <mercator/loading/hybrid_rows.hpp>

#include "correlated_select.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <string>

namespace mercator {

Decimal as_stored(const Decimal& value, const Mapper& mapper, std::uint32_t offset) {
    for (const ColumnProperty& property : mapper.columns()) {
        if (property.member_place() != offset) continue;
        if (property.field.type.kind != TypeKind::Numeric) return value;
        // One that does not fit is refused when it is written.
        return value.rescaled(property.field.type.scale).value_or(value);
    }
    return value;
}

void throw_missing_related(const Mapper& mapper, std::uint32_t offset) {
    const Relationship& relationship = mapper.relationship_at(offset);
    throw StateError(fmt::format("{} is empty, but a hybrid requires it; without required() its "
                                 "members are empty then",
                                 relationship.where),
                     relationship.where);
}

namespace {

std::vector<std::string> names_around(const RowScopePtr& row) {
    std::vector<std::string> names;
    for (const RowScope* scope = row.get(); scope != nullptr; scope = scope->outer.get()) {
        for (auto& name : CorrelatedSelect::names_of(scope->table))
            names.push_back(std::move(name));
    }
    return names;
}

ast::SelectPtr select_of(const Relationship& relationship, const RowScopePtr& rows,
                         std::vector<ast::ExpressionPtr> columns,
                         const ast::ExpressionPtr& condition) {
    return CorrelatedSelect(relationship, rows->outer->table, rows->table,
                            names_around(rows->outer), std::move(columns), condition)
        .finish();
}

} // namespace

RowScopePtr related_rows(const Relationship& relationship, const RowScopePtr& owner) {
    auto table = CorrelatedSelect::free_name(relationship.target->table_ref(), names_around(owner));
    return std::make_shared<RowScope>(RowScope{std::move(table), owner});
}

RowScopePtr row_on_path(const Relationship& relationship, const RowScopePtr& owner) {
    return std::make_shared<RowScope>(
        RowScope{RelationshipInStatement(relationship, owner->table).target(), owner->outer});
}

ast::ExpressionPtr value_of_rows(const Relationship& relationship, const RowScopePtr& rows,
                                 const ast::ExpressionPtr& function,
                                 const ast::ExpressionPtr& condition) {
    return std::make_shared<ast::ScalarSubquery>(
        select_of(relationship, rows, {function}, condition), function->type);
}

ast::ExpressionPtr existence_of_rows(const Relationship& relationship, const RowScopePtr& rows,
                                     const ast::ExpressionPtr& condition, bool negated) {
    return ast::exists(select_of(relationship, rows, {}, condition), negated);
}

ast::ExpressionPtr fails(const ast::ExpressionPtr& condition) {
    if (!condition->nullable) return ast::not_(condition);
    return ast::or_({ast::not_(condition), ast::is_null(condition)});
}

ast::ExpressionPtr column_of_row(const Mapper& mapper, const RowScopePtr& row,
                                 std::uint32_t offset) {
    const ColumnProperty& property = mapper.column_at(offset);
    if (row->table->implied != nullptr) return column_on_path(row->table, mapper, property);
    return column_of(row->table, *property.ref);
}

} // namespace mercator
