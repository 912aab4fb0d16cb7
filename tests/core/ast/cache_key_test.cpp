// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"

#include <mercator/ast/cache_key.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <set>

using namespace mercator;
using namespace samples;

namespace {

CacheKey key_of(const Statement& statement) {
    CacheKey key;
    append_cache_key(statement, key);
    return key;
}

/// Makers of conditions that all differ in structure from each other.
std::vector<std::function<ExpressionPtr()>> conditions() {
    std::vector<std::function<ExpressionPtr()>> all;
    for (int op = 0; op <= static_cast<int>(Operator::GreaterEqual); ++op) {
        all.emplace_back([op] { return binary(static_cast<Operator>(op), stock(), bind(1)); });
        all.emplace_back([op] { return binary(static_cast<Operator>(op), price(), bind(1)); });
        all.emplace_back([op] { return binary(static_cast<Operator>(op), bind(1), stock()); });
        all.emplace_back(
            [op] { return not_(binary(static_cast<Operator>(op), stock(), bind(1))); });
    }
    for (std::size_t count = 0; count < 5; ++count) {
        all.emplace_back([count] { return in(stock(), std::vector<Value>(count, Value(1))); });
        all.emplace_back(
            [count] { return in(stock(), std::vector<Value>(count, Value(1)), true); });
        all.emplace_back([count] {
            return function("f", std::vector<ExpressionPtr>(count, stock()), Integer());
        });
        all.emplace_back([count] {
            return function("g", std::vector<ExpressionPtr>(count, stock()), Integer());
        });
    }
    for (const bool flag : {false, true}) {
        all.emplace_back([flag] { return is_null(stock(), flag); });
        all.emplace_back([flag] { return like(name(), bind("a"), 0, flag); });
        all.emplace_back([flag] { return like(name(), bind("a"), '!', flag); });
        all.emplace_back([flag] { return like(name(), bind("a"), '/', flag, true); });
        all.emplace_back([flag] { return between(stock(), bind(1), bind(2), flag); });
        all.emplace_back([flag] { return exists(select_products(), flag); });
        all.emplace_back([flag] {
            return in(
                id(),
                [] {
                    auto select = select_products();
                    select->columns.resize(1);
                    return select;
                }(),
                flag);
        });
        all.emplace_back(
            [flag] { return function(FunctionId::Count, {stock()}, BigInteger(), false, flag); });
        all.emplace_back([flag] { return literal(flag); });
    }
    all.emplace_back([] { return and_({is_null(stock()), is_null(price())}); });
    all.emplace_back([] { return or_({is_null(stock()), is_null(price())}); });
    all.emplace_back([] { return and_({is_null(stock()), is_null(price()), is_null(name())}); });
    all.emplace_back([] {
        return or_({and_({is_null(stock()), is_null(price())}), is_null(name())});
    });
    all.emplace_back([] {
        return or_({is_null(stock()), and_({is_null(price()), is_null(name())})});
    });
    all.emplace_back([] { return is_null(column("a", "bc", Integer())); });
    all.emplace_back([] { return is_null(column("ab", "c", Integer())); });
    all.emplace_back([] { return is_null(column("ab", "c", Integer(), false)); });
    all.emplace_back([] { return is_null(column("ab", "c", BigInteger())); });
    all.emplace_back([] { return is_null(column("ab", "c", mercator::String(1))); });
    all.emplace_back([] { return is_null(column("ab", "c", mercator::String(2))); });
    all.emplace_back([] { return is_null(cast(stock(), Integer())); });
    all.emplace_back([] { return is_null(cast(stock(), Numeric(10, 2))); });
    all.emplace_back([] { return is_null(cast(stock(), Numeric(10, 3))); });
    all.emplace_back([] { return literal(1); });
    all.emplace_back([] { return literal(2); });
    all.emplace_back([] { return literal("1"); });
    all.emplace_back([] { return literal("1\0" + std::string(1, '\0')); });
    all.emplace_back([] {
        return std::make_shared<ast::Text>(std::vector<std::string>{"a", "b"},
                                           std::vector<ExpressionPtr>{bind(1)}, Boolean());
    });
    all.emplace_back([] {
        return std::make_shared<ast::Text>(std::vector<std::string>{"ab", ""},
                                           std::vector<ExpressionPtr>{bind(1)}, Boolean());
    });
    return all;
}

/// Makers of statements that wrap a condition in different ways.
std::vector<std::shared_ptr<Select>> variants(const std::function<ExpressionPtr()>& condition) {
    std::vector<std::shared_ptr<Select>> all;
    all.push_back(select_where(condition()));
    auto add = [&] { return all.emplace_back(select_products()).get(); };
    add()->having = {condition()};
    add()->columns.push_back(condition());
    add()->order_by = {condition()};
    add()->order_by = {order(condition())};
    add()->order_by = {order(condition(), true)};
    add()->order_by = {order(condition(), false, NullsOrder::Last)};
    add()->group_by = {condition()};
    for (const auto kind : {JoinKind::Inner, JoinKind::Left, JoinKind::Right, JoinKind::Full}) {
        add()->joins = {Join{kind, table("orders"), condition()}};
    }
    add()->joins = {Join{JoinKind::Inner, table("orders", "o"), condition()}};
    auto* distinct = add();
    distinct->distinct = true;
    distinct->where = {condition()};
    auto* limited = add();
    limited->where = {condition()};
    limited->limit = bind(1, BigInteger());
    auto* skipping = add();
    skipping->where = {condition()};
    skipping->offset = bind(1, BigInteger());
    return all;
}

} // namespace

TEST_CASE("QRY-40 equal structures have equal keys, different structures different ones") {
    std::set<std::string> seen;
    std::size_t statements = 0;
    for (const auto& condition : conditions()) {
        const auto once = variants(condition);
        const auto again = variants(condition);
        for (std::size_t i = 0; i < once.size(); ++i) {
            const auto key = key_of(*once[i]);
            CHECK(key.bytes == key_of(*again[i]).bytes);
            seen.insert(key.bytes);
            ++statements;
        }
    }
    CHECK(statements > 900);
    CHECK(seen.size() == statements);
}

TEST_CASE("QRY-40 values are no part of the key, and their order is kept") {
    const auto one = select_where(and_(
        {binary(Operator::Greater, stock(), bind(1)), binary(Operator::Equal, name(), bind("a"))}));
    const auto two = select_where(and_(
        {binary(Operator::Greater, stock(), bind(2)), binary(Operator::Equal, name(), bind("b"))}));
    const auto key = key_of(*two);
    CHECK(key.bytes == key_of(*one).bytes);
    REQUIRE(key.binds.size() == 2);
    CHECK(key.binds[0]->value == Value(2));
    CHECK(key.binds[1]->value == Value("b"));
    CHECK(key.bytes.find("\"b\"") == std::string::npos);
}

TEST_CASE("QRY-40 a NULL among typed values does not change the key") {
    const auto one = select_where(binary(Operator::Less, stock(), bind(null)));
    const auto two = select_where(binary(Operator::Less, stock(), bind(2)));
    CHECK(key_of(*one).bytes == key_of(*two).bytes);
}

TEST_CASE("QRY-40 keys of batches differ in form, rows, columns and kind") {
    std::set<std::string> seen;
    std::size_t count = 0;
    for (const auto form : {BatchForm::Single, BatchForm::MultiRow, BatchForm::Arrays}) {
        for (std::uint32_t rows = 1; rows < 4; ++rows) {
            const std::vector<TargetColumn> one{{"a", Integer(), false}};
            const std::vector<TargetColumn> two{{"a", Integer(), false}, {"b", Integer(), true}};
            for (const auto& columns : {one, two}) {
                Insert insert;
                insert.table = table("t");
                insert.columns = columns;
                insert.form = form;
                insert.rows = rows;
                seen.insert(key_of(insert).bytes);
                insert.returning = one;
                seen.insert(key_of(insert).bytes);
                Update update;
                update.table = table("t");
                update.columns = columns;
                update.keys = one;
                update.form = form;
                update.rows = rows;
                seen.insert(key_of(update).bytes);
                Delete remove;
                remove.table = table("t");
                remove.keys = columns;
                remove.form = form;
                remove.rows = rows;
                seen.insert(key_of(remove).bytes);
                count += 4;
            }
        }
    }
    CHECK(seen.size() == count);
}

TEST_CASE("QRY-40 a warm key keeps its buffers") {
    CacheKey key;
    const auto select = select_where(in(stock(), std::vector<Value>(300, Value(1))));
    append_cache_key(*select, key);
    const auto* bytes = key.bytes.data();
    const auto* binds = key.binds.data();
    const std::string before = key.bytes;
    key.clear();
    append_cache_key(*select, key);
    CHECK(key.bytes.data() == bytes);
    CHECK(key.binds.data() == binds);
    CHECK(key.bytes == before);
    CHECK(key.binds.size() == 512); // lengths of lists are rounded up
}
