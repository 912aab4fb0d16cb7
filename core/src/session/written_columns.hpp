// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/state/column_set.hpp>
#include <mercator/state/instance_state.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace mercator {

/// Which columns an INSERT names: all but those left to the database.
class WrittenColumns {
public:
    explicit WrittenColumns(const Mapper& mapper) {
        const auto& columns = mapper.columns();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            // With a default of the client as well, the client has set the member by now.
            const bool by_server = columns[i].server_default && !columns[i].apply_default;
            if (columns[i].computed) continue;
            if (columns[i].generated || by_server) {
                optional_.emplace_back(i, &columns[i]);
            } else {
                always_.insert(i);
            }
        }
    }
    [[nodiscard]] ColumnSet of(const InstanceState& state) const {
        ColumnSet written = always_;
        for (const auto& [index, property] : optional_) {
            if (!property->is_unset(state.object() + property->field.offset)) written.insert(index);
        }
        return written;
    }

private:
    ColumnSet always_;
    std::vector<std::pair<std::size_t, const ColumnProperty*>> optional_;
};

} // namespace mercator
