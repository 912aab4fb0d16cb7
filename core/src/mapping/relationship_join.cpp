// SPDX-License-Identifier: MIT
#include "relationship_join.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/mapping/relationship_mapping.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

ast::ExpressionPtr side_column(const Mapper& mapper, std::uint16_t index, std::string_view side) {
    const ColumnProperty& property = mapper.columns()[index];
    return ast::column(side_name(side, mapper.part_of(property)), property.ref->name,
                       property.field.type, property.ref->nullable);
}

ast::ExpressionPtr side_column_at(const Mapper& mapper, std::uint32_t offset,
                                  std::string_view side) {
    const ColumnProperty& property = mapper.column_at(offset);
    return ast::column(side_name(side, mapper.part_of(property)), property.ref->name,
                       property.ref->type, property.ref->nullable);
}

ast::ExpressionPtr link_column(const Table& table, std::uint16_t index) {
    const Column& column = table.columns[index];
    return ast::column(std::string(Relationship::link_side), column.name, column.type,
                       column.accepts_null());
}

ast::ExpressionPtr equals(ast::ExpressionPtr left, ast::ExpressionPtr right) {
    return ast::binary(ast::Operator::Equal, std::move(left), std::move(right));
}

std::uint16_t mapped_index(const Relationship& relationship, const Mapper& mapper,
                           const std::string& column) {
    for (auto part = mapper.parts().rbegin(); part != mapper.parts().rend(); ++part) {
        if (const auto index = mapper.column_in(*part->table, column)) return *index;
    }
    refuse_relationship(
        relationship,
        fmt::format("goes by column {} of table {}, which no member of {} is mapped to", column,
                    mapper.table().name, mapper.class_name()));
}

std::uint16_t mapped_index(const Relationship& relationship, const Mapper& mapper,
                           const Table& table, const std::string& column) {
    const auto index = mapper.column_in(table, column);
    return index ? *index : mapped_index(relationship, mapper, column);
}

std::string member_text(const Mapper& mapper, const std::string& column) {
    for (const auto& property : mapper.columns()) {
        if (property.in_schema().name == column)
            return fmt::format("&{}::{}", mapper.class_name(), property.member);
    }
    return column;
}

ast::ExpressionPtr rename_side(const ast::ExpressionPtr& expression, std::string_view from,
                               std::string_view to) {
    return ast::requalify(expression, std::string(from), std::string(to));
}

bool mentions(const ast::ExpressionPtr& expression, std::string_view side) {
    constexpr std::size_t most_parts = 8;
    for (std::size_t part = 0; part < most_parts; ++part) {
        if (rename_side(expression, side_name(side, part), "(other)") != expression)
            return true; // shares what it can
    }
    return false;
}

ast::ExpressionPtr swap_sides(const ast::ExpressionPtr& expression, std::size_t parts) {
    auto swapped = expression;
    for (std::size_t part = 0; part < parts; ++part) {
        const std::string owner = side_name(Relationship::owner_side, part);
        const std::string target = side_name(Relationship::target_side, part);
        constexpr std::string_view between = "(between)";
        const auto away = rename_side(swapped, owner, between);
        swapped = rename_side(rename_side(away, target, owner), between, target);
    }
    return swapped;
}

ast::ExpressionPtr to_side(ast::ExpressionPtr expression, const Mapper& mapper,
                           std::string_view side) {
    for (std::size_t part = 0; part < mapper.parts().size(); ++part) {
        expression = rename_side(expression, mapper.parts()[part].ref->qualifier(),
                                 side_name(side, part));
    }
    return expression;
}

std::vector<std::string> qualifiers_of(const Mapper& mapper) {
    std::vector<std::string> names;
    for (const auto& part : mapper.parts()) names.push_back(part.ref->qualifier());
    return names;
}

std::vector<std::string> side_names(const Mapper& mapper, std::string_view side) {
    std::vector<std::string> names;
    for (std::size_t part = 0; part < mapper.parts().size(); ++part)
        names.push_back(side_name(side, part));
    return names;
}

bool share_a_table(const Mapper& a, const Mapper& b) {
    return std::any_of(a.parts().begin(), a.parts().end(), [&](const TablePart& mine) {
        return std::any_of(b.parts().begin(), b.parts().end(),
                           [&](const TablePart& theirs) { return theirs.table == mine.table; });
    });
}

namespace {

bool joins_parts(const Mapper& mapper, std::size_t part, const ForeignKey& key) {
    return part != 0 && key.columns == mapper.parts()[part].key_names &&
           refers_to(key, *mapper.parts()[part - 1].table);
}

} // namespace

std::vector<KeyBetween> keys_between(const Mapper& child, const Mapper& parent) {
    std::vector<KeyBetween> found;
    for (auto to = parent.parts().rbegin(); found.empty() && to != parent.parts().rend(); ++to) {
        for (std::size_t from = 0; from < child.parts().size(); ++from) {
            const Table& table = *child.parts()[from].table;
            for (const auto& key : table.foreign_keys) {
                if (refers_to(key, *to->table) && !joins_parts(child, from, key))
                    found.push_back({&key, &table, to->table.get()});
            }
        }
    }
    return found;
}

namespace {

/// "(target)", "(target:1)" ...
bool is_of_side(std::string_view qualifier, std::string_view side) {
    if (qualifier == side) return true;
    side.remove_suffix(1);
    return qualifier.size() > side.size() && qualifier.starts_with(side) &&
           qualifier[side.size()] == ':';
}

const ast::ColumnRef* column_of(const ast::Expression& expression, std::string_view side) {
    if (expression.kind != ast::NodeKind::ColumnRef) return nullptr;
    const auto& column = static_cast<const ast::ColumnRef&>(expression);
    return is_of_side(column.qualifier, side) ? &column : nullptr;
}

void split(const ast::ExpressionPtr& condition, std::string_view first, std::string_view second,
           SplitCondition& found) {
    if (condition->kind == ast::NodeKind::Logical) {
        const auto& logical = static_cast<const ast::Logical&>(*condition);
        if (logical.is_and) {
            for (const auto& operand : logical.operands) split(operand, first, second, found);
            return;
        }
    }
    if (condition->kind == ast::NodeKind::Binary) {
        const auto& binary = static_cast<const ast::Binary&>(*condition);
        const auto* left = column_of(*binary.left, first);
        const auto* right = column_of(*binary.right, second);
        if (left == nullptr && right == nullptr) {
            left = column_of(*binary.right, first);
            right = column_of(*binary.left, second);
        }
        if (binary.op == ast::Operator::Equal && left != nullptr && right != nullptr) {
            found.equal.emplace_back(left->name, right->name);
            return;
        }
    }
    found.rest.push_back(condition);
}

} // namespace

SplitCondition split_condition(const ast::ExpressionPtr& condition, std::string_view first,
                               std::string_view second) {
    SplitCondition found;
    split(condition, first, second, found);
    return found;
}

std::vector<std::pair<std::string, std::string>> key_columns(const ForeignKey& key,
                                                             const Table& target) {
    std::vector<std::string> targets = key.target_columns;
    if (targets.empty()) {
        for (const Column* column : target.primary_key()) targets.push_back(column->name);
    }
    std::vector<std::pair<std::string, std::string>> columns;
    for (std::size_t i = 0; i < key.columns.size(); ++i)
        columns.emplace_back(key.columns[i], targets.at(i));
    return columns;
}

bool refers_to(const ForeignKey& key, const Table& table) {
    return key.target_table == table.name &&
           (key.target_schema.empty() || key.target_schema == table.schema);
}

void mirror_join(const Relationship& forward, Relationship& reverse) {
    switch (forward.direction) {
    case Direction::ManyToMany:
        reverse.direction = Direction::ManyToMany;
        break;
    case Direction::ManyToOne:
        reverse.direction = Direction::OneToMany;
        break;
    case Direction::OneToMany:
        reverse.direction = Direction::ManyToOne;
        break;
    }
    reverse.pairs = forward.pairs;
    for (auto& pair : reverse.pairs) std::swap(pair.first, pair.second);
    reverse.secondary = forward.secondary;
    reverse.secondary_ref = forward.secondary_ref;
    reverse.owner_links = forward.target_links;
    reverse.target_links = forward.owner_links;
    const bool has_link = forward.direction == Direction::ManyToMany;
    const std::size_t parts =
        std::max(forward.owner->parts().size(), forward.target->parts().size());
    reverse.condition =
        swap_sides(has_link ? forward.secondary_condition : forward.condition, parts);
    reverse.secondary_condition = has_link ? swap_sides(forward.condition, parts) : nullptr;
    reverse.is_simple = forward.is_simple;
    reverse.discriminators = forward.discriminators;
    for (auto& discriminator : reverse.discriminators)
        discriminator.on_owner = !discriminator.on_owner;
    settle_join(reverse);
}

void settle_join(Relationship& relationship) {
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    relationship.required =
        relationship.direction == Direction::ManyToOne && !relationship.pairs.empty() &&
        relationship.discriminators.empty() &&
        std::all_of(relationship.pairs.begin(), relationship.pairs.end(),
                    [&](const auto& pair) { return !owner.columns()[pair.first].field.optional; });
    relationship.join_condition = nullptr;
    if (share_a_table(owner, target) || relationship.direction == Direction::ManyToMany) return;
    if (!relationship.is_simple) {
        relationship.join_condition =
            relationship_condition(relationship, qualifiers_of(owner), qualifiers_of(target));
        return;
    }
    std::vector<ast::ExpressionPtr> conditions; // of the mappers' own nodes, which know their table
    for (const auto& [own, theirs] : relationship.pairs)
        conditions.push_back(equals(owner.columns()[own].ref, target.columns()[theirs].ref));
    relationship.join_condition = ast::and_(std::move(conditions));
}

} // namespace mercator
