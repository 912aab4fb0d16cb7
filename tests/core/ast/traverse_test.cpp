// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"

#include <mercator/ast/traverse.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using namespace samples;

TEST_CASE("traverse visits parents before children and every node once") {
    std::vector<NodeKind> kinds;
    traverse(and_({binary(Operator::Greater, stock(), bind(1)), is_null(name())}),
             [&kinds](const Expression& e) { kinds.push_back(e.kind); });
    CHECK(kinds == std::vector<NodeKind>{NodeKind::Logical, NodeKind::Binary, NodeKind::ColumnRef,
                                         NodeKind::Bind, NodeKind::NullTest, NodeKind::ColumnRef});
}

TEST_CASE("requalify renames the columns of one table and shares the rest") {
    const auto other = is_null(name("orders"));
    const auto tree = and_({binary(Operator::Equal, id("products"), id("orders")), other});
    const auto renamed = requalify(tree, "products", "p");
    const auto& logical = static_cast<const Logical&>(*renamed);
    const auto& equal = static_cast<const Binary&>(*logical.operands[0]);
    CHECK(static_cast<const ColumnRef&>(*equal.left).qualifier == "p");
    CHECK(static_cast<const ColumnRef&>(*equal.right).qualifier == "orders");
    CHECK(logical.operands[1] == other);
    CHECK(requalify(tree, "nobody", "p") == tree);
}

TEST_CASE("requalify enters a correlated subquery, but not one with a table of that name") {
    auto inner = std::make_shared<Select>();
    inner->from = {table("orders")};
    inner->where = {binary(Operator::Equal, id("orders"), id("products"))};
    const auto renamed = requalify(exists(inner), "products", "p");
    const auto& select = *static_cast<const Exists&>(*renamed).select;
    CHECK(static_cast<const ColumnRef&>(*static_cast<const Binary&>(*select.where[0]).right)
              .qualifier == "p");
    const auto own = exists(select_where(is_null(id())));
    CHECK(requalify(own, "products", "p") == own);
}

TEST_CASE("to_ddl spells values out and drops qualifiers") {
    const auto tree = to_ddl(binary(Operator::Greater, price(), bind(0)));
    const auto& binary = static_cast<const Binary&>(*tree);
    CHECK(static_cast<const ColumnRef&>(*binary.left).qualifier.empty());
    CHECK(binary.right->kind == NodeKind::Literal);
    CHECK(binary.right->type == Numeric(10, 2));
}

TEST_CASE("tables_read names every table once, subqueries included") {
    auto inner = std::make_shared<Select>();
    inner->from = {table("orders")};
    auto derived = std::make_shared<Subquery>();
    derived->select = select_products();
    derived->alias = std::string("d");
    auto select = select_products();
    select->from.push_back(std::shared_ptr<const Subquery>(derived));
    select->joins = {Join{JoinKind::Left, table("categories", "c"), exists(inner)}};
    CHECK(tables_read(*select) == std::vector<std::string>{"products", "categories", "orders"});
}
