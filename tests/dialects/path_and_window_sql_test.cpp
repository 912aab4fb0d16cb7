// SPDX-License-Identifier: MIT
// The joins of paths and the numbers of windows, as each dialect spells them.
#include <mercator/ast/build.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/plugin/loader.hpp>

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>

using namespace mercator;

namespace {

using TablePtr = std::shared_ptr<const ast::TableRef>;

/// What each dialect makes of the statement, by the dialect's name.
std::map<std::string, std::string> texts_of(const ast::Statement& statement) {
    plugin::Loader loader({MERCATOR_BUILD_DIALECT_DIR}, plugin::StandardFolders::Ignore);
    std::map<std::string, std::string> texts;
    for (const char* name : {"ansi", "sqlite", "postgresql", "mysql"}) {
        const std::unique_ptr<Dialect> dialect(
            static_cast<Dialect*>(loader.load("dialect", name).create()));
        texts[name] = dialect->compile(statement).sql;
    }
    return texts;
}

TablePtr posts() {
    return std::make_shared<ast::TableRef>(ast::TableRef{{}, "posts", {}});
}

ast::ExpressionPtr author_name() {
    auto users = std::make_shared<ast::TableRef>(ast::TableRef{{}, "users", "author"});
    auto join = std::make_shared<ast::ImpliedJoin>();
    join->owner = posts();
    join->on = ast::binary(ast::Operator::Equal, ast::column("author", "id", BigInteger(), false),
                           ast::column("posts", "author_id", BigInteger()));
    users->implied = std::move(join);
    auto ref = std::make_shared<ast::ColumnRef>("author", "name", String(40), false);
    ref->table = std::move(users);
    return ref;
}

ast::ExpressionPtr post(std::string name) {
    return ast::column("posts", std::move(name), BigInteger(), false);
}

} // namespace

TEST_CASE("every dialect joins the table of a path") {
    auto inner = std::make_shared<ast::Select>();
    inner->columns = {post("id")};
    inner->from = {posts()};
    inner->where = {ast::binary(ast::Operator::Equal, author_name(), ast::bind("Ada"))};
    ast::Select select;
    select.columns = {post("id"), author_name()};
    select.from = {posts()};
    select.where = {ast::in(post("id"), inner)};
    select.order_by = {ast::order(author_name())};
    auto texts = texts_of(select);
    const std::string text =
        R"(SELECT "posts"."id", "author"."name" FROM "posts" LEFT JOIN "users" AS "author" ON)"
        R"( "author"."id" = "posts"."author_id" WHERE "posts"."id" IN (SELECT "posts"."id" FROM)"
        R"( "posts" LEFT JOIN "users" AS "author" ON "author"."id" = "posts"."author_id" WHERE)"
        R"( "author"."name" = ?) ORDER BY "author"."name")";
    CHECK(texts["ansi"] == text);
    CHECK(texts["sqlite"] == text);
    std::string numbered = text;
    CHECK(texts["postgresql"] == numbered.replace(numbered.find('?'), 1, "$1"));
    std::string ticked = text;
    for (char& c : ticked) c = c == '"' ? '`' : c;
    CHECK(texts["mysql"] == ticked);
}

TEST_CASE("every dialect numbers the rows of a group") {
    auto inner = std::make_shared<ast::Select>();
    inner->columns = {
        post("id"), ast::label(ast::row_number_over({post("author_id")},
                                                    {ast::order(post("views"), true), post("id")}),
                               "position")};
    inner->from = {posts()};
    auto derived = std::make_shared<ast::Subquery>();
    derived->select = inner;
    derived->alias = "numbered";
    ast::Select select;
    select.columns = {ast::column("numbered", "id", BigInteger(), false)};
    select.from = {std::shared_ptr<const ast::Subquery>(derived)};
    select.where = {ast::binary(ast::Operator::LessEqual,
                                ast::column("numbered", "position", BigInteger(), false),
                                ast::bind(2))};
    auto texts = texts_of(select);
    const std::string text =
        R"(SELECT "numbered"."id" FROM (SELECT "posts"."id", ROW_NUMBER() OVER (PARTITION BY)"
        R"( "posts"."author_id" ORDER BY "posts"."views" DESC, "posts"."id") AS "position" FROM)"
        R"( "posts") AS "numbered" WHERE "numbered"."position" <= ?)";
    CHECK(texts["ansi"] == text);
    CHECK(texts["sqlite"] == text);
    std::string numbered = text;
    CHECK(texts["postgresql"] == numbered.replace(numbered.find('?'), 1, "$1"));
    std::string ticked = text;
    for (char& c : ticked) c = c == '"' ? '`' : c;
    CHECK(texts["mysql"] == ticked);
}
