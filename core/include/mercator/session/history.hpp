// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/attribute.hpp>
#include <mercator/mapping/related.hpp>

#include <memory>
#include <vector>

namespace mercator {

/// What became of one member since its row was read or written (SQLAlchemy's History). For a value:
/// `unchanged` holds it, or `added` the new and `deleted` the old one. For a relationship: handles
/// of the objects that came, stayed and went. A new object has nothing but `added`.
template <class V>
struct History {
    std::vector<V> added;
    std::vector<V> unchanged;
    std::vector<V> deleted;

    [[nodiscard]] bool has_changes() const noexcept { return !added.empty() || !deleted.empty(); }
    friend bool operator==(const History&, const History&) = default;
};

/// What a history of a member of type V lists.
template <class V>
struct HistoryItem {
    using type = V;
    static constexpr bool is_relationship = false;
};
template <class T>
struct HistoryItem<Attribute<T>> {
    using type = typename Attribute<T>::value_type;
    static constexpr bool is_relationship = false;
};
template <class T>
struct HistoryItem<One<T>> {
    using type = std::shared_ptr<T>;
    static constexpr bool is_relationship = true;
};
template <class T>
struct HistoryItem<Many<T>> {
    using type = std::shared_ptr<T>;
    static constexpr bool is_relationship = true;
};

} // namespace mercator
