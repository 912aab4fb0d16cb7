// SPDX-License-Identifier: MIT
// A hierarchy of three levels with every kind of inheritance in it.
#pragma once

#include <mercator/mapping/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace company {

using namespace mercator;

struct Person;

struct Firm {
    std::int64_t id{};
    std::string name;
    Many<Person> people;
};

/// The root: table staff.
struct Person {
    std::int64_t id{};
    std::string name;
    std::string type;
    std::int32_t version{};
    std::optional<std::int64_t> firm_id;
    One<Firm> firm;
    virtual ~Person() = default;
};

/// Joined: employees.
struct Employee : Person {
    std::optional<std::string> title;
    std::int64_t salary{};
    std::optional<std::int64_t> boss_id;
    One<Employee> boss;
    Many<Employee> team;
};

/// Single table within employees.
struct Manager : Employee {
    std::optional<std::string> department;
};

/// Joined to the joined table: engineers.
struct Engineer : Employee {
    std::string language;
};

/// Single table: staff.
struct Customer : Person {
    std::int32_t points{};
};

/// Single table, second level.
struct VipCustomer : Customer {
    std::string lounge;
};

/// A table of its own: guests.
struct Guest : Person {
    std::string invited_by;
};

inline void describe(Mapping<Firm>& firm) {
    firm.table("firms");
    firm.column<&Firm::id>().primary_key();
    firm.column<&Firm::name>(String(40));
    firm.relationship<&Firm::people>().back_populates<&Person::firm>();
}

inline void describe(Mapping<Person>& person) {
    person.table("staff").polymorphic_on<&Person::type>().identity("person");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(String(40));
    person.column<&Person::type>(String(20));
    person.version<&Person::version>();
    person.column<&Person::firm_id>().references<&Firm::id>();
    person.relationship<&Person::firm>().back_populates<&Firm::people>();
}

inline void describe(Mapping<Employee>& employee) {
    employee.inherits<Person>().table("employees").inherit_key("staff_id").identity("employee");
    employee.column<&Employee::title>(String(40));
    employee.column<&Employee::salary>();
    employee.column<&Employee::boss_id>().references<&Employee::id, Employee>();
    employee.relationship<&Employee::boss>().back_populates<&Employee::team>();
    employee.relationship<&Employee::team>()
        .back_populates<&Employee::boss>()
        .remote_side<&Employee::boss_id>();
}

inline void describe(Mapping<Manager>& manager) {
    manager.inherits<Employee>().identity("manager");
    manager.column<&Manager::department>(String(40));
}

inline void describe(Mapping<Engineer>& engineer) {
    engineer.inherits<Employee>().table("engineers").identity("engineer");
    engineer.column<&Engineer::language>(String(20));
}

inline void describe(Mapping<Customer>& customer) {
    customer.inherits<Person>().identity("customer");
    customer.column<&Customer::points>();
}

inline void describe(Mapping<VipCustomer>& vip) {
    vip.inherits<Customer>().identity("vip");
    vip.column<&VipCustomer::lounge>(String(20));
}

inline void describe(Mapping<Guest>& guest) {
    guest.inherits<Person>().concrete().table("guests").identity("guest");
    guest.column<&Guest::invited_by>(String(40));
}

} // namespace company
