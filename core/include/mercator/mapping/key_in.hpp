// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/expression.hpp>

#include <bit>
#include <initializer_list>
#include <tuple>
#include <utility>
#include <vector>

namespace mercator {

/// The C++ type of one composite key: `KeyTuple<&Line::order, &Line::product>`.
template <auto... Members>
using KeyTuple = std::tuple<value_of_t<typename MemberPointer<decltype(Members)>::member_type>...>;

/// IN over keys of several columns: `key_in<&Line::order, &Line::product>({{1, 7}, {2, 9}})`. Any
/// range of such tuples; an empty one matches nothing. Written as comparisons that every database
/// knows and answers from an index.
template <auto... Members, IterableValues Keys>
[[nodiscard]] Condition key_in(const Keys& keys) {
    std::vector<Condition> rows;
    for (const auto& entry : keys) {
        const KeyTuple<Members...> key = entry;
        rows.push_back(
            std::apply([](const auto&... part) { return and_((col(Members) == part)...); }, key));
    }
    // Rounded up, so that lists of all lengths need few statements.
    if (rows.size() > 4) rows.resize(std::bit_ceil(rows.size()), rows.back());
    return any_of(rows);
}
template <auto... Members>
[[nodiscard]] Condition key_in(std::initializer_list<KeyTuple<Members...>> keys) {
    return key_in<Members...>(std::vector<KeyTuple<Members...>>(keys));
}

} // namespace mercator
