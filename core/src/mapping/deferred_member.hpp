// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/deferred.hpp>
#include <mercator/mapping/property.hpp>

#include <cstddef>

namespace mercator {

/// The link of a member that is a Deferred<T>; nullptr for any other.
[[nodiscard]] inline const DeferredLink* deferred_link(const ColumnProperty& property,
                                                       const std::byte* object) noexcept {
    if (property.link_offset == 0) return nullptr;
    return reinterpret_cast<const DeferredLink*>(object + property.field.offset +
                                                 property.link_offset);
}

inline void load_if_deferred(const ColumnProperty& property, const std::byte* object) {
    if (const DeferredLink* link = deferred_link(property, object)) link->load();
}

} // namespace mercator
