// SPDX-License-Identifier: MIT
#include "class_of_row.hpp"

#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

namespace {

const ColumnProperty& discriminator_of(const Mapper& mapper) {
    return mapper.columns()[static_cast<std::size_t>(mapper.discriminator())];
}

[[noreturn]] void refuse(const Mapper& mapper, const Value& found) {
    const ColumnProperty& property = discriminator_of(mapper);
    const Mapper* meant = mapper.mapper_of_identity(found);
    throw StateError(
        fmt::format("{} is {}, but that of a {} is {}: the session sets it, by the class of the "
                    "object; leave it alone{} (nothing was sent)",
                    property.where, display(found), mapper.class_name(), display(mapper.identity()),
                    meant == nullptr
                        ? std::string()
                        : fmt::format(", or delete this object and add a {}", meant->class_name())),
        property.where);
}

void check_unset(const Mapper& mapper, const std::byte* object) {
    const ColumnProperty& property = discriminator_of(mapper);
    if (property.is_unset && property.is_unset(object + property.field.offset)) return;
    const Value found = load(property.field, object);
    if (found == mapper.identity() || found == mapper.initial_discriminator()) return;
    refuse(mapper, found);
}

} // namespace

void check_can_be_added(const Mapper& mapper, const std::byte* object) {
    if (mapper.is_abstract()) {
        throw ArgumentError(fmt::format("{} is polymorphic_abstract(), so it has no objects of its "
                                        "own; add one of a class that inherits it",
                                        mapper.class_name()),
                            std::string(mapper.class_name()));
    }
    if (mapper.discriminator() >= 0) check_unset(mapper, object);
}

void set_discriminators(const std::vector<InstanceState*>& added) {
    for (InstanceState* state : added) {
        const Mapper& mapper = *state->mapper;
        if (mapper.discriminator() < 0) continue;
        check_can_be_added(mapper, state->object());
        store(discriminator_of(mapper).field, state->object(), mapper.identity());
    }
}

void check_discriminators(const std::vector<InstanceState*>& changed) {
    for (const InstanceState* state : changed) {
        const Mapper& mapper = *state->mapper;
        if (mapper.discriminator() < 0) continue;
        const Value now = load(discriminator_of(mapper).field, state->object());
        const Value before = snapshot_value(mapper, state->snapshot,
                                            static_cast<std::size_t>(mapper.discriminator()));
        if (!(now == before)) refuse(mapper, now);
    }
}

} // namespace mercator
