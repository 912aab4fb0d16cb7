// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using mercator::col;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

struct Person {
    std::int64_t id{};
    std::string email;
    std::optional<std::string> nickname;
    int age{};
};
void describe(mercator::Mapping<Person>& person) {
    person.column<&Person::id>().primary_key();
    person.column<&Person::email>(mercator::String(60)).unique();
    person.column<&Person::nickname>(mercator::String(60)).unique();
    person.column<&Person::age>().index();
    person.check(col(&Person::age) >= 0, "age_not_negative");
}

struct Country {
    std::string code;
    std::string name;
};
void describe(mercator::Mapping<Country>& country) {
    country.column<&Country::code>(mercator::String(2)).primary_key();
    country.column<&Country::name>(mercator::String(60));
}

struct Passport { // the key is a foreign key: the database makes nothing
    std::int64_t person_id{};
    std::string number;
};
void describe(mercator::Mapping<Passport>& passport) {
    passport.column<&Passport::person_id>().primary_key().references<&Person::id>();
    passport.column<&Passport::number>(mercator::String(20));
}

struct Counter {
    std::int64_t id{};
    int value{};
};
void describe(mercator::Mapping<Counter>& counter) {
    counter.column<&Counter::id>().primary_key().autoincrement(false);
    counter.column<&Counter::value>();
}

struct Measure {
    std::string place;
    std::int32_t year{};
    std::int16_t month{};
    double value{};
};
void describe(mercator::Mapping<Measure>& measure) {
    measure.column<&Measure::place>(mercator::String(20));
    measure.column<&Measure::year>();
    measure.column<&Measure::month>();
    measure.column<&Measure::value>();
    measure.primary_key<&Measure::place, &Measure::year, &Measure::month>();
}

struct Line;
struct Order {
    std::string region;
    std::int64_t number{};
    mercator::Many<Line> lines;
};
struct Line {
    std::int64_t id{};
    std::optional<std::string> region;
    std::optional<std::int64_t> order_number;
    std::string text;
    mercator::One<Order> order;
};
void describe(mercator::Mapping<Order>& order) {
    order.table("orders");
    order.column<&Order::region>(mercator::String(10)).primary_key();
    order.column<&Order::number>().primary_key();
    order.relationship<&Order::lines>().backref<&Line::order>();
}
void describe(mercator::Mapping<Line>& line) {
    line.column<&Line::id>().primary_key();
    line.column<&Line::region>(mercator::String(10));
    line.column<&Line::order_number>();
    line.column<&Line::text>(mercator::String(20));
    line.foreign_key(mercator::members<&Line::region, &Line::order_number>,
                     mercator::members<&Order::region, &Order::number>);
}

struct Folder {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> parent_id;
    mercator::One<Folder> parent;
    mercator::Many<Folder> children;
};
void describe(mercator::Mapping<Folder>& folder) {
    folder.column<&Folder::id>().primary_key();
    folder.column<&Folder::name>(mercator::String(20));
    folder.column<&Folder::parent_id>().references<&Folder::id>();
    folder.relationship<&Folder::children>().backref<&Folder::parent>().remote_side<&Folder::id>();
}

struct Sticker {
    std::int64_t id{};
    std::int64_t folder_id{};
    mercator::One<Folder> folder;
};
void describe(mercator::Mapping<Sticker>& sticker) {
    sticker.column<&Sticker::id>().primary_key();
    sticker.column<&Sticker::folder_id>()
        .references("folder.id")
        .on_delete(mercator::ReferentialAction::Cascade);
    sticker.relationship<&Sticker::folder>();
}

} // namespace

TEST_CASE("KEY-01 KEY-03 a single integer key is made by the database and read back") {
    Backend backend;
    backend->create_all<Person>();
    mercator::Session session = backend->session();
    const auto first = session.add(Person{.email = "a"});
    const auto second = session.add(Person{.email = "b"});
    session.commit();
    CHECK(first->id > 0);
    CHECK(second->id > first->id);
    const auto given = session.add(Person{.id = 500, .email = "c"}); // a key of one's own is kept
    session.commit();
    CHECK(given->id == 500);
    CHECK(backend->session().get<Person>(500)->email == "c");
    std::vector<std::shared_ptr<Person>> many;
    for (int i = 0; i < 300; ++i)
        many.push_back(session.add(Person{.email = std::to_string(i), .age = i}));
    session.commit();
    mercator::Session reader = backend->session();
    for (const auto& person : many) {
        const auto found = reader.get<Person>(person->id);
        REQUIRE(found);
        CHECK(found->email == person->email);
    }
}

TEST_CASE("KEY-01 a key of text is the program's own") {
    Backend backend;
    backend->create_all<Country>();
    mercator::Session session = backend->session();
    session.add(Country{.code = "de", .name = "Germany"});
    session.add(Country{.code = "fr", .name = "France"});
    session.commit();
    mercator::Session reader = backend->session();
    CHECK(reader.get<Country>("de")->name == "Germany");
    CHECK(reader.get<Country>(std::string("fr"))->name == "France");
    CHECK(reader.get<Country>("xx") == nullptr);
}

TEST_CASE("KEY-03 a key that is a foreign key, or says so, is not made by the database") {
    Backend backend;
    backend->create_all<Person, Passport, Counter>();
    mercator::Session session = backend->session();
    const auto person = session.add(Person{.email = "a"});
    session.flush();
    session.add(Passport{.person_id = person->id, .number = "C01X"});
    session.add(Counter{.id = 0, .value = 4});
    session.commit();
    mercator::Session reader = backend->session();
    CHECK(reader.get<Passport>(person->id)->number == "C01X");
    CHECK(reader.get<Counter>(0)->value == 4);
    CHECK(mercator::mapper_of<Person>().generated_key() == 0);
    CHECK(mercator::mapper_of<Passport>().generated_key() == -1);
    CHECK(mercator::mapper_of<Counter>().generated_key() == -1);
    CHECK(mercator::mapper_of<Country>().generated_key() == -1);
}

TEST_CASE("KEY-05 keys of three columns: get, identity, change, delete") {
    Backend backend;
    backend->create_all<Measure>();
    {
        mercator::Session session = backend->session();
        for (int year = 2000; year < 2003; ++year) {
            for (std::int16_t month = 1; month <= 3; ++month) {
                session.add(Measure{
                    .place = "Ulm", .year = year, .month = month, .value = double(year + month)});
            }
        }
        session.commit();
    }
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto found = session.get<Measure>("Ulm", 2001, 2);
    REQUIRE(found);
    CHECK(found->value == 2003);
    CHECK(session.get<Measure>("Ulm", 2001, std::int64_t{2}) == found);
    CHECK(log.count("SELECT") == 1);
    CHECK(session.get<Measure>("Ulm", 2001, 12) == nullptr);
    CHECK(session.query<Measure>()
              .where(col(&Measure::year) == 2001, col(&Measure::month) == 2)
              .one() == found);
    CHECK_THROWS_AS(static_cast<void>(session.get<Measure>("Ulm", 2001)), mercator::ArgumentError);
    found->value = -1;
    for (const auto& other : session.query<Measure>().where(col(&Measure::year) == 2002).all())
        other->value = 0;
    session.delete_(session.get<Measure>("Ulm", 2000, 1));
    session.delete_(session.get<Measure>("Ulm", 2000, 3));
    session.commit();
    mercator::Session reader = backend->session();
    CHECK(reader.query<Measure>().count() == 7);
    CHECK(reader.get<Measure>("Ulm", 2001, 2)->value == -1);
    CHECK(reader.get<Measure>("Ulm", 2001, 3)->value == 2004);
    CHECK(reader.get<Measure>("Ulm", 2002, 3)->value == 0);
    CHECK(reader.get<Measure>("Ulm", 2000, 1) == nullptr);
}

TEST_CASE("KEY-05 relationships go by keys of two columns") {
    Backend backend;
    backend->create_all<Order, Line>();
    {
        mercator::Session session = backend->session();
        for (const char* region : {"north", "south"}) {
            const auto order = session.add(Order{.region = region, .number = 1});
            for (int i = 0; i < 3; ++i) {
                order->lines.add(
                    session.add(Line{.text = std::string(region) + std::to_string(i)}));
            }
        }
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto north = session.get<Order>("north", 1);
    REQUIRE(north->lines.size() == 3);
    for (const auto& line : north->lines) {
        CHECK(line->region == "north");
        CHECK(line->order_number == 1);
        CHECK(line->order == north);
    }
    const auto south = session.get<Order>("south", 1);
    const auto moved = north->lines[0];
    moved->order = south;
    session.commit();
    mercator::Session reader = backend->session();
    CHECK(reader.get<Line>(moved->id)->region == "south");
    CHECK(reader.get<Order>("south", 1)->lines.size() == 4);
    reader.get<Line>(moved->id)->order.reset();
    reader.commit();
    CHECK_FALSE(reader.get<Line>(moved->id)->region.has_value());
    CHECK_FALSE(reader.get<Line>(moved->id)->order_number.has_value());
    CHECK(reader.query<Line>().join<&Line::order>().where(col(&Order::region) == "south").count() ==
          3);
}

namespace {

struct Loose { // the table of Country, its name not required by the class
    std::string code;
    std::optional<std::string> name;
};
void describe(mercator::Mapping<Loose>& loose) {
    loose.table("country");
    loose.column<&Loose::code>(mercator::String(2)).primary_key();
    loose.column<&Loose::name>(mercator::String(60));
}

} // namespace

TEST_CASE("KEY-07 NULL in a NOT NULL column is a NotNullViolation that names the column") {
    Backend backend;
    backend->create_all<Country>();
    mercator::Session session = backend->session();
    const auto bad = session.add(Loose{.code = "xx"});
    try {
        session.commit();
        FAIL("NULL was stored");
    } catch (const mercator::NotNullViolation& error) {
        CHECK(error.column() == "name");
    }
    bad->name = "named";
    session.commit();
    CHECK(session.query<Country>().one()->name == "named");
}

TEST_CASE("KEY-08 a second row of one unique value is a UniqueViolation that names constraint or "
          "columns") {
    Backend backend;
    backend->create_all<Person>();
    mercator::Session session = backend->session();
    session.add(Person{.email = "a@example.org"});
    session.commit();
    const auto twin = session.add(Person{.email = "a@example.org"});
    try {
        session.commit();
        FAIL("both were stored");
    } catch (const mercator::UniqueViolation& error) {
        CAPTURE(error.what());
        const bool named = error.constraint() == "uq_person_email" || error.column() == "email";
        CHECK(named);
        CHECK(std::string(error.what()).find("example.org") ==
              std::string::npos); // no value in the text
    }
    twin->email = "b@example.org";
    session.commit();
    CHECK(session.query<Person>().count() == 2);
}

TEST_CASE("KEY-09 NULLs are different from each other in a unique column, values are not") {
    Backend backend;
    backend->create_all<Person>();
    mercator::Session session = backend->session();
    session.add(Person{.email = "a"});
    session.add(Person{.email = "b"});
    session.add(Person{.email = "c", .nickname = "n"});
    session.commit();
    CHECK(session.query<Person>().where(col(&Person::nickname).is_null()).count() == 2);
    session.add(Person{.email = "d", .nickname = "n"});
    CHECK_THROWS_AS(session.commit(), mercator::UniqueViolation);
}

TEST_CASE("KEY-10 an index has the name of the convention and is reflected as it was made") {
    Backend backend;
    backend->create_all<Person>();
    mercator::Connection connection = backend->engine().connect();
    const auto indexes =
        backend->engine().dialect().inspector(connection.driver())->indexes("person");
    const auto found =
        std::find_if(indexes.begin(), indexes.end(),
                     [](const mercator::Index& index) { return index.name == "ix_person_age"; });
    REQUIRE(found != indexes.end());
    CHECK(found->columns == std::vector<std::string>{"age"});
    CHECK_FALSE(found->unique);
}

TEST_CASE("KEY-12 foreign keys by member and by name are both enforced") {
    Backend backend;
    backend->create_all<Person, Passport, Folder, Sticker>();
    {
        mercator::Session session = backend->session();
        session.add(Passport{.person_id = 12'345, .number = "none"});
        CHECK_THROWS_AS(session.commit(), mercator::ForeignKeyViolation);
    }
    {
        mercator::Session session = backend->session();
        session.add(Sticker{.folder_id = 12'345});
        CHECK_THROWS_AS(session.commit(), mercator::ForeignKeyViolation);
    }
    mercator::Session session = backend->session();
    const auto folder = session.add(Folder{.name = "f"});
    session.flush();
    session.add(Sticker{.folder_id = folder->id});
    session.commit();
    backend.run("DELETE FROM folder"); // ON DELETE CASCADE
    CHECK(session.query<Sticker>().count() == 0);
}

TEST_CASE("KEY-13 a foreign key without a named column goes to the primary key") {
    Backend backend;
    mercator::Table parent{"parent", mercator::Column("id", mercator::Integer()).primary_key()};
    mercator::Table child{"child", mercator::Column("id", mercator::Integer()).primary_key(),
                          mercator::Column("parent_id", mercator::Integer())};
    child.add(mercator::ForeignKey{.columns = {"parent_id"}, .target_table = "parent"});
    backend->add(child);
    backend->add(parent);
    backend->create_all<>();
    CHECK_THROWS_AS(backend.run("INSERT INTO child (id, parent_id) VALUES (1, 1)"),
                    mercator::ForeignKeyViolation);
    backend.run("INSERT INTO parent (id) VALUES (1)");
    backend.run("INSERT INTO child (id, parent_id) VALUES (1, 1)");
}

TEST_CASE("KEY-13 a foreign key to a column that is not unique is refused with an explanation") {
    Backend backend;
    mercator::Table parent{"parent", mercator::Column("id", mercator::Integer()).primary_key(),
                           mercator::Column("colour", mercator::Integer())};
    mercator::Table child{
        "child", mercator::Column("id", mercator::Integer()).primary_key(),
        mercator::Column("colour", mercator::Integer()).references("parent.colour")};
    backend->add(parent);
    backend->add(child);
    try {
        backend->create_all<>();
        FAIL("the table was made");
    } catch (const mercator::MappingError& error) {
        const std::string text = error.what();
        CHECK(text.find("child.colour") != std::string::npos);
        CHECK(text.find("parent.colour") != std::string::npos);
        CHECK(text.find("unique") != std::string::npos);
    }
    mercator::Connection connection = backend->engine().connect();
    CHECK(backend->engine().dialect().inspector(connection.driver())->table_names().empty());
}

TEST_CASE("KEY-14 a parent taken away writes NULL") {
    Backend backend;
    backend->create_all<Folder>();
    mercator::Session session = backend->session();
    const auto root = session.add(Folder{.name = "root"});
    const auto leaf = session.add(Folder{.name = "leaf"});
    leaf->parent = root;
    session.commit();
    CHECK(leaf->parent_id == root->id);
    leaf->parent.reset();
    session.commit();
    CHECK_FALSE(leaf->parent_id.has_value());
    mercator::Session reader = backend->session();
    CHECK_FALSE(reader.get<Folder>(leaf->id)->parent_id.has_value());
    CHECK(reader.query<Folder>().where(col(&Folder::parent_id).is_null()).count() == 2);
}

TEST_CASE("KEY-14 a required parent that is missing is found before any SQL, naming the member") {
    Backend backend;
    backend->create_all<Folder, Sticker>();
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto sticker = session.add(Sticker{});
    try {
        session.commit();
        FAIL("a sticker without a folder was stored");
    } catch (const mercator::Error& error) {
        const std::string text = error.what();
        CHECK(text.find("Sticker.folder") != std::string::npos);
    }
    INFO(log.dump());
    CHECK(log.count("INSERT") == 0);
    sticker->folder = session.add(Folder{.name = "home"});
    session.commit();
    CHECK(backend->session().query<Sticker>().one()->folder->name == "home");
}

namespace {

struct Reading {
    std::int64_t id{};
    int low{};
    int high{};
};

void describe(mercator::Mapping<Reading>& reading) {
    reading.table("readings_checked");
    reading.column<&Reading::id>().primary_key();
    reading.column<&Reading::low>();
    reading.column<&Reading::high>();
    reading.check("low <= high", "readings_in_order");
}

} // namespace

TEST_CASE("KEY-16 a check given as text is enforced and its violation carries the name") {
    Backend backend;
    backend->create_all<Reading>();
    mercator::Session session = backend->session();
    if (!backend.can().check_constraints) {
        mercator::test::cannot("KEY-16", "this version reads CHECK and does not enforce it");
        return;
    }
    const auto reading = session.add(Reading{.low = 5, .high = 1});
    try {
        session.commit();
        FAIL("the check let it pass");
    } catch (const mercator::CheckViolation& error) {
        CHECK(error.constraint() == "readings_in_order");
    }
    reading->high = 9;
    session.commit();
}

TEST_CASE("KEY-16 a named check is enforced and its violation carries the name") {
    Backend backend;
    backend->create_all<Person>();
    mercator::Session session = backend->session();
    const auto person = session.add(Person{.email = "a", .age = -1});
    if (!backend.can().check_constraints) {
        mercator::test::cannot("KEY-16", "this version reads CHECK and does not enforce it");
        return;
    }
    try {
        session.commit();
        FAIL("the check let it pass");
    } catch (const mercator::CheckViolation& error) {
        CHECK(error.constraint() == "age_not_negative");
    }
    person->age = 1;
    session.commit();
    person->age = -5;
    CHECK_THROWS_AS(session.commit(), mercator::CheckViolation);
}
