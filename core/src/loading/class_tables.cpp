// SPDX-License-Identifier: MIT
#include "class_tables.hpp"

#include "concrete_rows.hpp"
#include "correlated_select.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/ast/traverse.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace mercator {

namespace {

bool stands_under_own_name(const Mapper& placed, const ClassTable& table) {
    return table->alias.empty() && table->name == placed.table_ref()->name;
}

} // namespace

namespace {

std::size_t part_of(const Mapper& mapper, const ast::ColumnRef& own) {
    const auto& parts = mapper.parts();
    const auto found = std::find_if(parts.begin(), parts.end(), [&](const TablePart& part) {
        return part.ref->qualifier() == own.qualifier;
    });
    return found == parts.end() ? parts.size() - 1
                                : static_cast<std::size_t>(found - parts.begin());
}

} // namespace

ast::ExpressionPtr class_column(const Mapper& placed, const ClassTable& table, const Mapper& mapper,
                                const ast::ColumnRef& own) {
    if (mapper.parts().size() == 1) return column_of(table, own);
    return column_of(part_table(placed, table, mapper, part_of(mapper, own)), own);
}

ast::ExpressionPtr class_column(const Mapper& placed, const ClassTable& table,
                                const ast::ColumnRef& own) {
    return class_column(placed, table, placed, own);
}

namespace {

/// Are there rows of other classes in the class's own table?
bool shares_table(const Mapper& mapper) {
    return mapper.inheritance() == Inheritance::Single && mapper.is_polymorphic();
}

std::vector<Value> identities_of(const Mapper& mapper) {
    std::vector<Value> identities;
    for (const Mapper* descendant : mapper.descendants()) {
        if (!descendant->identity().is_null()) identities.push_back(descendant->identity());
    }
    return identities;
}

} // namespace

ast::ExpressionPtr class_in_names(const ast::ExpressionPtr& expression, const Mapper& mapper,
                                  const ClassTable& table) {
    if (stands_under_own_name(mapper, table)) return expression;
    ast::ExpressionPtr named = expression;
    for (std::size_t part = mapper.parts().size(); part-- > 0;) {
        const std::string& plain = mapper.parts()[part].ref->qualifier();
        const ClassTable there = part_table(mapper, table, mapper, part);
        named = ast::replace_columns(
            named, plain, [&](const ast::ColumnRef& column) { return column_of(there, column); });
        // Paths, and tables of descendants, that begin there.
        if (plain != there->qualifier()) named = ast::requalify(named, plain, there->qualifier());
    }
    return named;
}

ast::ExpressionPtr class_condition(const Mapper& mapper, const ClassTable& table) {
    if (!shares_table(mapper)) return nullptr;
    auto identities = identities_of(mapper);
    const auto discriminator = class_in_names(mapper.discriminator_node(), mapper, table);
    if (identities.size() == 1) {
        return ast::binary(ast::Operator::Equal, discriminator,
                           ast::bind(identities.front(), discriminator->type));
    }
    return ast::in(discriminator, std::move(identities));
}

ast::ExpressionPtr if_of_class(const Mapper& mapper, ast::ExpressionPtr condition) {
    if (!shares_table(mapper)) return condition;
    auto other = ast::in(mapper.discriminator_node(), identities_of(mapper), true);
    return ast::or_({std::move(other), std::move(condition)});
}

ast::ExpressionPtr is_of_class(const Mapper& mapper) {
    return ast::in(mapper.discriminator_node(), identities_of(mapper));
}

const Mapper& class_under(const Mapper& mapper, const ast::TableRef& table) noexcept {
    if (table.name == mapper.table_ref()->name) return mapper;
    for (const Mapper* descendant : mapper.descendants()) {
        if (descendant->table_ref() != nullptr && descendant->table_ref()->name == table.name)
            return *descendant;
    }
    return mapper;
}

void read_tables_as(ast::Select& select, const Mapper& mapper, const ClassTable& table) {
    const auto& parts = mapper.parts();
    ClassTable before = parts.size() == 1 ? table : part_table(mapper, table, mapper, 0);
    select.from.emplace_back(before);
    for (std::size_t part = 1; part < parts.size(); ++part) {
        ClassTable next = part_table(mapper, table, mapper, part);
        select.joins.push_back(
            {ast::JoinKind::Inner, next,
             same_object(mapper, part, next->qualifier(), part - 1, before->qualifier())});
        before = std::move(next);
    }
}

void read_tables(ast::Select& select, const Mapper& mapper) {
    read_tables_as(select, mapper, mapper.table_ref());
}

void read_class(ast::Select& select, const Mapper& mapper) {
    read_tables(select, mapper);
    if (auto condition = class_condition(mapper, mapper.table_ref()))
        select.where.push_back(std::move(condition));
}

void read_all_of(ast::Select& select, const Mapper& mapper) {
    if (!has_concrete_classes(mapper)) return read_class(select, mapper);
    select.from.push_back(concrete_rows(mapper, mapper.table_ref()->qualifier()));
}

namespace {

bool mentions(const ast::ExpressionPtr& expression, const std::string& qualifier) {
    bool found = false;
    static_cast<void>(ast::replace_columns(expression, qualifier,
                                           [&](const ast::ColumnRef&) -> ast::ExpressionPtr {
                                               found = true;
                                               return nullptr;
                                           }));
    return found;
}

} // namespace

namespace {

std::vector<ast::ExpressionPtr> operands_of(const ast::ExpressionPtr& condition) {
    if (condition->kind != ast::NodeKind::Logical) return {condition};
    const auto& logical = static_cast<const ast::Logical&>(*condition);
    if (!logical.is_and || logical.operands.empty()) return {condition};
    return logical.operands;
}

/// The last of these tables that a condition speaks of; the first where it speaks of none.
std::size_t last_mentioned(const ast::ExpressionPtr& condition,
                           const std::vector<ClassTable>& tables,
                           const std::vector<std::size_t>& order) {
    const auto found = std::find_if(order.rbegin(), order.rend(), [&](std::size_t part) {
        return mentions(condition, tables[part]->qualifier());
    });
    return found == order.rend() ? order.front() : *found;
}

} // namespace

void join_class(ast::Select& select, ast::JoinKind kind, const Mapper& mapper,
                const ClassTable& table, ast::ExpressionPtr on) {
    const auto& parts = mapper.parts();
    if (auto condition = class_condition(mapper, table)) on = ast::and_({on, condition});
    if (parts.size() == 1) {
        select.joins.push_back({kind, table, std::move(on)});
        return;
    }
    std::vector<ClassTable> tables;
    for (std::size_t part = 0; part < parts.size(); ++part)
        tables.push_back(part_table(mapper, table, mapper, part));
    const auto conditions = operands_of(on);
    // First what the condition ties to the rest of the statement.
    std::size_t first = 0;
    for (std::size_t part = parts.size(); part-- > 0;) {
        if (mentions(conditions.front(), tables[part]->qualifier())) first = part;
    }
    std::vector<std::size_t> order{first};
    for (std::size_t part = 0; part < parts.size(); ++part) {
        if (part != first) order.push_back(part);
    }
    for (const std::size_t part : order) {
        std::vector<ast::ExpressionPtr> terms;
        if (part != first) {
            terms.push_back(same_object(mapper, part, tables[part]->qualifier(), first,
                                        tables[first]->qualifier()));
        }
        for (const auto& condition : conditions) {
            if (last_mentioned(condition, tables, order) == part) terms.push_back(condition);
        }
        select.joins.push_back({kind, tables[part], ast::and_(std::move(terms))});
    }
}

namespace {

/// A column of the key stands in each table of an object; in the class's own one it does not need
/// the others.
std::optional<ast::ColumnRef> own_key(const Mapper& mapper, std::size_t part,
                                      const ast::ColumnRef& column) {
    const auto& parts = mapper.parts();
    if (part + 1 == parts.size()) return std::nullopt;
    const auto& names = parts[part].key_names;
    const auto found = std::find(names.begin(), names.end(), column.name);
    if (found == names.end()) return std::nullopt;
    const auto& own = parts.back().key_names[static_cast<std::size_t>(found - names.begin())];
    return ast::ColumnRef(std::string(), own, column.type, column.nullable);
}

} // namespace

ast::ExpressionPtr side_in_names(const ast::ExpressionPtr& expression, std::string_view side,
                                 const Mapper& mapper, const ClassTable& table) {
    ast::ExpressionPtr named = expression;
    for (std::size_t part = 0; part < mapper.parts().size(); ++part) {
        const ClassTable there =
            mapper.parts().size() == 1 ? table : part_table(mapper, table, mapper, part);
        named =
            ast::replace_columns(named, side_name(side, part), [&](const ast::ColumnRef& column) {
                const auto own = own_key(mapper, part, column);
                return own ? column_of(table, *own) : column_of(there, column);
            });
    }
    return named;
}

} // namespace mercator
