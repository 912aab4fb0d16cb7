// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace people {

/// The two kinds, for the functions below, which are the same for both: what differs is where the
/// columns lie, and how many statements that takes.
struct Single {
    using Person = single::Person;
    using Employee = single::Employee;
    using Customer = single::Customer;
    static constexpr std::string_view name = "One table for all", table = "people";
};
struct Joined {
    using Person = joined::Person;
    using Employee = joined::Employee;
    using Customer = joined::Customer;
    static constexpr std::string_view name = "A table for each class", table = "joined_people";
};

/// Makes all tables anew and fills them in both ways: a person, two employees, two customers.
void open_office(mercator::Database& db);

/// How a query for people reads what only employees and customers have. One table gives it with the
/// first statement, whatever is said here.
enum class Reading {
    as_mapped,  ///< as one_by_one, since the mapping says nothing
    one_by_one, ///< one more statement for each class that occurs
    together,   ///< one statement, with outer joins of the other tables
};

/// Everybody by name, each as the class that the row is.
template <class Kind>
[[nodiscard]] std::vector<std::shared_ptr<typename Kind::Person>>
everybody(mercator::Session& session, Reading reading = Reading::as_mapped);

/// What somebody is to us: "works in research".
template <class Kind>
[[nodiscard]] std::string role_of(const typename Kind::Person& person);

/// What all salaries add up to, by looking at everybody and by asking the database.
template <class Kind>
[[nodiscard]] mercator::Decimal payroll_by_walking(mercator::Session& session);
template <class Kind>
[[nodiscard]] mercator::Decimal payroll_by_sql(mercator::Session& session);

/// Invited to the party: employees who earn at least that, customers with at least those points.
template <class Kind>
[[nodiscard]] std::vector<std::string> invited(mercator::Session& session,
                                               const mercator::Decimal& salary, int loyalty_points);

/// NoResultFound if no employee has the name, whoever else has it.
template <class Kind>
void raise_salary(mercator::Session& session, const std::string& name, const mercator::Decimal& by);

/// Writes past the program, as other programs do: a row of a class that this one does not know.
template <class Kind>
void add_alien(mercator::Database& db);

} // namespace people
