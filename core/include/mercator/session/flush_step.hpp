// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/session/lifecycle.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/value.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mercator {

/// One entry of what a flush would do, in its order: rows of one table with the same columns. The
/// backend's capabilities decide into how many statements it goes.
struct FlushStep {
    enum class Action : std::uint8_t { Insert, Update, Delete };

    Action action = Action::Insert;
    const Mapper* mapper = nullptr;
    /// Set for rows of the table of a many-to-many relationship of `mapper`'s class: `objects` are
    /// then owner and target of each row in turn, or with `all_rows` those whose rows all go.
    const Relationship* relationship = nullptr;
    bool all_rows = false;
    std::vector<std::string> columns; ///< that are written; none for a delete
    std::vector<AnyObject> objects;
    /// What is sent for one row: one statement, or one for each table of a class that has several.
    struct Statement {
        std::string sql;
        /// Its parameters for each row, as they are known now: NULL for a key that is not made yet.
        /// Defaults are not called; what a column that is `sensitive` would show is "***".
        std::vector<std::vector<Value>> binds;
    };
    std::vector<Statement> statements;
};

/// "insert 2 Album (title, year)", "insert 1 row of Student.courses (student_id, course_id)": for
/// people and logs.
[[nodiscard]] MERCATOR_API std::string to_string(const FlushStep& step);
/// All steps in their order, each with its statements and their parameters:
/// `fmt::print("{}", to_string(session.flush_plan()))`.
[[nodiscard]] MERCATOR_API std::string to_string(const std::vector<FlushStep>& plan);

} // namespace mercator
