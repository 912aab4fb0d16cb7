// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/mapping/member_name.hpp>

#include <concepts>
#include <new>
#include <type_traits>
#include <utility>

namespace mercator {

/// How an object is made that a row is read into, for a class without a default constructor, or
/// whose default constructor is for new objects alone: specialise it.
///
///     template <> struct mercator::ObjectFactory<Account> {
///         static Account make() { return Account(Account::FromRow()); }
///     };
///
/// The specialisation must be visible before the first use of the class. It may be a friend of it.
template <class T>
struct ObjectFactory;
template <class T>
concept HasObjectFactory = requires {
    { ObjectFactory<T>::make() } -> std::same_as<T>;
};

/// A new object as rows are read into.
template <class T>
[[nodiscard]] T make_object() {
    if constexpr (HasObjectFactory<T>) {
        return ObjectFactory<T>::make();
    } else {
        return T();
    }
}

/// The facts about T that the untyped code needs.
template <class T>
[[nodiscard]] ObjectType object_type_of() {
    static_assert(HasObjectFactory<T> || std::is_default_constructible_v<T> ||
                      std::is_abstract_v<T>,
                  "mercator: a mapped class must be default constructible, since rows are read "
                  "into fresh objects; or specialise mercator::ObjectFactory for it");
    static_assert(std::is_move_constructible_v<T> || std::is_abstract_v<T>,
                  "mercator: a mapped class must be movable, since session.add moves it into the "
                  "session's graph");
    ObjectType type{std::type_index(typeid(T)), type_name<T>(), full_type_name<T>(),
                    &default_table_name<T>,     sizeof(T),      alignof(T)};
    if constexpr (!std::is_abstract_v<T>) { // one that is has no objects of its own
        type.construct = [](void* place) {
            if constexpr (HasObjectFactory<T>) {
                ::new (place) T(ObjectFactory<T>::make());
            } else {
                ::new (place) T();
            }
        };
        type.move_construct = [](void* place, void* from) {
            ::new (place) T(std::move(*static_cast<T*>(from)));
        };
        type.destroy = [](void* object) noexcept { static_cast<T*>(object)->~T(); };
    }
    return type;
}

} // namespace mercator
