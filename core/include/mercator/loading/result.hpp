// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

[[noreturn]] MERCATOR_API void throw_no_result(const char* function);
[[noreturn]] MERCATOR_API void throw_multiple_results(const char* function);

template <class Row>
struct ScalarOf {
    using type = Row;
};
template <class V>
struct ScalarOf<std::tuple<V>> {
    using type = V;
};

/// All rows of a statement, in memory: a range. Owns its rows; a plain value.
template <class Row>
class Result {
public:
    using value_type = Row;
    /// The value of a row with one column, or the row itself.
    using scalar_type = typename ScalarOf<Row>::type;

    explicit Result(std::vector<Row> rows) noexcept : rows_(std::move(rows)) {}

    [[nodiscard]] auto begin() const noexcept { return rows_.begin(); }
    [[nodiscard]] auto end() const noexcept { return rows_.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    [[nodiscard]] const Row& operator[](std::size_t index) const { return rows_.at(index); }
    [[nodiscard]] const std::vector<Row>& all() const& noexcept { return rows_; }
    [[nodiscard]] std::vector<Row> all() && noexcept { return std::move(rows_); }

    [[nodiscard]] std::optional<Row> first() const {
        if (rows_.empty()) return std::nullopt;
        return rows_.front();
    }
    /// Exactly one row. Throws NoResultFound or MultipleResultsFound.
    [[nodiscard]] const Row& one() const {
        if (rows_.empty()) throw_no_result("one()");
        if (rows_.size() > 1) throw_multiple_results("one()");
        return rows_.front();
    }
    [[nodiscard]] std::optional<Row> one_or_none() const {
        if (rows_.size() > 1) throw_multiple_results("one_or_none()");
        return first();
    }
    /// The first column of every row.
    [[nodiscard]] std::vector<scalar_type> scalars() const {
        std::vector<scalar_type> values;
        values.reserve(rows_.size());
        for (const auto& row : rows_) values.push_back(scalar(row));
        return values;
    }
    /// The only value of the only row.
    [[nodiscard]] scalar_type scalar_one() const { return scalar(one()); }

private:
    [[nodiscard]] static const scalar_type& scalar(const Row& row) {
        if constexpr (std::is_same_v<Row, scalar_type>) {
            return row;
        } else {
            return std::get<0>(row);
        }
    }
    std::vector<Row> rows_;
};

} // namespace mercator
