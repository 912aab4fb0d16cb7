// SPDX-License-Identifier: MIT
// What relationships in expressions look like in SQL.
#include "blog.hpp"

#include <mercator/ast/implied_join.hpp>

#include <doctest/doctest.h>

using namespace blog;

namespace {

/// What follows FROM in the only statement.
std::string rest_of(Recorded& recorded) {
    const auto asked = recorded.asked();
    REQUIRE(asked.size() == 1);
    return asked.front().substr(asked.front().find("FROM"));
}

struct Asking : Recorded {
    explicit Asking(std::string_view name) : Recorded(name), session(database.session()) {}
    template <class T>
    std::string where(const Condition& condition) {
        static_cast<void>(session.query<T>().where(condition).all());
        return rest_of(*this);
    }
    Session session;
};

/// Two steps within one table.
struct Kin {
    std::int64_t id{};
    std::optional<std::int64_t> parent_id;
    One<Kin> parent;
    One<Kin> grandparent;
};
void describe(Mapping<Kin>& kin) {
    kin.table("kin");
    kin.column<&Kin::id>().primary_key();
    kin.column<&Kin::parent_id>().references<&Kin::id>();
    kin.relationship<&Kin::parent>();
    kin.relationship<&Kin::grandparent>().through<&Kin::parent, &Kin::parent>();
}

} // namespace

TEST_CASE("REL-37 any() and has() ask whether a related row exists") {
    Asking asking("predicates-any");
    CHECK(asking.where<Writer>(rel(&Writer::posts).any(col(&Post::title) == "x")) ==
          R"(FROM "writers" WHERE EXISTS (SELECT 1 FROM "posts" WHERE "writers"."id" = )"
          R"("posts"."writer_id" AND "posts"."title" = ?))");
    CHECK(asking.where<Writer>(!rel(&Writer::posts).any()) ==
          R"(FROM "writers" WHERE NOT (EXISTS (SELECT 1 FROM "posts" WHERE )"
          R"("writers"."id" = "posts"."writer_id")))");
    CHECK(asking.where<Post>(rel(&Post::writer).has(col(&Writer::name) == "x")) ==
          R"(FROM "posts" WHERE EXISTS (SELECT 1 FROM "writers" WHERE )"
          R"("posts"."writer_id" = "writers"."id" AND "writers"."name" = ?))");
    CHECK(asking.where<Post>(rel(&Post::tags).any(col(&Tag::name) == "x")) ==
          R"(FROM "posts" WHERE EXISTS (SELECT 1 FROM "tags" JOIN "post_tags" ON )"
          R"("post_tags"."tag_id" = "tags"."id" WHERE "posts"."id" = )"
          R"("post_tags"."post_id" AND "tags"."name" = ?))");
    CHECK(asking.where<Post>(rel(&Post::remarks).any()) ==
          R"(FROM "posts" WHERE EXISTS (SELECT 1 FROM "remarks" WHERE "posts"."id" = )"
          R"("remarks"."subject_id" AND "remarks"."subject" = ?))");
    CHECK(asking.where<Writer>(rel(&Writer::tags).any(col(&Tag::name) == "x")) ==
          R"(FROM "writers" WHERE EXISTS (SELECT 1 FROM "tags" JOIN "posts" ON EXISTS )"
          R"((SELECT 1 FROM "post_tags" WHERE "posts"."id" = "post_tags"."post_id" AND )"
          R"("post_tags"."tag_id" = "tags"."id") WHERE "writers"."id" = )"
          R"("posts"."writer_id" AND "tags"."name" = ?))");
    CHECK(asking.where<Writer>(rel(&Writer::later).any(col(&Post::title) == "x")) ==
          R"(FROM "writers" WHERE EXISTS (SELECT 1 FROM "posts" WHERE "writers"."name" < )"
          R"("posts"."title" AND "posts"."title" = ?))");
    CHECK(asking.where<Writer>(
              rel(&Writer::posts).any(rel(&Post::tags).any(col(&Tag::name) == "x"))) ==
          R"(FROM "writers" WHERE EXISTS (SELECT 1 FROM "posts" WHERE "writers"."id" = )"
          R"("posts"."writer_id" AND EXISTS (SELECT 1 FROM "tags" JOIN "post_tags" ON )"
          R"("post_tags"."tag_id" = "tags"."id" WHERE "posts"."id" = )"
          R"("post_tags"."post_id" AND "tags"."name" = ?)))");
}

TEST_CASE("REL-37 a class that refers to itself has another name inside") {
    Asking asking("predicates-self");
    CHECK(asking.where<Cell>(rel(&Cell::right).any(col(&Cell::place) == 3)) ==
          R"(FROM "cells" WHERE EXISTS (SELECT 1 FROM "cells" AS "cells_related" WHERE )"
          R"(("cells"."row" = "cells_related"."left_row" AND "cells"."place" = )"
          R"("cells_related"."left_place") AND "cells_related"."place" = ?))");
    CHECK(
        asking.where<Cell>(rel(&Cell::right).any(rel(&Cell::right).any(col(&Cell::place) == 3))) ==
        R"(FROM "cells" WHERE EXISTS (SELECT 1 FROM "cells" AS "cells_related_2" WHERE )"
        R"(("cells"."row" = "cells_related_2"."left_row" AND "cells"."place" = )"
        R"("cells_related_2"."left_place") AND EXISTS (SELECT 1 FROM "cells" AS )"
        R"("cells_related" WHERE ("cells_related_2"."row" = "cells_related"."left_row" )"
        R"(AND "cells_related_2"."place" = "cells_related"."left_place") AND )"
        R"("cells_related"."place" = ?)))");
    CHECK(asking.where<Cell>(
              rel(&Cell::right).any(rel(&Cell::left).rel(&Cell::left).col(&Cell::place) == 3)) ==
          R"(FROM "cells" WHERE EXISTS (SELECT 1 FROM "cells" AS "cells_related" LEFT )"
          R"(JOIN "cells" AS "cells_related__cells__left" ON )"
          R"("cells_related__cells__left"."row" = "cells_related"."left_row" AND )"
          R"("cells_related__cells__left"."place" = "cells_related"."left_place" LEFT )"
          R"(JOIN "cells" AS "cells_related__cells__left__left" ON )"
          R"("cells_related__cells__left__left"."row" = )"
          R"("cells_related__cells__left"."left_row" AND )"
          R"("cells_related__cells__left__left"."place" = )"
          R"("cells_related__cells__left"."left_place" WHERE ("cells"."row" = )"
          R"("cells_related"."left_row" AND "cells"."place" = )"
          R"("cells_related"."left_place") AND )"
          R"("cells_related__cells__left__left"."place" = ?))");
}

TEST_CASE("REL-37 null tests go by the foreign key where the owner has it") {
    Asking asking("predicates-null");
    CHECK(asking.where<Post>(rel(&Post::writer).is_null()) ==
          R"(FROM "posts" WHERE "posts"."writer_id" IS NULL)");
    CHECK(asking.where<Post>(rel(&Post::writer) != nullptr) ==
          R"(FROM "posts" WHERE "posts"."writer_id" IS NOT NULL)");
    CHECK(asking.where<Cell>(rel(&Cell::left) == nullptr) ==
          R"(FROM "cells" WHERE "cells"."left_row" IS NULL OR "cells"."left_place" IS )"
          R"(NULL)");
    CHECK(asking.where<Remark>(rel(&Remark::post).is_null()) ==
          R"(FROM "remarks" WHERE "remarks"."subject_id" IS NULL OR "remarks"."subject" )"
          R"(<> ?)");
    CHECK(asking.where<Writer>(rel(&Writer::posts).is_null()) ==
          R"(FROM "writers" WHERE NOT EXISTS (SELECT 1 FROM "posts" WHERE "writers"."id" )"
          R"(= "posts"."writer_id"))");
}

TEST_CASE("REL-46 a path is a join, once however often it is used") {
    Asking asking("predicates-path");
    CHECK(asking.where<Post>(rel(&Post::writer).col(&Writer::name) == "x" ||
                             rel(&Post::writer).col(&Writer::name).is_null()) ==
          R"(FROM "posts" LEFT JOIN "writers" AS "posts__writer" ON "posts"."writer_id" )"
          R"(= "posts__writer"."id" WHERE "posts__writer"."name" = ? OR )"
          R"("posts__writer"."name" IS NULL)");
    CHECK(asking.where<Cell>(rel(&Cell::left).rel(&Cell::left).col(&Cell::place) == 3) ==
          R"(FROM "cells" LEFT JOIN "cells" AS "cells__left" ON "cells__left"."row" = )"
          R"("cells"."left_row" AND "cells__left"."place" = "cells"."left_place" LEFT )"
          R"(JOIN "cells" AS "cells__left__left" ON "cells__left__left"."row" = )"
          R"("cells__left"."left_row" AND "cells__left__left"."place" = )"
          R"("cells__left"."left_place" WHERE "cells__left__left"."place" = ?)");
    CHECK(asking.where<Writer>(
              rel(&Writer::posts).any(rel(&Post::writer).col(&Writer::name) == "x")) ==
          R"(FROM "writers" WHERE EXISTS (SELECT 1 FROM "posts" LEFT JOIN "writers" AS )"
          R"("posts__writer" ON "posts"."writer_id" = "posts__writer"."id" WHERE )"
          R"("writers"."id" = "posts"."writer_id" AND "posts__writer"."name" = ?))");
    CHECK(asking.where<Post>(rel(&Post::writer).rel(&Writer::posts).any()) ==
          R"(FROM "posts" LEFT JOIN "writers" AS "posts__writer" ON "posts"."writer_id" )"
          R"(= "posts__writer"."id" WHERE EXISTS (SELECT 1 FROM "posts" AS )"
          R"("posts_related" WHERE "posts__writer"."id" = "posts_related"."writer_id"))");
    CHECK(asking.where<Post>(path<Post>("writer.name") == "x") ==
          R"(FROM "posts" LEFT JOIN "writers" AS "posts__writer" ON "posts"."writer_id" )"
          R"(= "posts__writer"."id" WHERE "posts__writer"."name" = ?)");
    static_cast<void>(
        asking.session.query<Post>().order_by(rel(&Post::writer).col(&Writer::name)).count());
    CHECK(rest_of(asking) == R"(FROM "posts")");
}

TEST_CASE("REL-37 two steps within one table have three names for it") {
    Asking asking("predicates-kin");
    asking.database.map<Kin>();
    CHECK(asking.where<Kin>(rel(&Kin::grandparent).has(col(&Kin::id) == 1)) ==
          R"(FROM "kin" WHERE EXISTS (SELECT 1 FROM "kin" AS "kin_related" JOIN "kin" AS )"
          R"("kin_link" ON "kin_link"."parent_id" = "kin_related"."id" WHERE )"
          R"("kin"."parent_id" = "kin_link"."id" AND "kin_related"."id" = ?))");
}

TEST_CASE("REL-38 objects are compared by their keys") {
    Asking asking("predicates-objects");
    const auto ada = asking.session.add(Writer{.name = "Ada"});
    const auto post = asking.session.add(Post{.title = "x"});
    const auto tag = asking.session.add(Tag{.name = "y"});
    const auto remark = asking.session.add(Remark{.subject = "post"});
    const auto cell = asking.session.add(Cell{.row = 1, .place = 2});
    asking.session.flush();
    static_cast<void>(asking.asked());
    CHECK(asking.where<Post>(rel(&Post::writer) == ada) ==
          R"(FROM "posts" WHERE "posts"."writer_id" = ?)");
    CHECK(asking.where<Post>(rel(&Post::writer) != ada) ==
          R"(FROM "posts" WHERE "posts"."writer_id" IS NULL OR "posts"."writer_id" <> ?)");
    CHECK(asking.where<Post>(rel(&Post::writer).in({ada, ada})) ==
          R"(FROM "posts" WHERE "posts"."writer_id" IN (?, ?))");
    CHECK(asking.where<Remark>(rel(&Remark::post) == post) ==
          R"(FROM "remarks" WHERE "remarks"."subject_id" = ? AND "remarks"."subject" = ?)");
    CHECK(asking.where<Cell>(rel(&Cell::left) == cell) ==
          R"(FROM "cells" WHERE "cells"."left_row" = ? AND "cells"."left_place" = ?)");
    CHECK(asking.where<Cell>(rel(&Cell::left) != cell) ==
          R"(FROM "cells" WHERE "cells"."left_row" IS NULL OR "cells"."left_place" IS )"
          R"(NULL OR "cells"."left_row" <> ? OR "cells"."left_place" <> ?)");
    CHECK(asking.where<Writer>(rel(&Writer::posts).contains(post)) ==
          R"(FROM "writers" WHERE EXISTS (SELECT 1 FROM "posts" WHERE "writers"."id" = )"
          R"("posts"."writer_id" AND "posts"."id" = ?))");
    // The table between has all that is asked for.
    CHECK(asking.where<Post>(rel(&Post::tags).contains(tag)) ==
          R"(FROM "posts" WHERE EXISTS (SELECT 1 FROM "post_tags" WHERE "posts"."id" = )"
          R"("post_tags"."post_id" AND "post_tags"."tag_id" = ?))");
    CHECK(asking.where<Post>(rel(&Post::remarks).contains(remark)) ==
          R"(FROM "posts" WHERE EXISTS (SELECT 1 FROM "remarks" WHERE ("posts"."id" = )"
          R"("remarks"."subject_id" AND "remarks"."subject" = ?) AND "remarks"."id" = ?))");
    CHECK(asking.where<Writer>(rel(&Writer::later).contains(post)) ==
          R"(FROM "writers" WHERE EXISTS (SELECT 1 FROM "posts" WHERE "writers"."name" < )"
          R"("posts"."title" AND "posts"."id" = ?))");
}

TEST_CASE("REL-34 what is limited for each owner is no condition and no join") {
    Asking asking("predicates-limited");
    const char* const told = "Writer.newest is the first 2";
    CHECK_THROWS_WITH_AS(static_cast<void>(rel(&Writer::newest).any()), doctest::Contains(told),
                         CompileError);
    CHECK_THROWS_WITH_AS(static_cast<void>(count_of<&Writer::newest>()), doctest::Contains(told),
                         CompileError);
    CHECK_THROWS_WITH_AS(static_cast<void>(asking.session.query<Writer>().join<&Writer::newest>()),
                         doctest::Contains(told), CompileError);
    // Loaded beside, it has a statement of its own.
    static_cast<void>(asking.session.query<Writer>().options(joined<&Writer::newest>()).all());
    CHECK(rest_of(asking) == R"(FROM "writers")");
}

TEST_CASE("REL-46 names on paths stay short, and different") {
    const std::string owner(50, 'o');
    CHECK(ast::path_alias("posts", "author") == "posts__author");
    CHECK(ast::path_alias(owner, "first_step").size() <= 60);
    CHECK(ast::path_alias(owner, "first_step") == ast::path_alias(owner, "first_step"));
    CHECK(ast::path_alias(owner, "first_step") != ast::path_alias(owner, "second_step"));
}
