// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/column_set.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/support/topological.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mercator {

/// A row that is about to be updated.
struct ChangedRow {
    InstanceState* state;
    ColumnSet columns;
};

/// Which rows of one class give up a value that the database keeps distinct (of the key, of a
/// unique constraint or index), and which take it: a database compares row by row, so the one has
/// to be written before the other.
class UniqueValues {
public:
    explicit UniqueValues(const Mapper& mapper);

    /// Does a change of these columns touch what must be distinct?
    [[nodiscard]] bool concern(const ColumnSet& columns) const noexcept;

    /// Notes the row as it is in the database: it is deleted, or these columns of it change.
    void give_up(const InstanceState& state);
    void give_up(const InstanceState& state, const ColumnSet& columns);
    /// Does the new object have a value that was given up? A key that the database makes is none.
    [[nodiscard]] bool has_taken(const InstanceState& state) const;
    /// The same for a row that changes.
    [[nodiscard]] bool has_taken(const InstanceState& state, const ColumnSet& columns) const;

    /// "Position `before` must be written before position `after`."
    [[nodiscard]] static std::vector<DependencyEdge> handovers(const Mapper& mapper,
                                                               std::span<const ChangedRow> rows);
    /// Those of the changed columns that can be emptied for a moment, so that another row may take
    /// their value.
    [[nodiscard]] ColumnSet can_be_emptied(const ColumnSet& columns) const;

private:
    using Set = std::vector<std::uint16_t>; ///< columns that are distinct together

    [[nodiscard]] static bool touches(const Set& set, const ColumnSet& columns) noexcept;
    [[nodiscard]] std::string before(const InstanceState& state, std::size_t set) const;
    [[nodiscard]] std::string after(const InstanceState& state, std::size_t set) const;
    [[nodiscard]] const InstanceState* owner_of(const std::string& values) const;

    const Mapper& mapper_;
    std::vector<Set> sets_; ///< the key first
    std::unordered_map<std::string, const InstanceState*> given_up_;
};

} // namespace mercator
