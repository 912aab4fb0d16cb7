// SPDX-License-Identifier: MIT
// Hierarchies of each kind for the tests of loading: people in one table, vehicles in joined tables
// with one class in a table of its base, media in tables of their own, and what refers to them.
#pragma once

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/polymorphic.hpp>
#include <mercator/mercator.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace staff {

using namespace mercator;
using mercator::test::SqlLog;

struct Firm;
struct Vehicle;

// Single table, three levels, one class between without objects.

struct Person {
    std::int64_t id{};
    std::string type;
    std::string name;
    std::optional<std::int64_t> firm_id;
    One<Firm> firm;
    Many<Vehicle> vehicles;
    virtual ~Person() = default;
};
struct Buyer : Person {
    std::optional<int> points;
};
struct Worker : Person { // polymorphic_abstract
    std::optional<int> salary;
};
struct Clerk : Worker {
    std::optional<std::string> desk;
    std::optional<std::int64_t> chief_id;
    One<Person> chief;
};
struct Chief : Worker {
    std::optional<int> bonus;
};

// Joined tables, identities are numbers; Tanker is two tables away, Cab shares Car's.

enum class Kind { vehicle, car, truck, tanker, cab };

struct Vehicle {
    std::int64_t id{};
    Kind kind{};
    std::string plate;
    std::optional<std::int64_t> driver_id;
    One<Person> driver;
};
struct Car : Vehicle {
    int doors{};
};
struct Cab : Car {
    std::optional<std::string> sign;
};
struct Truck : Vehicle {
    int tons{};
    std::optional<std::int64_t> depot_id;
    One<Firm> depot;
};
struct Tanker : Truck {
    int litres{};
};

struct Firm {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> boss_id;
    std::optional<std::int64_t> flagship_id;
    One<Chief> boss;
    One<Tanker> flagship;
    Many<Person> people;
    Many<Truck> trucks;
};

// A table for each class.

struct Medium {
    std::int64_t id{};
    int kind{};
    std::string title;
};
struct Book : Medium {
    int pages{};
};
struct Film : Medium {
    std::string director;
    std::optional<Decimal> price;
};

inline void describe(Mapping<Person>& person) {
    person.table("people");
    person.column<&Person::id>().primary_key();
    person.column<&Person::type>(String(20));
    person.column<&Person::name>(String(40));
    person.column<&Person::firm_id>().references<&Firm::id>();
    person.relationship<&Person::firm>()
        .foreign_keys<&Person::firm_id>()
        .back_populates<&Firm::people>();
    person.relationship<&Person::vehicles>().back_populates<&Vehicle::driver>();
    person.polymorphic_on<&Person::type>().identity("person");
}
inline void describe(Mapping<Buyer>& buyer) {
    buyer.inherits<Person>().identity("buyer");
    buyer.column<&Buyer::points>();
}
inline void describe(Mapping<Worker>& worker) {
    worker.inherits<Person>().polymorphic_abstract();
    worker.column<&Worker::salary>();
}
inline void describe(Mapping<Clerk>& clerk) {
    clerk.inherits<Worker>().identity("clerk");
    clerk.column<&Clerk::desk>(String(20));
    clerk.column<&Clerk::chief_id>().references<&Person::id>();
    clerk.relationship<&Clerk::chief>().foreign_keys<&Clerk::chief_id>();
}
inline void describe(Mapping<Chief>& chief) {
    chief.inherits<Worker>().identity("chief");
    chief.column<&Chief::bonus>();
}

inline void describe(Mapping<Vehicle>& vehicle) {
    vehicle.table("vehicles");
    vehicle.column<&Vehicle::id>().primary_key();
    vehicle.column<&Vehicle::kind>();
    vehicle.column<&Vehicle::plate>(String(20));
    vehicle.column<&Vehicle::driver_id>().references<&Person::id>();
    vehicle.relationship<&Vehicle::driver>().back_populates<&Person::vehicles>();
    vehicle.polymorphic_on<&Vehicle::kind>().identity(Kind::vehicle);
}
inline void describe(Mapping<Car>& car) {
    car.inherits<Vehicle>().table("cars").identity(Kind::car);
    car.column<&Car::doors>();
}
inline void describe(Mapping<Cab>& cab) {
    cab.inherits<Car>().identity(Kind::cab);
    cab.column<&Cab::sign>(String(20));
}
inline void describe(Mapping<Truck>& truck) {
    truck.inherits<Vehicle>().table("trucks").inherit_key("vehicle_id").identity(Kind::truck);
    truck.column<&Truck::tons>();
    truck.column<&Truck::depot_id>().references<&Firm::id>();
    truck.relationship<&Truck::depot>().back_populates<&Firm::trucks>();
}
inline void describe(Mapping<Tanker>& tanker) {
    tanker.inherits<Truck>().table("tankers").identity(Kind::tanker);
    tanker.column<&Tanker::litres>();
}

inline void describe(Mapping<Firm>& firm) {
    firm.table("firms");
    firm.column<&Firm::id>().primary_key();
    firm.column<&Firm::name>(String(40));
    firm.column<&Firm::boss_id>();
    firm.column<&Firm::flagship_id>();
    firm.relationship<&Firm::boss>()
        .primaryjoin([](auto own, auto other) { return own(&Firm::boss_id) == other(&Chief::id); })
        .viewonly();
    firm.relationship<&Firm::flagship>()
        .primaryjoin(
            [](auto own, auto other) { return own(&Firm::flagship_id) == other(&Tanker::id); })
        .viewonly();
    firm.relationship<&Firm::people>().back_populates<&Person::firm>();
    firm.relationship<&Firm::trucks>().back_populates<&Truck::depot>();
}

inline void describe(Mapping<Medium>& medium) {
    medium.table("media");
    medium.column<&Medium::id>().primary_key();
    medium.column<&Medium::kind>();
    medium.column<&Medium::title>(String(40));
    medium.polymorphic_on<&Medium::kind>().identity(0);
}
inline void describe(Mapping<Book>& book) {
    book.inherits<Medium>().concrete().table("books").identity(1);
    book.column<&Book::pages>();
}
inline void describe(Mapping<Film>& film) {
    film.inherits<Medium>().concrete().table("films").identity(2);
    film.column<&Film::director>(String(40));
    film.column<&Film::price>(Numeric(8, 2));
}

/// Two firms with people and trucks; vehicles of all kinds; media in three tables.
struct Staff : test::Backend {
    explicit Staff(Config config = {}) : Backend(std::move(config)) {
        database()
            .create_all<Firm, Person, Buyer, Worker, Clerk, Chief, Vehicle, Car, Cab, Truck, Tanker,
                        Medium, Book, Film>();
        for (const char* sql : rows_of_all) run(sql);
        Session session = database().session(); // decimals are stored in many ways
        Film film;
        film.id = 7;
        film.title = "Stalker";
        film.director = "AT";
        film.price = Decimal::parse("9.50");
        session.add(std::move(film));
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;

private:
    static constexpr const char* rows_of_all[] = {
        "INSERT INTO firms (id, name, boss_id, flagship_id) VALUES (1, 'Acme', 4, 5), "
        "(2, 'Bolt', 3, NULL)",
        "INSERT INTO people (id, type, name, firm_id) VALUES (1, 'person', 'Ann', 1)",
        "INSERT INTO people (id, type, name, firm_id, points) VALUES (2, 'buyer', 'Ben', 2, 70)",
        "INSERT INTO people (id, type, name, firm_id, salary, bonus) "
        "VALUES (4, 'chief', 'Dee', 1, 3000, 500)",
        "INSERT INTO people (id, type, name, firm_id, salary, desk, chief_id) "
        "VALUES (3, 'clerk', 'Cid', 1, 1000, 'A1', 4)",
        "INSERT INTO people (id, type, name, firm_id, salary, desk, chief_id) "
        "VALUES (5, 'clerk', 'Eve', 2, 1200, 'B2', 2)",
        "INSERT INTO vehicles (id, kind, plate, driver_id) VALUES (1, 'vehicle', 'V1', 1), "
        "(2, 'car', 'C2', 3), (3, 'truck', 'T3', 4), (4, 'cab', 'B4', 3), (5, 'tanker', 'K5', 2), "
        "(6, 'car', 'C6', NULL)",
        "INSERT INTO cars (id, doors, sign) VALUES (2, 4, NULL), (4, 5, 'taxi'), (6, 2, NULL)",
        "INSERT INTO trucks (vehicle_id, tons, depot_id) VALUES (3, 7, 1), (5, 9, 2)",
        "INSERT INTO tankers (vehicle_id, litres) VALUES (5, 900)",
        "INSERT INTO media (id, kind, title) VALUES (1, 0, 'Map')",
        "INSERT INTO books (id, kind, title, pages) VALUES (1, 1, 'Tales', 300), (2, 1, 'Odes', "
        "80)",
    };
};

} // namespace staff
