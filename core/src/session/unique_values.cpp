// SPDX-License-Identifier: MIT
#include "unique_values.hpp"

#include "state/packed_value.hpp"

#include <mercator/state/snapshot.hpp>

#include <algorithm>

namespace mercator {

namespace {

/// Empty where NULL is among the values, as NULLs are all different.
template <class ValueOf>
std::string packed(std::size_t set, const std::vector<std::uint16_t>& columns, ValueOf&& value_of) {
    std::string bytes(1, static_cast<char>(set));
    for (const auto column : columns) {
        const Value value = value_of(column);
        if (value.is_null()) return {};
        const std::string part = pack_value(value);
        bytes += std::to_string(part.size());
        bytes += ':';
        bytes += part;
    }
    return bytes;
}

} // namespace

UniqueValues::UniqueValues(const Mapper& mapper) : mapper_(mapper) {
    sets_.push_back(mapper.primary_key());
    const auto add = [&](const Table& table, const std::vector<std::string>& names) {
        Set set;
        for (const auto& name : names)
            set.push_back(mapper.column_in(table, name).value_or(UINT16_MAX));
        // A column that no member is mapped to: what it holds is not known.
        if (std::find(set.begin(), set.end(), UINT16_MAX) == set.end())
            sets_.push_back(std::move(set));
    };
    for (const auto& part : mapper.parts()) {
        for (const auto& unique : part.table->uniques) add(*part.table, unique.columns);
        for (const auto& index : part.table->indexes) {
            if (index.unique && index.where == nullptr) add(*part.table, index.columns);
        }
    }
}

bool UniqueValues::touches(const Set& set, const ColumnSet& columns) noexcept {
    return std::any_of(set.begin(), set.end(),
                       [&](std::uint16_t column) { return columns.contains(column); });
}

bool UniqueValues::concern(const ColumnSet& columns) const noexcept {
    return std::any_of(sets_.begin(), sets_.end(),
                       [&](const Set& set) { return touches(set, columns); });
}

std::string UniqueValues::before(const InstanceState& state, std::size_t set) const {
    if (!state.is_tracked()) return after(state, set);
    return packed(set, sets_[set], [&](std::uint16_t column) {
        return snapshot_value(mapper_, state.snapshot, column);
    });
}

std::string UniqueValues::after(const InstanceState& state, std::size_t set) const {
    return packed(set, sets_[set], [&](std::uint16_t column) {
        return load(mapper_.columns()[column].field, state.object());
    });
}

const InstanceState* UniqueValues::owner_of(const std::string& values) const {
    if (values.empty()) return nullptr;
    const auto found = given_up_.find(values);
    return found == given_up_.end() ? nullptr : found->second;
}

void UniqueValues::give_up(const InstanceState& state) {
    for (std::size_t set = 0; set < sets_.size(); ++set) {
        if (auto values = before(state, set); !values.empty())
            given_up_.emplace(std::move(values), &state);
    }
}

void UniqueValues::give_up(const InstanceState& state, const ColumnSet& columns) {
    for (std::size_t set = 0; set < sets_.size(); ++set) {
        if (!touches(sets_[set], columns)) continue;
        if (auto values = before(state, set); !values.empty())
            given_up_.emplace(std::move(values), &state);
    }
}

bool UniqueValues::has_taken(const InstanceState& state) const {
    const int made = mapper_.generated_key();
    const auto* key = made < 0 ? nullptr : &mapper_.columns()[static_cast<std::size_t>(made)];
    const bool key_is_made = key != nullptr && key->is_unset(state.object() + key->field.offset);
    for (std::size_t set = key_is_made ? 1 : 0; set < sets_.size(); ++set) {
        if (owner_of(after(state, set)) != nullptr) return true;
    }
    return false;
}

bool UniqueValues::has_taken(const InstanceState& state, const ColumnSet& columns) const {
    for (std::size_t set = 0; set < sets_.size(); ++set) {
        if (!touches(sets_[set], columns)) continue;
        const InstanceState* owner = owner_of(after(state, set));
        if (owner != nullptr && owner != &state) return true;
    }
    return false;
}

std::vector<DependencyEdge> UniqueValues::handovers(const Mapper& mapper,
                                                    std::span<const ChangedRow> rows) {
    std::vector<DependencyEdge> edges;
    UniqueValues values(mapper);
    std::unordered_map<const InstanceState*, std::size_t> position;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!values.concern(rows[i].columns)) continue;
        values.give_up(*rows[i].state, rows[i].columns);
        position.emplace(rows[i].state, i);
    }
    if (position.size() < 2) return edges;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t set = 0; set < values.sets_.size(); ++set) {
            if (!touches(values.sets_[set], rows[i].columns)) continue;
            const InstanceState* owner = values.owner_of(values.after(*rows[i].state, set));
            if (owner != nullptr && owner != rows[i].state)
                edges.push_back({position.at(owner), i});
        }
    }
    return edges;
}

ColumnSet UniqueValues::can_be_emptied(const ColumnSet& columns) const {
    ColumnSet found;
    for (std::size_t set = 1; set < sets_.size(); ++set) { // never the key
        if (!touches(sets_[set], columns)) continue;
        for (const auto column : sets_[set]) {
            const auto& property = mapper_.columns()[column];
            const bool nullable =
                property.in_schema().is_nullable.value_or(true);
            if (property.field.optional && nullable && columns.contains(column))
                found.insert(column);
        }
    }
    return found;
}

} // namespace mercator
