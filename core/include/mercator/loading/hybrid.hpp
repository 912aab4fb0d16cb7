// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/hybrid_rows.hpp>
#include <mercator/loading/query.hpp>
#include <mercator/mapping/case.hpp>
#include <mercator/mapping/compared.hpp>
#include <mercator/mapping/in_memory.hpp>

#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

/// Is the function object no template: `[](const User& user) { … }`, not `[](auto e) { … }`?
template <class F>
concept PlainFunction = requires {
    &F::operator();
};

/// Stands where a hybrid has no rule for assignment.
struct NotAssignable {
    template <class... Arguments>
    void operator()(const Arguments&...) const {}
};

/// What a hybrid's rule of assignment is given for an object: `to(&User::name, value)`.
template <class Class>
class MembersToSet {
public:
    explicit MembersToSet(Class& object) : object_(object) {}
    template <class V, class Base, class E>
    void operator()(V Base::*member, E&& value) const {
        object_.*member = std::forward<E>(value);
    }

private:
    Class& object_;
};

/// The same for an UPDATE: it collects what is to be set.
template <class Class>
class ColumnsToSet {
public:
    explicit ColumnsToSet(std::vector<Assignment>& assignments) : assignments_(assignments) {}
    template <class V, class Base, class E>
    void operator()(V Base::*member, const E& value) const {
        assignments_.push_back(set(static_cast<V Class::*>(member), value));
    }

private:
    std::vector<Assignment>& assignments_;
};

/// One formula that is computed from an object in memory and by the database in a query
/// (SQLAlchemy's hybrid_property). Made by `hybrid`; a constant, used from any thread. With `h` for
/// the hybrid:
///
///     h(object)         the value, from the object's members (and related objects, loaded if need
///                       be)
///     h()               an expression for where, order_by, group_by, having, select, set ...
///     h(alias)          the same over an alias
///     h.of<Derived>()   the same over the table of a derived class
///     e(h)              the value, within another hybrid's formula
///
/// A formula may take more arguments, which are values in memory and bound parameters in SQL:
/// `h(object, 5)`, `h(5)`, `e(h, 5)`. The value has one type in both worlds, that of the
/// expression.
template <class Class, class Formula, class InSql, class Setter = NotAssignable>
class Hybrid {
public:
    using hybrid_class = Class;

    constexpr Hybrid(Formula formula, InSql in_sql, Setter setter = {}) :
        formula_(std::move(formula)),
        in_sql_(std::move(in_sql)),
        setter_(std::move(setter)) {}

    [[nodiscard]] auto operator()() const { return in_sql_(RowColumns<Class>()); }
    template <class First, class... Rest>
    [[nodiscard]] auto operator()(const First& first, const Rest&... rest) const {
        if constexpr (std::derived_from<First, Class>) {
            return computed(first, rest...);
        } else if constexpr (is_alias<First>) {
            return in_sql_(RowColumns<typename AliasOf<First>::type>(first), rest...);
        } else {
            return in_sql_(RowColumns<Class>(), first, rest...);
        }
    }
    template <std::derived_from<Class> Derived, class... Arguments>
    [[nodiscard]] auto of(const Arguments&... arguments) const {
        return in_sql_(RowColumns<Derived>(), arguments...);
    }

    /// How a value is given to the hybrid: `.assigned_by([](auto to, const std::string& name) {
    /// to(&User::name, trimmed(name)); })`. Then `h.assign(user, value)` changes the object, and
    /// `update(set(h, value))` the columns.
    template <class Rule>
    [[nodiscard]] constexpr auto assigned_by(Rule rule) const {
        return Hybrid<Class, Formula, InSql, Rule>(formula_, in_sql_, std::move(rule));
    }
    template <std::derived_from<Class> Object, class V>
    void assign(Object& object, const V& value) const {
        require_setter();
        setter_(MembersToSet<Class>(object), value);
    }
    /// What `set(hybrid, value)` stands for.
    template <class V>
    [[nodiscard]] std::vector<Assignment> assignments(const V& value) const {
        require_setter();
        std::vector<Assignment> list;
        setter_(ColumnsToSet<Class>(list), value);
        return list;
    }

    // For formulas that use the hybrid.

    template <class Row, class... Arguments>
    [[nodiscard]] auto in_row(const Row& row, const Arguments&... arguments) const {
        return in_sql_(row, arguments...);
    }
    template <class Object, class... Arguments>
    [[nodiscard]] auto in_members(const ObjectMembers<Object>& members,
                                  const Arguments&... arguments) const {
        using V = value_in_sql<Object, Arguments...>;
        if constexpr (PlainFunction<Formula>) {
            return converted<V>(formula_(members.object(), arguments...));
        } else {
            return converted<V>(formula_(members, arguments...));
        }
    }

private:
    template <class T>
    struct AliasOf {};
    template <class T>
    struct AliasOf<Alias<T>> {
        using type = T;
    };
    template <class T>
    static constexpr bool is_alias = requires {
        typename AliasOf<T>::type;
    };

    template <class Object, class... Arguments>
    using value_in_sql = typename decltype(std::declval<const InSql&>()(
        RowColumns<Object>(), std::declval<const Arguments&>()...))::value_type;

    /// As the database decides: what is unknown is not true.
    template <class Object, class... Arguments>
    [[nodiscard]] auto computed(const Object& object, const Arguments&... arguments) const {
        const auto result = in_members(ObjectMembers<Object>(object), arguments...);
        if constexpr (std::same_as<value_in_sql<Object, Arguments...>, bool>) {
            return holds(result);
        } else {
            return result.value();
        }
    }
    /// With the type that it has in SQL. There, too, a condition may be unknown.
    template <class V, class Result>
    [[nodiscard]] static auto converted(const Result& result) {
        if constexpr (is_compared<Result>)
            return compared_by<typename Result::comparator>(converted<V>(plain_of(result)));
        else
            return converted_plain<V>(result);
    }
    template <class C, class V>
    [[nodiscard]] static InMemory<V> plain_of(const Compared<C, InMemory<V>>& result) {
        return InMemory<V>(result.value());
    }
    template <class V, class Result>
    [[nodiscard]] static auto converted_plain(const Result& result) {
        decltype(auto) value = held(result);
        using R = std::remove_cvref_t<decltype(value)>;
        static_assert(std::convertible_to<value_of_t<R>, value_of_t<V>> &&
                          std::same_as<value_of_t<R>, bool> == std::same_as<value_of_t<V>, bool>,
                      "mercator: the formula has another type in memory than in SQL");
        if constexpr (std::same_as<V, bool>) {
            return InMemory<R>(value);
        } else if constexpr (ValueOf<V>::optional && ValueOf<R>::optional) {
            return InMemory<V>(value ? V(*value) : V());
        } else {
            static_assert(!ValueOf<R>::optional,
                          "mercator: the formula may be empty in memory, but not in SQL");
            return InMemory<V>(static_cast<V>(value));
        }
    }
    static constexpr void require_setter() {
        static_assert(!std::same_as<Setter, NotAssignable>,
                      "mercator: this hybrid has no rule for assignment; give it one with "
                      "assigned_by(...)");
    }

    Formula formula_;
    InSql in_sql_;
    [[no_unique_address]] Setter setter_;
};

/// `inline constexpr auto salary = hybrid<Employee>([](auto e) { return e(&Employee::hourly_rate) *
/// e(&Employee::hours_worked); });`
///
/// The lambda is generic: it runs with the object's members, and with the columns. What it may use:
/// `+ - * / %`, comparisons, `&& || !`, `is_null()`, `value_or`, `in`, `between`, `startswith`,
/// `if_else(condition, a, b)`, `concat`, `coalesce`, `lower` and their like; members of a related
/// object, `e(&CartItem::product)(&Product::price)`; `sum`, `count`, `min`, `max`, `avg`, `any`,
/// `all` of a collection; and other hybrids, `e(subtotal)`. Code that the database could not
/// compute does not compile.
template <class Class, class Formula>
[[nodiscard]] constexpr auto hybrid(Formula formula) {
    return Hybrid<Class, Formula, Formula>(formula, formula);
}
/// With a second lambda where SQL must say it in another way (SQLAlchemy's `.expression`). The
/// first one may be plain C++ then: `[](const User& user) { … }`. `check_hybrid`
/// (session/check_hybrid.hpp) compares the two on sample rows.
template <class Class, class InObject, class InSql>
[[nodiscard]] constexpr auto hybrid(InObject in_object, InSql in_sql) {
    return Hybrid<Class, InObject, InSql>(std::move(in_object), std::move(in_sql));
}

/// `update(set(full_name, "Ada Lovelace"))`: the columns that the hybrid's rule of assignment sets.
template <AnyHybrid H, class V>
[[nodiscard]] std::vector<Assignment> set(const H& hybrid, const V& value) {
    return hybrid.assignments(value);
}

// What formulas call without a qualifier, found by the types of their arguments.
using func::abs;
using func::coalesce;
using func::concat;
using func::length;
using func::lower;
using func::nullif;
using func::trim;
using func::upper;

} // namespace mercator
