// SPDX-License-Identifier: MIT
// Foreign keys of all tables of a class (`Mapper::parts`).
#pragma once

#include <mercator/mapping/mapper.hpp>

#include <vector>

namespace mercator {

/// Is it the key by which a joined table hangs on that of its base? Both hold rows of one object.
[[nodiscard]] bool joins_own_tables(const Mapper& mapper, std::size_t part, const ForeignKey& key);

/// Calls `visit` with every foreign key that leads from a table of the class to other rows, and
/// that table. Returns whether `visit` said so, which ends it.
template <class Visit>
bool any_foreign_key(const Mapper& mapper, Visit&& visit) {
    const auto& parts = mapper.parts();
    for (std::size_t part = 0; part < parts.size(); ++part) {
        for (const auto& key : parts[part].table->foreign_keys) {
            if (part != 0 && joins_own_tables(mapper, part, key)) continue;
            if (visit(key, *parts[part].table)) return true;
        }
    }
    return false;
}

/// The table of the class that the foreign key leads to; nullptr if it leads elsewhere.
[[nodiscard]] const Table* table_referred_to(const ForeignKey& key, const Mapper& target);
[[nodiscard]] bool refers_to(const Mapper& child, const Mapper& parent);

} // namespace mercator
