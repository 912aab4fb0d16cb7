// SPDX-License-Identifier: MIT
#include <mercator/state/column_set.hpp>

#include <doctest/doctest.h>

#include <random>
#include <set>

using mercator::ColumnSet;

TEST_CASE("a column set holds what was inserted, beyond 64 columns as well") {
    std::mt19937 random(7);
    ColumnSet set;
    std::set<std::size_t> expected;
    CHECK(set.empty());
    for (int i = 0; i < 200; ++i) {
        const std::size_t column = random() % 400;
        set.insert(column);
        expected.insert(column);
        CHECK(set.size() == expected.size());
    }
    for (std::size_t column = 0; column < 500; ++column)
        CHECK(set.contains(column) == expected.contains(column));
    CHECK_FALSE(set.empty());
}

TEST_CASE("column sets are equal by what they hold, not by how they were filled") {
    ColumnSet a;
    ColumnSet b;
    for (const std::size_t column : {3U, 70U, 130U}) a.insert(column);
    for (const std::size_t column : {130U, 3U, 70U, 3U}) b.insert(column);
    CHECK(a == b);
    b.insert(64);
    CHECK(a != b);
}
