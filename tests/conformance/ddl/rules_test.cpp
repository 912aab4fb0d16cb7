// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace mercator;
using test::Backend;
using Names = std::vector<std::string>;

namespace {

Column key() {
    return Column("id", BigInteger()).primary_key().autoincrement(false);
}

std::string differences(Backend& backend) {
    std::string text;
    for (const auto& difference : backend->verify()) text += difference.text() + '\n';
    return text;
}

Table child(const char* name, ReferentialAction on_delete, ReferentialAction on_update) {
    return Table(name, key(),
                 Column("parent_id", BigInteger())
                     .references("parent.id")
                     .on_delete(on_delete)
                     .on_update(on_update));
}

Value only(Backend& backend, std::string_view sql) {
    return backend.rows(sql).at(0).at(0);
}

template <class List>
Names names_of(const List& list) {
    Names names;
    for (const auto& item : list) names.push_back(item.name);
    return names;
}

} // namespace

TEST_CASE("KEY-21 what happens to the children of a deleted or changed parent is the database's") {
    Backend backend;
    using enum ReferentialAction;
    backend->add(Table("parent", key()));
    backend->add(child("follows", Cascade, Cascade));
    backend->add(child("forgets", SetNull, SetNull));
    backend->add(child("refuses", Restrict, Restrict));
    backend->add(child("objects", NoAction, NoAction));
    backend->create_all<>();
    CHECK(differences(backend) == "");
    backend.run("INSERT INTO parent (id) VALUES (1), (2), (3), (4)");
    backend.run("INSERT INTO follows (id, parent_id) VALUES (1, 1), (2, 2)");
    backend.run("INSERT INTO forgets (id, parent_id) VALUES (1, 1), (2, 2)");
    backend.run("INSERT INTO refuses (id, parent_id) VALUES (1, 3)");
    backend.run("INSERT INTO objects (id, parent_id) VALUES (1, 4)");
    backend.run("DELETE FROM parent WHERE id = 1");
    CHECK(only(backend, "SELECT COUNT(*) FROM follows") == Value(1));
    CHECK(only(backend, "SELECT COUNT(*) FROM forgets WHERE parent_id IS NULL") == Value(1));
    backend.run("UPDATE parent SET id = 20 WHERE id = 2");
    CHECK(only(backend, "SELECT parent_id FROM follows") == Value(20));
    CHECK(only(backend, "SELECT COUNT(*) FROM forgets WHERE parent_id IS NULL") == Value(2));
    for (const char* id : {"3", "4"}) {
        CHECK_THROWS_AS(backend.run(std::string("DELETE FROM parent WHERE id = ") + id),
                        ForeignKeyViolation);
        CHECK_THROWS_AS(backend.run(std::string("UPDATE parent SET id = 9 WHERE id = ") + id),
                        ForeignKeyViolation);
    }
    CHECK(only(backend, "SELECT COUNT(*) FROM parent") == Value(3));
}

TEST_CASE("a foreign key may wait for the commit where the database can wait") {
    Backend backend;
    backend->add(Table("parent", key()));
    backend->add(Table("patient", key(),
                       Column("parent_id", BigInteger()).references("parent.id").deferrable()));
    if (!backend.can().deferrable_foreign_keys) {
        CHECK_THROWS_AS(backend->create_all<>(), UnsupportedError);
        return; // checked at once, so it says so
    }
    backend->create_all<>();
    CHECK(backend->inspect().foreign_keys("patient").at(0).deferrable ==
          Deferrable::InitiallyDeferred);
    CHECK(differences(backend) == "");
    backend.run("INSERT INTO patient (id, parent_id) VALUES (1, 5); INSERT INTO parent (id) VALUES "
                "(5)");
    CHECK_THROWS_AS(backend.run("INSERT INTO patient (id, parent_id) VALUES (2, 6)"),
                    ForeignKeyViolation);
    CHECK(only(backend, "SELECT COUNT(*) FROM patient") == Value(1));
}

TEST_CASE("KEY-02 a key that is marked as indexed and unique gets no second index") {
    Backend backend;
    backend->add(Table("keyed", Column("id", BigInteger()).primary_key().unique().index(),
                       Column("other", Integer()).index()));
    const auto statements = backend->create_all_sql<>();
    CHECK(statements.size() == 2);
    backend->create_all<>();
    CHECK(names_of(backend->inspect().indexes("keyed")) == Names{"ix_keyed_other"});
    CHECK(backend->inspect().unique_constraints("keyed").empty());
    CHECK(differences(backend) == "");
}

TEST_CASE("KEY-11 unique, indexed, nullable and commented: one unique index and no other") {
    Backend backend;
    backend->add(
        Table("people", key(),
              Column("email", String(60)).unique().index().nullable().comment("it's one")));
    backend->create_all<>();
    SchemaInspector inspector = backend->inspect();
    Names all = names_of(inspector.indexes("people"));
    for (const auto& unique : inspector.unique_constraints("people")) {
        if (std::find(all.begin(), all.end(), unique.name) == all.end()) all.push_back(unique.name);
    }
    CHECK(all == Names{"ix_people_email"});
    CHECK(inspector.columns("people").at(1).nullable);
    CHECK(inspector.columns("people").at(1).comment == (backend.can().comments ? "it's one" : ""));
    CHECK(differences(backend) == "");
    backend.run("INSERT INTO people (id, email) VALUES (1, NULL), (2, NULL), (3, 'a')");
    CHECK_THROWS_AS(backend.run("INSERT INTO people (id, email) VALUES (4, 'a')"), UniqueViolation);
}

TEST_CASE("KEY-19 a constraint over several columns has its name, and its violation carries it") {
    Backend backend;
    Table table("seats", key(), Column("train", Integer()), Column("seat", Integer()));
    table.add(UniqueConstraint{.name = "one_seat_each", .columns = {"train", "seat"}});
    backend->add(table);
    backend->create_all<>();
    backend.run("INSERT INTO seats (id, train, seat) VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1)");
    try {
        backend.run("INSERT INTO seats (id, train, seat) VALUES (4, 1, 2)");
        FAIL("the seat was sold twice");
    } catch (const UniqueViolation& error) {
        CHECK(error.constraint() == "one_seat_each");
    }
    const auto uniques = backend->inspect().unique_constraints("seats");
    REQUIRE(uniques.size() == 1);
    CHECK(uniques[0].columns == Names{"train", "seat"});
}

namespace {

enum class Stage { open, closed };

struct Account {
    std::int64_t id{};
    std::string owner;
    std::int32_t number{};
    Stage stage{};
    std::int64_t balance{};
};
void describe(Mapping<Account>& account) {
    account.table("accounts");
    account.comment("money of others");
    account.column<&Account::id>().primary_key();
    account.column<&Account::owner>(String(40));
    account.column<&Account::number>();
    account.column<&Account::stage>();
    account.column<&Account::balance>();
    account.check(col(&Account::balance) >= 0, "never_in_debt");
    account.check("number < 1000", "three_digits");
    account.unique<&Account::owner, &Account::number>("one_number_each");
    account.index<&Account::owner, &Account::balance>(Index{.descending = {"balance"}});
    account.option("mysql_engine", "InnoDB").option("mysql_row_format", "COMPACT");
    account.option("postgresql_with", "fillfactor=70").option("postgresql_unlogged");
    account.option("sqlite_strict");
    account.option("oracle_whatever", "ignored");
}

} // namespace

TEST_CASE("DDL-05 KEY-17 DDL-14 constraints, indexes and options of a table stand side by side and "
          "are all there") {
    Backend backend;
    backend->create_all<Account>();
    CHECK(differences(backend) == "");
    SchemaInspector inspector = backend->inspect();
    const auto uniques = names_of(inspector.unique_constraints("accounts"));
    CHECK(uniques == Names{"one_number_each"});
    const auto indexes = inspector.indexes("accounts");
    const auto index = std::find_if(indexes.begin(), indexes.end(), [](const Index& one) {
        return one.name == "ix_accounts_owner_balance";
    });
    REQUIRE(index != indexes.end());
    CHECK(index->columns == Names{"owner", "balance"});
    if (backend.can().check_constraints) {
        CHECK(names_of(inspector.checks("accounts")) == Names{"never_in_debt", "three_digits"});
        CHECK_THROWS_AS(backend.run("INSERT INTO accounts (id, owner, number, stage, balance) "
                                    "VALUES (1, 'a', 1000, 'open', 0)"),
                        CheckViolation);
    }
    if (backend.can().comments) CHECK(inspector.comment("accounts") == "money of others");
    const std::string own = std::string(backend->engine().dialect().name()) + '_';
    std::size_t told = 0;
    for (const auto& [name, value] : inspector.options("accounts")) {
        CHECK(name.starts_with(own));
        const bool is_asked =
            name == "mysql_engine" || name == "postgresql_unlogged" || name == "sqlite_strict";
        if (is_asked) ++told;
        if (is_asked) CHECK(value != "false");
    }
    CHECK(told == 1);
}

TEST_CASE("KEY-17 an unknown option of the dialect in use is an error that names it") {
    Backend backend;
    const std::string wrong = std::string(backend->engine().dialect().name()) + "_nonsense";
    backend->add(Table("t", key()).option(wrong, "x").option("elsewhere_nonsense", "x"));
    try {
        backend->create_all<>();
        FAIL("the option was taken");
    } catch (const CompileError& error) {
        CHECK(error.where() == wrong);
        CHECK(std::string(error.what()).find(wrong) != std::string::npos);
    }
    CHECK(backend->inspect().table_names().empty());
}

namespace {

struct Shipment {
    std::int64_t id{};
    std::string status;
    std::int64_t created_at{};
    std::string note;
};
void describe(Mapping<Shipment>& s) {
    s.table("shipments");
    s.column<&Shipment::id>().primary_key();
    s.column<&Shipment::status>(String(20));
    s.column<&Shipment::created_at>();
    s.column<&Shipment::note>(String(200));
    s.index<&Shipment::status, &Shipment::created_at>();
}

/// The plan as text, however the backend asks for it.
std::string plan_of(Backend& backend, const std::string& sql) {
    ValueRows rows;
    try {
        rows = backend.rows("EXPLAIN QUERY PLAN " + sql);
    } catch (const DatabaseError&) {
        rows = backend.rows("EXPLAIN " + sql);
    }
    std::string text;
    for (const auto& row : rows) {
        for (const auto& cell : row) text += display(cell) + ' ';
        text += '\n';
    }
    return text;
}

} // namespace

TEST_CASE("KEY-34 an index over two columns is declared once, named, and used by the query") {
    Backend backend;
    backend->create_all<Shipment>();
    const auto indexes = backend->inspect().indexes("shipments");
    REQUIRE(indexes.size() == 1);
    CHECK(indexes[0].name == "ix_shipments_status_created_at");
    CHECK(indexes[0].columns == Names{"status", "created_at"});
    {
        Session session = backend->session();
        for (int i = 0; i < 3'000; ++i) {
            session.add(Shipment{.status = "state " + std::to_string(i % 60),
                                 .created_at = i,
                                 .note = std::string(150, 'n')});
        }
        session.commit();
    }
    try {
        backend.run("ANALYZE");
    } catch (const DatabaseError&) {
        static_cast<void>(backend.rows("ANALYZE TABLE shipments"));
    }
    const std::string plan = plan_of(backend, "SELECT note FROM shipments WHERE status = 'state 7' "
                                              "AND created_at > 2900 ORDER BY created_at");
    CAPTURE(plan);
    CHECK(plan.find("ix_shipments_status_created_at") != std::string::npos);
    const std::string other = plan_of(backend, "SELECT id FROM shipments WHERE note = 'x'");
    CHECK(other.find("ix_shipments_status_created_at") == std::string::npos);
}

TEST_CASE("KEY-24 names follow the convention that the database was given") {
    Backend backend;
    backend->set_naming_convention(
        {.primary_key = "{table_name}_pkey",
         .unique = "{table_name}_{column_0_N_name}_key",
         .index = "idx_{column_0_name}_of_{table_name}",
         .foreign_key = "{table_name}_{column_0_name}_to_{referred_table_name}",
         .check = "chk_{table_name}_{constraint_name}"});
    backend->add(Table("target", key()));
    Table table("source", key(), Column("code", String(9)).unique(), Column("n", Integer()).index(),
                Column("target_id", BigInteger()).references("target.id"));
    table.add(UniqueConstraint{.name = "mine", .columns = {"n", "code"}});
    table.add(CheckConstraint{"positive", ast::text("n > 0", Boolean())});
    backend->add(table);
    backend->create_all<>();
    CHECK(differences(backend) == "");
    SchemaInspector inspector = backend->inspect();
    CHECK(names_of(inspector.unique_constraints("source")) == Names{"mine", "source_code_key"});
    CHECK(names_of(inspector.foreign_keys("source")) == Names{"source_target_id_to_target"});
    CHECK(inspector.primary_key("source").name != "pk_source");
    const auto indexes = names_of(inspector.indexes("source"));
    CHECK(std::find(indexes.begin(), indexes.end(), "idx_n_of_source") != indexes.end());
    if (backend.can().check_constraints)
        CHECK(names_of(inspector.checks("source")) == Names{"chk_source_positive"});
    CHECK_THROWS_AS(backend->set_naming_convention({}), StateError);
    const auto other = backend.another();
    CHECK_THROWS_WITH_AS(other->set_naming_convention({.unique = "{nonsense}"}),
                         doctest::Contains("nonsense"), ArgumentError);
}

TEST_CASE("B16 generated names that agree in more bytes than a name may have stay distinct") {
    Backend backend;
    const std::string long_name(48, 't');
    Table table(long_name, key());
    Names columns;
    for (const char* ending : {"a", "b", "c"}) {
        columns.push_back(std::string(40, 'c') + ending);
        table.add(Column(columns.back(), Integer()).unique());
        table.add(Index{.columns = {"id", columns.back()}});
    }
    backend->add(table);
    const auto first = backend->create_all_sql<>();
    backend->create_all<>();
    SchemaInspector inspector = backend->inspect();
    Names made = names_of(inspector.unique_constraints(long_name));
    REQUIRE(made.size() == 3);
    for (const auto& name : made) {
        CHECK(name.size() <= 63);
        CHECK(name.starts_with("uq_ttt"));
    }
    std::sort(made.begin(), made.end());
    CHECK(std::unique(made.begin(), made.end()) == made.end());
    CHECK(differences(backend) == "");
    const auto other = backend.another();
    other->add(table);
    CHECK(other->create_all_sql<>() == first);
}

TEST_CASE("B15 awkward names of tables and columns are created, referred to, indexed, verified and "
          "dropped") {
    Backend backend;
    const Names names{"select",   "Mixed Case", "with.dot",    "quo\"te", "back`tick",
                      "per%cent", "brack[et]",  "apos'trophe", "semi;--", "Grüße"};
    std::string before;
    for (const auto& name : names) {
        Table table(name, Column("id " + name, BigInteger()).primary_key(),
                    Column(name, String(40)).nullable(false).unique().comment(name),
                    Column("ix " + name, Integer()).index());
        if (!before.empty()) {
            table.add(Column("fk " + name, BigInteger()));
            table.add(ForeignKey{.columns = {"fk " + name},
                                 .target_table = before,
                                 .target_columns = {"id " + before},
                                 .on_delete = ReferentialAction::Cascade});
        }
        before = name;
        backend->add(table);
    }
    backend->create_all<>();
    CHECK(differences(backend) == "");
    Names sorted = names;
    std::sort(sorted.begin(), sorted.end());
    CHECK(backend->inspect().table_names() == sorted);
    const auto text = backend->inspect().to_sql();
    backend->drop_all<>();
    CHECK(backend->inspect().table_names().empty());
    for (const auto& statement : text) backend.run(statement);
    CHECK(differences(backend) == "");
}

TEST_CASE("I12 schema text means the same to sessions with other rules for strings") {
    Backend backend;
    const std::string awkward = "it's \\n 100% \"x\" \\";
    Table table("worded", key(), Column("word", String(40)).nullable(false).server_default(awkward),
                Column("same", String(40)), Column("low", BigInteger()).server_default(-1));
    table.add(CheckConstraint{"not_awkward", ast::binary(ast::Operator::NotEqual,
                                                         ast::column("", "same", String(40)),
                                                         ast::bind(awkward, String(40)))});
    table.add(
        CheckConstraint{"not_like", ast::like(ast::column("", "same", String(40)),
                                              ast::bind("a\\%b", String(40)), '\\', false, true)});
    table.add(CheckConstraint{
        "low_enough",
        ast::binary(ast::Operator::Less,
                    ast::binary(ast::Operator::Subtract, ast::column("", "low", BigInteger()),
                                ast::bind(-5, BigInteger())),
                    ast::negate(ast::bind(-100, BigInteger())))});
    table.comment = "it's 100% \"x\"";
    backend->add(table);
    int tried = 0;
    for (const char* setting :
         {"SET standard_conforming_strings = off", "SET standard_conforming_strings = on",
          "SET SESSION sql_mode = ''", "SET SESSION sql_mode = 'ANSI_QUOTES'",
          "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'",
          "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", "SELECT 1"}) {
        CAPTURE(setting);
        Connection connection = backend->engine().connect();
        try {
            connection.execute_script(setting);
        } catch (const DatabaseError&) {
            connection.invalidate();
            continue; // a setting of another database
        }
        ++tried;
        for (const auto& statement : backend->create_all_sql<>()) {
            CHECK(statement.find("--") == std::string::npos); // I14
            connection.execute_script(statement);
        }
        connection.invalidate();
        CHECK(differences(backend) == "");
        backend.run("INSERT INTO worded (id) VALUES (1)");
        CHECK(only(backend, "SELECT word FROM worded") == Value(awkward));
        if (backend.can().check_constraints) {
            Connection link = backend->engine().connect();
            const auto insert = [&link](const std::string& same, int low) {
                ast::Insert statement;
                statement.table = std::make_shared<ast::TableRef>(ast::TableRef{"", "worded", ""});
                statement.columns = {{"id", BigInteger(), false},
                                     {"same", String(40), true},
                                     {"low", BigInteger(), true}};
                statement.values = {ast::bind(2, BigInteger()), ast::bind(same, String(40)),
                                    ast::bind(low, BigInteger())};
                return link.execute(statement);
            };
            CHECK_THROWS_AS(insert(awkward, 0), CheckViolation);
            CHECK_THROWS_AS(insert("a%b", 0), CheckViolation);
            CHECK_THROWS_AS(insert("a", 95), CheckViolation);
            CHECK(insert("axb", 94) == 1);
        }
        backend->drop_all<>();
    }
    CHECK(tried >= 1);
    if (tried == 1) test::skip("this database has one set of rules for strings");
}

namespace {

struct Collected final : LogSink {
    std::vector<std::string> warnings;
    void write(LogLevel level, std::string_view message) override {
        if (level == LogLevel::Warning) warnings.emplace_back(message);
    }
};

struct Licence;
struct Driver {
    std::int64_t id{};
    One<Licence> licence;
};
struct Licence {
    std::int64_t id{};
    std::int64_t driver_id{};
    One<Driver> driver;
};
void describe(Mapping<Driver>& driver) {
    driver.column<&Driver::id>().primary_key();
    driver.relationship<&Driver::licence>().back_populates<&Licence::driver>();
}
void describe(Mapping<Licence>& licence) {
    licence.column<&Licence::id>().primary_key();
    licence.column<&Licence::driver_id>().references<&Driver::id>();
    licence.relationship<&Licence::driver>().back_populates<&Driver::licence>();
}

struct Badge;
struct Guard {
    std::int64_t id{};
    One<Badge> badge;
};
struct Badge {
    std::int64_t id{};
    std::int64_t guard_id{};
    One<Guard> guard;
};
void describe(Mapping<Guard>& guard) {
    guard.column<&Guard::id>().primary_key();
    guard.relationship<&Guard::badge>().back_populates<&Badge::guard>();
}
void describe(Mapping<Badge>& badge) {
    badge.column<&Badge::id>().primary_key();
    badge.column<&Badge::guard_id>().references<&Guard::id>().unique();
    badge.relationship<&Badge::guard>().back_populates<&Guard::badge>();
}

} // namespace

TEST_CASE("KEY-15 a single object on a side that several rows can refer to is warned of, once") {
    const auto log = std::make_shared<Collected>();
    Backend backend(Config{.log = log});
    backend->map<Driver, Licence>();
    backend->map<Driver, Licence>();
    REQUIRE(log->warnings.size() == 1);
    CHECK(log->warnings[0].find("Driver.licence") != std::string::npos);
    CHECK(log->warnings[0].find("driver_id") != std::string::npos);
    CHECK(log->warnings[0].find("unique()") != std::string::npos);
    backend->create_all<Guard, Badge>();
    CHECK(log->warnings.size() == 1);
    Session session = backend->session();
    const auto guard = session.add(Guard{});
    session.flush();
    session.add(Badge{.guard_id = guard->id});
    session.commit();
    session.add(Badge{.guard_id = guard->id});
    CHECK_THROWS_AS(session.commit(), UniqueViolation);
}
