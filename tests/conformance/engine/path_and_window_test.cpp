// SPDX-License-Identifier: MIT
// What the tree can say beyond the query language of this place: joins that a path implies, and
// numbers of rows within groups.
#include "support/backend.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;

namespace {

using TablePtr = std::shared_ptr<const ast::TableRef>;

void fill(Backend& backend) {
    backend.run("CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL)");
    backend.run("CREATE TABLE posts (id BIGINT NOT NULL PRIMARY KEY, author_id BIGINT, "
                "views BIGINT NOT NULL)");
    backend.run("INSERT INTO users VALUES (1, 'Ada')");
    backend.run("INSERT INTO users VALUES (2, 'Bob')");
    backend.run("INSERT INTO posts VALUES (10, 1, 5)");
    backend.run("INSERT INTO posts VALUES (11, 1, 9)");
    backend.run("INSERT INTO posts VALUES (12, 2, 7)");
    backend.run("INSERT INTO posts VALUES (13, NULL, 1)");
    backend.run("INSERT INTO posts VALUES (14, 1, 5)");
}

TablePtr posts() {
    return std::make_shared<ast::TableRef>(ast::TableRef{{}, "posts", {}});
}

ast::ExpressionPtr post(std::string name) {
    return ast::column("posts", std::move(name), BigInteger(), false);
}

ast::ExpressionPtr author_name() {
    auto users = std::make_shared<ast::TableRef>(ast::TableRef{{}, "users", "author"});
    auto join = std::make_shared<ast::ImpliedJoin>();
    join->owner = posts();
    join->on = ast::binary(ast::Operator::Equal, ast::column("author", "id", BigInteger(), false),
                           ast::column("posts", "author_id", BigInteger()));
    users->implied = std::move(join);
    auto ref = std::make_shared<ast::ColumnRef>("author", "name", String(40), true);
    ref->table = std::move(users);
    return ref;
}

std::vector<std::int64_t> ids_of(Connection& connection, const ast::Statement& statement) {
    std::vector<std::int64_t> ids;
    for (const auto& row : connection.fetch_all(statement))
        ids.push_back(*row.at(0).get_if<std::int64_t>());
    return ids;
}

} // namespace

TEST_CASE("a path to a nullable row keeps the rows without one") {
    Backend backend;
    fill(backend);
    Connection connection = backend->engine().connect();
    ast::Select select;
    select.columns = {post("id")};
    select.from = {posts()};
    select.where = {ast::or_({ast::binary(ast::Operator::Equal, author_name(), ast::bind("Bob")),
                              ast::is_null(author_name())})};
    select.order_by = {post("id")};
    CHECK(ids_of(connection, select) == std::vector<std::int64_t>{12, 13});
    // From the compiled statements' cache, with another value.
    select.where = {ast::or_({ast::binary(ast::Operator::Equal, author_name(), ast::bind("Ada")),
                              ast::is_null(author_name())})};
    CHECK(ids_of(connection, select) == std::vector<std::int64_t>{10, 11, 13, 14});
}

TEST_CASE("the first rows of each group are chosen by their number") {
    Backend backend;
    fill(backend);
    Connection connection = backend->engine().connect();
    auto inner = std::make_shared<ast::Select>();
    inner->columns = {
        post("id"), ast::label(ast::row_number_over({post("author_id")},
                                                    {ast::order(post("views"), true), post("id")}),
                               "position")};
    inner->from = {posts()};
    inner->where = {ast::is_null(post("author_id"), true)};
    auto derived = std::make_shared<ast::Subquery>();
    derived->select = inner;
    derived->alias = "numbered";
    ast::Select select;
    select.columns = {ast::column("numbered", "id", BigInteger(), false)};
    select.from = {std::shared_ptr<const ast::Subquery>(derived)};
    select.where = {ast::binary(ast::Operator::LessEqual,
                                ast::column("numbered", "position", BigInteger(), false),
                                ast::bind(2))};
    select.order_by = {select.columns[0]};
    if (!backend.can().window_functions) {
        CHECK_THROWS_AS(static_cast<void>(ids_of(connection, select)), UnsupportedError);
        return test::skip("this database has no window functions");
    }
    CHECK(ids_of(connection, select) == std::vector<std::int64_t>{10, 11, 12});
}
