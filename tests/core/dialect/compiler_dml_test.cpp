// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"
#include "core/dialect/plain_dialect.hpp"

#include <doctest/doctest.h>

using namespace mercator;
using namespace samples;

namespace {

const std::vector<TargetColumn> one_key{{"id", BigInteger(), false}};
const std::vector<TargetColumn> two_keys{{"a", Integer(), false}, {"b", Integer(), false}};
const std::vector<TargetColumn> two_columns{{"name", String(100), false},
                                            {"price", Numeric(10, 2), true}};

Insert insert_products(BatchForm form, std::uint32_t rows) {
    Insert insert;
    insert.table = table("products");
    insert.columns = two_columns;
    insert.form = form;
    insert.rows = rows;
    return insert;
}

} // namespace

TEST_CASE("an insert of one row, of several, and what it returns") {
    PlainDialect dialect;
    auto insert = insert_products(BatchForm::Single, 1);
    auto compiled = dialect.compile(insert);
    CHECK(compiled.sql == R"(INSERT INTO "products" ("name", "price") VALUES (?, ?))");
    CHECK(compiled.writes);
    CHECK(compiled.columns.empty());
    compiled = dialect.compile(insert_products(BatchForm::MultiRow, 3));
    CHECK(compiled.sql ==
          R"(INSERT INTO "products" ("name", "price") VALUES (?, ?), (?, ?), (?, ?))");
    CHECK(compiled.binds.size() == 2);
    CHECK(compiled.binds[1].type == Numeric(10, 2));
    CHECK(compiled.form == BatchForm::MultiRow);
    CHECK(compiled.rows == 3);
    CHECK_THROWS_AS((void)dialect.compile(insert_products(BatchForm::Arrays, 3)), UnsupportedError);
    insert.returning = one_key;
    CHECK_THROWS_AS((void)dialect.compile(insert), UnsupportedError);
    dialect.can.insert_returning = true;
    compiled = dialect.compile(insert);
    CHECK(compiled.sql.ends_with(R"( RETURNING "id")"));
    REQUIRE(compiled.columns.size() == 1);
    CHECK(compiled.columns[0].type == BigInteger());
}

TEST_CASE("an insert without columns takes the defaults") {
    const PlainDialect dialect;
    auto insert = insert_products(BatchForm::Single, 1);
    insert.columns.clear();
    CHECK(dialect.compile(insert).sql == R"(INSERT INTO "products" DEFAULT VALUES)");
    insert.form = BatchForm::MultiRow;
    insert.rows = 2;
    CHECK_THROWS_AS((void)dialect.compile(insert), UnsupportedError);
}

TEST_CASE("an insert of expressions") {
    const PlainDialect dialect;
    auto insert = insert_products(BatchForm::Single, 1);
    insert.values = {bind("x", String(100)), bind(5, Numeric(10, 2))};
    const auto compiled = dialect.compile(insert);
    CHECK(compiled.sql == R"(INSERT INTO "products" ("name", "price") VALUES (?, ?))");
    CHECK(compiled.binds[1].source == 1);
    insert.values.pop_back();
    CHECK_THROWS_AS((void)dialect.compile(insert), CompileError);
}

TEST_CASE("an update by key has its columns first, then its keys") {
    const PlainDialect dialect;
    Update update;
    update.table = table("products");
    update.columns = two_columns;
    update.keys = two_keys;
    const auto compiled = dialect.compile(update);
    CHECK(compiled.sql ==
          R"(UPDATE "products" SET "name" = ?, "price" = ? WHERE "a" = ? AND "b" = ?)");
    CHECK(compiled.binds.size() == 4);
    update.form = BatchForm::MultiRow;
    CHECK_THROWS_AS((void)dialect.compile(update), UnsupportedError);
    update.columns.clear();
    CHECK_THROWS_AS((void)dialect.compile(update), CompileError);
    update.columns = two_columns;
    update.keys.clear();
    CHECK_THROWS_WITH_AS((void)dialect.compile(update), doctest::Contains("no key columns"),
                         CompileError);
}

TEST_CASE("an update by condition") {
    const PlainDialect dialect;
    Update update;
    update.table = table("products");
    update.assignments = {
        {{"stock", Integer(), false}, binary(Operator::Subtract, stock(), bind(1))}};
    update.where = {binary(Operator::Equal, id(), bind(7))};
    const auto compiled = dialect.compile(update);
    CHECK(compiled.sql ==
          R"(UPDATE "products" SET "stock" = "stock" - ? WHERE "products"."id" = ?)");
    CHECK(compiled.binds[1].source == 1);
    update.where = {is_null(id("orders"))};
    CHECK_THROWS_AS((void)dialect.compile(update), CompileError);
}

TEST_CASE("a delete by key, by several keys, and by condition") {
    const PlainDialect dialect;
    Delete remove;
    remove.table = table("products");
    remove.keys = one_key;
    CHECK(dialect.compile(remove).sql == R"(DELETE FROM "products" WHERE "id" = ?)");
    remove.form = BatchForm::MultiRow;
    remove.rows = 3;
    CHECK(dialect.compile(remove).sql == R"(DELETE FROM "products" WHERE "id" IN (?, ?, ?))");
    CHECK(dialect.compile(remove).binds.size() == 1);
    remove.keys = two_keys;
    remove.rows = 2;
    CHECK(dialect.compile(remove).sql ==
          R"(DELETE FROM "products" WHERE ("a" = ? AND "b" = ?) OR ("a" = ? AND "b" = ?))");
    remove.form = BatchForm::Arrays;
    CHECK_THROWS_AS((void)dialect.compile(remove), UnsupportedError);
    Delete by_condition;
    by_condition.table = table("products");
    by_condition.where = {is_null(stock())};
    CHECK(dialect.compile(by_condition).sql ==
          R"(DELETE FROM "products" WHERE "products"."stock" IS NULL)");
}
