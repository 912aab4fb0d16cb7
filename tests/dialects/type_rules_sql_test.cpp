// SPDX-License-Identifier: MIT
#include <mercator/ast/build.hpp>
#include <mercator/dialect/creation.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/plugin/loader.hpp>
#include <mercator/schema/metadata.hpp>
#include <mercator/types/enum_names.hpp>

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;

namespace {

enum class Season { spring, autumn };

std::unique_ptr<Dialect> opened(const char* name) {
    static plugin::Loader loader({MERCATOR_BUILD_DIALECT_DIR}, plugin::StandardFolders::Ignore);
    return std::unique_ptr<Dialect>(static_cast<Dialect*>(loader.create("dialect", name)));
}

/// The statements that make a table "t" of one column "c".
std::vector<std::string> made(const Dialect& dialect, const SqlType& type) {
    auto table = std::make_shared<Table>("t");
    table->columns.push_back(Column("c", type).nullable());
    MetaData metadata;
    metadata.add(table);
    return creation_statements(dialect, metadata);
}

/// What stands behind the column's name.
std::string spelled(const Dialect& dialect, const SqlType& type) {
    const std::string sql = made(dialect, type).back();
    const auto begin = sql.find("c", sql.find('\n')) + 3;
    return sql.substr(begin, sql.find('\n', begin) - begin);
}

ast::Select compared(const SqlType& type) {
    ast::Select select;
    auto table = std::make_shared<ast::TableRef>();
    table->name = "t";
    select.from.emplace_back(table);
    select.columns.push_back(ast::column("t", "c", type, true));
    select.where.push_back(ast::binary(ast::Operator::Equal, ast::column("t", "c", type, true),
                                       ast::bind(Value("x"))));
    return select;
}

} // namespace

TEST_CASE("TYP-29 a variant is the type of its dialect, and of no other") {
    const SqlType type = Integer()
                             .with_variant("sqlite", Text())
                             .with_variant("mysql", BigInteger())
                             .with_variant("mysql", SmallInteger()); // the last word counts
    CHECK(spelled(*opened("ansi"), type) == "INTEGER");
    CHECK(spelled(*opened("postgresql"), type) == "INTEGER");
    CHECK(spelled(*opened("sqlite"), type) == "TEXT");
    CHECK(spelled(*opened("mysql"), type) == "SMALLINT");
    CHECK(type == Integer()
                      .with_variant("sqlite", Text())
                      .with_variant("mysql", SmallInteger())); // kept once, so compared as one
    CHECK(type != Integer());
}

TEST_CASE("TYP-20 CUS-15 a native enum in each dialect") {
    SqlType type = enum_sql_type<Season>();
    type.rules = merged(type.rules, NativeEnum("season's").rules);
    const auto postgresql = opened("postgresql");
    REQUIRE(made(*postgresql, type).size() == 2);
    CHECK(made(*postgresql, type).front() ==
          "CREATE TYPE \"season's\" AS ENUM ('spring', 'autumn')");
    CHECK(spelled(*postgresql, type) == "\"season's\"");
    CHECK(postgresql->ddl().compile(DropType{type}) == "DROP TYPE \"season's\"");
    CHECK(made(*opened("mysql"), type).size() == 1);
    CHECK(spelled(*opened("mysql"), type) == "ENUM('spring', 'autumn')");
    CHECK(spelled(*opened("sqlite"), type) == "TEXT CHECK (\"c\" IN ('spring', 'autumn'))");
    CHECK(spelled(*opened("ansi"), type) == "VARCHAR(6) CHECK (\"c\" IN ('spring', 'autumn'))");
}

TEST_CASE("CUS-14 CUS-09 a native type in each dialect, and the SQL around it") {
    const SqlType type = native_type("inet", String(45));
    CHECK(spelled(*opened("postgresql"), type) == "inet");
    CHECK(spelled(*opened("mysql"), type) == "inet");
    CHECK(spelled(*opened("ansi"), type) == "inet");
    CHECK(spelled(*opened("sqlite"), type) == "TEXT");
    const auto select = compared(type);
    CHECK(opened("postgresql")->compile(select).sql ==
          "SELECT CAST(\"t\".\"c\" AS VARCHAR(45)) AS \"c\" FROM \"t\" WHERE \"t\".\"c\" = "
          "CAST($1 AS inet)");
    CHECK(opened("sqlite")->compile(select).sql ==
          "SELECT \"t\".\"c\" FROM \"t\" WHERE \"t\".\"c\" = ?");

    TypeRules rules;
    rules.read_sql = "ST_AsText({})";
    rules.write_sql = "ST_GeomFromText({}, 4326)";
    SqlType geometry = Text();
    geometry.rules = kept(rules);
    CHECK(opened("ansi")->compile(compared(geometry)).sql ==
          "SELECT ST_AsText(\"t\".\"c\") AS \"c\" FROM \"t\" WHERE \"t\".\"c\" = "
          "ST_GeomFromText(?, 4326)");
    // Inside, a subquery hands out the column itself.
    ast::Select outer;
    auto inner = std::make_shared<ast::Subquery>();
    inner->select = std::make_shared<ast::Select>(compared(geometry));
    inner->alias = "s";
    outer.from.emplace_back(std::shared_ptr<const ast::Subquery>(inner));
    outer.columns.push_back(ast::label(ast::column("s", "c", geometry, true), "shape"));
    CHECK(opened("ansi")->compile(outer).sql ==
          "SELECT ST_AsText(\"s\".\"c\") AS \"shape\" FROM (SELECT \"t\".\"c\" FROM \"t\" WHERE "
          "\"t\".\"c\" = ST_GeomFromText(?, 4326)) AS \"s\"");
}
