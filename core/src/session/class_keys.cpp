// SPDX-License-Identifier: MIT
#include "class_keys.hpp"

namespace mercator {

bool joins_own_tables(const Mapper& mapper, std::size_t part, const ForeignKey& key) {
    const TablePart& own = mapper.parts()[part];
    return key.columns == own.key_names && key.target_table == mapper.parts()[part - 1].table->name;
}

const Table* table_referred_to(const ForeignKey& key, const Mapper& target) {
    for (const auto& part : target.parts()) {
        if (part.table->name == key.target_table) return part.table.get();
    }
    return nullptr;
}

bool refers_to(const Mapper& child, const Mapper& parent) {
    return any_foreign_key(child, [&](const ForeignKey& key, const Table&) {
        return table_referred_to(key, parent) != nullptr;
    });
}

} // namespace mercator
