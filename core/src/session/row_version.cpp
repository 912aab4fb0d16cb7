// SPDX-License-Identifier: MIT
#include "row_version.hpp"

#include <mercator/mapping/version_rule.hpp>
#include <mercator/state/snapshot.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace mercator {

namespace {

/// Bound with the address of the object: the version lies in what is known of its row.
Value load_version(const void* object) {
    return RowVersion::loaded(state_of(const_cast<void*>(object)));
}

void refuse_to_store(void* /*member*/, const Value& /*value*/, std::string_view where) {
    throw StateError("the version that a row had is bound, never read back", std::string(where));
}

constexpr FieldCodec loaded_version{&load_version, &refuse_to_store};

const Field& field_of_version(const InstanceState& state) {
    return state.mapper->columns()[state.mapper->version()->column].field;
}

} // namespace

const ColumnProperty& RowVersion::property() const {
    return mapper_.columns()[rule_->column];
}

bool RowVersion::needs_single_statements() const {
    return rule_ != nullptr && property().in_schema().is_system;
}

bool RowVersion::is_made_by_server() const {
    return rule_ != nullptr && rule_->is_made_by_server();
}

void RowVersion::add_key(std::vector<ast::TargetColumn>& keys, BindPlan& plan) const {
    if (rule_ == nullptr) return;
    const ColumnProperty& column = property();
    Field field = column.field;
    field.offset = 0;
    field.kind = FieldKind::Codec;
    field.codec = &loaded_version;
    // The server knows best what its own columns are compared with.
    if (column.in_schema().is_system) field.type = SqlType();
    keys.push_back({column.ref->name, field.type, false});
    plan.fields.push_back(field);
}

Value RowVersion::loaded(const InstanceState& state) {
    const auto column = state.mapper->version()->column;
    return state.is_tracked() ? snapshot_value(*state.mapper, state.snapshot, column)
                              : load(field_of_version(state), state.object());
}

void RowVersion::join_changes(InstanceState& state, ColumnSet& changed) {
    const VersionRule* rule = state.mapper->version();
    if (rule == nullptr || changed.empty()) return;
    if (changed.contains(rule->column)) {
        take_back(state);
        ColumnSet others;
        for (std::size_t i = 0; i < state.mapper->columns().size(); ++i) {
            if (i != rule->column && changed.contains(i)) others.insert(i);
        }
        changed = std::move(others);
    }
    if (!changed.empty() && !rule->is_made_by_server()) changed.insert(rule->column);
}

void RowVersion::advance(InstanceState& state) {
    const VersionRule* rule = state.mapper->version();
    if (rule == nullptr || rule->is_made_by_server()) return;
    store(field_of_version(state), state.object(), rule->next(loaded(state)));
}

void RowVersion::take_back(InstanceState& state) {
    if (state.mapper->version() == nullptr || !state.is_tracked()) return;
    store(field_of_version(state), state.object(), loaded(state));
}

} // namespace mercator
