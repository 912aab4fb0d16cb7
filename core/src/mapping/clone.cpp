// SPDX-License-Identifier: MIT
#include <mercator/mapping/clone.hpp>

#include "deferred_member.hpp"

#include <mercator/mapping/version_rule.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace mercator {

namespace {

bool is_key(const Mapper& mapper, std::size_t index) {
    const auto& key = mapper.primary_key();
    return std::find(key.begin(), key.end(), index) != key.end();
}

} // namespace

void copy_for_clone(const Mapper& mapper, const void* from, void* to) {
    const auto* source = static_cast<const std::byte*>(from);
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        const ColumnProperty& property = mapper.columns()[i];
        const Table& table = *property.table;
        if (is_key(mapper, i) || property.computed || table.has_unique({property.in_schema().name}))
            continue;
        load_if_deferred(property, source);
        store(property.field, static_cast<std::byte*>(to), load(property.field, source));
    }
}

void check_shareable(const Mapper& mapper, std::uint32_t offset) {
    const Relationship& relationship = mapper.relationship_at(offset);
    const bool has_owner = relationship.direction == Direction::OneToMany ||
                           relationship.single_parent ||
                           has(relationship.cascade, Cascade::delete_orphan);
    if (!has_owner) return;
    throw ArgumentError(fmt::format("{} cannot be shared by a clone: each {} has one owner, and "
                                    "would leave the original; clone those one by one",
                                    relationship.where, relationship.target->class_name()),
                        relationship.where);
}

} // namespace mercator
