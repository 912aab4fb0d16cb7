// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>
#include <mercator/types/value.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {

/// What an application notes on a table, a column or a relationship, by names of its own:
/// "the form shows this as ...", "this column is exported". Mercator keeps it, copies it with what
/// it is noted on, and reads nothing of it. A value type; entries keep the order in which they were
/// first set.
class MERCATOR_API Info {
public:
    using Entry = std::pair<std::string, Value>;

    /// Sets an entry, or changes it.
    Info& set(std::string key, Value value);
    /// The entry's value, or nullptr.
    [[nodiscard]] const Value* find(std::string_view key) const noexcept {
        for (const auto& entry : entries_) {
            if (entry.first == key) return &entry.second;
        }
        return nullptr;
    }
    /// Takes over the entries that are not here yet.
    void add_missing(const Info& other);
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

    friend bool operator==(const Info&, const Info&) = default;

private:
    std::vector<Entry> entries_;
};

} // namespace mercator
