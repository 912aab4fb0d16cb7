// SPDX-License-Identifier: MIT
#include "sqlite_door.hpp"

#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

using namespace mercator;
namespace m = mercator::ast;
using sqlite_test::Link;
using sqlite_test::open_dialect;

namespace {

m::ExpressionPtr price() {
    return m::column("items", "price", Numeric(10, 2));
}
m::ExpressionPtr rate() {
    return m::column("items", "rate", Numeric(6, 4));
}
m::ExpressionPtr quantity() {
    return m::column("items", "quantity", Integer());
}
m::ExpressionPtr weight() {
    return m::column("items", "weight", Double());
}
m::ExpressionPtr name() {
    return m::column("items", "name", Text());
}
m::ExpressionPtr big() {
    return m::column("items", "big", Numeric(38, 10));
}

m::Select select_of(m::ExpressionPtr column) {
    auto table = std::make_shared<m::TableRef>();
    table->name = "items";
    m::Select select;
    select.from.emplace_back(std::shared_ptr<const m::TableRef>(table));
    select.columns.push_back(std::move(column));
    return select;
}

std::string sql_of(m::ExpressionPtr expression) {
    const std::string sql = open_dialect()->compile(select_of(std::move(expression))).sql;
    const std::string start = "SELECT ";
    const std::string end = " FROM \"items\"";
    REQUIRE(sql.substr(0, start.size()) == start);
    return sql.substr(start.size(), sql.size() - start.size() - end.size());
}

Link shop() {
    Link link;
    link.connection->execute_script(
        "CREATE TABLE items (price INTEGER, rate INTEGER, quantity INTEGER, weight REAL, name "
        "TEXT, big TEXT);"
        "INSERT INTO items VALUES (1999, 1900, 3, 0.5, 'Straße', NULL)");
    return link;
}

} // namespace

TEST_CASE("TYP-10 decimals of different scales are compared at the larger one") {
    CHECK(sql_of(m::binary(m::Operator::Less, price(), rate())) ==
          "(\"items\".\"price\" * 100) < \"items\".\"rate\"");
    CHECK(sql_of(m::binary(m::Operator::Greater, price(), quantity())) ==
          "\"items\".\"price\" > (\"items\".\"quantity\" * 100)");
    CHECK(sql_of(m::binary(m::Operator::Equal, price(), weight())) ==
          "(\"items\".\"price\" / 100.0) = \"items\".\"weight\"");
}

TEST_CASE("TYP-10 a parameter beside a decimal travels in the decimal's units") {
    const auto compiled = open_dialect()->compile(
        select_of(m::binary(m::Operator::Greater, price(), m::bind(Decimal("5.125")))));
    CHECK(compiled.sql == "SELECT (\"items\".\"price\" * 10) > ? FROM \"items\"");
    REQUIRE(compiled.binds.size() == 1);
    CHECK(compiled.binds[0].type == Numeric(18, 3));
}

TEST_CASE("TYP-10 products add the scales and sums keep them") {
    CHECK(sql_of(m::binary(m::Operator::Multiply, price(), rate())) ==
          "\"items\".\"price\" * \"items\".\"rate\"");
    CHECK(sql_of(m::binary(m::Operator::Add, price(), rate())) ==
          "(\"items\".\"price\" * 100) + \"items\".\"rate\"");
    CHECK(sql_of(m::function(m::FunctionId::Sum, {price()}, Numeric(38, 2))) ==
          "SUM(\"items\".\"price\")");
    CHECK(sql_of(m::function(m::FunctionId::Avg, {price()}, Numeric(38, 6))) ==
          "decimal_divide(SUM(\"items\".\"price\"), COUNT(\"items\".\"price\"), 4)");
    CHECK(sql_of(m::cast(rate(), Numeric(10, 2))) == "decimal_divide(\"items\".\"rate\", 1, -2)");
}

TEST_CASE("TYP-10 decimal arithmetic in SQL is exact") {
    const Link link = shop();
    const auto total = m::binary(m::Operator::Multiply, price(), quantity());
    CHECK(link.cell(select_of(total)) == Value(Decimal("59.97")));
    CHECK(link.cell(select_of(m::binary(m::Operator::Multiply, price(), rate()))) ==
          Value(Decimal("3.798100")));
    CHECK(link.cell(select_of(m::binary(m::Operator::Divide, price(), quantity()))) ==
          Value(Decimal("6.66333333")));
    CHECK(link.cell(select_of(m::function(m::FunctionId::Avg, {price()}, Numeric(38, 6)))) ==
          Value(Decimal("19.99")));
    CHECK(link.cell(select_of(m::function(m::FunctionId::Round, {price()}, Numeric(10, 0)))) ==
          Value(Decimal("20")));
    CHECK(link.cell(select_of(m::cast(price(), Integer()))) == Value(20));
    CHECK(link.cell(select_of(m::cast(price(), Text()))) == Value("19.99"));
    CHECK(link.cell(select_of(m::function(m::FunctionId::Coalesce, {price(), m::bind(Decimal("0"))},
                                          Numeric(10, 2)))) == Value(Decimal("19.99")));
    CHECK(link.cell(select_of(m::in(price(), {Value(Decimal("19.99")), Value(Decimal("1"))}))) ==
          Value(true));
    CHECK(link.cell(select_of(m::between(price(), m::bind(Decimal("19.9")),
                                         m::bind(Decimal("20"))))) == Value(true));
}

TEST_CASE("TYP-10 a sum in a subquery keeps its units outside") {
    const Link link = shop();
    auto inner = std::make_shared<m::Select>(
        select_of(m::label(m::function(m::FunctionId::Sum, {price()}, Numeric(38, 2)), "total")));
    auto derived = std::make_shared<m::Subquery>();
    derived->select = inner;
    derived->alias = "t";
    m::Select outer;
    outer.from.emplace_back(std::shared_ptr<const m::Subquery>(derived));
    outer.columns.push_back(m::binary(m::Operator::Add, m::column("t", "total", Numeric(38, 2)),
                                      m::bind(Decimal("0.01"))));
    CHECK(link.cell(outer) == Value(Decimal("20.00")));
}

TEST_CASE("TYP-10 decimals kept as text are compared and never computed with") {
    CHECK(sql_of(m::binary(m::Operator::Less, big(), m::bind(Decimal("1")))) ==
          "\"items\".\"big\" < ?");
    CHECK_THROWS_AS(static_cast<void>(sql_of(m::binary(m::Operator::Add, big(), price()))),
                    UnsupportedError);
}

TEST_CASE("functions have SQLite's spelling") {
    const SqlType date_time(TypeKind::DateTime);
    const auto made = m::column("items", "made", date_time);
    CHECK(sql_of(m::function(m::FunctionId::Length, {name()}, Integer())) ==
          "LENGTH(\"items\".\"name\")");
    CHECK(sql_of(m::function(m::FunctionId::Year, {made}, Integer())) ==
          "CAST(strftime('%Y', \"items\".\"made\") AS INTEGER)");
    CHECK(sql_of(m::function(m::FunctionId::CurrentDate, {}, SqlType(TypeKind::Date))) ==
          "date('now')");
}

TEST_CASE("now has the form that columns hold") {
    const Link link = shop();
    const Value now =
        link.cell(select_of(m::function(m::FunctionId::Now, {}, SqlType(TypeKind::DateTime))));
    CHECK(now.get_if<DateTime>() != nullptr);
}

TEST_CASE("LIKE tells cases apart and ILIKE does not") {
    const Link link = shop();
    CHECK(link.cell(select_of(m::like(name(), m::bind("Stra_e")))) == Value(true));
    CHECK(link.cell(select_of(m::like(name(), m::bind("s%")))) == Value(false));
    CHECK(link.cell(select_of(m::like(name(), m::bind("s%"), 0, true))) == Value(true));
    CHECK(link.cell("SELECT 'a%b' LIKE 'a\\%b' ESCAPE '\\'") == Value(1));
    CHECK(link.cell("SELECT 'axb' LIKE 'a\\%b' ESCAPE '\\'") == Value(0));
    CHECK(link.cell("SELECT 'aXbXc' LIKE '%X_'") == Value(1));
}

TEST_CASE("an offset alone gets a limit without end") {
    m::Select select = select_of(name());
    select.offset = m::bind(2);
    CHECK(open_dialect()->compile(select).sql ==
          "SELECT \"items\".\"name\" FROM \"items\" LIMIT -1 OFFSET ?");
}

TEST_CASE("an assignment is brought to the scale of its column") {
    auto table = std::make_shared<m::TableRef>();
    table->name = "items";
    m::Update update;
    update.table = table;
    update.assignments.push_back(
        {{"price", Numeric(10, 2)},
         m::binary(m::Operator::Multiply, price(), m::bind(Decimal("1.1")))});
    const auto compiled = open_dialect()->compile(update);
    CHECK(compiled.sql.find("decimal_divide(\"price\" * ?, 1, -") != std::string::npos);
}
