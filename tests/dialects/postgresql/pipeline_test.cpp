// SPDX-License-Identifier: MIT
#include "dialects/postgresql/postgresql.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;

namespace {

std::shared_ptr<const Compiled> doubled() {
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = "SELECT $1 * 2";
    compiled->binds = {BindSlot{BigInteger(), 0}};
    return compiled;
}

std::shared_ptr<const Compiled> text(std::string sql) {
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = std::move(sql);
    return compiled;
}

Value first_of(const StatementLease& lease) {
    std::vector<Value> row;
    REQUIRE(lease->fetch(row));
    return row.at(0);
}

} // namespace

TEST_CASE("a pipeline keeps its statements prepared, and without names none of them") {
    if (!postgresql_test::server()) return;
    for (const bool named : {true, false}) {
        CAPTURE(named);
        Engine engine(Url::parse(std::getenv("MERCATOR_TEST_POSTGRESQL") +
                                 std::string(named ? "" : "?prepared_statements=off")));
        Connection connection = engine.connect();
        const Value five(std::int64_t{5});
        const Value six(std::int64_t{6});
        const auto twice = doubled();
        const auto plain = text("SELECT CAST(7 AS BIGINT)");
        const auto wrong = text("SELECT 1 / 0");
        const auto late = text("SELECT CAST(8 AS BIGINT)");
        const PipelineRequest good[] = {
            {twice, std::span(&five, 1)}, {plain, {}}, {twice, std::span(&six, 1)}};
        const PipelineRequest bad[] = {{plain, {}}, {wrong, {}}, {late, {}}};
        for (int round = 0; round < 3; ++round) {
            {
                const auto leases = connection.execute_together(good);
                CHECK(first_of(leases[0]) == Value(std::int64_t{10}));
                CHECK(first_of(leases[1]) == Value(std::int64_t{7}));
                CHECK(first_of(leases[2]) == Value(std::int64_t{12}));
            }
            CHECK_THROWS_AS(static_cast<void>(connection.execute_together(bad)), DatabaseError);
            // One that stood behind the error was not prepared, and is when its turn comes.
            const auto lease = connection.execute(late, {});
            CHECK(first_of(lease) == Value(std::int64_t{8}));
        }
        const auto counted = connection.fetch_all("SELECT count(*) FROM pg_prepared_statements "
                                                  "WHERE statement = 'SELECT CAST(8 AS BIGINT)'");
        CHECK(counted.at(0).at(0) == Value(std::int64_t{named ? 1 : 0}));
    }
}

TEST_CASE("a pipeline takes more than what the wire holds, in both directions") {
    if (!postgresql_test::server()) return;
    Engine engine(Url::parse(std::getenv("MERCATOR_TEST_POSTGRESQL")));
    Connection connection = engine.connect();
    auto echo = std::make_shared<Compiled>();
    echo->sql = "SELECT CAST($1 AS TEXT) FROM generate_series(1, 4)";
    echo->binds = {BindSlot{Text(), 0}};
    const Value large(std::string(4'000'000, 'x'));
    const std::shared_ptr<const Compiled> compiled = echo;
    const std::vector<PipelineRequest> requests(6, {compiled, std::span(&large, 1)});
    const auto leases = connection.execute_together(requests);
    REQUIRE(leases.size() == 6);
    for (const auto& lease : leases) CHECK(first_of(lease) == large);
}
