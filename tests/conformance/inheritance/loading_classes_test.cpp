// SPDX-License-Identifier: MIT
// A query for a base gives each row as the class that it is.
#include "staff.hpp"

#include <doctest/doctest.h>

using namespace staff;

TEST_CASE("INH-06 INH-13 a query for the root of one table gives each row as its class") {
    Staff staff;
    Session session = staff->session();
    const auto people = session.query<Person>().order_by(col(&Person::id)).all();
    REQUIRE(people.size() == 5);
    CHECK(state_of(people[0].get()).mapper == &mapper_of<Person>());
    const auto buyer = std::dynamic_pointer_cast<Buyer>(people[1]);
    REQUIRE(buyer);
    CHECK(buyer->points == 70);
    const auto clerk = std::dynamic_pointer_cast<Clerk>(people[2]);
    REQUIRE(clerk);
    CHECK(clerk->desk == "A1");
    CHECK(clerk->salary == 1000);
    const auto chief = std::dynamic_pointer_cast<Chief>(people[3]);
    REQUIRE(chief);
    CHECK(chief->bonus == 500);
    CHECK_MESSAGE(staff.log->count() == 1, staff.log->dump());
    CHECK_FALSE(session.is_dirty());
}

TEST_CASE("INH-06 INH-16 a class in the middle gives those that inherit it, and no others") {
    Staff staff;
    Session session = staff->session();
    const auto workers = session.query<Worker>().order_by(col(&Person::id)).all();
    REQUIRE(workers.size() == 3);
    CHECK(workers[0]->salary == 1000);
    CHECK(dynamic_cast<Chief*>(workers[1].get()) != nullptr);
    CHECK(session.query<Worker>().count() == 3);
    CHECK(session.query<Clerk>().count() == 2);
    CHECK(session.query<Buyer>().one()->name == "Ben");
    CHECK(session.query<Chief>().where(col(&Worker::salary) < 100).exists() == false);
}

TEST_CASE("INH-02 INH-06 INH-14 joined tables: one more statement for each class that occurs") {
    Staff staff;
    Session session = staff->session();
    const auto vehicles = session.query<Vehicle>().order_by(col(&Vehicle::id)).all();
    REQUIRE_MESSAGE(vehicles.size() == 6, staff.log->dump());
    // Vehicles themselves, then cars, cabs, trucks and tankers.
    CHECK_MESSAGE(staff.log->count() == 5, staff.log->dump());
    const auto real = [&](std::size_t i) { return state_of(vehicles[i].get()).mapper; };
    CHECK(real(0) == &mapper_of<Vehicle>());
    REQUIRE(real(1) == &mapper_of<Car>());
    CHECK(static_cast<const Car&>(*vehicles[1]).doors == 4);
    REQUIRE(real(2) == &mapper_of<Truck>());
    CHECK(static_cast<const Truck&>(*vehicles[2]).tons == 7);
    REQUIRE(real(3) == &mapper_of<Cab>());
    CHECK(static_cast<const Cab&>(*vehicles[3]).sign == "taxi");
    CHECK(static_cast<const Cab&>(*vehicles[3]).doors == 5);
    REQUIRE(real(4) == &mapper_of<Tanker>());
    CHECK(static_cast<const Tanker&>(*vehicles[4]).litres == 900);
    CHECK(static_cast<const Tanker&>(*vehicles[4]).tons == 9);
    CHECK_FALSE(session.is_dirty());
}

TEST_CASE("LOAD-24 INH-14 with_polymorphic reads all classes in one statement") {
    Staff staff;
    Session session = staff->session();
    const auto vehicles = session.query<Vehicle>()
                              .options(with_polymorphic<Car, Truck>())
                              .order_by(col(&Vehicle::id))
                              .all();
    REQUIRE(vehicles.size() == 6);
    CHECK_MESSAGE(staff.log->count() == 1, staff.log->dump());
    CHECK(static_cast<const Tanker&>(*vehicles[4]).litres == 900);
    CHECK(static_cast<const Cab&>(*vehicles[3]).sign == "taxi");
    staff.log->clear();
    Session second = staff->session();
    const auto some = second.query<Vehicle>().options(with_polymorphic<Truck>()).all();
    CHECK(some.size() == 6);
    // Cars and cabs by one more each.
    CHECK_MESSAGE(staff.log->count() == 3, staff.log->dump());
    staff.log->clear();
    Session third = staff->session();
    const auto cars =
        third.query<Vehicle>()
            .options(with_polymorphic<Car, Truck>(), selectin_polymorphic<Tanker, Cab>())
            .where(col(&Vehicle::plate) != "K5")
            .all();
    CHECK(cars.size() == 5);
    CHECK_MESSAGE(staff.log->count() == 2, staff.log->dump());
}

TEST_CASE("INH-14 LOAD-24 what this transaction has read is not read again") {
    Staff staff;
    Session session = staff->session();
    const auto first = session.query<Vehicle>().all();
    staff.log->clear();
    const auto second = session.query<Vehicle>().all();
    CHECK(first == second);
    CHECK_MESSAGE(staff.log->count() == 1, staff.log->dump());
}

TEST_CASE("INH-15 conditions and order on columns of subclasses join what they name") {
    Staff staff;
    Session session = staff->session();
    const auto heavy = session.query<Vehicle>()
                           .where(col(&Truck::tons) > 5)
                           .order_by(col(&Truck::tons).desc())
                           .all();
    REQUIRE(heavy.size() == 2);
    CHECK(heavy[0]->plate == "K5");
    CHECK(session.query<Vehicle>()
              .where(col(&Car::doors) == 2 || col(&Tanker::litres) > 100)
              .count() == 2);
    CHECK(session.query<Person>()
              .where(col(&Worker::salary) > 1100 || col(&Buyer::points) > 50)
              .count() == 3);
    const auto page = session.query<Vehicle>()
                          .where(col(&Car::doors).is_not_null())
                          .order_by(col(&Car::doors).desc(), col(&Vehicle::id))
                          .offset(1)
                          .limit(1)
                          .all();
    REQUIRE(page.size() == 1);
    CHECK(page[0]->plate == "C2");
    CHECK(session.query<Vehicle>().where(col(&Cab::sign) == "taxi").exists());
    CHECK(session.query<Vehicle>().where(col(&Tanker::litres) == 900).one()->plate == "K5");
}

TEST_CASE("INH-06 get finds any class of the hierarchy by any of its bases") {
    Staff staff;
    Session session = staff->session();
    const auto person = session.get<Person>(3);
    REQUIRE(person);
    CHECK(dynamic_cast<Clerk*>(person.get()) != nullptr);
    CHECK(session.get<Clerk>(3) == person);
    CHECK(session.get<Worker>(3) == person);
    CHECK(session.get<Buyer>(3) == nullptr);
    CHECK(session.get<Buyer>(1) == nullptr);
    const auto tanker = session.get<Vehicle>(5);
    REQUIRE(tanker);
    CHECK(static_cast<const Tanker&>(*tanker).litres == 900);
    CHECK(session.get<Truck>(5) == tanker);
    CHECK(session.get<Car>(5) == nullptr);
    CHECK(session.get<Truck>(2) == nullptr);
    CHECK(session.get<Tanker>(3) == nullptr);
    Session other = staff->session();
    staff.log->clear();
    CHECK(other.get<Truck>(3)->tons == 7);
    CHECK_THROWS_AS(static_cast<void>(other.get_one<Tanker>(3)), NoResultFound);
}

TEST_CASE("INH-06 refresh and expire read an object of any class again") {
    Staff staff;
    Session session = staff->session();
    const auto tanker = session.get_one<Tanker>(5);
    const auto clerk = session.get_one<Clerk>(3);
    session.commit();
    staff.run("UPDATE vehicles SET plate = 'NEW' WHERE id = 5");
    staff.run("UPDATE tankers SET litres = 1 WHERE vehicle_id = 5");
    staff.run("UPDATE people SET desk = 'Z9' WHERE id = 3");
    session.refresh(tanker);
    CHECK(tanker->plate == "NEW");
    CHECK(tanker->litres == 1);
    session.refresh(clerk);
    CHECK(clerk->desk == "Z9");
}
