// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Structs that are one member and several columns (`embed`), as one value in statements.
namespace mercator {

/// The untyped half of `CompositeExpr`: the columns in the order in which the struct describes
/// them.
class MERCATOR_API CompositeColumns {
public:
    CompositeColumns(const Mapper& mapper, std::uint32_t offset);
    /// Of the second use of a table.
    CompositeColumns(const Mapper& mapper, std::uint32_t offset,
                     const std::shared_ptr<const ast::TableRef>& table);

    /// The columns against those of a struct that lies at `value`.
    [[nodiscard]] ast::ExpressionPtr compare(ast::Operator op, const void* value) const;
    [[nodiscard]] ast::ExpressionPtr compare(ast::Operator op, const CompositeColumns& other) const;
    [[nodiscard]] ast::ExpressionPtr is_null(bool negated) const;
    [[nodiscard]] std::vector<ast::ExpressionPtr> order(bool descending) const;
    /// The column of the part at this place in the struct.
    [[nodiscard]] const ast::ExpressionPtr& at(std::uint32_t offset_in_part) const;

private:
    struct Part {
        const ColumnProperty* property;
        ast::ExpressionPtr column;
    };
    [[nodiscard]] ast::ExpressionPtr
    compare_operands(ast::Operator op, const std::vector<ast::ExpressionPtr>& others) const;

    std::uint32_t offset_;
    std::vector<Part> parts_;
};

/// A term of ORDER BY over several columns.
class CompositeOrder {
public:
    explicit CompositeOrder(std::vector<ast::ExpressionPtr> nodes) : nodes_(std::move(nodes)) {}
    [[nodiscard]] const std::vector<ast::ExpressionPtr>& nodes() const noexcept { return nodes_; }

private:
    std::vector<ast::ExpressionPtr> nodes_;
};

/// A struct that is kept in several columns, as one value: `composite(&Order::total) ==
/// Money{Decimal("5"), "EUR"}`. Equal where all parts are; a part that is empty is equal to one
/// that is empty. Ordered by the first part, then the second and so on, in the order of the
/// struct's `describe`; for < and > a part must not be empty, since NULL is neither.
template <class Class, class Part>
class CompositeExpr {
public:
    explicit CompositeExpr(CompositeColumns columns) : columns_(std::move(columns)) {}

    /// One of its columns: `composite(&Order::total).part(&Money::amount) > 100`.
    template <class V, class Base>
    requires std::derived_from<Part, Base>
    [[nodiscard]] ColumnExpr<Class, V> part(V Base::*member) const {
        return ColumnExpr<Class, V>(columns_.at(member_offset<Part>(member)));
    }
    /// Are all parts NULL?
    [[nodiscard]] Condition is_null() const { return Condition(columns_.is_null(false)); }
    [[nodiscard]] Condition is_not_null() const { return Condition(columns_.is_null(true)); }
    [[nodiscard]] Condition in(std::initializer_list<Part> values) const {
        std::vector<Condition> any;
        for (const auto& value : values) any.push_back(*this == value);
        return any_of(any);
    }
    [[nodiscard]] CompositeOrder asc() const { return CompositeOrder(columns_.order(false)); }
    [[nodiscard]] CompositeOrder desc() const { return CompositeOrder(columns_.order(true)); }

    [[nodiscard]] Condition compare_with(ast::Operator op, const Part& value) const {
        return Condition(columns_.compare(op, &value));
    }
    template <class Other>
    [[nodiscard]] Condition compare_with(ast::Operator op,
                                         const CompositeExpr<Other, Part>& other) const {
        return Condition(columns_.compare(op, other.columns()));
    }
    [[nodiscard]] const CompositeColumns& columns() const noexcept { return columns_; }

private:
    CompositeColumns columns_;
};

// A second operand is a Part, or a composite of the same struct.
template <class Class, class Part, class Other>
[[nodiscard]] Condition operator==(const CompositeExpr<Class, Part>& a, const Other& b) {
    return a.compare_with(ast::Operator::Equal, b);
}
template <class Class, class Part, class Other>
[[nodiscard]] Condition operator!=(const CompositeExpr<Class, Part>& a, const Other& b) {
    return a.compare_with(ast::Operator::NotEqual, b);
}
template <class Class, class Part, class Other>
[[nodiscard]] Condition operator<(const CompositeExpr<Class, Part>& a, const Other& b) {
    return a.compare_with(ast::Operator::Less, b);
}
template <class Class, class Part, class Other>
[[nodiscard]] Condition operator<=(const CompositeExpr<Class, Part>& a, const Other& b) {
    return a.compare_with(ast::Operator::LessEqual, b);
}
template <class Class, class Part, class Other>
[[nodiscard]] Condition operator>(const CompositeExpr<Class, Part>& a, const Other& b) {
    return a.compare_with(ast::Operator::Greater, b);
}
template <class Class, class Part, class Other>
[[nodiscard]] Condition operator>=(const CompositeExpr<Class, Part>& a, const Other& b) {
    return a.compare_with(ast::Operator::GreaterEqual, b);
}

/// The columns behind an embedded member: `composite(&Order::total)`.
template <class Part, class Class>
[[nodiscard]] CompositeExpr<Class, Part> composite(Part Class::*member) {
    return CompositeExpr<Class, Part>(
        CompositeColumns(declared_mapper<Class>(), member_offset<Class>(member)));
}
/// Of an inherited member: `composite<Shop>(&Site::at)`.
template <class Class, class Part, class Base>
requires std::derived_from<Class, Base>
[[nodiscard]] CompositeExpr<Class, Part> composite(Part Base::*member) {
    return CompositeExpr<Class, Part>(
        CompositeColumns(mapper_of<Class>(), member_offset<Class>(member)));
}
/// The same of the second use of a table.
template <class Class, class Part, class Base>
[[nodiscard]] CompositeExpr<Class, Part> composite(const Alias<Class>& alias, Part Base::*member) {
    return CompositeExpr<Class, Part>(
        CompositeColumns(mapper_of<Class>(), member_offset<Class>(member), alias.table()));
}

} // namespace mercator
