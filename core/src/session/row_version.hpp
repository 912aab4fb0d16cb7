// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/state/column_set.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/types/value.hpp>

#include <vector>

namespace mercator {

/// The predicate by which a flush notices that somebody else has written a row: "and the version is
/// the one that was loaded". The same for every UPDATE and DELETE of the table that has the column;
/// nothing for a class without a version.
class RowVersion {
public:
    explicit RowVersion(const Mapper& mapper) : mapper_(mapper), rule_(mapper.version()) {}

    [[nodiscard]] bool is_checked() const noexcept { return rule_ != nullptr; }
    /// Rows cannot go in one statement where a type of the database alone compares the version.
    [[nodiscard]] bool needs_single_statements() const;
    [[nodiscard]] bool is_made_by_server() const;
    /// Adds the comparison to those with the primary key, and where its value comes from.
    void add_key(std::vector<ast::TargetColumn>& keys, BindPlan& plan) const;
    /// As the object's row had it when it was read or written last.
    [[nodiscard]] static Value loaded(const InstanceState& state);
    /// An UPDATE of these columns writes the version as well, and nothing but the version is no
    /// reason for one: `changed` is made to say that.
    static void join_changes(InstanceState& state, ColumnSet& changed);
    /// Gives the member what the UPDATE is to write.
    static void advance(InstanceState& state);
    /// Gives the member back what the row has: the UPDATE was taken back.
    static void take_back(InstanceState& state);

private:
    [[nodiscard]] const ColumnProperty& property() const;

    const Mapper& mapper_;
    const VersionRule* rule_;
};

} // namespace mercator
