// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace mercator {

/// Several lambdas as one function object with an overload for each:
/// `overloaded{[](const Employee& e) {...}, [](const Customer& c) {...}}`.
template <class... Handlers>
struct overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
overloaded(Handlers...) -> overloaded<Handlers...>;

template <class Class>
struct HandlerParameter; // of a member function `operator()`
template <class R, class Handler, class Parameter>
struct HandlerParameter<R (Handler::*)(Parameter)> {
    using type = std::remove_cvref_t<Parameter>;
};
template <class R, class Handler, class Parameter>
struct HandlerParameter<R (Handler::*)(Parameter) const> {
    using type = std::remove_cvref_t<Parameter>;
};

/// Is T a class that the handler names, and not only a base of it? One with `auto` takes all that
/// it can be called with.
template <class Handler, class T>
inline constexpr bool names_class = [] {
    if constexpr (requires { &std::remove_cvref_t<Handler>::operator(); }) {
        using Parameter =
            typename HandlerParameter<decltype(&std::remove_cvref_t<Handler>::operator())>::type;
        return std::is_same_v<Parameter, std::remove_const_t<T>>;
    } else {
        return std::is_invocable_v<Handler&, T&>;
    }
}();
template <class Overloads, class T>
inline constexpr bool handles_class = names_class<Overloads, T>;
template <class... Handlers, class T>
inline constexpr bool handles_class<overloaded<Handlers...>, T> = (names_class<Handlers, T> || ...);

/// Throws StateError: an object of a class that is not in the list.
[[noreturn]] MERCATOR_API void throw_unlisted_class(const Mapper& root, const void* object);
/// Does the discriminator of an object say that it is of this class?
[[nodiscard]] MERCATOR_API bool is_row_of(const Mapper& mapper, const void* object);

template <class T, class Root>
[[nodiscard]] bool is_exactly(const Root& object) {
    if constexpr (std::is_polymorphic_v<Root>) {
        return typeid(object) == typeid(T);
    } else {
        return is_row_of(mapper_of<std::remove_const_t<T>>(), std::addressof(object));
    }
}

template <class List>
struct HierarchyVisit;
template <class First, class... Rest>
struct HierarchyVisit<Hierarchy<First, Rest...>> {
    template <class T, class Object>
    using Like = std::conditional_t<std::is_const_v<Object>, const T, T>;

    template <class Overloads, class Object>
    static constexpr void check() {
        const auto check_one = []<class T>(std::type_identity<T>) {
            static_assert(std::is_abstract_v<T> || handles_class<Overloads, Like<T, Object>>,
                          "mercator: visit() has no function for a class of the hierarchy; add "
                          "one that takes a reference to it, or one with auto for all others (a "
                          "function for a base does not count: it would hide what was forgotten)");
        };
        check_one(std::type_identity<First>());
        (check_one(std::type_identity<Rest>()), ...);
    }

    template <class Result, class Overloads, class Object>
    static Result run(Object& object, Overloads& overloads) {
        if constexpr (!std::is_abstract_v<First>) {
            if (is_exactly<First>(object)) {
                return static_cast<Result>(overloads(static_cast<Like<First, Object>&>(object)));
            }
        }
        if constexpr (sizeof...(Rest) > 0) {
            return HierarchyVisit<Hierarchy<Rest...>>::template run<Result>(object, overloads);
        } else {
            throw_unlisted_class(mapper_of<std::remove_const_t<Object>>().root(),
                                 std::addressof(object));
        }
    }

    /// What the function for the first class that can have objects gives.
    template <class Overloads, class Object>
    static auto result() {
        if constexpr (std::is_abstract_v<First>) {
            return HierarchyVisit<Hierarchy<Rest...>>::template result<Overloads, Object>();
        } else {
            return std::type_identity<std::invoke_result_t<Overloads&, Like<First, Object>&>>();
        }
    }
};

/// Calls the one of several functions that is for the object's real class:
///
///     visit(*person, overloaded{[](const Person& p) { ... },
///                               [](const Employee& e) { ... },
///                               [](const Customer& c) { ... }});
///
/// The root of the hierarchy lists its classes: `using hierarchy = mercator::Hierarchy<Person,
/// Employee, Customer>;`, for which the names alone must be declared. A class of the list that no
/// function takes, and a class that is mapped and not in the list, are compile errors. All
/// functions give what the first one gives, or what converts to it.
///
/// Without virtual functions in the root, the object's discriminator tells its class, so it must be
/// one that a session has loaded or was given. An object of a class that is not in the list is a
/// StateError.
template <class Object, class Overloads>
requires requires {
    typename std::remove_const_t<Object>::hierarchy;
}
decltype(auto) visit(Object& object, Overloads&& overloads) {
    using Visit = HierarchyVisit<typename std::remove_const_t<Object>::hierarchy>;
    using Plain = std::remove_reference_t<Overloads>;
    Visit::template check<std::remove_const_t<Plain>, Object>();
    using Result = typename decltype(Visit::template result<Plain, Object>())::type;
    return Visit::template run<Result>(object, overloads);
}
/// The same with a handle.
template <class Object, class Overloads>
requires requires {
    typename std::remove_const_t<Object>::hierarchy;
}
decltype(auto) visit(const std::shared_ptr<Object>& handle, Overloads&& overloads) {
    return mercator::visit(*handle, std::forward<Overloads>(overloads));
}

} // namespace mercator
