// SPDX-License-Identifier: MIT
#include <mercator/mapping/composite.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <cstddef>

namespace mercator {

CompositeColumns::CompositeColumns(const Mapper& mapper, std::uint32_t offset) : offset_(offset) {
    for (const auto index : mapper.embedded_at(offset).columns) {
        const ColumnProperty& property = mapper.columns()[index];
        parts_.push_back({&property, property.ref});
    }
}

CompositeColumns::CompositeColumns(const Mapper& mapper, std::uint32_t offset,
                                   const std::shared_ptr<const ast::TableRef>& table) :
    offset_(offset) {
    for (const auto index : mapper.embedded_at(offset).columns) {
        const ColumnProperty& property = mapper.columns()[index];
        const auto& plain = *property.ref;
        auto ref =
            std::make_shared<ast::ColumnRef>(table->alias, plain.name, plain.type, plain.nullable);
        ref->table = table;
        parts_.push_back({&property, std::move(ref)});
    }
}

const ast::ExpressionPtr& CompositeColumns::at(std::uint32_t offset_in_part) const {
    for (const auto& part : parts_) {
        if (part.property->member_place() == offset_ + offset_in_part) return part.column;
    }
    throw MappingError(
        fmt::format("{} has no column at the part used in this expression; add the part to the "
                    "describe function of the struct",
                    parts_.front().property->where),
        parts_.front().property->where);
}

ast::ExpressionPtr CompositeColumns::compare(ast::Operator op, const void* value) const {
    std::vector<ast::ExpressionPtr> values;
    for (const auto& part : parts_) {
        Field field = part.property->field;
        field.offset -= offset_; // from here on within the struct alone
        values.push_back(ast::bind(load(field, static_cast<const std::byte*>(value)), field.type));
    }
    return compare_operands(op, values);
}

ast::ExpressionPtr CompositeColumns::compare(ast::Operator op,
                                             const CompositeColumns& other) const {
    std::vector<ast::ExpressionPtr> columns;
    for (const auto& part : other.parts_) columns.push_back(part.column);
    return compare_operands(op, columns);
}

namespace {

bool is_null_bind(const ast::ExpressionPtr& operand) {
    return operand->kind == ast::NodeKind::Bind &&
           static_cast<const ast::Bind&>(*operand).value.is_null();
}

/// Equal, where two empty ones are equal, too.
ast::ExpressionPtr same(const ast::ExpressionPtr& column, const ast::ExpressionPtr& other) {
    if (is_null_bind(other)) return ast::is_null(column);
    auto equal = ast::binary(ast::Operator::Equal, column, other);
    const bool may_both_be_null = static_cast<const ast::ColumnRef&>(*column).nullable &&
                                  other->kind == ast::NodeKind::ColumnRef &&
                                  static_cast<const ast::ColumnRef&>(*other).nullable;
    if (!may_both_be_null) return equal;
    return ast::or_({std::move(equal), ast::and_({ast::is_null(column), ast::is_null(other)})});
}

/// Not equal, where an empty one differs from every value: the opposite of `same`, never NULL.
ast::ExpressionPtr different(const ast::ExpressionPtr& column, const ast::ExpressionPtr& other) {
    if (is_null_bind(other)) return ast::is_null(column, true);
    std::vector<ast::ExpressionPtr> any{ast::binary(ast::Operator::NotEqual, column, other)};
    const bool column_may = static_cast<const ast::ColumnRef&>(*column).nullable;
    const bool other_may = other->kind == ast::NodeKind::ColumnRef &&
                           static_cast<const ast::ColumnRef&>(*other).nullable;
    if (column_may && other_may) {
        any.push_back(ast::and_({ast::is_null(column), ast::is_null(other, true)}));
        any.push_back(ast::and_({ast::is_null(column, true), ast::is_null(other)}));
    } else if (column_may) {
        any.push_back(ast::is_null(column));
    } else if (other_may) {
        any.push_back(ast::is_null(other));
    }
    return any.size() == 1 ? any.front() : ast::or_(std::move(any));
}

/// The operator without "or equal", for all parts but the last one.
ast::Operator strict(ast::Operator op) {
    switch (op) {
    case ast::Operator::LessEqual:
        return ast::Operator::Less;
    case ast::Operator::GreaterEqual:
        return ast::Operator::Greater;
    default:
        return op;
    }
}

} // namespace

ast::ExpressionPtr
CompositeColumns::compare_operands(ast::Operator op,
                                   const std::vector<ast::ExpressionPtr>& others) const {
    std::vector<ast::ExpressionPtr> terms;
    if (op == ast::Operator::Equal || op == ast::Operator::NotEqual) {
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            terms.push_back(op == ast::Operator::Equal ? same(parts_[i].column, others[i])
                                                       : different(parts_[i].column, others[i]));
        }
        return op == ast::Operator::Equal ? ast::and_(std::move(terms))
                                          : ast::or_(std::move(terms));
    }
    // a < x or (a = x and (b < y or ...)), built from the last part on.
    ast::ExpressionPtr rest;
    for (std::size_t i = parts_.size(); i-- > 0;) {
        const auto& column = parts_[i].column;
        if (rest == nullptr) {
            rest = ast::binary(op, column, others[i]);
            continue;
        }
        rest = ast::or_({ast::binary(strict(op), column, others[i]),
                         ast::and_({ast::binary(ast::Operator::Equal, column, others[i]), rest})});
    }
    return rest;
}

ast::ExpressionPtr CompositeColumns::is_null(bool negated) const {
    std::vector<ast::ExpressionPtr> terms;
    for (const auto& part : parts_) terms.push_back(ast::is_null(part.column, negated));
    return negated ? ast::or_(std::move(terms)) : ast::and_(std::move(terms));
}

std::vector<ast::ExpressionPtr> CompositeColumns::order(bool descending) const {
    std::vector<ast::ExpressionPtr> terms;
    for (const auto& part : parts_) terms.push_back(ast::order(part.column, descending));
    return terms;
}

} // namespace mercator
