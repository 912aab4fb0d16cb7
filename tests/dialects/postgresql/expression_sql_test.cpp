// SPDX-License-Identifier: MIT
#include "postgresql.hpp"

using namespace mercator;
using namespace postgresql_test;

namespace {

ast::ExpressionPtr name_column() {
    return ast::column("t", "name", Text());
}

} // namespace

TEST_CASE("postgresql numbers its placeholders") {
    ast::Select select;
    select.columns = {name_column()};
    select.from = {table("t")};
    select.where = {
        ast::binary(ast::Operator::Equal, name_column(), ast::bind("a")),
        ast::binary(ast::Operator::Equal, ast::column("t", "id", BigInteger()), ast::bind(7))};
    const Compiled made = dialect().compile(select);
    CHECK(made.sql == R"(SELECT "t"."name" FROM "t" WHERE "t"."name" = $1 AND "t"."id" = $2)");
    CHECK(kinds(made) == std::vector{TypeKind::Text, TypeKind::Int64});
}

TEST_CASE("postgresql likes without and with case, and escapes only when told") {
    const auto pattern = ast::bind("a%");
    CHECK(spelled(ast::like(name_column(), pattern)) == R"("t"."name" LIKE $1 ESCAPE '')");
    CHECK(spelled(ast::like(name_column(), pattern, '!')) == R"("t"."name" LIKE $1 ESCAPE '!')");
    CHECK(spelled(ast::like(name_column(), pattern, '\\')) == R"("t"."name" LIKE $1 ESCAPE E'\\')");
    CHECK(spelled(ast::like(name_column(), pattern, 0, true, true)) ==
          R"("t"."name" NOT ILIKE $1 ESCAPE '')");
}

TEST_CASE("B33 a null test of a parameter without a type names one") {
    const auto unknown = std::make_shared<const ast::Bind>(Value(), SqlType());
    CHECK(spelled(std::make_shared<const ast::NullTest>(unknown, false)) == "$1::text IS NULL");
}

TEST_CASE("postgresql takes parts of dates as integers") {
    const auto at = ast::column("t", "at", DateTime());
    CHECK(spelled(ast::function(ast::FunctionId::Year, {at}, Integer())) ==
          R"(CAST(EXTRACT(YEAR FROM "t"."at") AS INTEGER))");
    CHECK(spelled(ast::function(ast::FunctionId::Day, {at}, Integer())) ==
          R"(CAST(EXTRACT(DAY FROM "t"."at") AS INTEGER))");
}

TEST_CASE("postgresql casts sums and averages to the type that the tree promises") {
    const auto whole = ast::column("t", "n", BigInteger());
    const auto price = ast::column("t", "p", Numeric(10, 2));
    CHECK(spelled(ast::function(ast::FunctionId::Sum, {whole}, BigInteger())) ==
          R"(CAST(SUM("t"."n") AS BIGINT))");
    CHECK(spelled(ast::function(ast::FunctionId::Avg, {whole}, Double())) ==
          R"(CAST(AVG("t"."n") AS DOUBLE PRECISION))");
    CHECK(spelled(ast::function(ast::FunctionId::Sum, {price}, Numeric(38, 2))) ==
          R"(SUM("t"."p"))");
}

TEST_CASE("postgresql rounds binary numbers to digits by way of NUMERIC") {
    const auto number = ast::column("t", "d", Double());
    CHECK(spelled(ast::function(ast::FunctionId::Round, {number, ast::bind(2)}, Double())) ==
          R"(CAST(ROUND(CAST("t"."d" AS NUMERIC), CAST($1 AS INTEGER)) AS DOUBLE PRECISION))");
}

TEST_CASE("postgresql groups by the same placeholder that it selects") {
    const auto sum =
        ast::binary(ast::Operator::Add, ast::column("t", "n", BigInteger()), ast::bind(1));
    ast::Select select;
    select.columns = {sum};
    select.from = {table("t")};
    select.group_by = {sum};
    const Compiled made = dialect().compile(select);
    CHECK(made.sql == R"(SELECT "t"."n" + $1 FROM "t" GROUP BY "t"."n" + $1)");
    CHECK(made.binds.size() == 1);
}
