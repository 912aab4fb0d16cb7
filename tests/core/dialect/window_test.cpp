// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"
#include "core/dialect/plain_dialect.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/ast/traverse.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using namespace samples;

namespace {

std::shared_ptr<Select> numbered() {
    auto select = select_products();
    select->columns.push_back(
        label(row_number_over({stock()}, {order(price(), true), id()}), "position"));
    return select;
}

std::string spelled(ExpressionPtr expression) {
    auto select = select_products();
    select->columns = {std::move(expression)};
    const std::string text = PlainDialect().compile(*select).sql;
    return text.substr(7, text.find(" FROM ") - 7);
}

std::string key_of(ExpressionPtr expression) {
    CacheKey key;
    append_cache_key(expression, key);
    return key.bytes;
}

} // namespace

TEST_CASE("a row number counts the rows of each group in an order") {
    const auto compiled = PlainDialect().compile(*numbered());
    CHECK(compiled.sql ==
          R"(SELECT "products"."id", "products"."name", ROW_NUMBER() OVER (PARTITION BY)"
          R"( "products"."stock" ORDER BY "products"."price" DESC, "products"."id") AS "position")"
          R"( FROM "products")");
    REQUIRE(compiled.columns.size() == 3);
    CHECK(compiled.columns[2].type == BigInteger());
    CHECK_FALSE(compiled.columns[2].nullable);
}

TEST_CASE("a window may have groups, an order, both or neither") {
    CHECK(spelled(row_number_over({}, {id()})) ==
          R"(ROW_NUMBER() OVER (ORDER BY "products"."id"))");
    CHECK(spelled(over(FunctionId::Rank, {stock(), id()}, {})) ==
          R"(RANK() OVER (PARTITION BY "products"."stock", "products"."id"))");
    CHECK(spelled(over(FunctionId::DenseRank, {}, {})) == "DENSE_RANK() OVER ()");
}

TEST_CASE("the order of a window does not know the labels of the column list") {
    auto select = select_products();
    const auto cheap = label(binary(Operator::Multiply, price(), bind(2)), "twice");
    select->columns = {cheap, row_number_over({}, {order(cheap)})};
    select->order_by = {order(cheap)};
    CHECK(PlainDialect().compile(*select).sql ==
          R"(SELECT ("products"."price" * ?) AS "twice", ROW_NUMBER() OVER (ORDER BY)"
          R"( "products"."price" * ?) FROM "products" ORDER BY "twice")");
}

TEST_CASE("a backend without windows says who it is and what to do") {
    PlainDialect old;
    old.can.window_functions = false;
    old.can.version = "1.2";
    std::string message;
    try {
        static_cast<void>(old.compile(*numbered()));
    } catch (const UnsupportedError& error) {
        message = error.what();
    }
    CHECK(message.find("plain 1.2 has no window functions") != std::string::npos);
    CHECK(message.find("number them in the program") != std::string::npos);
}

TEST_CASE("a ranking function stands over a window, and only such a one") {
    CHECK_THROWS_AS(static_cast<void>(spelled(function(FunctionId::Rank, {}, BigInteger()))),
                    CompileError);
    CHECK_THROWS_AS(static_cast<void>(over(FunctionId::Sum, {}, {})), CompileError);
}

TEST_CASE("the parts of a window belong to the tree") {
    const auto whole = row_number_over({stock()}, {order(price())});
    std::vector<std::string> names;
    traverse(whole, [&names](const Expression& e) {
        if (e.kind == NodeKind::ColumnRef) names.push_back(static_cast<const ColumnRef&>(e).name);
    });
    CHECK(names == std::vector<std::string>{"stock", "price"});
    CHECK(spelled(whole) != spelled(row_number_over({}, {stock(), order(price())})));
    CHECK(key_of(whole) == key_of(row_number_over({stock()}, {order(price())})));
    CHECK(key_of(whole) != key_of(row_number_over({stock(), price()}, {})));
    CHECK(key_of(whole) != key_of(over(FunctionId::Rank, {stock()}, {order(price())})));

    auto select = select_products();
    select->columns = {requalify(whole, "products", "p")};
    select->from = {table("products", "p")};
    CHECK(PlainDialect().compile(*select).sql ==
          R"(SELECT ROW_NUMBER() OVER (PARTITION BY "p"."stock" ORDER BY "p"."price"))"
          R"( FROM "products" AS "p")");

    auto inner = std::make_shared<Select>();
    inner->columns = {id("orders")};
    inner->from = {table("orders")};
    auto with_subquery = select_products();
    with_subquery->columns = {
        row_number_over({}, {std::make_shared<const ScalarSubquery>(inner, BigInteger())})};
    CHECK(tables_read(*with_subquery) == std::vector<std::string>{"products", "orders"});
}

TEST_CASE("a column of a window stands beside no aggregate") {
    auto select = select_products();
    select->columns = {function(FunctionId::CountStar, {}, BigInteger()),
                       row_number_over({stock()}, {})};
    REQUIRE(ungrouped_column(*select) != nullptr);
    CHECK(ungrouped_column(*select)->name == "stock");
    select->columns = {id(), row_number_over({stock()}, {})};
    CHECK(ungrouped_column(*select) == nullptr);
}
