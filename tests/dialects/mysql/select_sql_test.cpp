// SPDX-License-Identifier: MIT
#include "mysql_dialect.hpp"

#include <mercator/ast/build.hpp>

using namespace mercator;

namespace {

ast::Select select_from_items(std::vector<ast::ExpressionPtr> columns) {
    ast::Select select;
    select.columns = std::move(columns);
    select.from.emplace_back(mysql_test::table("items"));
    return select;
}

std::string sql_of(ast::ExpressionPtr expression) {
    const std::string sql = mysql_test::load_dialect()->compile(select_from_items({std::move(expression)})).sql;
    const std::string_view prefix = "SELECT ";
    return sql.substr(prefix.size(), sql.find(" FROM ") - prefix.size());
}

const auto id = ast::column("items", "id", BigInteger(), false);
const auto title = ast::column("items", "title", String(40), true);
const auto price = ast::column("items", "price", Numeric(10, 2), false);
const auto added = ast::column("items", "added", DateTime(), false);

}  // namespace

TEST_CASE("mysql quotes names with backticks and doubles those inside") {
    CHECK(sql_of(ast::column("items", "a`b", Integer())) == "`items`.`a``b`");
}

TEST_CASE("mysql concatenates with a function") {
    CHECK(sql_of(ast::binary(ast::Operator::Concat, title, ast::bind(Value("!")))) == "CONCAT(`items`.`title`, ?)");
    CHECK(sql_of(ast::function(ast::FunctionId::Concat, {title, title}, Text())) ==
          "CONCAT(`items`.`title`, `items`.`title`)");
}

TEST_CASE("mysql divides integers to an integer and decimals to a decimal") {
    CHECK(sql_of(ast::binary(ast::Operator::Divide, id, ast::bind(Value(2)))) == "`items`.`id` DIV ?");
    CHECK(sql_of(ast::binary(ast::Operator::Divide, price, price)) == "`items`.`price` / `items`.`price`");
}

TEST_CASE("mysql casts the sum of integers back to an integer") {
    CHECK(sql_of(ast::function(ast::FunctionId::Sum, {id}, BigInteger())) == "CAST(SUM(`items`.`id`) AS SIGNED)");
    CHECK(sql_of(ast::function(ast::FunctionId::Sum, {price}, Numeric(38, 2))) == "SUM(`items`.`price`)");
}

TEST_CASE("mysql spells moments and parts of moments in UTC") {
    CHECK(sql_of(ast::function(ast::FunctionId::Now, {}, DateTime())) == "UTC_TIMESTAMP(6)");
    CHECK(sql_of(ast::function(ast::FunctionId::CurrentDate, {}, Date())) == "UTC_DATE()");
    CHECK(sql_of(ast::function(ast::FunctionId::Year, {added}, Integer())) == "YEAR(`items`.`added`)");
    CHECK(sql_of(ast::function(ast::FunctionId::Day, {added}, Integer())) == "DAYOFMONTH(`items`.`added`)");
}

TEST_CASE("mysql gives parameters that travel as text their type") {
    CHECK(sql_of(ast::binary(ast::Operator::Greater, price, ast::bind(Value(Decimal("1.5"))))) ==
          "`items`.`price` > CAST(? AS DECIMAL(65, 27))");
    CHECK(sql_of(ast::binary(ast::Operator::Greater, added, ast::bind(Value(mercator::DateTime{})))) ==
          "`items`.`added` > CAST(? AS DATETIME(6))");
}

TEST_CASE("mysql has its own names for types in casts") {
    CHECK(sql_of(ast::cast(title, BigInteger())) == "CAST(`items`.`title` AS SIGNED)");
    CHECK(sql_of(ast::cast(id, Text())) == "CAST(`items`.`id` AS CHAR)");
    CHECK(sql_of(ast::cast(id, Numeric(10, 2))) == "CAST(`items`.`id` AS DECIMAL(10, 2))");
    CHECK(sql_of(ast::cast(id, Double())) == "(`items`.`id` + 0E0)");
    CHECK(sql_of(ast::cast(id, Boolean())) == "(`items`.`id` <> 0)");
}

TEST_CASE("mysql spells LIKE with its escape character as standard SQL does") {
    CHECK(sql_of(ast::like(title, ast::bind(Value("a\\%")), '\\')) == "`items`.`title` LIKE ? ESCAPE '\\'");
    CHECK(sql_of(ast::like(title, ast::bind(Value("a%")), 0, true)) == "LOWER(`items`.`title`) LIKE LOWER(?) ESCAPE X'01'");
}

TEST_CASE("mysql needs a limit before an offset") {
    const auto dialect = mysql_test::load_dialect();
    auto select = select_from_items({id});
    select.offset = ast::bind(Value(5), BigInteger());
    CHECK(dialect->compile(select).sql == "SELECT `items`.`id` FROM `items` LIMIT 18446744073709551615 OFFSET ?");
    select.limit = ast::bind(Value(2), BigInteger());
    CHECK(dialect->compile(select).sql == "SELECT `items`.`id` FROM `items` LIMIT ? OFFSET ?");
}

TEST_CASE("mysql emulates NULLS LAST and refuses a full join") {
    const auto dialect = mysql_test::load_dialect();
    auto select = select_from_items({id});
    select.order_by = {ast::order(title, false, ast::NullsOrder::Last)};
    CHECK(dialect->compile(select).sql == "SELECT `items`.`id` FROM `items` ORDER BY CASE WHEN `items`.`title` IS NULL THEN 1 "
                                          "ELSE 0 END, `items`.`title`");
    select.joins.push_back({ast::JoinKind::Full, mysql_test::table("others"), ast::is_null(title)});
    CHECK_THROWS_AS(static_cast<void>(dialect->compile(select)), UnsupportedError);
}
