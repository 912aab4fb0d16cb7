// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/instance_state.hpp>
#include <mercator/state/snapshot.hpp>

#include <vector>

namespace mercator {

/// Gives objects back the keys of their rows while they are written by those: a change of the key
/// in memory has not reached the database.
class RowKeys {
public:
    explicit RowKeys(const std::vector<InstanceState*>& states) {
        for (InstanceState* state : states) {
            if (!state->is_tracked() ||
                !is_changed(*state->mapper, state->object(), state->snapshot))
                continue;
            for (const auto index : state->mapper->primary_key()) {
                const Field& field = state->mapper->columns()[index].field;
                now_.push_back({state, &field, load(field, state->object())});
                store(field, state->object(),
                      snapshot_value(*state->mapper, state->snapshot, index));
            }
        }
    }
    RowKeys(const RowKeys&) = delete;
    RowKeys& operator=(const RowKeys&) = delete;
    ~RowKeys() {
        for (const auto& [state, field, value] : now_) store(*field, state->object(), value);
    }

private:
    struct Now {
        InstanceState* state;
        const Field* field;
        Value value;
    };
    std::vector<Now> now_;
};

} // namespace mercator
