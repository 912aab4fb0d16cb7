// SPDX-License-Identifier: MIT
#include "key_sync.hpp"

#include <mercator/types/field.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>

namespace mercator {

bool same_key(const Value& a, const Value& b) {
    const auto as_signed = [](const Value& value) {
        const auto* number = value.get_if<std::uint64_t>();
        return number != nullptr && *number <= INT64_MAX ? Value(static_cast<std::int64_t>(*number))
                                                         : value;
    };
    return as_signed(a) == as_signed(b);
}

bool key_is_to_come(const Link& link) {
    const int made = link.parent->mapper->generated_key();
    if (made < 0 || link.parent->status != ObjectStatus::Pending) return false;
    const auto& property = link.parent->mapper->columns()[static_cast<std::size_t>(made)];
    return property.is_unset(link.parent->object() + property.field.offset);
}

void clear_foreign_key(const Link& link) {
    for (std::size_t pair = 0; pair < link.relationship->pairs.size(); ++pair) {
        const Field& field =
            link.child->mapper->columns()[child_column(*link.relationship, pair)].field;
        if (field.optional) store(field, link.child->object(), Value());
    }
}

void synchronise(const Link& link) {
    if (link.parent == nullptr) {
        clear_foreign_key(link);
        return;
    }
    for (std::size_t pair = 0; pair < link.relationship->pairs.size(); ++pair) {
        const Field& from =
            link.parent->mapper->columns()[parent_column(*link.relationship, pair)].field;
        const Field& to =
            link.child->mapper->columns()[child_column(*link.relationship, pair)].field;
        store(to, link.child->object(), load(from, link.parent->object()));
    }
}

LinksByChild::LinksByChild(const std::vector<Link>& links) : links_(links) {
    // The address only serves the search; it decides no order of statements.
    std::stable_sort(links_.begin(), links_.end(),
                     [](const Link& a, const Link& b) { return std::less<>()(a.child, b.child); });
}

std::size_t LinksByChild::first_of(const InstanceState& child) const noexcept {
    const auto at = std::lower_bound(links_.begin(), links_.end(), &child,
                                     [](const Link& link, const InstanceState* key) {
                                         return std::less<const InstanceState*>()(link.child, key);
                                     });
    return static_cast<std::size_t>(at - links_.begin());
}

} // namespace mercator
