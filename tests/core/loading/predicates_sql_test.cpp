// SPDX-License-Identifier: MIT
// What relationships in expressions look like in SQL.
#include "blog.hpp"

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
