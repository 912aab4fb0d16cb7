// SPDX-License-Identifier: MIT
// of_type() and and_() on relationships; concrete tables; unknown identities; bulk changes.
#include "staff.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace staff;

namespace {

using Texts = std::vector<std::string>;

template <class List>
Texts names(const List& list) {
    Texts texts;
    for (const auto& item : list) texts.push_back(item->name);
    std::sort(texts.begin(), texts.end());
    return texts;
}

} // namespace

TEST_CASE("REL-39 of_type() and and_() narrow a join to a class and to a condition") {
    Staff staff;
    Session session = staff->session();
    CHECK(names(session.query<Firm>()
                    .join(rel(&Firm::people).of_type<Clerk>().and_(col(&Worker::salary) > 1100))
                    .all()) == Texts{"Bolt"});
    CHECK(
        names(session.query<Firm>().join(rel(&Firm::people).of_type<Worker>()).distinct().all()) ==
        Texts{"Acme", "Bolt"});
    CHECK(names(session.query<Firm>().join(rel(&Firm::people).of_type<Chief>()).all()) ==
          Texts{"Acme"});
    CHECK(names(session.query<Firm>().join(rel(&Firm::trucks).of_type<Tanker>()).all()) ==
          Texts{"Bolt"});
    CHECK(names(session.query<Firm>()
                    .left_join(rel(&Firm::people).and_(col(&Person::name) == "nobody"))
                    .all()) == Texts{"Acme", "Bolt"});
    CHECK(names(session.query<Person>()
                    .join(rel(&Person::vehicles).of_type<Car>().and_(col(&Car::doors) == 5))
                    .all()) == Texts{"Cid"});
}

TEST_CASE("REL-39 INH-15 of_type() in questions about related rows") {
    Staff staff;
    Session session = staff->session();
    CHECK(names(session.query<Firm>()
                    .where(rel(&Firm::people).of_type<Clerk>().any(col(&Clerk::desk) == "B2"))
                    .all()) == Texts{"Bolt"});
    CHECK(names(session.query<Firm>().where(rel(&Firm::people).of_type<Chief>().any()).all()) ==
          Texts{"Acme"});
    CHECK(names(session.query<Person>()
                    .where(rel(&Person::vehicles).of_type<Truck>().any(col(&Truck::tons) > 8))
                    .all()) == Texts{"Ben"});
    CHECK(names(session.query<Clerk>().where(rel(&Clerk::chief).of_type<Chief>().has()).all()) ==
          Texts{"Cid"});
    CHECK(names(session.query<Firm>()
                    .where(rel(&Firm::people).and_(col(&Person::name) == "Ann").any())
                    .all()) == Texts{"Acme"});
}

TEST_CASE(
    "REL-39 LOAD-24 of_type() and where() in loaders load a part, which nobody takes for all") {
    Staff staff;
    for (const bool join : {false, true}) {
        CAPTURE(join);
        Session session = staff->session();
        staff.log->clear();
        const auto option = join ? joined<&Firm::people>() : selectin<&Firm::people>();
        const auto firms = session.query<Firm>()
                               .order_by(col(&Firm::id))
                               .options(option.of_type<Clerk>().where(col(&Worker::salary) > 500))
                               .all();
        REQUIRE(firms.size() == 2);
        CHECK(names(firms[0]->people) == Texts{"Cid"});
        CHECK(names(firms[1]->people) == Texts{"Eve"});
        CHECK_MESSAGE(staff.log->count() == (join ? 1 : 2), staff.log->dump());
        CHECK_FALSE(session.is_dirty());
        const auto trucks = session.query<Firm>()
                                .order_by(col(&Firm::id))
                                .options(join ? joined<&Firm::trucks>().of_type<Tanker>()
                                              : selectin<&Firm::trucks>().of_type<Tanker>())
                                .populate_existing()
                                .all();
        CHECK(trucks[0]->trucks.empty());
        REQUIRE(trucks[1]->trucks.size() == 1);
        CHECK(static_cast<const Tanker&>(*trucks[1]->trucks[0]).litres == 900);
    }
}

TEST_CASE("INH-12 a query for a base of concrete tables reads all of them, aligned") {
    Staff staff;
    Session session = staff->session();
    const auto media = session.query<Medium>().order_by(col(&Medium::title)).all();
    REQUIRE(media.size() == 4);
    CHECK_MESSAGE(staff.log->count() == 1, staff.log->dump());
    CHECK(staff.log->texts().front().find("UNION ALL") != std::string::npos);
    CHECK(staff.log->texts().front().find("CAST(NULL AS") != std::string::npos);
    CHECK(media[0]->title == "Map");
    CHECK(state_of(media[0].get()).mapper == &mapper_of<Medium>());
    CHECK(static_cast<const Book&>(*media[1]).pages == 80);
    CHECK(static_cast<const Film&>(*media[2]).director == "AT");
    CHECK(static_cast<const Film&>(*media[2]).price == Decimal::parse("9.50"));
    CHECK(static_cast<const Book&>(*media[3]).pages == 300);
    CHECK_FALSE(session.is_dirty());

    CHECK(session.query<Medium>().count() == 4);
    CHECK(session.query<Book>().count() == 2);
    CHECK(session.query<Medium>().where(col(&Medium::title) == "Odes").one()->id == 2);
    CHECK(session.query<Medium>().where(col(&Book::pages) > 100).one()->title == "Tales");
    CHECK(session.query<Medium>().where(col(&Film::price) == *Decimal::parse("9.50")).exists());
    CHECK(session.query<Medium>().order_by(col(&Medium::title)).offset(1).limit(2).all().size() ==
          2);
    CHECK(session.get<Book>(1)->title == "Tales");
    CHECK(session.get<Medium>(1)->title == "Map");
    const auto film = session.get<Medium>(7);
    REQUIRE(film);
    CHECK(static_cast<const Film&>(*film).director == "AT");
}

TEST_CASE("INH-04 a row of an unknown class is an error that names it, and harms nothing") {
    Staff staff;
    staff.run("INSERT INTO people (id, type, name) VALUES (9, 'ghost', 'Gus')");
    Session session = staff->session();
    std::string message;
    try {
        static_cast<void>(session.query<Person>().order_by(col(&Person::id)).all());
    } catch (const DataError& error) {
        message = error.what();
    }
    CHECK(message.find("id = 9") != std::string::npos);
    CHECK(message.find("Person") != std::string::npos);
    CHECK(message.find("ghost") != std::string::npos);
    CHECK(message.find("clerk") != std::string::npos);
    CHECK_THROWS_AS(static_cast<void>(session.get<Person>(9)), DataError);
    CHECK(session.query<Worker>().count() == 3);
    CHECK(session.get<Person>(1)->name == "Ann");
    CHECK_FALSE(session.is_dirty());
    session.commit();
}

TEST_CASE("INH-06 get_one tells what an object is instead") {
    Staff staff;
    Session session = staff->session();
    std::string message;
    try {
        static_cast<void>(session.get_one<Buyer>(3));
    } catch (const NoResultFound& error) {
        message = error.what();
    }
    CHECK(message.find("Clerk") != std::string::npos);
    CHECK_THROWS_AS(static_cast<void>(session.get_one<Buyer>(77)), NoResultFound);
}

TEST_CASE("INH-01 INH-02 an update by query touches only the rows of its class") {
    Staff staff;
    Session session = staff->session();
    CHECK(session.query<Worker>().update(set(&Worker::salary, 1)) == 3);
    CHECK(session.query<Clerk>().where(col(&Clerk::desk) == "A1").update(set(&Worker::salary, 2)) ==
          1);
    CHECK(session.query<Vehicle>().update(set(&Vehicle::driver_id, null)) == 6);
    CHECK(session.query<Clerk>().update(set(&Clerk::chief_id, null)) == 2);
    CHECK(session.query<Buyer>().delete_() == 1);
    CHECK(session.query<Person>().count() == 4);
    CHECK_THROWS_AS(session.query<Truck>().update(set(&Truck::tons, 1)), CompileError);
    CHECK_THROWS_AS(session.query<Vehicle>().delete_(), CompileError);
    session.rollback();
}

TEST_CASE("INH-06 select(entity) gives real classes, and whole ones") {
    Staff staff;
    Session session = staff->session();
    const auto rows =
        session.execute(select(entity<Vehicle>(), col(&Vehicle::plate)).order_by(col(&Vehicle::id)))
            .all();
    REQUIRE(rows.size() == 6);
    CHECK_MESSAGE(staff.log->count() == 1, staff.log->dump());
    CHECK(static_cast<const Tanker&>(*std::get<0>(rows[4])).litres == 900);
    CHECK(std::get<1>(rows[4]) == "K5");
    const auto clerks = session.execute(select(entity<Clerk>()).order_by(col(&Person::id))).all();
    REQUIRE(clerks.size() == 2);
    CHECK(std::get<0>(clerks[1])->desk == "B2");
    const auto trucks = session.execute(select(entity<Truck>()).order_by(col(&Vehicle::id))).all();
    REQUIRE(trucks.size() == 2);
    CHECK(std::get<0>(trucks[0])->tons == 7);
    const auto tons = session.execute(select(col(&Truck::tons)).order_by(col(&Truck::tons))).all();
    REQUIRE(tons.size() == 2);
    CHECK(std::get<0>(tons[1]) == 9);
}

TEST_CASE("INH-06 const objects, values, streams and pages of a hierarchy") {
    Staff staff;
    Session session = staff->session();
    const auto people = session.query<const Person>().order_by(col(&Person::id)).all();
    REQUIRE(people.size() == 5);
    CHECK(dynamic_cast<const Clerk*>(people[2].get()) != nullptr);
    const auto vehicles = session.query<const Vehicle>().order_by(col(&Vehicle::id)).all();
    CHECK(static_cast<const Tanker&>(*vehicles[4]).litres == 900);
    std::size_t doors = 0;
    session.query<Car>().stream(
        [&](const Car& car) { doors += static_cast<std::size_t>(car.doors); });
    CHECK(doors == 11);
    CHECK(session.query<Truck>().order_by(col(&Vehicle::id)).values().back().tons == 9);
    std::size_t cars = 0;
    session.query<Vehicle>().yield_per(2).each([&](const std::shared_ptr<const Vehicle>& vehicle) {
        const Mapper* real = state_of(const_cast<Vehicle*>(vehicle.get())).mapper;
        if (real->is_a(mapper_of<Car>())) ++cars;
    });
    CHECK(cars == 3);
}

TEST_CASE(
    "INH-06 LOAD-24 criteria of a base hold for its subclasses, one of a subclass for it alone") {
    Staff staff;
    Session session = staff->session();
    session.criteria<Person>(col(&Person::name) != "Cid");
    session.criteria<Buyer>(col(&Buyer::points) > 100);
    CHECK(names(session.query<Person>().all()) == Texts{"Ann", "Dee", "Eve"});
    CHECK(names(session.query<Clerk>().all()) == Texts{"Eve"});
    CHECK(session.get<Person>(3) == nullptr);
    CHECK(session.get<Clerk>(3) == nullptr);
    session.criteria<Medium>(col(&Medium::title) != "Odes");
    CHECK(session.query<Medium>().count() == 3);
    CHECK(session.query<Book>().count() == 1);
}
