// SPDX-License-Identifier: MIT
#include <mercator/schema/info.hpp>

namespace mercator {

Info& Info::set(std::string key, Value value) {
    for (auto& entry : entries_) {
        if (entry.first == key) {
            entry.second = std::move(value);
            return *this;
        }
    }
    entries_.emplace_back(std::move(key), std::move(value));
    return *this;
}

void Info::add_missing(const Info& other) {
    for (const auto& [key, value] : other.entries_) {
        if (find(key) == nullptr) entries_.emplace_back(key, value);
    }
}

} // namespace mercator
