// SPDX-License-Identifier: MIT
#include <mercator/ast/build.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/mapping/inheritance.hpp>
#include <mercator/mapping/mapper.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace mercator {

using TablePtr = std::shared_ptr<const ast::TableRef>;

namespace {

ast::ExpressionPtr key_column(const Mapper& mapper, std::size_t part, std::size_t key,
                              const std::string& qualifier) {
    const auto& property = mapper.columns()[mapper.primary_key()[key]];
    return ast::column(qualifier, mapper.parts()[part].key_names[key], property.field.type, false);
}

} // namespace

ast::ExpressionPtr same_object(const Mapper& mapper, std::size_t part, const std::string& name,
                               std::size_t other, const std::string& other_name) {
    std::vector<ast::ExpressionPtr> pairs;
    for (std::size_t i = 0; i < mapper.primary_key().size(); ++i) {
        pairs.push_back(ast::binary(ast::Operator::Equal, key_column(mapper, part, i, name),
                                    key_column(mapper, other, i, other_name)));
    }
    return ast::and_(std::move(pairs));
}

namespace {

TablePtr hanging_on(const Mapper& mapper, std::size_t part, const TablePtr& anchor,
                    const TablePtr& owner, std::size_t owner_part, ast::JoinKind kind) {
    const TablePart& of = mapper.parts()[part];
    auto table = std::make_shared<ast::TableRef>(*of.ref);
    table->alias = ast::path_alias(anchor->qualifier(), of.ref->name);
    auto join = std::make_shared<ast::ImpliedJoin>();
    join->owner = owner;
    join->kind = kind;
    join->on = same_object(mapper, part, table->alias, owner_part, owner->qualifier());
    table->implied = std::move(join);
    return table;
}

bool stands_under_own_name(const Mapper& placed, const TablePtr& table) {
    return table->alias.empty() && table->name == placed.table_ref()->name;
}

} // namespace

TablePtr part_table(const Mapper& placed, const TablePtr& table, const Mapper& mapper,
                    std::size_t part) {
    if (stands_under_own_name(placed, table)) return mapper.parts()[part].ref;
    const std::size_t own = placed.parts().size() - 1;
    if (part == own) return table;
    if (part < own) return hanging_on(placed, part, table, table, own, ast::JoinKind::Inner);
    const TablePtr owner = part_table(placed, table, mapper, part - 1);
    return hanging_on(mapper, part, table, owner, part - 1, ast::JoinKind::Left);
}

std::shared_ptr<const ast::ColumnRef> aliased_column(const Mapper& mapper, const TablePtr& table,
                                                     std::uint32_t offset) {
    const ast::ColumnRef& plain = *mapper.column_at(offset).ref;
    TablePtr there = table;
    const auto& parts = mapper.parts();
    for (std::size_t part = 0; part + 1 < parts.size(); ++part) {
        if (parts[part].ref->qualifier() == plain.qualifier)
            there = part_table(mapper, table, mapper, part);
    }
    auto ref = std::make_shared<ast::ColumnRef>(there->qualifier(), plain.name, plain.type,
                                                plain.nullable);
    ref->table = there;
    return ref;
}

} // namespace mercator
