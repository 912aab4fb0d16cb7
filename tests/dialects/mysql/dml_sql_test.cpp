// SPDX-License-Identifier: MIT
#include "mysql_dialect.hpp"

#include <mercator/ast/build.hpp>

using namespace mercator;

TEST_CASE("mysql inserts several rows with one parameter list each") {
    ast::Insert insert;
    insert.table = mysql_test::table("items");
    insert.columns = {{"id", BigInteger(), false}, {"title", String(40)}};
    insert.form = ast::BatchForm::MultiRow;
    insert.rows = 2;
    const Compiled compiled = mysql_test::load_dialect()->compile(insert);
    CHECK(compiled.sql == "INSERT INTO `items` (`id`, `title`) VALUES (?, ?), (?, ?)");
    CHECK(compiled.binds.size() == 2);
    CHECK(compiled.rows == 2);
    CHECK(compiled.writes);
}

TEST_CASE("mysql inserts rows of defaults with empty lists") {
    ast::Insert insert;
    insert.table = mysql_test::table("items");
    CHECK(mysql_test::load_dialect()->compile(insert).sql == "INSERT INTO `items` () VALUES ()");
    insert.form = ast::BatchForm::MultiRow;
    insert.rows = 3;
    CHECK(mysql_test::load_dialect()->compile(insert).sql == "INSERT INTO `items` () VALUES (), (), ()");
}

TEST_CASE("mysql refuses RETURNING before it has met a server that has it") {
    ast::Insert insert;
    insert.table = mysql_test::table("items");
    insert.columns = {{"title", String(40)}};
    insert.returning = {{"id", BigInteger(), false}};
    CHECK_THROWS_AS(static_cast<void>(mysql_test::load_dialect()->compile(insert)), UnsupportedError);
}

TEST_CASE("mysql updates several rows through a derived table that gives every column its type") {
    ast::Update update;
    update.table = mysql_test::table("items");
    update.columns = {{"title", String(40)}, {"price", Numeric(10, 2)}, {"weight", Double()}};
    update.keys = {{"id", BigInteger(), false}};
    update.form = ast::BatchForm::MultiRow;
    update.rows = 2;
    const Compiled compiled = mysql_test::load_dialect()->compile(update);
    CHECK(compiled.sql ==
          "UPDATE (SELECT CAST(? AS CHAR) AS `c0`, CAST(? AS DECIMAL(10, 2)) AS `c1`, ? + 0E0 AS `c2`, "
          "CAST(? AS SIGNED) AS `k0` UNION ALL SELECT ?, CAST(? AS DECIMAL(10, 2)), ?, ?) AS `mercator_rows` "
          "STRAIGHT_JOIN `items` ON `items`.`id` = `mercator_rows`.`k0` SET `items`.`title` = `mercator_rows`.`c0`, "
          "`items`.`price` = `mercator_rows`.`c1`, `items`.`weight` = `mercator_rows`.`c2`");
    CHECK(compiled.binds.size() == 4);
    CHECK(compiled.rows == 2);
}

TEST_CASE("mysql reads a copy of the table that a statement changes") {
    ast::Delete statement;
    statement.table = mysql_test::table("items");
    auto parent = std::make_shared<ast::TableRef>(*statement.table);
    parent->alias = "parent";
    auto of_parent = std::make_shared<ast::Select>();
    of_parent->from.emplace_back(std::shared_ptr<const ast::TableRef>(parent));
    of_parent->where = {ast::binary(ast::Operator::Equal, ast::column("parent", "id", BigInteger()),
                                    ast::column("items", "parent_id", BigInteger()))};
    statement.where = {ast::exists(of_parent)};
    CHECK(mysql_test::load_dialect()->compile(statement).sql ==
          "DELETE FROM `items` WHERE EXISTS (SELECT 1 FROM (SELECT * FROM `items` LIMIT "
          "18446744073709551615) AS `parent` WHERE `parent`.`id` = `items`.`parent_id`)");
    // What changes nothing reads the table itself.
    of_parent->where.clear();
    CHECK(mysql_test::load_dialect()->compile(*of_parent).sql ==
          "SELECT 1 FROM `items` AS `parent`");
}

TEST_CASE("mysql deletes several rows by a list of keys") {
    ast::Delete statement;
    statement.table = mysql_test::table("items");
    statement.keys = {{"id", BigInteger(), false}};
    statement.form = ast::BatchForm::MultiRow;
    statement.rows = 3;
    CHECK(mysql_test::load_dialect()->compile(statement).sql == "DELETE FROM `items` WHERE `id` IN (?, ?, ?)");
}
