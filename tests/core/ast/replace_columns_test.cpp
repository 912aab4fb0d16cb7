// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"
#include "core/dialect/plain_dialect.hpp"

#include <mercator/ast/traverse.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using namespace samples;

namespace {

std::string where(ExpressionPtr condition) {
    const std::string text = PlainDialect().compile(*select_where(std::move(condition))).sql;
    return text.substr(text.find(" WHERE ") + 7);
}

ExpressionPtr same(ExpressionPtr a, ExpressionPtr b) {
    return binary(Operator::Equal, std::move(a), std::move(b));
}

ExpressionPtr owner(const char* name) {
    return column("owners", name, BigInteger());
}

/// Links of products with an owner: `EXISTS (SELECT 1 FROM links WHERE …)`.
ExpressionPtr linked(const std::string& table_name) {
    auto links = std::make_shared<Select>();
    links->from = {table(table_name)};
    links->where = {same(column(table_name, "product_id", BigInteger()), id()),
                    same(column(table_name, "owner_id", BigInteger()), owner("id"))};
    return exists(links);
}

/// Every column of an owner becomes 7.
ExpressionPtr bound(const ColumnRef& column) {
    return column.qualifier == "owners" ? bind(7, column.type) : nullptr;
}

} // namespace

TEST_CASE("the owner's columns of a join condition become values") {
    const auto condition = and_({same(id(), owner("product_id")), is_null(stock())});
    CHECK(where(replace_columns(condition, bound)) ==
          R"("products"."id" = ? AND "products"."stock" IS NULL)");
    const auto other = same(id(), stock());
    CHECK(replace_columns(other, bound) == other); // shared, nothing to change
    CHECK(replace_columns(nullptr, bound) == nullptr);
}

TEST_CASE("columns are replaced in subqueries, at any depth") {
    CHECK(where(replace_columns(linked("links"), bound)) ==
          R"(EXISTS (SELECT 1 FROM "links" WHERE "links"."product_id" = "products"."id")"
          R"( AND "links"."owner_id" = ?))");

    auto outer = std::make_shared<Select>();
    outer->from = {table("shops")};
    outer->where = {linked("links")};
    CHECK(where(replace_columns(not_(exists(outer)), bound)) ==
          R"(NOT (EXISTS (SELECT 1 FROM "shops" WHERE EXISTS (SELECT 1 FROM "links" WHERE)"
          R"( "links"."product_id" = "products"."id" AND "links"."owner_id" = ?))))");
}

TEST_CASE("a subquery that reads a table of that name itself keeps its columns") {
    const auto seven = [](const ColumnRef& column) { return bind(7, column.type); };
    auto own = std::make_shared<Select>();
    own->from = {table("owners")};
    own->where = {same(owner("id"), id())};
    const auto condition = and_({exists(own), same(id(), owner("id"))});
    CHECK(where(replace_columns(condition, "owners", seven)) ==
          R"(EXISTS (SELECT 1 FROM "owners" WHERE "owners"."id" = "products"."id"))"
          R"( AND "products"."id" = ?)");
    const auto links = linked("links");
    CHECK(replace_columns(links, "links", seven) == links);
    CHECK(where(replace_columns(linked("links"), "owners", seven)) ==
          R"(EXISTS (SELECT 1 FROM "links" WHERE "links"."product_id" = "products"."id")"
          R"( AND "links"."owner_id" = ?))");
}

TEST_CASE("a join condition with a subquery is used with aliases") {
    auto select = std::make_shared<Select>();
    select->columns = {id("p")};
    select->from = {table("products", "p")};
    select->where = {requalify(requalify(linked("links"), "products", "p"), "owners", "p")};
    CHECK(PlainDialect().compile(*select).sql ==
          R"(SELECT "p"."id" FROM "products" AS "p" WHERE EXISTS (SELECT 1 FROM "links" WHERE)"
          R"( "links"."product_id" = "p"."id" AND "links"."owner_id" = "p"."id"))");
}
