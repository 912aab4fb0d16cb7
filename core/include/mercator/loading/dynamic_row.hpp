// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>
#include <mercator/types/type_of.hpp>
#include <mercator/types/value.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {

/// A row whose columns were chosen at run time: values by position and by name. A value; rows of
/// one result share their names. Names are those of labels and columns; where two columns have one
/// name, the first is meant.
class MERCATOR_API DynamicRow {
public:
    using Names = std::shared_ptr<const std::vector<std::string>>;

    DynamicRow() = default;
    DynamicRow(Names names, std::vector<Value> values) noexcept :
        names_(std::move(names)),
        values_(std::move(values)) {}

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept;
    [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }
    /// Throws ArgumentError for a position that there is not.
    [[nodiscard]] const Value& operator[](std::size_t column) const;
    /// Throws ArgumentError that lists the names there are.
    [[nodiscard]] const Value& operator[](std::string_view name) const;

    /// The value as a V (std::optional where it may be NULL). DataError for one that a V cannot
    /// hold.
    template <class V>
    [[nodiscard]] V get(std::string_view name) const {
        V member{};
        Field field;
        field.kind = TypeOf<V>::kind;
        field.optional = TypeOf<V>::optional;
        field.codec = TypeOf<V>::codec();
        field.type = TypeOf<V>::sql_type();
        field.where = name;
        store(field, reinterpret_cast<std::byte*>(std::addressof(member)), (*this)[name]);
        return member;
    }

private:
    Names names_;
    std::vector<Value> values_;
};

} // namespace mercator
