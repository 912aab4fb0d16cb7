// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/metadata.hpp>
#include <mercator/support/export.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// One thing that departs from the naming that most schemas follow.
struct LintFinding {
    std::string_view rule; ///< see `lint`
    std::string where;     ///< "Users", "post.writer", "post.fullName"
    std::string advice;    ///< what to do

    friend bool operator==(const LintFinding&, const LintFinding&) = default;
};

/// Looks over the names of a schema; for a test of the application that asks for it, nothing calls
/// it by itself. The rules, by their ids:
///
/// - `class-singular`: a class stands for one row, so `User`, not `Users`
/// - `class-case`: classes are written `UserProfile`
/// - `table-case`, `column-case`: tables and columns are written `user_profile`
/// - `foreign-key-name`: a foreign key of one column ends in the name of the column that it refers
///   to: `user_id` for `user.id`, `product_id` for `product.product_id`
///
/// `ignored` are ids of rules, or places as in `where`. Findings stand in the order of the tables
/// and their columns.
[[nodiscard]] MERCATOR_API std::vector<LintFinding>
lint(const MetaData& metadata, const std::vector<std::string>& ignored = {});

} // namespace mercator
