// SPDX-License-Identifier: MIT
#include "value_rules.hpp"

#include "computed_columns.hpp"

#include "mapping/refusal.hpp"

#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <string>
#include <utility>

namespace mercator {

namespace {

void put_into_form(const ColumnProperty& property, std::byte* object) {
    if (property.put_into_form) property.put_into_form(object + property.field.offset);
}

/// What the validator has against the member goes to `invalid`.
void validate(const ColumnProperty& property, std::byte* object,
              std::vector<InvalidField>& invalid) {
    if (!property.validate) return;
    if (auto why = refusal([&] { property.validate(object + property.field.offset); }))
        invalid.push_back({property.where, std::move(*why)});
}

void report(const Mapper& mapper, std::vector<InvalidField> invalid) {
    if (invalid.empty()) return;
    throw ValidationError(std::string(mapper.class_name()), std::move(invalid));
}

[[noreturn]] void refuse_write(const Mapper& mapper, std::string_view what) {
    throw StateError(fmt::format("a {} was {}, and {} is mapped read_only(): its rows are for "
                                 "reading alone (nothing was sent)",
                                 mapper.class_name(), what, mapper.class_name()),
                     std::string(mapper.class_name()));
}

[[noreturn]] void refuse_change(const ColumnProperty& property) {
    throw StateError(
        fmt::format("{} was changed, and is mapped read_only(): it is written with its "
                    "row and never again; set it back, or refresh the object (nothing "
                    "was sent)",
                    property.where),
        property.where);
}

void check_columns(const InstanceState& state) {
    const Mapper& mapper = *state.mapper;
    if (!mapper.has_read_only_columns()) return;
    const ColumnSet changed = changed_columns(mapper, state.object(), state.snapshot);
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        if (mapper.columns()[i].read_only && changed.contains(i))
            refuse_change(mapper.columns()[i]);
    }
}

/// A foreign key that is for reading alone, and another parent.
void check_link(const Link& link) {
    const InstanceState& child = *link.child;
    if (child.status != ObjectStatus::Persistent || !child.mapper->has_read_only_columns()) return;
    for (std::size_t i = 0; i < link.relationship->pairs.size(); ++i) {
        const auto& column = child.mapper->columns()[child_column(*link.relationship, i)];
        if (!column.read_only) continue;
        const Value now = load(column.field, child.object());
        Value then;
        if (link.parent != nullptr && link.parent->status == ObjectStatus::Persistent) {
            const auto& key = link.parent->mapper->columns()[parent_column(*link.relationship, i)];
            then = load(key.field, link.parent->object());
        }
        if (!(now == then)) refuse_change(column);
    }
}

} // namespace

ValueRules::ValueRules(Graph& graph) : graph_(graph) {
    graph.for_each_slab([&](Slab& slab) {
        const Mapper& mapper = slab.mapper();
        looks_at_values_ = looks_at_values_ || mapper.looks_at_values();
        has_read_only_ = has_read_only_ || mapper.is_read_only() || mapper.has_read_only_columns();
        has_computed_ = has_computed_ || mapper.has_computed_columns();
    });
}

void ValueRules::check_given(const Mapper& mapper, std::byte* object) {
    if (!mapper.looks_at_values()) return;
    std::vector<InvalidField> invalid;
    for (const auto& property : mapper.columns()) {
        if (property.is_unset(object + property.field.offset)) continue;
        mercator::put_into_form(property, object);
        mercator::validate(property, object, invalid);
    }
    report(mapper, std::move(invalid));
}

void ValueRules::put_into_form(const std::vector<InstanceState*>& pending) {
    if (has_computed_) graph_.for_each_slab([](Slab& slab) { restore_computed(slab); });
    if (!looks_at_values_) return;
    for (InstanceState* state : pending) {
        for (const auto& property : state->mapper->columns())
            mercator::put_into_form(property, state->object());
    }
    graph_.for_each_slab([](Slab& slab) {
        const Mapper& mapper = slab.mapper();
        if (!mapper.looks_at_values()) return;
        slab.for_each([&](InstanceState& state) {
            if (!state.is_tracked() || state.status != ObjectStatus::Persistent ||
                !is_changed(mapper, state.object(), state.snapshot))
                return;
            const ColumnSet changed = changed_columns(mapper, state.object(), state.snapshot);
            for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
                if (changed.contains(i))
                    mercator::put_into_form(mapper.columns()[i], state.object());
            }
        });
    });
}

void ValueRules::check_writable(const std::vector<InstanceState*>& pending,
                                const std::vector<InstanceState*>& changed,
                                const std::vector<InstanceState*>& deleted,
                                const std::vector<Link>& links) const {
    if (!has_read_only_) return;
    for (const InstanceState* state : pending) {
        if (state->mapper->is_read_only()) refuse_write(*state->mapper, "added");
    }
    for (const InstanceState* state : deleted) {
        if (state->mapper->is_read_only()) refuse_write(*state->mapper, "deleted");
    }
    for (const InstanceState* state : changed) {
        if (state->mapper->is_read_only()) refuse_write(*state->mapper, "changed");
        check_columns(*state);
    }
    for (const Link& link : links) check_link(link);
}

void ValueRules::validate(const std::vector<InstanceState*>& pending,
                          const std::vector<InstanceState*>& changed) const {
    if (!looks_at_values_) return;
    for (InstanceState* state : pending) {
        const Mapper& mapper = *state->mapper;
        std::vector<InvalidField> invalid;
        for (const auto& property : mapper.columns()) {
            const bool by_database = (property.generated || property.server_default) &&
                                     property.is_unset(state->object() + property.field.offset);
            if (!by_database) mercator::validate(property, state->object(), invalid);
        }
        report(mapper, std::move(invalid));
    }
    for (InstanceState* state : changed) {
        const Mapper& mapper = *state->mapper;
        if (!mapper.looks_at_values()) continue;
        const ColumnSet columns = changed_columns(mapper, state->object(), state->snapshot);
        std::vector<InvalidField> invalid;
        for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
            if (columns.contains(i))
                mercator::validate(mapper.columns()[i], state->object(), invalid);
        }
        report(mapper, std::move(invalid));
    }
}

} // namespace mercator
