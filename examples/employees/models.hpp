// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mercator.hpp>

#include <cstdint>
#include <string>

/// Employees are paid by the hour. What follows from their columns is computed, in memory and by
/// the database, from one formula each.
namespace employees {

using mercator::Decimal;
using mercator::hybrid;

struct Employee {
    std::int64_t id{};
    std::string first_name;
    std::string last_name;
    Decimal hourly_rate;
    int hours_worked{};
};

void describe(mercator::Mapping<Employee>& employee);

/// The last word is the last name. Throws mercator::ValidationError for a single word.
struct FullName {
    explicit FullName(const std::string& text);
    std::string first;
    std::string last;
};

/// "É" of "Émile": letters, not bytes.
[[nodiscard]] std::string first_letter(const std::string& text);

// full_name(*employee) is a value, full_name() an expression for queries.

/// The rule says which columns change when a full name is assigned, to an object or by an UPDATE.
inline constexpr auto full_name =
    hybrid<Employee>([](auto e) {
        return concat(e(&Employee::first_name), " ", e(&Employee::last_name));
    }).assigned_by([](auto to, const std::string& text) {
        const FullName name(text);
        to(&Employee::first_name, name.first);
        to(&Employee::last_name, name.last);
    });

inline constexpr auto salary =
    hybrid<Employee>([](auto e) { return e(&Employee::hourly_rate) * e(&Employee::hours_worked); });

/// A hybrid with an argument: the hourly rate, raised by so many percent.
inline constexpr auto raised_rate = hybrid<Employee>([](auto e, int percent) {
    return e(&Employee::hourly_rate) * Decimal::from_scaled(100 + percent, 2);
});

/// A hybrid of a hybrid, which hands its argument on.
inline constexpr auto paid_after_raise = hybrid<Employee>(
    [](auto e, int percent) { return e(raised_rate, percent) * e(&Employee::hours_worked); });

inline constexpr auto pay_band = hybrid<Employee>([](auto e) {
    return if_else(e(salary) > 100'000, "high", if_else(e(salary) > 50'000, "middle", "low"));
});

/// "É. Zola", said in two ways: C++ for objects, SQL for rows. Only `check_hybrid` knows whether
/// they say the same.
inline constexpr auto short_name = hybrid<Employee>(
    [](const Employee& employee) {
        return first_letter(employee.first_name) + ". " + employee.last_name;
    },
    [](auto e) {
        return concat(mercator::func::substr(e(&Employee::first_name), 1, 1), ". ",
                      e(&Employee::last_name));
    });

/// Two formulas with a mistake: one counts bytes, the other letters.
inline constexpr auto careless_length = hybrid<Employee>(
    [](const Employee& employee) { return static_cast<std::int64_t>(employee.first_name.size()); },
    [](auto e) { return length(e(&Employee::first_name)); });

} // namespace employees
