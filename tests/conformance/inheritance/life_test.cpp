// SPDX-License-Identifier: MIT
// Objects of all classes through their whole life: what one session writes, another reads.
#include "conformance/inheritance/company.hpp"
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mapping/expression.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

using namespace mercator;
using namespace company;
using test::Backend;

namespace {

/// Everything that an object of any class says, without its key.
std::string told(const Person& person) {
    std::string text = fmt::format("{} {} {}", person.type, person.name,
                                   person.firm.get() == nullptr ? "-" : person.firm->name);
    if (const auto* employee = dynamic_cast<const Employee*>(&person)) {
        text += fmt::format(" {} {}", employee->salary,
                            employee->boss.get() == nullptr ? "-" : employee->boss->name);
    }
    if (const auto* manager = dynamic_cast<const Manager*>(&person))
        text += " " + manager->department.value_or("-");
    if (const auto* engineer = dynamic_cast<const Engineer*>(&person))
        text += " " + engineer->language;
    if (const auto* customer = dynamic_cast<const Customer*>(&person))
        text += fmt::format(" {}", customer->points);
    if (const auto* vip = dynamic_cast<const VipCustomer*>(&person)) text += " " + vip->lounge;
    if (const auto* guest = dynamic_cast<const Guest*>(&person)) text += " " + guest->invited_by;
    return text;
}

using Staff = std::vector<std::shared_ptr<Person>>;

std::vector<std::string> told(const Staff& staff) {
    std::vector<std::string> lines;
    for (const auto& person : staff) lines.push_back(told(*person));
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::vector<std::string> stored(Backend& backend) {
    Session session = backend->session();
    return told(session.query<Person>().all());
}

std::shared_ptr<Person> add_one(Session& session, std::size_t kind, std::string name) {
    const auto add = [&]<class T>(T object) -> std::shared_ptr<Person> {
        object.name = std::move(name);
        return session.add(std::move(object));
    };
    switch (kind % 7) {
    case 0:
        return add(Person());
    case 1:
        return add(Employee());
    case 2:
        return add(Manager());
    case 3:
        return add(Engineer());
    case 4:
        return add(Customer());
    case 5:
        return add(VipCustomer());
    default:
        return add(Guest());
    }
}

template <class T>
std::shared_ptr<T> any_of(const Staff& staff, std::mt19937& random) {
    std::vector<std::shared_ptr<T>> found;
    for (const auto& person : staff) {
        if (auto one = std::dynamic_pointer_cast<T>(person)) found.push_back(std::move(one));
    }
    return found.empty() ? nullptr : found[random() % found.size()];
}

void change(Person& person, const Staff& staff, const std::shared_ptr<Firm>& firm,
            std::mt19937& random) {
    const auto number = static_cast<int>(random() % 100);
    if (number % 3 == 0) person.name += "x";
    if (number % 4 == 0) person.firm = number % 8 == 0 ? nullptr : firm;
    if (auto* employee = dynamic_cast<Employee*>(&person)) {
        if (number % 2 == 0) employee->salary = number;
        if (number % 5 == 0) {
            const auto boss = any_of<Employee>(staff, random);
            if (boss.get() != employee) employee->boss = boss;
        }
    }
    if (auto* manager = dynamic_cast<Manager*>(&person))
        manager->department = fmt::format("D{}", number);
    if (auto* engineer = dynamic_cast<Engineer*>(&person))
        engineer->language = fmt::format("L{}", number);
    if (auto* customer = dynamic_cast<Customer*>(&person)) customer->points = number;
    if (auto* vip = dynamic_cast<VipCustomer*>(&person)) vip->lounge = number % 2 == 0 ? "W" : "E";
    if (auto* guest = dynamic_cast<Guest*>(&person)) guest->invited_by = fmt::format("G{}", number);
}

} // namespace

TEST_CASE("INH-13 what one session does to objects of all classes, another one reads") {
    Backend backend;
    backend->create_all<Firm, Manager, Engineer, VipCustomer, Guest>();
    for (unsigned seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Session session = backend->session();
        const auto firm = session.add(Firm{.name = fmt::format("F{}", seed)});
        Staff staff;
        for (int step = 0; step < 12; ++step) {
            for (auto left = random() % 4; left > 0; --left)
                staff.push_back(add_one(session, random(), fmt::format("P{}", random() % 1000)));
            for (const auto& person : staff) {
                if (random() % 3 == 0) change(*person, staff, firm, random);
            }
            std::erase_if(staff, [&](const std::shared_ptr<Person>& person) {
                if (random() % 8 != 0) return false;
                session.delete_(person);
                return true;
            });
            session.commit();
            REQUIRE(told(staff) == stored(backend));
        }
        for (const auto& person : staff) session.delete_(person);
        session.delete_(firm);
        session.commit();
        REQUIRE(stored(backend).empty());
    }
}

TEST_CASE("INH-13 a rollback takes back what was done to objects of all classes") {
    Backend backend;
    backend->create_all<Firm, Manager, Engineer, VipCustomer, Guest>();
    std::mt19937 random(7);
    Session session = backend->session();
    const auto firm = session.add(Firm{.name = "F"});
    Staff staff;
    for (std::size_t kind = 0; kind < 14; ++kind)
        staff.push_back(add_one(session, kind, fmt::format("P{}", kind)));
    session.commit();
    const auto before = told(staff);
    REQUIRE(before == stored(backend));
    for (int round = 0; round < 4; ++round) {
        for (const auto& person : staff) change(*person, staff, firm, random);
        session.flush();
        session.delete_(staff[static_cast<std::size_t>(round) * 3]);
        add_one(session, static_cast<std::size_t>(round), "new");
        session.flush();
        session.rollback();
        CHECK(told(staff) == before);
    }
    session.commit();
    CHECK(stored(backend) == before);
}

TEST_CASE("INH-06 INH-13 a query for the root gives each object as its class") {
    Backend backend;
    backend->create_all<Firm, Manager, Engineer, VipCustomer, Guest>();
    {
        Session session = backend->session();
        for (std::size_t kind = 0; kind < 7; ++kind) add_one(session, kind, "P");
        session.commit();
    }
    Session session = backend->session();
    std::map<std::string, int> seen;
    for (const auto& person : session.query<Person>().all()) ++seen[typeid(*person).name()];
    CHECK(seen.size() == 7);
    CHECK(session.query<Employee>().count() == 3);
    CHECK(session.query<Customer>().all().size() == 2);
    CHECK(session.query<Guest>().all().size() == 1);
}
