// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/expression.hpp>

#include <type_traits>
#include <utility>

namespace mercator {

/// How a hybrid's lambda reads an object: `e(&Employee::hourly_rate)` is the member.
template <class Class>
class ObjectMembers {
public:
    explicit ObjectMembers(const Class& object) noexcept : object_(object) {}
    template <class V, class Base>
    [[nodiscard]] const V& operator()(V Base::*member) const noexcept {
        return object_.*member;
    }

private:
    const Class& object_;
};

/// How a hybrid's lambda reads a row: `e(&Employee::hourly_rate)` is the column.
template <class Class>
class EntityColumns {
public:
    template <class V, class Base>
    [[nodiscard]] auto operator()(V Base::*member) const {
        return col<Class>(static_cast<V Class::*>(member));
    }
};

/// The same for the second use of a table.
template <class Class>
class AliasColumns {
public:
    explicit AliasColumns(const Alias<Class>& alias) noexcept : alias_(alias) {}
    template <class V, class Base>
    [[nodiscard]] auto operator()(V Base::*member) const {
        return alias_.col(member);
    }

private:
    const Alias<Class>& alias_;
};

/// One formula that is computed from an object in memory and by the database in a query
/// (SQLAlchemy's hybrid_property). Made by `hybrid`; a constant, used from any thread.
///
/// `salary(employee)` computes, `salary()` is an expression for `where`, `order_by` and `select`,
/// `salary(alias)` the same over an alias.
template <class Class, class InMemory, class InSql>
class Hybrid {
public:
    constexpr Hybrid(InMemory in_memory, InSql in_sql) :
        in_memory_(std::move(in_memory)),
        in_sql_(std::move(in_sql)) {}

    [[nodiscard]] auto operator()(const Class& object) const {
        return in_memory_(ObjectMembers<Class>(object));
    }
    [[nodiscard]] auto operator()() const { return in_sql_(EntityColumns<Class>()); }
    [[nodiscard]] auto operator()(const Alias<Class>& alias) const {
        return in_sql_(AliasColumns<Class>(alias));
    }

private:
    InMemory in_memory_;
    InSql in_sql_;
};

/// `inline constexpr auto salary = hybrid<Employee>([](auto e) { return e(&Employee::hourly_rate) *
/// e(&Employee::hours_worked); });` The lambda is generic: it runs once with the object's members
/// and once with the columns.
template <class Class, class Formula>
[[nodiscard]] constexpr auto hybrid(Formula formula) {
    return Hybrid<Class, Formula, Formula>(formula, formula);
}
/// With a second lambda where SQL must say it in another way (SQLAlchemy's `.expression`).
template <class Class, class InMemory, class InSql>
[[nodiscard]] constexpr auto hybrid(InMemory in_memory, InSql in_sql) {
    return Hybrid<Class, InMemory, InSql>(std::move(in_memory), std::move(in_sql));
}

} // namespace mercator
