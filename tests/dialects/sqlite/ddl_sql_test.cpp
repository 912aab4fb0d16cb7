// SPDX-License-Identifier: MIT
#include "sqlite_door.hpp"

#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

using namespace mercator;
namespace m = mercator::ast;
using sqlite_test::Link;

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
    const Link link;
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
