// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

using namespace mercator;
using test::Backend;

namespace {

struct Step {
    std::int64_t id{};
    std::int64_t next{};
    static void describe(Mapping<Step>& step) {
        step.table("steps");
        step.column<&Step::id>().primary_key();
        step.column<&Step::next>();
    }
};

} // namespace

TEST_CASE("DIA-15 labels and aliases longer than any name work, and stay two when they begin "
          "alike") {
    Backend backend;
    backend->create_all<Step>();
    Session session = backend->session();
    for (const std::int64_t id : {1, 2, 3}) session.add(Step{id, id % 3 + 1});
    session.commit();

    const std::string long_name(backend.can().max_identifier_length, 'n');
    const auto left = alias<Step>(long_name + "_left");
    const auto right = alias<Step>(long_name + "_right");
    DynamicSelect query;
    query = query.column(left.col(&Step::id).label(long_name + "_of_left"));
    query = query.column(right.col(&Step::id).label(long_name + "_of_right"));
    const auto rows =
        session.execute(std::move(query)
                            .select_from(left)
                            .join(right, left.col(&Step::next) == right.col(&Step::id))
                            .order_by(left.col(&Step::id).asc()));
    REQUIRE(rows.size() == 3);
    for (std::int64_t i = 0; i < 3; ++i) {
        const auto& row = rows[static_cast<std::size_t>(i)];
        CHECK(row.get<std::int64_t>(long_name + "_of_left") == i + 1);
        CHECK(row.get<std::int64_t>(long_name + "_of_right") == (i + 1) % 3 + 1);
    }
}

TEST_CASE(
    "DIA-15 a table or column whose own name is too long is refused before anything is sent") {
    Backend backend;
    const std::string name(backend.can().max_identifier_length + 1, 'n');
    Connection connection = backend->engine().connect();
    const auto refused = [&](const std::string& table, const std::string& column) {
        ast::Select select;
        select.columns = {ast::column(table, column, BigInteger())};
        select.from = {std::make_shared<ast::TableRef>(ast::TableRef{{}, table, {}})};
        CHECK_THROWS_AS(static_cast<void>(connection.fetch_all(select)), CompileError);
    };
    refused(name, "id");
    refused("steps", name);
}
