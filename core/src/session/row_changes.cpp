// SPDX-License-Identifier: MIT
#include "row_changes.hpp"

#include "written_columns.hpp"

#include <mercator/mapping/version_rule.hpp>
#include <mercator/state/snapshot.hpp>

namespace mercator {

namespace {

Value key_after(const Link& link, std::size_t pair) {
    if (link.parent == nullptr) return {};
    const auto& columns = link.parent->mapper->columns();
    return load(columns[parent_column(*link.relationship, pair)].field, link.parent->object());
}

/// A foreign key goes by its link, whatever the member says.
void apply_link(const Link& link, const InstanceState& state, std::vector<bool>& changes) {
    const auto& columns = state.mapper->columns();
    for (std::size_t pair = 0; pair < link.relationship->pairs.size(); ++pair) {
        const auto column = child_column(*link.relationship, pair);
        if (link.parent == nullptr && !columns[column].field.optional) continue;
        changes[column] =
            (link.parent != nullptr && key_is_to_come(link)) ||
            !same_key(snapshot_value(*state.mapper, state.snapshot, column), key_after(link, pair));
    }
}

} // namespace

ColumnSet columns_to_update(const InstanceState& state, const LinksByChild& links) {
    const auto& columns = state.mapper->columns();
    const ColumnSet members = changed_columns(*state.mapper, state.object(), state.snapshot);
    std::vector<bool> changes(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) changes[i] = members.contains(i);
    links.for_each_of(state, [&](const Link& link) { apply_link(link, state, changes); });
    ColumnSet written;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (changes[i]) written.insert(i);
    }
    if (written.empty()) return written;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].apply_on_update) written.insert(i);
    }
    if (const VersionRule* version = state.mapper->version(); version && version->next)
        written.insert(version->column);
    return written;
}

bool would_update(const InstanceState& state, const LinksByChild& links) {
    if (!state.is_tracked() || state.status != ObjectStatus::Persistent) return false;
    bool linked = false;
    links.for_each_of(state, [&](const Link&) { linked = true; });
    return linked ? !columns_to_update(state, links).empty()
                  : is_changed(*state.mapper, state.object(), state.snapshot);
}

ColumnSet columns_to_insert(const InstanceState& state, const LinksByChild& links) {
    ColumnSet written = WrittenColumns(*state.mapper).of(state);
    links.for_each_of(state, [&](const Link& link) {
        if (link.parent == nullptr) return;
        for (std::size_t pair = 0; pair < link.relationship->pairs.size(); ++pair)
            written.insert(child_column(*link.relationship, pair));
    });
    return written;
}

} // namespace mercator
