// SPDX-License-Identifier: MIT
// Relationships from and to any class of a hierarchy, by all loaders.
#include "staff.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace staff;

namespace {

const Mapper* class_of(const std::shared_ptr<void>& object) {
    return state_of(object.get()).mapper;
}

/// Names of the members' classes with what only that class has, in the order of their keys.
std::string told(const Person& person) {
    std::string text = person.name;
    if (const auto* buyer = dynamic_cast<const Buyer*>(&person))
        text += "/points " + std::to_string(buyer->points.value_or(-1));
    if (const auto* clerk = dynamic_cast<const Clerk*>(&person))
        text += "/desk " + clerk->desk.value_or("none");
    if (const auto* chief = dynamic_cast<const Chief*>(&person))
        text += "/bonus " + std::to_string(chief->bonus.value_or(-1));
    return text;
}

std::vector<std::string> told(const Many<Person>& people) {
    std::vector<std::string> texts;
    for (const auto& person : people) texts.push_back(told(*person));
    std::sort(texts.begin(), texts.end());
    return texts;
}
using Texts = std::vector<std::string>;

const std::vector<std::pair<std::string, LoaderOption<Firm>>>& people_loaders() {
    static const std::vector<std::pair<std::string, LoaderOption<Firm>>> options{
        {"joined", joined<&Firm::people>()},       {"selectin", selectin<&Firm::people>()},
        {"subquery", subquery<&Firm::people>()},   {"batch", batch<&Firm::people>()},
        {"immediate", immediate<&Firm::people>()}, {"lazy", lazy<&Firm::people>()}};
    return options;
}

} // namespace

TEST_CASE("INH-17 a collection of a base holds real classes, however it is loaded") {
    Staff staff;
    for (const auto& way : people_loaders()) {
        const std::string& name = way.first;
        const auto& option = way.second;
        CAPTURE(name);
        Session session = staff->session();
        staff.log->clear();
        const auto firms = session.query<Firm>().order_by(col(&Firm::id)).options(option).all();
        REQUIRE(firms.size() == 2);
        CHECK(told(firms[0]->people) == Texts{"Ann", "Cid/desk A1", "Dee/bonus 500"});
        CHECK(told(firms[1]->people) == Texts{"Ben/points 70", "Eve/desk B2"});
        for (const auto& person : firms[0]->people) CHECK(person->firm.handle() == firms[0]);
        const std::size_t expected = name == "joined" ? 1 : name == "lazy" ? 3 : 2;
        const bool is_right =
            name == "immediate" ? staff.log->count() <= 3 : staff.log->count() == expected;
        CHECK_MESSAGE(is_right, staff.log->dump());
        CHECK_FALSE(session.is_dirty());
    }
}

TEST_CASE("INH-17 INH-14 joined tables behind a collection: one more for each class that occurs") {
    Staff staff;
    const std::vector<std::pair<std::string, LoaderOption<Person>>> options{
        {"joined", joined<&Person::vehicles>()},       {"selectin", selectin<&Person::vehicles>()},
        {"subquery", subquery<&Person::vehicles>()},   {"batch", batch<&Person::vehicles>()},
        {"immediate", immediate<&Person::vehicles>()}, {"lazy", lazy<&Person::vehicles>()}};
    for (const auto& way : options) {
        const std::string& name = way.first;
        const auto& option = way.second;
        CAPTURE(name);
        Session session = staff->session();
        staff.log->clear();
        const auto people =
            session.query<Person>().order_by(col(&Person::id)).options(option).all();
        REQUIRE(people.size() == 5);
        REQUIRE(people[2]->vehicles.size() == 2);
        CHECK(static_cast<const Car&>(*people[2]->vehicles[0]).doors == 4);
        CHECK(static_cast<const Cab&>(*people[2]->vehicles[1]).sign == "taxi");
        REQUIRE(people[3]->vehicles.size() == 1);
        CHECK(static_cast<const Truck&>(*people[3]->vehicles[0]).tons == 7);
        REQUIRE(people[1]->vehicles.size() == 1);
        CHECK(static_cast<const Tanker&>(*people[1]->vehicles[0]).litres == 900);
        CHECK(people[0]->vehicles.size() == 1);
        CHECK(people[4]->vehicles.empty());
        CHECK(people[1]->vehicles[0]->driver.handle() == people[1]);
        // Cars, cabs, trucks, tankers; the vehicle itself comes whole.
        if (name == "joined") CHECK_MESSAGE(staff.log->count() == 5, staff.log->dump());
        if (name == "selectin" || name == "subquery" || name == "batch")
            CHECK_MESSAGE(staff.log->count() == 6, staff.log->dump());
        CHECK_FALSE(session.is_dirty());
    }
}

TEST_CASE("INH-17 LOAD-24 all in one: joined collections with their classes inline") {
    Staff staff;
    Session session = staff->session();
    const auto firms = session.query<Firm>()
                           .order_by(col(&Firm::id))
                           .options(joined<&Firm::people>().then(
                               joined<&Person::vehicles>().then(with_polymorphic<Car, Truck>())))
                           .all();
    REQUIRE(firms.size() == 2);
    CHECK(told(firms[0]->people) == Texts{"Ann", "Cid/desk A1", "Dee/bonus 500"});
    std::size_t vehicles = 0;
    for (const auto& firm : firms) {
        for (const auto& person : firm->people) {
            CHECK(person->vehicles.loaded());
            vehicles += person->vehicles.size();
        }
    }
    CHECK(vehicles == 5);
    CHECK_MESSAGE(staff.log->count() == 1, staff.log->dump());
}

TEST_CASE("INH-17 INH-14 three levels by selectin: classes that occur at each of them") {
    Staff staff;
    Session session = staff->session();
    const auto firms = session.query<Firm>()
                           .options(selectin<&Firm::people>().then(selectin<&Person::vehicles>()))
                           .all();
    REQUIRE(firms.size() == 2);
    // Firms, people, vehicles; then cars, cabs, trucks, tankers.
    CHECK_MESSAGE(staff.log->count() == 7, staff.log->dump());
    staff.log->clear();
    std::size_t vehicles = 0;
    for (const auto& firm : firms) {
        for (const auto& person : firm->people) vehicles += person->vehicles.size();
    }
    CHECK(vehicles == 5);
    CHECK(staff.log->count() == 0);
}

TEST_CASE("INH-17 relationships to a class in the middle, of one table and of joined tables") {
    Staff staff;
    const std::vector<std::pair<std::string, std::vector<LoaderOption<Firm>>>> ways{
        {"joined", {joined<&Firm::boss>(), joined<&Firm::flagship>(), joined<&Firm::trucks>()}},
        {"selectin",
         {selectin<&Firm::boss>(), selectin<&Firm::flagship>(), selectin<&Firm::trucks>()}},
        {"subquery",
         {subquery<&Firm::boss>(), subquery<&Firm::flagship>(), subquery<&Firm::trucks>()}},
        {"batch", {batch<&Firm::boss>(), batch<&Firm::flagship>(), batch<&Firm::trucks>()}},
        {"lazy", {lazy<&Firm::boss>(), lazy<&Firm::flagship>(), lazy<&Firm::trucks>()}}};
    for (const auto& way : ways) {
        const std::string& name = way.first;
        const auto& option = way.second;
        CAPTURE(name);
        Session session = staff->session();
        staff.log->clear();
        const auto firms = session.query<Firm>()
                               .order_by(col(&Firm::id))
                               .options(option[0], option[1], option[2])
                               .all();
        REQUIRE(firms.size() == 2);
        REQUIRE(firms[0]->boss);
        CHECK(firms[0]->boss->bonus == 500);
        CHECK_FALSE(firms[1]->boss); // the row that it names is a clerk
        REQUIRE(firms[0]->flagship);
        CHECK(firms[0]->flagship->litres == 900);
        CHECK(firms[0]->flagship->plate == "K5");
        CHECK_FALSE(firms[1]->flagship);
        REQUIRE(firms[0]->trucks.size() == 1);
        CHECK(firms[0]->trucks[0]->plate == "T3");
        REQUIRE(firms[1]->trucks.size() == 1);
        CHECK(class_of(firms[1]->trucks[0]) == &mapper_of<Tanker>());
        CHECK(firms[1]->trucks[0]->depot.handle() == firms[1]);
        CHECK_FALSE(session.is_dirty());
    }
}

TEST_CASE("INH-17 a relationship of a subclass loads for those of a mixed result that have it") {
    Staff staff;
    Session session = staff->session();
    const auto people = session.query<Person>().order_by(col(&Person::id)).all();
    const auto cid = std::dynamic_pointer_cast<Clerk>(people[2]);
    const auto eve = std::dynamic_pointer_cast<Clerk>(people[4]);
    CHECK(cid->chief.handle() == people[3]);
    CHECK(eve->chief.handle() == people[1]);
    staff.log->clear();
    session.commit();
    Session other = staff->session();
    staff.log->clear();
    const auto again = other.query<Person>()
                           .options(selectin<&Clerk::chief>(), selectin<&Person::firm>())
                           .order_by(col(&Person::id).desc())
                           .all();
    const std::size_t sent = staff.log->count();
    CHECK(std::dynamic_pointer_cast<Clerk>(again[0])->chief.loaded());
    CHECK(std::dynamic_pointer_cast<Clerk>(again[0])->chief->name == "Ben");
    CHECK(again[0]->firm->name == "Bolt");
    CHECK_MESSAGE(staff.log->count() == sent, staff.log->dump());
    const auto trucks = other.query<Vehicle>()
                            .where(col(&Truck::tons) > 0)
                            .options(selectin<&Truck::depot>())
                            .order_by(col(&Vehicle::id))
                            .all();
    REQUIRE(trucks.size() == 2);
    CHECK(static_cast<const Truck&>(*trucks[0]).depot.loaded());
    CHECK(static_cast<const Truck&>(*trucks[1]).depot->name == "Bolt");
}

TEST_CASE("INH-17 questions about related rows of any class") {
    Staff staff;
    Session session = staff->session();
    const auto names = [](const auto& list) {
        Texts texts;
        for (const auto& item : list) texts.push_back(item->name);
        std::sort(texts.begin(), texts.end());
        return texts;
    };
    CHECK(names(session.query<Firm>().where(rel(&Firm::boss).is_not_null()).all()) ==
          Texts{"Acme", "Bolt"});
    CHECK(names(session.query<Firm>().where(rel(&Firm::boss).has()).all()) == Texts{"Acme"});
    CHECK(names(session.query<Firm>()
                    .where(rel(&Firm::trucks).any(col(&Vehicle::plate) == "K5"))
                    .all()) == Texts{"Bolt"});
    CHECK(names(session.query<Firm>()
                    .where(rel(&Firm::flagship)
                               .has(col(&Tanker::litres) > 100, col(&Truck::tons) == 9,
                                    col(&Vehicle::plate) == "K5"))
                    .all()) == Texts{"Acme"});
    CHECK(names(session.query<Person>()
                    .where(rel(&Person::vehicles).any(col(&Car::doors) == 5))
                    .all()) == Texts{"Cid"});
    CHECK(names(session.query<Clerk>()
                    .where(rel(&Clerk::chief).has(col(&Chief::bonus) == 500))
                    .all()) == Texts{"Cid"});
    CHECK(names(session.query<Clerk>()
                    .where(rel<Clerk>(&Person::firm).has(col(&Firm::name) == "Bolt"))
                    .all()) == Texts{"Eve"});
    CHECK(session.query<Truck>()
              .where(rel<Truck>(&Vehicle::driver).has(col(&Person::name) == "Ben"))
              .one()
              ->plate == "K5");
    // Paths.
    CHECK(session.query<Vehicle>()
              .where(rel(&Vehicle::driver).col(&Person::name) == "Dee")
              .one()
              ->plate == "T3");
    CHECK(
        session.query<Firm>().where(rel(&Firm::flagship).col(&Tanker::litres) == 900).one()->name ==
        "Acme");
    CHECK(session.query<Firm>()
              .where(rel(&Firm::flagship).col(&Vehicle::plate) == "K5")
              .one()
              ->name == "Acme");
    CHECK(
        session.query<Truck>().where(rel(&Truck::depot).col(&Firm::name) == "Bolt").one()->plate ==
        "K5");
}

TEST_CASE("INH-17 joins of the user's own along relationships of any class") {
    Staff staff;
    Session session = staff->session();
    const auto firms = session.query<Firm>()
                           .join<&Firm::trucks>()
                           .where(col(&Vehicle::plate) == "K5", col(&Truck::tons) == 9)
                           .all();
    REQUIRE(firms.size() == 1);
    CHECK(firms[0]->name == "Bolt");
    CHECK(session.query<Firm>().join<&Firm::boss>().count() == 1);
    CHECK(session.query<Firm>().left_join<&Firm::boss>().count() == 2);
    CHECK(session.query<Clerk>()
              .join<&Person::firm>()
              .where(col(&Firm::name) == "Acme")
              .one()
              ->name == "Cid");
    CHECK(session.query<Tanker>()
              .join<&Vehicle::driver>()
              .where(col(&Person::name) == "Ben")
              .one()
              ->litres == 900);
    CHECK(session.query<Tanker>()
              .join<&Truck::depot>()
              .where(col(&Firm::name) == "Bolt")
              .one()
              ->litres == 900);
    const auto other = alias<Truck>("other");
    CHECK(session.query<Firm>()
              .join<&Firm::trucks>(other)
              .where(other.col(&Truck::tons) == 9, other.col(&Vehicle::plate) == "K5")
              .one()
              ->name == "Bolt");
}

TEST_CASE("INH-17 REL-39 joins of the user's own fill the relationship, also by name") {
    Staff staff;
    Session session = staff->session();
    const auto firms = session.query<Firm>()
                           .join<&Firm::trucks>()
                           .options(contains_eager<&Firm::trucks>())
                           .where(col(&Truck::tons) == 9)
                           .all();
    REQUIRE(firms.size() == 1);
    REQUIRE(firms[0]->trucks.size() == 1);
    CHECK(static_cast<const Tanker&>(*firms[0]->trucks[0]).litres == 900);
    // The firms with their trucks; then the one that is a tanker.
    CHECK_MESSAGE(staff.log->count() == 2, staff.log->dump());
    CHECK(session.query<Firm>().join("trucks").where(col(&Vehicle::plate) == "T3").one()->name ==
          "Acme");
    CHECK(session.query<Firm>()
              .join("trucks")
              .join("trucks.driver")
              .where(col(&Person::name) == "Dee")
              .one()
              ->name == "Acme");
    CHECK(session.query<Clerk>().join("firm").where(col(&Firm::name) == "Bolt").one()->name ==
          "Eve");
    CHECK(session.query<Tanker>().where(path<Tanker>("driver.name") == "Ben").count() == 1);
}

TEST_CASE("INH-17 LOAD-22 classes of joined tables as owners, in pages and subqueries") {
    Staff staff;
    for (const bool join : {true, false}) {
        CAPTURE(join);
        Session session = staff->session();
        const auto trucks =
            session.query<Truck>()
                .order_by(col(&Truck::tons).desc())
                .limit(1)
                .options(join ? joined<&Vehicle::driver>() : subquery<&Vehicle::driver>(),
                         join ? joined<&Truck::depot>().then(joined<&Firm::people>())
                              : subquery<&Truck::depot>().then(subquery<&Firm::people>()))
                .all();
        REQUIRE(trucks.size() == 1);
        CHECK(static_cast<const Tanker&>(*trucks[0]).litres == 900);
        CHECK(trucks[0]->driver->name == "Ben");
        REQUIRE(trucks[0]->depot);
        CHECK(told(trucks[0]->depot->people) == Texts{"Ben/points 70", "Eve/desk B2"});
        CHECK_FALSE(session.is_dirty());
    }
}
