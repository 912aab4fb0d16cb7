// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/state/column_set.hpp>
#include <mercator/state/instance_state.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// An UPDATE or DELETE has met fewer rows than it was sent for: finds out which they are, and says
/// it. Asks the database, since a batch tells no more than a number.
class StaleRows {
public:
    StaleRows(Connection& connection, const Mapper& mapper) :
        connection_(connection),
        mapper_(mapper) {}

    /// What was to be done to how many rows of these, and to how many it was done.
    struct Write {
        std::span<InstanceState* const> states;
        const ColumnSet& columns; ///< those that an UPDATE has written; empty for a DELETE
        std::uint64_t affected;
        std::string_view verb; ///< "updated"
    };
    [[noreturn]] void report(const Write& write) const;

private:
    struct Found {
        const InstanceState* state;
        bool is_gone;
        Value version; ///< the row's, where there is one
    };
    [[nodiscard]] std::vector<Found> find(const Write& write) const;
    [[nodiscard]] bool has_been_written(const InstanceState& state, const ColumnSet& columns,
                                        const std::vector<Value>& row) const;
    [[nodiscard]] ast::Join join(std::size_t part) const;
    [[nodiscard]] std::vector<Value> read(const InstanceState& state) const;
    [[nodiscard]] std::string reason(const Found& found) const;

    Connection& connection_;
    const Mapper& mapper_;
};

/// "Book 5", "OrderLine (3, 'a')": by the key that its row has.
[[nodiscard]] std::string described_by_key(const InstanceState& state);

} // namespace mercator
