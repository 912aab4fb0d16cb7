// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <variant>

namespace mercator::ast {

/// Under which name the columns of the item stand.
[[nodiscard]] inline const std::string& qualifier_of(const FromItem& item) {
    if (const auto* table = std::get_if<std::shared_ptr<const TableRef>>(&item))
        return (*table)->qualifier();
    return std::get<std::shared_ptr<const Subquery>>(item)->alias;
}

/// Does something of that name stand in the FROM?
[[nodiscard]] inline bool reads(const Select& select, const std::string& qualifier) {
    const auto matches = [&qualifier](const FromItem& item) {
        return qualifier_of(item) == qualifier;
    };
    return std::any_of(select.from.begin(), select.from.end(), matches) ||
           std::any_of(select.joins.begin(), select.joins.end(),
                       [&matches](const Join& join) { return matches(join.target); });
}

} // namespace mercator::ast
