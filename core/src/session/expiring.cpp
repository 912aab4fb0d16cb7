// SPDX-License-Identifier: MIT
// What a session does when it is told that rows may have changed.
#include "cascade.hpp"
#include "session_change.hpp"

#include <mercator/loading/expiry.hpp>
#include <mercator/loading/loader_strategy.hpp>

#include <algorithm>

namespace mercator {

namespace {

/// Columns and relationships, told apart; MappingError for what is neither.
struct Members {
    std::vector<std::uint16_t> columns;
    std::vector<const Relationship*> relationships;
};

Members members_at(const Mapper& mapper, std::span<const std::uint32_t> offsets) {
    Members members;
    const auto& columns = mapper.columns();
    for (const auto offset : offsets) {
        const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& property) {
            return property.member_place() == offset;
        });
        if (found != columns.end()) {
            members.columns.push_back(static_cast<std::uint16_t>(found - columns.begin()));
        } else {
            members.relationships.push_back(&mapper.relationship_at(offset));
        }
    }
    return members;
}

void unload(InstanceState& state, const Relationship& relationship) {
    if (relationship.is_collection) {
        RelatedAccess::unload(state.many(relationship));
    } else {
        RelatedAccess::unload(state.one(relationship));
    }
}

} // namespace

void SessionCore::refresh_members(InstanceState& state, std::span<const std::uint32_t> offsets) {
    Change change(*this);
    const Members members = members_at(*state.mapper, offsets);
    if (!members.columns.empty()) refresh_columns(*this, state, members.columns);
    for (const Relationship* relationship : members.relationships) {
        unload(state, *relationship);
        load_for_change(state, *relationship);
    }
    change.done();
}

void SessionCore::expire(InstanceState& state) {
    Change change(*this);
    const auto expired = reached_by(state, Cascade::refresh);
    for (InstanceState* reached : expired) {
        if (reached->status == ObjectStatus::Persistent) expire_row(*this, *reached);
    }
    change.done();
    tell_expired(expired);
}

void SessionCore::expire_members(InstanceState& state, std::span<const std::uint32_t> offsets) {
    Change change(*this);
    const Members members = members_at(*state.mapper, offsets);
    if (!members.columns.empty()) expire_columns(state, members.columns);
    for (const Relationship* relationship : members.relationships) unload(state, *relationship);
    change.done();
    InstanceState* const one = &state;
    tell_expired({&one, 1});
}

void SessionCore::expire_all() {
    Change change(*this);
    graph_->for_each([&](InstanceState& state) {
        if (state.status == ObjectStatus::Persistent) expire_row(*this, state);
    });
    change.done();
    tell_all_expired();
}

/// Their rows would be read again anyway. A few are kept: making them costs more than they take.
void SessionCore::let_go_of_unheld() noexcept {
    constexpr std::size_t few = 1000;
    const bool is_idle = !connection_ && pending_.empty() && deleted_.empty() && record_.empty();
    if (is_idle && !graph_->is_held() && graph_->size() > few) Graph::start_anew(graph_);
}

void SessionCore::forget_all_loaded() {
    graph_->for_each([&](InstanceState& state) {
        if (state.status == ObjectStatus::Persistent) forget_loaded(*this, state);
    });
}

} // namespace mercator
