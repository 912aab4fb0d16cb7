// SPDX-License-Identifier: MIT
#pragma once

// Not part of mercator.hpp.

#include <mercator/mapping/expression.hpp>
#include <mercator/types/array.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mercator {

/// What arrays can do in a statement, be they the database's own or kept as JSON.
/// `contains(list)` asks whether all of `list` is in the array. NULL is like no element, so looking
/// for it is an ArgumentError.
template <class T, class Self>
struct OwnOperations<std::vector<T>, Self> {
    /// Is the value in the array?
    [[nodiscard]] Expr<bool> any(const typename WithoutOptional<T>::type& value) const {
        Value element = to_value(value);
        const bool is_json = node()->type.kind == TypeKind::Json;
        if (is_json) {
            std::string text;
            const Field field = element_field<typename WithoutOptional<T>::type>();
            append_json_element(text, field, std::addressof(value));
            element = Value(std::move(text));
        }
        return Expr<bool>(
            ast::contains(ast::ContainmentOf::Element, node(), ast::bind(std::move(element))));
    }
    /// Have the two a value in common?
    [[nodiscard]] Expr<bool> overlaps(const std::vector<T>& other) const {
        return compared(ast::ContainmentOf::Any, other);
    }
    [[nodiscard]] Expr<bool> contains_all(const std::vector<T>& part) const {
        return compared(ast::ContainmentOf::All, part);
    }
    /// How many elements it has.
    [[nodiscard]] Expr<std::optional<std::int64_t>> length() const {
        return Expr<std::optional<std::int64_t>>(ast::json_path(node(), {}, ast::JsonForm::Length));
    }

private:
    [[nodiscard]] ast::ExpressionPtr node() const { return static_cast<const Self&>(*this).node(); }
    [[nodiscard]] Expr<bool> compared(ast::ContainmentOf of, const std::vector<T>& other) const {
        if constexpr (WithoutOptional<T>::optional) {
            for (const T& element : other) {
                if (!element) throw ArgumentError("NULL cannot be looked for in an array", "");
            }
        }
        return Expr<bool>(ast::contains(of, node(), ast::bind(to_value(other))));
    }
};

/// `any_(col(&Post::tags), "sql")`: is the value in the array? PostgreSQL's `'sql' = ANY (tags)`.
template <class List, class T>
[[nodiscard]] Expr<bool> any_(const List& list, const T& value) {
    return list.any(value);
}

} // namespace mercator
