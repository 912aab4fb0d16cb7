// SPDX-License-Identifier: MIT
#include "../golden_schema.hpp"
#include "sqlite_door.hpp"

#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

using namespace mercator;
namespace m = mercator::ast;

namespace {

Table items() {
    Table table(
        "items", Column("id", BigInteger()).primary_key(),
        Column("price", Numeric(10, 2)).nullable(false).server_default(Decimal("9.50")),
        Column("big", Numeric(38, 10)), Column("flag", Boolean()), Column("ratio", Double()),
        Column("data", LargeBinary()), Column("code", String(8)),
        Column("made", SqlType(TypeKind::DateTime))
            .server_default(m::function(m::FunctionId::Now, {}, SqlType(TypeKind::DateTime))));
    table.add(CheckConstraint{"ck_price", m::binary(m::Operator::GreaterEqual,
                                                    m::column("", "price", Numeric(10, 2)),
                                                    m::bind(Decimal("0.5")))});
    table.add(CheckConstraint{"ck_code", m::like(m::column("", "code", String(8)), m::bind("A%"))});
    table.complete();
    return table;
}

} // namespace

TEST_CASE("DDL-10 a table is declared with SQLite's four storage classes") {
    const auto dialect = sqlite_test::open_dialect();
    const Table table = items();
    CHECK(dialect->ddl().compile(CreateTable{&table, false, {}}) ==
          "CREATE TABLE \"items\" (\n"
          "    \"id\" INTEGER NOT NULL PRIMARY KEY,\n"
          "    \"price\" INTEGER DEFAULT 950 NOT NULL,\n"
          "    \"big\" TEXT,\n"
          "    \"flag\" INTEGER,\n"
          "    \"ratio\" REAL,\n"
          "    \"data\" BLOB,\n"
          "    \"code\" TEXT,\n"
          "    \"made\" TEXT DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f000', 'now'), '.000000', "
          "'')),\n"
          "    CONSTRAINT \"ck_price\" CHECK (\"price\" >= 50),\n"
          "    CONSTRAINT \"ck_code\" CHECK (\"code\" LIKE 'A%')\n"
          ")");
}

TEST_CASE("DDL-02 defaults, checks and generated keys work in the real database") {
    const sqlite_test::Link link;
    const Table table = items();
    link.connection->execute_script(link.dialect->ddl().compile(CreateTable{&table, false, {}}));
    link.connection->execute_script("INSERT INTO items (code) VALUES ('A1')");
    CHECK(link.cell("SELECT price FROM items", Numeric(10, 2)) == Value(Decimal("9.50")));
    CHECK(link.cell("SELECT id FROM items") == Value(1));
    CHECK(link.cell("SELECT made FROM items", SqlType(TypeKind::DateTime)).get_if<DateTime>() !=
          nullptr);
    try {
        link.connection->execute_script("INSERT INTO items (price) VALUES (49)");
        FAIL("the check let it pass");
    } catch (const CheckViolation& error) {
        CHECK(error.constraint() == "ck_price");
    }
    CHECK_THROWS_AS(link.connection->execute_script("INSERT INTO items (code) VALUES ('a1')"),
                    CheckViolation);

    const auto inspector = link.dialect->inspector(*link.connection);
    CHECK(inspector->table_names() == std::vector<std::string>{"items"});
    const auto columns = inspector->columns("items");
    REQUIRE(columns.size() == 8);
    CHECK(columns[0].primary_key);
    CHECK_FALSE(columns[1].nullable);
}

TEST_CASE("AUTOINCREMENT is written only when asked for, and composite keys stand at the table") {
    const auto dialect = sqlite_test::open_dialect();
    Table counted("counted", Column("id", Integer()).primary_key().autoincrement());
    counted.complete();
    CHECK(dialect->ddl()
              .compile(CreateTable{&counted, false, {}})
              .find("INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT") != std::string::npos);
    Table pairs("pairs", Column("a", Integer()).primary_key(), Column("b", Text()).primary_key());
    pairs.complete();
    const std::string sql = dialect->ddl().compile(CreateTable{&pairs, false, {}});
    CHECK(sql.find("\"b\" TEXT NOT NULL") != std::string::npos);
    CHECK(sql.find("PRIMARY KEY (\"a\", \"b\")") != std::string::npos);
}

TEST_CASE("KEY-11 KEY-02 sqlite spells one unique index for a column with every mark, none for a "
          "key") {
    mercator::Database database(
        mercator::Config{.uri = "sqlite://", .dialect_path = {MERCATOR_BUILD_DIALECT_DIR}});
    database.add(golden::marked());
    CHECK(database.create_all_sql<>() ==
          std::vector<std::string>{
              R"sql(CREATE TABLE "marked" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "code" TEXT
))sql",
              R"sql(CREATE UNIQUE INDEX "ix_marked_code" ON "marked" ("code"))sql"});
}

TEST_CASE("DDL-14 KEY-17 sqlite knows STRICT and WITHOUT ROWID, and nothing else") {
    const auto dialect = sqlite_test::open_dialect();
    const auto spelled = [&dialect](Table table) {
        table.complete();
        const std::string sql = dialect->ddl().compile(CreateTable{&table, false, {}});
        return sql.substr(sql.rfind(')') + 1);
    };
    const Table table("t", Column("id", String(9)).primary_key(), Column("n", Numeric(9, 2)));
    CHECK(spelled(table) == "");
    CHECK(spelled(Table(table).option("sqlite_strict")) == " STRICT");
    CHECK(spelled(Table(table).option("sqlite_without_rowid")) == " WITHOUT ROWID");
    CHECK(spelled(Table(table).option("sqlite_strict").option("sqlite_without_rowid")) ==
          " STRICT, WITHOUT ROWID");
    CHECK(spelled(Table(table).option("sqlite_strict", "false")) == "");
    CHECK(spelled(Table(table).option("mysql_engine", "nonsense")) == "");
    CHECK_THROWS_WITH_AS(spelled(Table(table).option("sqlite_engine", "x")),
                         doctest::Contains("\"sqlite_engine\""), CompileError);
    CHECK_THROWS_WITH_AS(spelled(Table(table).option("sqlite_strict", "maybe")),
                         doctest::Contains("\"true\" or \"false\""), CompileError);
    const Column generated = Column("id", Integer()).primary_key();
    CHECK_THROWS_WITH_AS(spelled(Table("t", generated).option("sqlite_without_rowid")),
                         doctest::Contains("autoincrement(false)"), CompileError);
    CHECK_THROWS_AS(
        spelled(Table("t", generated, Column("n", Numeric(5, 1, DecimalStorage::Number)))
                    .option("sqlite_strict")),
        CompileError);
}

TEST_CASE("DDL-14 a STRICT table without row ids is made, and told as such") {
    const sqlite_test::Link link;
    Table table("t", Column("id", String(9)).primary_key(), Column("n", Numeric(9, 2)),
                Column("at", SqlType(TypeKind::DateTime)));
    table.option("sqlite_strict").option("sqlite_without_rowid");
    table.complete();
    link.connection->execute_script(link.dialect->ddl().compile(CreateTable{&table, false, {}}));
    CHECK_THROWS_AS(link.connection->execute_script("INSERT INTO t (id, n) VALUES ('a', 'text')"),
                    DatabaseError);
    const auto inspector = link.dialect->inspector(*link.connection);
    CHECK(inspector->details("t").options ==
          std::vector<std::pair<std::string, std::string>>{{"sqlite_strict", "true"},
                                                           {"sqlite_without_rowid", "true"},
                                                           {"sqlite_autoincrement", "false"}});
    link.connection->execute_script("CREATE TABLE k (id INTEGER PRIMARY KEY AUTOINCREMENT)");
    CHECK(inspector->details("k").options.back().second == "true");
    Table keyed("keyed", Column("id", Integer()).primary_key());
    keyed.option("sqlite_autoincrement");
    CHECK(link.dialect->ddl()
              .compile(CreateTable{&keyed, false, {}})
              .find("PRIMARY KEY AUTOINCREMENT") != std::string::npos);
}

TEST_CASE("sqlite's inspector reads what only the text of CREATE TABLE tells") {
    const sqlite_test::Link link;
    link.connection->execute_script(R"sql(CREATE TABLE "a, b" ( -- CHECK (comment)
        [key] INTEGER CONSTRAINT pk PRIMARY KEY AUTOINCREMENT /* , UNIQUE (x) */,
        `na,me` VARCHAR(20) DEFAULT ('a, UNIQUE (b)') COLLATE NOCASE
            CONSTRAINT short CHECK (length(`na,me`) < 5 AND (1 = 1)) CONSTRAINT once UNIQUE,
        other INTEGER REFERENCES "a, b" ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
        twice INTEGER GENERATED ALWAYS AS (other * 2) STORED,
        CONSTRAINT pair UNIQUE (other DESC, [key]), CHECK (other > 0),
        CONSTRAINT self FOREIGN KEY (other) REFERENCES "a, b" (key) NOT DEFERRABLE);
        CREATE INDEX terms ON "a, b" (lower(`na,me`), other DESC) WHERE other IS NOT NULL)sql");
    const auto inspector = link.dialect->inspector(*link.connection);
    const auto columns = inspector->columns("a, b");
    REQUIRE(columns.size() == 4);
    CHECK(columns[0].generated_key);
    CHECK(columns[1].name == "na,me");
    CHECK(columns[1].type == String(20));
    CHECK(columns[1].collation == "NOCASE");
    CHECK(columns[1].default_text == "'a, UNIQUE (b)'");
    CHECK(columns[3].computed == "(other * 2) STORED");
    CHECK(inspector->primary_key("a, b").name == "pk");
    const auto uniques = inspector->unique_constraints("a, b");
    REQUIRE(uniques.size() == 2);
    CHECK(uniques[0].name == "once");
    CHECK(uniques[1].columns == std::vector<std::string>{"other", "key"});
    const auto checks = inspector->checks("a, b");
    REQUIRE(checks.size() == 2);
    CHECK(checks[0].name.empty());
    CHECK(checks[0].text == "other > 0");
    CHECK(checks[1].name == "short");
    CHECK(checks[1].text == "length(`na,me`) < 5 AND (1 = 1)");
    const auto keys = inspector->foreign_keys("a, b");
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].target_columns == std::vector<std::string>{"key"});
    const auto indexes = inspector->indexes("a, b");
    REQUIRE(indexes.size() == 1);
    CHECK(indexes[0].columns == std::vector<std::string>{"lower(`na,me`)", "other"});
    CHECK(indexes[0].descending == std::vector<std::string>{"other"});
    CHECK(link.dialect->compile_ddl(*indexes[0].where) == "other IS NOT NULL");
}
