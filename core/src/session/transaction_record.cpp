// SPDX-License-Identifier: MIT
#include "transaction_record.hpp"

#include <unordered_set>

namespace mercator {

namespace {

/// What the database had filled in (its key, its defaults) is its to fill in again.
void reset_member(const ColumnProperty& property, std::byte* object) {
    std::byte* member = object + property.field.offset;
    if (property.field.kind == FieldKind::Codec) return;
    visit_field_type(property.field.kind, [&]<class T>(std::type_identity<T>) {
        if (property.field.optional) {
            reinterpret_cast<std::optional<T>*>(member)->reset();
        } else {
            *reinterpret_cast<T*>(member) = T{};
        }
    });
}

void reset_members(InstanceState& state, const ColumnSet& fetched) {
    const auto& columns = state.mapper->columns();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (fetched.contains(i)) reset_member(columns[i], state.object());
    }
}

void put_back(const std::vector<InstanceState*>& states, std::vector<InstanceState*>& list) {
    const std::unordered_set<InstanceState*> there(list.begin(), list.end());
    std::vector<InstanceState*> whole;
    for (InstanceState* state : states) {
        if (!there.contains(state)) whole.push_back(state);
    }
    whole.insert(whole.end(), list.begin(), list.end());
    list = std::move(whole);
}

}  // namespace

void TransactionRecord::note(InstanceState& state) {
    if (state.recorded) return;
    state.recorded = true;
    before_.push_back({&state, state.snapshot, state.status, nullptr});
}

void TransactionRecord::note_insert(InstanceState& state, const ColumnSet& fetched) {
    if (state.recorded) return;
    if (fetched_.empty() || !(fetched_.back() == fetched)) fetched_.push_back(fetched);
    state.recorded = true;
    before_.push_back({&state, state.snapshot, state.status, &fetched_.back()});
}

void TransactionRecord::note_links(const std::vector<Link>& links) {
    links_.insert(links_.end(), links.begin(), links.end());
}

void TransactionRecord::unwind(Graph& graph, std::vector<InstanceState*>& pending,
                               std::vector<InstanceState*>& deleted) {
    std::vector<InstanceState*> again;
    std::vector<InstanceState*> again_deleted;
    for (const auto& before : before_) {
        InstanceState& state = *before.state;
        state.recorded = false;
        state.snapshot = before.snapshot;
        state.flushed_delete = false;
        if (before.status == ObjectStatus::Pending) {
            if (before.fetched != nullptr) reset_members(state, *before.fetched);
            const bool wanted = state.status == ObjectStatus::Pending || state.status == ObjectStatus::Persistent;
            if (wanted) again.push_back(&state);
            state.status = wanted ? ObjectStatus::Pending : ObjectStatus::Transient;
        } else if (before.status == ObjectStatus::Deleted) {
            state.status = ObjectStatus::Deleted;
            again_deleted.push_back(&state);
        } else {
            state.status = before.status;
        }
        graph.forget_identity(state);
    }
    // Only when all have left can each enter under its row's key again, also where keys were swapped.
    for (const auto& before : before_) {
        if (before.status == ObjectStatus::Pending) continue;
        if (before.state->is_tracked()) {
            graph.align_identity(*before.state);
        } else {
            graph.register_identity(*before.state);
        }
    }
    // Added and deleted within the transaction: nothing is left to do for them.
    std::erase_if(deleted, [](const InstanceState* state) { return state->status == ObjectStatus::Transient; });
    // A flush that failed half-way has left its own objects in the lists; earlier flushes have not.
    put_back(again, pending);
    put_back(again_deleted, deleted);
    before_.clear();
    fetched_.clear();
    graph.restore_links(links_);
    links_.clear();
}

void TransactionRecord::forget(Graph& graph) noexcept {
    for (const auto& before : before_) {
        before.state->recorded = false;
        if (before.state->flushed_delete) {
            graph.forget_identity(*before.state);
            graph.leave_parents(*before.state);
            before.state->status = ObjectStatus::Detached;
        }
    }
    before_.clear();
    fetched_.clear();
    links_.clear();
}

}  // namespace mercator
