// SPDX-License-Identifier: MIT
#include "models.hpp"

#include <fmt/format.h>

namespace people {

void describe(mercator::Mapping<Record>& record) {
    record.abstract();
    record.column<&Record::note>(mercator::String(100));
    record.include<mercator::TimestampMixin>();
}

namespace single {

void describe(mercator::Mapping<Person>& person) {
    person.table("people").polymorphic_on<&Person::type>().identity("person");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(mercator::String(50));
    person.column<&Person::type>(mercator::String(20));
    person.include<Record>();
}

void describe(mercator::Mapping<Employee>& employee) {
    employee.inherits<Person>().identity("employee"); // no table: the person's
    employee.column<&Employee::department>(mercator::String(50));
    employee.column<&Employee::salary>(mercator::Numeric(10, 2));
}

void describe(mercator::Mapping<Customer>& customer) {
    customer.inherits<Person>().identity("customer");
    customer.column<&Customer::account_number>(mercator::String(10));
    customer.column<&Customer::loyalty_points>(); // never NULL: a check, for customers alone
}

std::string Person::summary() const {
    return name;
}
std::string Employee::summary() const {
    return fmt::format("{} of {}", name, department.value_or("no department"));
}
std::string Customer::summary() const {
    return fmt::format("{} with {} points", name, loyalty_points);
}

} // namespace single

namespace joined {

void describe(mercator::Mapping<Person>& person) {
    person.table("joined_people").polymorphic_on<&Person::type>().identity("person");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(mercator::String(50));
    person.column<&Person::type>(mercator::String(20));
    person.include<Record>();
}

void describe(mercator::Mapping<Employee>& employee) {
    employee.inherits<Person>().table("joined_employees").identity("employee");
    employee.column<&Employee::department>(mercator::String(50));
    employee.column<&Employee::salary>(mercator::Numeric(10, 2));
}

void describe(mercator::Mapping<Customer>& customer) {
    customer.inherits<Person>().table("joined_customers").identity("customer");
    customer.column<&Customer::account_number>(mercator::String(10));
    customer.column<&Customer::loyalty_points>();
}

std::string Person::summary() const {
    return name;
}
std::string Employee::summary() const {
    return fmt::format("{} of {}", name, department.value_or("no department"));
}
std::string Customer::summary() const {
    return fmt::format("{} with {} points", name, loyalty_points);
}

} // namespace joined

} // namespace people
