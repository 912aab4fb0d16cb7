// SPDX-License-Identifier: MIT
// Paths along relationships, as a typed query makes them: columns of tables that nobody joined.
#include "core/ast/sample_trees.hpp"
#include "core/dialect/plain_dialect.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/ast/traverse.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using namespace samples;

namespace {

std::string sql(const Statement& statement) {
    return PlainDialect().compile(statement).sql;
}

using TablePtr = std::shared_ptr<const TableRef>;

ExpressionPtr integer(const std::string& of, std::string name) {
    return column(of, std::move(name), BigInteger());
}

ExpressionPtr same(ExpressionPtr a, ExpressionPtr b) {
    return binary(Operator::Equal, std::move(a), std::move(b));
}

/// A step of a path: `name` of `table`, from `owner` by its column `key`. Made anew at each use, as
/// a program does it.
TablePtr step(const TablePtr& owner, std::string table_name, std::string alias, std::string key,
              JoinKind kind = JoinKind::Left) {
    auto made = std::make_shared<TableRef>(TableRef{{}, std::move(table_name), alias});
    auto join = std::make_shared<ImpliedJoin>();
    join->owner = owner;
    join->kind = kind;
    join->on = same(integer(alias, "id"), integer(owner->qualifier(), std::move(key)));
    made->implied = std::move(join);
    return made;
}

TablePtr posts() {
    return table("posts");
}
TablePtr author(const TablePtr& owner = posts()) {
    return step(owner, "users", "author", "author_id");
}
TablePtr city() {
    return step(author(), "cities", "author.city", "city_id", JoinKind::Inner);
}

ExpressionPtr text_of(const TablePtr& of, std::string name) {
    auto ref = std::make_shared<ColumnRef>(of->qualifier(), std::move(name), mercator::Text(), false);
    ref->table = of;
    return ref;
}

std::shared_ptr<Select> select_posts(ExpressionPtr condition = nullptr) {
    auto select = std::make_shared<Select>();
    select->columns = {id("posts")};
    select->from = {posts()};
    if (condition) select->where = {std::move(condition)};
    return select;
}

std::string error_of(const Statement& statement) {
    try {
        static_cast<void>(sql(statement));
    } catch (const CompileError& error) {
        return error.what();
    }
    return {};
}

std::string key_of(const Statement& statement) {
    CacheKey key;
    append_cache_key(statement, key);
    return key.bytes;
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

constexpr std::string_view author_join =
    R"( LEFT JOIN "users" AS "author" ON "author"."id" = "posts"."author_id")";

} // namespace

TEST_CASE("a column at the end of a path joins its table") {
    const auto select = select_posts(same(text_of(author(), "name"), bind("Ada")));
    CHECK(sql(*select) == R"(SELECT "posts"."id" FROM "posts")" + std::string(author_join) +
                              R"( WHERE "author"."name" = ?)");
    CHECK(select->joins.empty()); // the tree stays as it was
}

TEST_CASE("a path that is taken several times joins once") {
    auto select = select_posts(same(text_of(author(), "name"), bind("Ada")));
    select->columns.push_back(text_of(author(), "name"));
    select->group_by = {id("posts"), text_of(author(), "name")};
    select->having = {like(text_of(author(), "email"), bind("%"))};
    select->order_by = {order(text_of(author(), "email"), true)};
    CHECK(sql(*select) == R"(SELECT "posts"."id", "author"."name" FROM "posts")" +
                              std::string(author_join) +
                              R"( WHERE "author"."name" = ? GROUP BY "posts"."id", "author"."name")"
                              R"( HAVING "author"."email" LIKE ? ORDER BY "author"."email" DESC)");
}

TEST_CASE("a longer path joins the owners first, each once") {
    const std::string both =
        std::string(author_join) +
        R"( JOIN "cities" AS "author.city" ON "author.city"."id" = "author"."city_id")";
    auto select = select_posts(same(text_of(city(), "name"), bind("Ghent")));
    CHECK(sql(*select) ==
          R"(SELECT "posts"."id" FROM "posts")" + both + R"( WHERE "author.city"."name" = ?)");
    select->where.insert(select->where.begin(), same(text_of(author(), "name"), bind("Ada")));
    CHECK(sql(*select) == R"(SELECT "posts"."id" FROM "posts")" + both +
                              R"( WHERE "author"."name" = ? AND "author.city"."name" = ?)");
    CHECK(ast::start_of_path(city())->name == "posts");
}

TEST_CASE("a table that the statement joins itself is not joined again") {
    auto select = select_posts(same(text_of(author(), "name"), bind("Ada")));
    select->joins = {Join{JoinKind::Inner, table("users", "author"),
                          same(integer("author", "id"), integer("posts", "author_id"))}};
    CHECK(sql(*select) ==
          R"(SELECT "posts"."id" FROM "posts" JOIN "users" AS "author" ON "author"."id" =)"
          R"( "posts"."author_id" WHERE "author"."name" = ?)");
    // … and longer paths go on from there.
    select->where = {same(text_of(city(), "name"), bind("Ghent"))};
    CHECK(sql(*select) ==
          R"(SELECT "posts"."id" FROM "posts" JOIN "users" AS "author" ON "author"."id" =)"
          R"( "posts"."author_id" JOIN "cities" AS "author.city" ON "author.city"."id" =)"
          R"( "author"."city_id" WHERE "author.city"."name" = ?)");
}

TEST_CASE("a path in a subquery is joined where its owner is read") {
    auto inner = std::make_shared<Select>();
    inner->from = {table("comments")};
    inner->where = {same(integer("comments", "post_id"), id("posts")),
                    same(text_of(author(), "name"), text_of(table("comments"), "signature"))};
    CHECK(sql(*select_posts(exists(inner))) ==
          R"(SELECT "posts"."id" FROM "posts")" + std::string(author_join) +
              R"( WHERE EXISTS (SELECT 1 FROM "comments" WHERE "comments"."post_id" = "posts"."id")"
              R"( AND "author"."name" = "comments"."signature"))");

    const auto commenter = author(table("comments"));
    inner->where.back() = same(text_of(commenter, "name"), text_of(author(), "name"));
    const std::string message = error_of(*select_posts(exists(inner)));
    INFO(message); // inside, "author" is that of the comment: the other one cannot be named there
    CHECK(holds(message, "two different paths"));
}

TEST_CASE("a subquery that reads the owner itself joins by itself") {
    auto inner = std::make_shared<Select>();
    inner->columns = {id("posts")};
    inner->from = {posts()};
    inner->where = {same(text_of(author(), "name"), bind("Ada"))};
    const std::string text = R"((SELECT "posts"."id" FROM "posts")" + std::string(author_join) +
                             R"( WHERE "author"."name" = ?))";
    CHECK(sql(*select_posts(in(id("posts"), inner))) ==
          R"(SELECT "posts"."id" FROM "posts" WHERE "posts"."id" IN )" + text);
    // Both have their own.
    auto outer = select_posts(in(id("posts"), inner));
    outer->order_by = {text_of(author(), "name")};
    CHECK(sql(*outer) == R"(SELECT "posts"."id" FROM "posts")" + std::string(author_join) +
                             R"( WHERE "posts"."id" IN )" + text + R"( ORDER BY "author"."name")");

    auto derived = std::make_shared<Subquery>();
    derived->select = inner;
    derived->alias = "chosen";
    Select around;
    around.columns = {id("chosen")};
    around.from = {std::shared_ptr<const Subquery>(derived)};
    CHECK(sql(around) == R"(SELECT "chosen"."id" FROM )" + text + R"( AS "chosen")");
}

TEST_CASE("a path in the condition of a join is joined before it") {
    auto select = select_posts(same(text_of(city(), "name"), bind("Ghent")));
    select->joins = {
        Join{JoinKind::Inner, table("tags"), same(integer("tags", "post_id"), id("posts"))},
        Join{JoinKind::Inner, table("fans"),
             same(text_of(table("fans"), "idol"), text_of(author(), "name"))}};
    CHECK(sql(*select) ==
          R"(SELECT "posts"."id" FROM "posts" JOIN "tags" ON "tags"."post_id" = "posts"."id")" +
              std::string(author_join) +
              R"( JOIN "fans" ON "fans"."idol" = "author"."name" JOIN "cities" AS "author.city")"
              R"( ON "author.city"."id" = "author"."city_id" WHERE "author.city"."name" = ?)");

    select->joins.back().on = same(text_of(author(table("fans")), "name"), bind("Ada"));
    select->where.clear();
    const std::string message = error_of(*select);
    INFO(message);
    CHECK(holds(message, R"(follows a path from "fans")"));
    CHECK(holds(message, "where()"));
}

TEST_CASE("two different paths under one alias are refused") {
    auto select = select_posts(same(text_of(author(), "name"), bind("Ada")));
    select->order_by = {text_of(step(posts(), "users", "author", "editor_id"), "name")};
    CHECK(holds(error_of(*select), R"(two different paths of the statement lead to "author")"));
    select->order_by = {text_of(step(posts(), "robots", "author", "author_id"), "name")};
    CHECK(holds(error_of(*select), "two different paths"));
    select->order_by = {
        text_of(step(posts(), "users", "author", "author_id", JoinKind::Inner), "name")};
    CHECK(holds(error_of(*select), "two different paths"));
}

TEST_CASE("an update and a delete along a path say why not and what instead") {
    Delete remove;
    remove.table = posts();
    remove.where = {same(text_of(city(), "name"), bind("Ghent"))};
    std::string message = error_of(remove);
    INFO(message);
    CHECK(holds(message, R"("author.city.name" is reached from "posts" by a join)"));
    CHECK(holds(message, "subquery"));

    Update update;
    update.table = posts();
    update.assignments = {{{"title", mercator::Text(), true}, bind("x")}};
    update.where = {same(text_of(author(), "name"), bind("Ada"))};
    CHECK(holds(error_of(update), "is reached from"));
    update.where.clear();
    update.assignments.front().value = text_of(author(), "name");
    CHECK(holds(error_of(update), "is reached from"));

    // The way out works.
    auto chosen = select_posts(same(text_of(author(), "name"), bind("Ada")));
    remove.table = table("likes");
    remove.where = {in(integer("likes", "post_id"), chosen)};
    CHECK(sql(remove) == R"(DELETE FROM "likes" WHERE "likes"."post_id" IN (SELECT "posts"."id")"
                         R"( FROM "posts")" +
                             std::string(author_join) + R"( WHERE "author"."name" = ?))");
}

TEST_CASE("a path whose owner is not read names the owner") {
    auto select = std::make_shared<Select>();
    select->columns = {id("tags")};
    select->from = {table("tags")};
    select->where = {same(text_of(city(), "name"), bind("Ghent"))};
    const std::string message = error_of(*select);
    INFO(message);
    CHECK(holds(message, R"("author.city.name" belongs to no table)"));
    CHECK(holds(message, R"(reads "tags"; add "posts")"));
}

TEST_CASE("the cache key tells paths apart that have the same alias") {
    const auto with = [](const TablePtr& path) {
        return key_of(*select_posts(same(text_of(path, "name"), bind("Ada"))));
    };
    const std::string usual = with(author());
    CHECK(usual == with(author())); // another object, the same path
    CHECK(usual != with(table("users", "author")));
    CHECK(usual != with(step(posts(), "users", "author", "editor_id")));
    CHECK(usual != with(step(posts(), "robots", "author", "author_id")));
    CHECK(usual != with(step(posts(), "users", "author", "author_id", JoinKind::Inner)));
    CHECK(with(city()) == with(city()));
    CHECK(with(city()) != with(step(table("users", "author"), "cities", "author.city", "city_id",
                                    JoinKind::Inner)));
}

TEST_CASE("a value in the condition of a path finds its way to its placeholder") {
    auto path = std::make_shared<TableRef>(TableRef{{}, "users", "author"});
    auto join = std::make_shared<ImpliedJoin>();
    join->owner = posts();
    join->on = and_({same(integer("author", "id"), integer("posts", "author_id")),
                     same(column("author", "state", mercator::Text()), bind("active"))});
    path->implied = join;
    const auto select = select_posts(
        and_({same(text_of(posts(), "title"), bind("x")), same(text_of(path, "name"), bind("y"))}));
    CacheKey key;
    append_cache_key(*select, key);
    const Compiled compiled = PlainDialect().compile(*select);
    REQUIRE(compiled.binds.size() == 3);
    std::vector<std::string> values;
    for (const auto& slot : compiled.binds)
        values.push_back(*key.binds.at(slot.source)->value.get_if<std::string>());
    CHECK(values == std::vector<std::string>{"active", "x", "y"});
    CHECK(compiled.cacheable);

    // The same path made twice over the same condition: right, if not kept.
    auto again = std::make_shared<TableRef>(*path);
    auto copy = std::make_shared<ImpliedJoin>(*join);
    again->implied = copy;
    auto twice = select_posts(same(text_of(path, "name"), bind("y")));
    twice->order_by = {text_of(again, "name")};
    const Compiled once = PlainDialect().compile(*twice);
    CHECK(once.binds.size() == 2);
    CHECK_FALSE(once.cacheable);
}

TEST_CASE("the tables on a path are tables that the statement reads") {
    const auto select = select_posts(same(text_of(city(), "name"), bind("Ghent")));
    CHECK(tables_read(*select) == std::vector<std::string>{"posts", "cities", "users"});
}

TEST_CASE("tables are the same when their names are, however they are joined") {
    CHECK(*author() == *table("users", "author"));
    CHECK(*author() != *table("users"));
}
