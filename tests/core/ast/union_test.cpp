// SPDX-License-Identifier: MIT
// Several SELECTs read one after the other as one table.
#include <mercator/ast/build.hpp>
#include <mercator/ast/cache_key.hpp>
#include <mercator/ast/traverse.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using namespace mercator::ast;

namespace {

SelectPtr rows_of(const std::string& table, std::int64_t least) {
    auto select = std::make_shared<Select>();
    select->from.emplace_back(std::make_shared<const TableRef>(TableRef{{}, table, {}}));
    select->columns = {column(table, "id", BigInteger(), false)};
    select->where = {
        binary(Operator::Greater, column(table, "id", BigInteger(), false), bind(Value(least)))};
    return select;
}

Select reading(std::vector<SelectPtr> parts) {
    auto all = std::make_shared<Subquery>();
    all->select = parts.front();
    all->and_all.assign(parts.begin() + 1, parts.end());
    all->alias = "everything";
    Select select;
    select.from.emplace_back(std::shared_ptr<const Subquery>(std::move(all)));
    select.columns = {column("everything", "id", BigInteger(), false)};
    return select;
}

CacheKey key_of(const Select& select) {
    CacheKey key;
    append_cache_key(select, key);
    return key;
}

} // namespace

TEST_CASE("INH-12 each of several SELECTs is part of the statement's structure and parameters") {
    const Select one = reading({rows_of("books", 1)});
    const Select two = reading({rows_of("books", 1), rows_of("films", 2)});
    const Select other = reading({rows_of("books", 1), rows_of("songs", 2)});
    CHECK(key_of(one).bytes != key_of(two).bytes);
    CHECK(key_of(two).bytes != key_of(other).bytes);
    const Select again = reading({rows_of("books", 8), rows_of("films", 9)});
    CHECK(key_of(two).bytes == key_of(again).bytes);
    REQUIRE(key_of(again).binds.size() == 2);
    CHECK(key_of(again).binds[1]->value == Value(std::int64_t{9}));
    CHECK(tables_read(two) == std::vector<std::string>{"books", "films"});
}

TEST_CASE("INH-12 what replaces columns comes to each of several SELECTs") {
    const auto inner =
        std::make_shared<const Select>(reading({rows_of("books", 1), rows_of("films", 2)}));
    const auto changed = replace_columns(exists(inner), [](const ColumnRef& found) {
        return found.qualifier == "films" ? column("movies", found.name, found.type) : nullptr;
    });
    std::vector<std::string> qualifiers;
    static_cast<void>(replace_columns(changed, [&](const ColumnRef& found) -> ExpressionPtr {
        qualifiers.push_back(found.qualifier);
        return nullptr;
    }));
    CHECK(std::count(qualifiers.begin(), qualifiers.end(), "movies") == 2);
    CHECK(std::count(qualifiers.begin(), qualifiers.end(), "films") == 0);
    CHECK(std::count(qualifiers.begin(), qualifiers.end(), "books") == 2);
}
