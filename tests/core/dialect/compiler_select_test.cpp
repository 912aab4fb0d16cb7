// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"
#include "core/dialect/plain_dialect.hpp"

#include <mercator/ast/cache_key.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using namespace samples;

namespace {

const PlainDialect& plain() {
    static const PlainDialect dialect;
    return dialect;
}

std::string sql(const Statement& statement) {
    return plain().compile(statement).sql;
}

/// The text of a condition, without the SELECT around it.
std::string where(ExpressionPtr condition) {
    const std::string text = sql(*select_where(std::move(condition)));
    return text.substr(text.find(" WHERE ") + 7);
}

} // namespace

TEST_CASE("the clauses of a select, in their order") {
    auto select = select_products();
    select->distinct = true;
    select->columns.push_back(
        label(function(FunctionId::Count, {id("orders")}, BigInteger(), false), "n"));
    select->joins = {
        Join{JoinKind::Inner, table("orders"), binary(Operator::Equal, id("orders"), id())},
        Join{JoinKind::Left, table("products", "p"), binary(Operator::Equal, id("p"), id())}};
    select->where = {binary(Operator::Greater, price(), bind(5)),
                     or_({is_null(stock()), is_null(name())})};
    select->group_by = {id(), name()};
    select->having = {
        binary(Operator::Greater, function(FunctionId::CountStar, {}, BigInteger()), bind(3))};
    select->order_by = {order(select->columns[2], true), order(name(), false, NullsOrder::Last),
                        id()};
    select->limit = bind(10, BigInteger());
    select->offset = bind(20, BigInteger());
    select->for_update = true;
    const auto compiled = plain().compile(*select);
    CHECK(
        compiled.sql ==
        R"(SELECT DISTINCT "products"."id", "products"."name", COUNT("orders"."id") AS "n" FROM "products")"
        R"( JOIN "orders" ON "orders"."id" = "products"."id" LEFT JOIN "products" AS "p" ON "p"."id" = "products"."id")"
        R"( WHERE "products"."price" > ? AND ("products"."stock" IS NULL OR "products"."name" IS NULL))"
        R"( GROUP BY "products"."id", "products"."name" HAVING COUNT(*) > ?)"
        R"( ORDER BY "n" DESC, "products"."name" NULLS LAST, "products"."id" LIMIT ? OFFSET ? FOR UPDATE)");
    CHECK_FALSE(compiled.writes);
    REQUIRE(compiled.binds.size() == 4);
    CHECK(compiled.binds[0].type == Numeric(10, 2));
    for (std::uint32_t i = 0; i < 4; ++i) CHECK(compiled.binds[i].source == i);
    REQUIRE(compiled.columns.size() == 3);
    CHECK(compiled.columns[1].name == "name");
    CHECK(compiled.columns[1].type == String(100));
    CHECK(compiled.columns[2].name == "n");
    CHECK_FALSE(compiled.columns[2].nullable);
}

TEST_CASE("conditions are spelled with the parentheses they need") {
    CHECK(where(binary(Operator::Equal,
                       binary(Operator::Multiply, binary(Operator::Add, stock(), bind(1)), stock()),
                       bind(4))) == R"((("products"."stock" + ?) * "products"."stock") = ?)");
    CHECK(where(not_(binary(Operator::Less, stock(), bind(1)))) ==
          R"(NOT ("products"."stock" < ?))");
    CHECK(where(negate(negate(stock()))).find("--") == std::string::npos);
    CHECK(
        where(or_({and_({is_null(id()), is_null(name())}), is_null(stock())})) ==
        R"(("products"."id" IS NULL AND "products"."name" IS NULL) OR "products"."stock" IS NULL)");
    CHECK(where(and_({})) == "TRUE");
    CHECK(where(or_({})) == "FALSE");
    CHECK(where(between(stock(), bind(1), bind(2), true)) ==
          R"("products"."stock" NOT BETWEEN ? AND ?)");
    CHECK(where(like(name(), bind("a%"))) == R"("products"."name" LIKE ?)");
    CHECK(where(match(name(), TextMatch::EndsWith, "x")) ==
          R"("products"."name" LIKE ? ESCAPE '!')");
    CHECK(where(like(name(), bind("A%"), 0, true)) == R"(LOWER("products"."name") LIKE LOWER(?))");
    CHECK(where(binary(Operator::Concat, name(), bind("x"))) == R"("products"."name" || ?)");
    CHECK(where(binary(Operator::Modulo, stock(), bind(2))) == R"("products"."stock" % ?)");
}

TEST_CASE("QRY-07 functions, casts and case") {
    CHECK(where(function(FunctionId::Substring, {name(), bind(1), bind(2)}, mercator::Text())) ==
          R"(SUBSTR("products"."name", ?, ?))");
    CHECK(where(function(FunctionId::Now, {}, SqlType(DateTime()))) == "CURRENT_TIMESTAMP");
    CHECK(where(function(FunctionId::Year, {made_on()}, Integer())) ==
          R"(EXTRACT(YEAR FROM "products"."made_on"))");
    CHECK(where(function(FunctionId::Concat, {name(), bind("x"), name()}, mercator::Text())) ==
          R"(("products"."name" || ? || "products"."name"))");
    CHECK(where(function(FunctionId::Count, {name()}, BigInteger(), false, true)) ==
          R"(COUNT(DISTINCT "products"."name"))");
    CHECK(where(function("soundex", {name()}, mercator::Text())) ==
          R"(soundex("products"."name"))");
    CHECK(where(cast(stock(), Numeric(10, 2))) == R"(CAST("products"."stock" AS NUMERIC(10, 2)))");
    const auto expression = std::make_shared<Case>(
        std::vector<Case::Branch>{{is_null(stock()), bind(0, Integer())}}, stock(), Integer());
    CHECK(where(binary(Operator::Equal, expression, bind(1))) ==
          R"((CASE WHEN "products"."stock" IS NULL THEN ? ELSE "products"."stock" END) = ?)");
}

TEST_CASE("QRY-25 an empty list is false, its negation true") {
    CHECK(where(in(stock(), std::vector<Value>{})) == "1 = 0");
    CHECK(where(in(stock(), std::vector<Value>{}, true)) == "1 = 1");
    CHECK(where(in(stock(), {Value(1), Value(2)})) == R"("products"."stock" IN (?, ?))");
}

TEST_CASE("QRY-20 NULLS FIRST and LAST are emulated where they cannot be spelled, and binds still "
          "find their values") {
    PlainDialect dialect;
    dialect.can.nulls_ordering = false;
    auto select = select_products();
    select->order_by = {order(binary(Operator::Add, stock(), bind(7)), true, NullsOrder::First)};
    select->limit = bind(3, BigInteger());
    const auto compiled = dialect.compile(*select);
    CHECK(
        compiled.sql ==
        R"(SELECT "products"."id", "products"."name" FROM "products" ORDER BY)"
        R"( CASE WHEN ("products"."stock" + ?) IS NULL THEN 0 ELSE 1 END, "products"."stock" + ? DESC LIMIT ?)");
    REQUIRE(compiled.binds.size() == 3);
    CHECK(compiled.binds[0].source == 0);
    CHECK(compiled.binds[1].source == 0);
    CHECK(compiled.binds[2].source == 1);
    CHECK(compiled.cacheable);
    const auto shared = bind(7, Integer());
    select->where = {binary(Operator::Greater, stock(), shared)};
    select->order_by = {order(binary(Operator::Add, stock(), shared), true, NullsOrder::First)};
    CHECK_FALSE(dialect.compile(*select).cacheable);
}

TEST_CASE("joins of every kind, and a refusal where the database has none") {
    auto select = select_products();
    for (const auto kind : {JoinKind::Right, JoinKind::Full}) {
        select->joins = {Join{kind, table("orders"), binary(Operator::Equal, id("orders"), id())}};
        CHECK(sql(*select).find(kind == JoinKind::Right ? " RIGHT JOIN " : " FULL JOIN ") !=
              std::string::npos);
        PlainDialect poor;
        poor.can.right_join = false;
        poor.can.full_join = false;
        CHECK_THROWS_AS((void)poor.compile(*select), UnsupportedError);
    }
    select->joins = {Join{JoinKind::Cross, table("orders"), nullptr}};
    CHECK(sql(*select).ends_with(R"( CROSS JOIN "orders")"));
    select->joins = {Join{JoinKind::Inner, table("orders"), nullptr}};
    CHECK_THROWS_AS((void)sql(*select), CompileError);
    select->joins.clear();
    select->from.push_back(table("orders"));
    CHECK(sql(*select).ends_with(R"(FROM "products" CROSS JOIN "orders")"));
}

TEST_CASE("subqueries see the tables around them, derived tables do not") {
    auto inner = std::make_shared<Select>();
    inner->from = {table("orders")};
    inner->where = {binary(Operator::Equal, id("orders"), id())};
    CHECK(where(exists(inner, true)) ==
          R"(NOT EXISTS (SELECT 1 FROM "orders" WHERE "orders"."id" = "products"."id"))");
    auto derived = std::make_shared<Subquery>();
    derived->select = inner;
    derived->alias = std::string("d");
    auto select = select_products();
    select->joins = {Join{JoinKind::Cross, std::shared_ptr<const Subquery>(derived), nullptr}};
    CHECK_THROWS_AS((void)sql(*select), CompileError);
    inner->where.clear();
    inner->columns = {id("orders")};
    CHECK(sql(*select) == R"(SELECT "products"."id", "products"."name" FROM "products")"
                          R"( CROSS JOIN (SELECT "orders"."id" FROM "orders") AS "d")");
    CHECK(plain().compile(*select).columns.size() == 2);
    CHECK(where(in(id(), inner)) == R"("products"."id" IN (SELECT "orders"."id" FROM "orders"))");
    CHECK(where(binary(Operator::Equal, id(),
                       std::make_shared<ScalarSubquery>(inner, BigInteger()))) ==
          R"("products"."id" = (SELECT "orders"."id" FROM "orders"))");
}

TEST_CASE("QRY-48 a column of a table that is not read is refused with the tables that are") {
    auto select = select_products();
    select->joins = {Join{JoinKind::Cross, table("orders", "o"), nullptr}};
    select->where = {is_null(id("orders"))};
    CHECK_THROWS_WITH_AS((void)sql(*select),
                         doctest::Contains(R"("orders.id" belongs to no table)"), CompileError);
    CHECK_THROWS_WITH_AS((void)sql(*select), doctest::Contains(R"("products", "o")"), CompileError);
    select->where = {is_null(id(""))};
    CHECK_NOTHROW((void)sql(*select));
    select->joins = {Join{JoinKind::Cross, table("products"), nullptr}};
    CHECK_THROWS_WITH_AS((void)sql(*select), doctest::Contains("alias"), CompileError);
}

TEST_CASE("QRY-36 no value of a user stands in the text") {
    const std::string secret = "s3cret'; --";
    auto select = select_where(
        and_({binary(Operator::Equal, name(), ast::bind(secret)), in(name(), {Value(secret)}),
              match(name(), TextMatch::Contains, secret),
              binary(Operator::Greater, price(), bind(Decimal("98765.43"))),
              between(stock(), bind(777001), bind(777002)),
              binary(Operator::Equal,
                     function(FunctionId::Coalesce, {name(), ast::bind(secret)}, mercator::Text()),
                     ast::bind(secret))}));
    select->limit = bind(777003, BigInteger());
    const std::string text = sql(*select);
    for (const auto* part : {"s3cret", "98765", "777001", "777002", "777003", "--"}) {
        CHECK(text.find(part) == std::string::npos);
    }
    CHECK_THROWS_AS((void)sql(*select_where(binary(Operator::Equal, stock(), literal(1)))),
                    CompileError);
}

TEST_CASE("DIA-16 a dialect numbers its placeholders by overriding one function") {
    class Numbered final : public Compiler {
    public:
        using Compiler::Compiler;
        void write_placeholder(std::size_t index, const SqlType& /*type*/) override {
            writer().text('$').number(index);
        }
    };
    const auto select = select_where(in(stock(), {Value(1), Value(2)}));
    CHECK(Numbered(plain()).compile(*select).sql.ends_with("IN ($1, $2)"));
    Insert insert;
    insert.table = table("t");
    insert.columns = {{"a", Integer(), false}, {"b", mercator::Text(), true}};
    insert.form = BatchForm::MultiRow;
    insert.rows = 2;
    CHECK(Numbered(plain()).compile(insert).sql ==
          R"(INSERT INTO "t" ("a", "b") VALUES ($1, $2), ($3, $4))");
}

TEST_CASE("an extension is rendered by the dialect that knows it and refused by others") {
    class Extended final : public Compiler {
    public:
        using Compiler::Compiler;
        void visit_extension(const Extension& extension) override {
            writer().text(extension.name).text('!');
            process(*extension.arguments.front());
        }
    };
    const auto select = select_where(
        std::make_shared<Extension>("shout", std::vector<ExpressionPtr>{name()}, Boolean()));
    CHECK(Extended(plain()).compile(*select).sql.ends_with(R"(shout!"products"."name")"));
    CHECK_THROWS_WITH_AS((void)sql(*select), doctest::Contains("plain does not know \"shout\""),
                         UnsupportedError);
}

TEST_CASE("a column beside an aggregate is refused unless the rows are grouped") {
    Select select;
    select.from.emplace_back(table("products"));
    const auto count = function(FunctionId::CountStar, {}, BigInteger(), false);
    select.columns = {name(), count};
    CHECK_THROWS_WITH_AS((void)sql(select),
                         doctest::Contains("products.name stands beside an aggregate"),
                         CompileError);
    select.group_by = {name()};
    CHECK_NOTHROW((void)sql(select));
    select.group_by.clear();
    select.columns = {function(FunctionId::Max, {stock()}, Integer()), count};
    CHECK_NOTHROW((void)sql(select));
}
