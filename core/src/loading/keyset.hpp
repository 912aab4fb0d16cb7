// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/page.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/types/value.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// The order of a list that is paged by keys: columns of the class, the last of them unique.
class KeysetOrder {
public:
    /// ArgumentError for a term that is no column of the class: its value could not be read from
    /// the objects. The key's columns are added where the order lacks them.
    KeysetOrder(const Mapper& mapper, std::span<const ast::ExpressionPtr> order_by);

    /// ORDER BY with a definite place for NULL, the other way round if `backward`.
    [[nodiscard]] std::vector<ast::ExpressionPtr> terms(bool backward) const;
    /// Rows that follow (or precede) the one with these values.
    [[nodiscard]] ast::ExpressionPtr beyond(std::span<const Value> values, bool backward) const;

    /// The place of an object in the list, as text for a URL.
    [[nodiscard]] std::string cursor_of(const std::byte* object) const;
    /// ArgumentError for text that is no cursor, or one of another list.
    [[nodiscard]] std::vector<Value> values_of(std::string_view cursor) const;

private:
    struct Term {
        const ColumnProperty* column;
        bool descending;
    };
    [[nodiscard]] std::string name() const;
    [[nodiscard]] bool are_of_columns(std::span<const Value> values) const;
    [[nodiscard]] ast::ExpressionPtr equal(const Term& term, const Value& value) const;
    [[nodiscard]] ast::ExpressionPtr later(const Term& term, const Value& value) const;
    [[nodiscard]] ast::ExpressionPtr earlier(const Term& term, const Value& value) const;

    const Mapper* mapper_;
    std::vector<Term> terms_;
};

} // namespace mercator
