// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

using mercator::col;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

// The letter of a class says nothing about the order: C is needed by B, B by A.
struct C {
    std::int64_t id{};
};
void describe(mercator::Mapping<C>& c) {
    c.column<&C::id>().primary_key();
}
struct B {
    std::int64_t id{};
    std::int64_t c_id{};
};
void describe(mercator::Mapping<B>& b) {
    b.column<&B::id>().primary_key();
    b.column<&B::c_id>().references("c.id");
}
struct A {
    std::int64_t id{};
    std::int64_t b_id{};
    std::string name;
};
void describe(mercator::Mapping<A>& a) {
    a.column<&A::id>().primary_key();
    a.column<&A::b_id>().references<&B::id>();
    a.column<&A::name>(mercator::String(20)).index();
}

// Each of these needs the other.
struct Egg;
struct Hen {
    std::int64_t id{};
    std::optional<std::int64_t> from_id;
};
struct Egg {
    std::int64_t id{};
    std::optional<std::int64_t> by_id;
};
void describe(mercator::Mapping<Hen>& hen) {
    hen.column<&Hen::id>().primary_key();
    hen.column<&Hen::from_id>().references("egg.id");
}
void describe(mercator::Mapping<Egg>& egg) {
    egg.column<&Egg::id>().primary_key();
    egg.column<&Egg::by_id>().references("hen.id");
}

std::vector<std::string> tables(Backend& backend) {
    mercator::Connection connection = backend->engine().connect();
    return backend->engine().dialect().inspector(connection.driver())->table_names();
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("DDL-01 create_all makes referred tables first, whatever the order of the classes") {
    Backend backend;
    backend->create_all<A, B, C>();
    CHECK(tables(backend) == Names{"a", "b", "c"});
    backend.run("INSERT INTO c (id) VALUES (1)");
    CHECK_THROWS_AS(backend.run("INSERT INTO b (id, c_id) VALUES (1, 2)"),
                    mercator::ForeignKeyViolation);
}

TEST_CASE("DDL-01 create_all makes what is missing and leaves alone what is there") {
    Backend backend;
    backend->create_all<C>();
    backend.run("INSERT INTO c (id) VALUES (5)");
    backend->create_all<A, B, C>();
    backend->create_all<A, B, C>();
    CHECK(backend->session().query<C>().count() == 1);
    SqlLog log(backend->engine());
    backend->create_all<A, B, C>();
    CHECK(log.count("CREATE") == 0);
    const auto another = backend.another();
    another->create_all<A, B, C>();
    CHECK(tables(backend) == Names{"a", "b", "c"});
}

TEST_CASE("DDL-01 the statements of create_all can be read beforehand, and are those that run") {
    Backend backend;
    const auto statements = backend->create_all_sql<C, B, A>();
    REQUIRE(statements.size() == 4);
    CHECK(statements[0].find("CREATE TABLE " + backend.quoted("c")) == 0);
    CHECK(statements[1].find("CREATE TABLE " + backend.quoted("b")) == 0);
    CHECK(statements[2].find("CREATE TABLE " + backend.quoted("a")) == 0);
    CHECK(statements[3].find("CREATE INDEX " + backend.quoted("ix_a_name")) == 0);
    CHECK(tables(backend).empty());
    for (const auto& statement : statements) backend.run(statement);
    CHECK(tables(backend) == Names{"a", "b", "c"});
    mercator::Session session = backend->session();
    session.add(C{.id = 1});
    session.commit();
}

TEST_CASE("DDL-01 tables that refer to each other are made, enforced and dropped; DDL-02") {
    Backend backend;
    backend->create_all<Hen, Egg>();
    CHECK(tables(backend) == Names{"egg", "hen"});
    CHECK_THROWS_AS(backend.run("INSERT INTO hen (id, from_id) VALUES (1, 7)"),
                    mercator::ForeignKeyViolation);
    CHECK_THROWS_AS(backend.run("INSERT INTO egg (id, by_id) VALUES (1, 7)"),
                    mercator::ForeignKeyViolation);
    mercator::Session session = backend->session();
    session.add(Hen{.id = 1});
    session.commit();
    session.add(Egg{.id = 1, .by_id = 1});
    session.commit();
    session.get<Hen>(1)->from_id = 1;
    session.commit();
    session.close();
    backend->drop_all<Hen, Egg>();
    CHECK(tables(backend).empty());
    backend->create_all<Hen, Egg>();
    CHECK(tables(backend) == Names{"egg", "hen"});
}

TEST_CASE("DDL-02 drop_all drops referring tables first, and what is not there is no error") {
    Backend backend;
    backend->create_all<C, B, A>();
    mercator::Session session = backend->session();
    session.add(C{.id = 1});
    session.flush();
    session.add(B{.id = 1, .c_id = 1});
    session.flush();
    session.add(A{.b_id = 1, .name = "x"});
    session.commit();
    session.close();
    backend.run("CREATE TABLE stranger (id INTEGER)");
    backend->drop_all<>();
    CHECK(tables(backend) == Names{"stranger"});
    backend->drop_all<>();
    backend->drop_all<A, B, C>();
    CHECK(tables(backend) == Names{"stranger"});
}

TEST_CASE("DDL-04 a table without a class is made, referred to, filled and queried") {
    Backend backend;
    mercator::Table tags{
        "tags",
        mercator::Column("a_id", mercator::BigInteger()).references("c.id").primary_key(),
        mercator::Column("word", mercator::String(20)).primary_key(),
        mercator::Column("weight", mercator::Numeric(6, 2)).nullable(),
        mercator::UniqueConstraint{.columns = {"word", "weight"}},
        mercator::Index{.columns = {"weight"}}};
    backend->add(tags);
    backend->create_all<C>();
    CHECK(tables(backend) == Names{"c", "tags"});
    backend.run("INSERT INTO c (id) VALUES (1)");
    CHECK_THROWS_AS(backend.run("INSERT INTO tags (a_id, word) VALUES (2, 'x')"),
                    mercator::ForeignKeyViolation);
    backend.run("INSERT INTO tags (a_id, word) VALUES (1, 'x')");
    CHECK_THROWS_AS(backend.run("INSERT INTO tags (a_id, word) VALUES (1, 'x')"),
                    mercator::UniqueViolation);
    CHECK(backend.rows("SELECT word FROM tags").at(0).at(0) == mercator::Value("x"));
    backend->drop_all<>();
    CHECK(tables(backend).empty());
}

namespace {

struct Tag {
    std::int64_t a_id{};
    std::string word;
};
void describe(mercator::Mapping<Tag>& tag) {
    tag.table("tags");
    tag.column<&Tag::a_id>().primary_key();
    tag.column<&Tag::word>(mercator::String(20)).primary_key();
}

} // namespace

TEST_CASE("DDL-04 a table that was made without a class can be used with one") {
    Backend backend;
    mercator::Database schema(backend.config());
    schema.add(mercator::Table{
        "tags", mercator::Column("a_id", mercator::BigInteger()).primary_key(),
        mercator::Column("word", mercator::String(20)).primary_key(),
        mercator::Column("extra", mercator::Integer()).nullable(false).server_default(7)});
    schema.create_all<>();
    mercator::Session session = backend->session();
    session.add(Tag{.a_id = 1, .word = "w"});
    session.commit();
    CHECK(session.get<Tag>(1, "w") != nullptr);
    CHECK(backend.rows("SELECT extra FROM tags").at(0).at(0) == mercator::Value(7));
}

TEST_CASE("DDL-06 a database file that is not there is made; a missing folder is a clear error") {
    Backend backend;
    const auto url = mercator::Url::parse(backend.uri());
    if (!url.hosts.empty()) {
        mercator::test::cannot("DDL-06", "databases of a server are made by its administrator");
        return;
    }
    const std::filesystem::path file = url.database;
    CHECK_FALSE(std::filesystem::exists(file));
    backend->create_all<C>();
    CHECK(std::filesystem::exists(file));
    auto config = backend.config();
    auto missing = url;
    missing.database = (file.parent_path() / "no such folder" / "x.db").string();
    config.uri = missing.to_string(true);
    mercator::Database database(config);
    try {
        database.create_all<C>();
        FAIL("a file was made in a folder that is not there");
    } catch (const mercator::OperationalError& error) {
        CHECK(std::string(error.what()).find("no such folder") != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(missing.database));
}

TEST_CASE("DDL-10 the statements for a schema are made without a connection") {
    Backend backend;
    auto url = mercator::Url::parse(backend.uri());
    for (auto& host : url.hosts) host = {"127.0.0.1", std::uint16_t{1}}; // nobody listens there
    if (url.hosts.empty()) url.database = "/no such folder/x.db";
    mercator::Database nowhere(mercator::Config{.uri = url.to_string(true)});
    const auto statements = nowhere.create_all_sql<A, B, C>();
    CHECK(statements.size() == 4);
    CHECK(nowhere.engine().statistics().connections_opened == 0);
    for (const auto& statement : statements) backend.run(statement);
    CHECK(tables(backend) == Names{"a", "b", "c"});
}

namespace {

struct Continent {
    std::string code;
};
void describe(mercator::Mapping<Continent>& continent) {
    continent.column<&Continent::code>(mercator::String(3)).primary_key();
}
struct Land {
    std::string continent_code; // the limit is that of what it refers to
    std::string code;
};
void describe(mercator::Mapping<Land>& land) {
    land.column<&Land::continent_code>().primary_key().references<&Continent::code>();
    land.column<&Land::code>(mercator::String(2)).primary_key();
}
struct Town {
    std::int64_t id{};
    std::string continent;
    std::string land;
    std::optional<std::string> other;
};
void describe(mercator::Mapping<Town>& town) {
    town.column<&Town::id>().primary_key();
    town.column<&Town::continent>();
    town.column<&Town::land>();
    town.column<&Town::other>().references("continent.code");
    town.foreign_key(mercator::members<&Town::continent, &Town::land>,
                     mercator::members<&Land::continent_code, &Land::code>);
}

} // namespace

TEST_CASE("KEY-12 the limit of a text that is a foreign key is that of its target") {
    Backend backend;
    backend->create_all<Town, Land, Continent>();
    const auto type = [](const auto& mapper, const char* name) {
        return mapper.table().column(name).type;
    };
    CHECK(type(mercator::mapper_of<Land>(), "continent_code") == mercator::String(3));
    CHECK(type(mercator::mapper_of<Town>(), "continent") == mercator::String(3));
    CHECK(type(mercator::mapper_of<Town>(), "land") == mercator::String(2));
    CHECK(type(mercator::mapper_of<Town>(), "other") == mercator::String(3));
    CHECK(backend->verify().empty());
    mercator::Session session = backend->session();
    session.add(Continent{"eur"});
    session.flush();
    session.add(Land{"eur", "de"});
    session.flush();
    session.add(Town{.continent = "eur", .land = "de", .other = "eur"});
    session.commit();
    CHECK(session.query<Town>().where(col(&Town::continent) == "eur").count() == 1);
    session.add(Town{.continent = "eur", .land = "fr"});
    CHECK_THROWS_AS(session.commit(), mercator::ForeignKeyViolation);
}
