// SPDX-License-Identifier: MIT
#include "blog.hpp"

#include <doctest/doctest.h>

using namespace blog;

namespace {

using Texts = std::vector<std::string>;

const std::string writers = R"(SELECT "writers"."id", "writers"."name" FROM "writers")";
const std::string post_columns = R"(SELECT "posts"."id", "posts"."title", "posts"."writer_id")";
const std::string posts = post_columns + R"( FROM "posts")";
const std::string by_id = R"( ORDER BY "posts"."id")";

std::vector<Value> post(std::int64_t id, std::optional<std::int64_t> writer) {
    return {Value(id), Value("post"), writer ? Value(*writer) : Value(null)};
}

void reply_writers(Recorded& db, std::int64_t count) {
    Recorder::Rows rows;
    for (std::int64_t id = 1; id <= count; ++id) rows.push_back({Value(id), Value("writer")});
    db.recorder->reply(std::move(rows));
}

/// The statement that `option` adds to a query for three writers.
template <class Option>
std::string added_by(Recorded& db, const Option& option) {
    reply_writers(db, 3);
    Session session = db.database.session();
    static_cast<void>(session.query<Writer>().options(option).all());
    const auto asked = db.asked();
    REQUIRE(asked.size() == 2);
    CHECK(asked.front() == writers);
    return asked.back();
}

} // namespace

TEST_CASE("LOAD-05 selectin asks for the rows of all owners by their keys, without the owners' "
          "table") {
    Recorded db("loaders-selectin");
    CHECK(added_by(db, selectin<&Writer::posts>()) ==
          posts + R"( WHERE "posts"."writer_id" IN (?, ?, ?))" + by_id);
}

TEST_CASE("LOAD-05 selectin over a table between asks for its rows as well, in the order of "
          "the collection") {
    Recorded db("loaders-between");
    db.recorder->reply({post(1, 7), post(2, 7)});
    db.recorder->reply({{Value(5), Value("cpp"), Value(1)},
                        {Value(5), Value("cpp"), Value(2)},
                        {Value(6), Value("orm"), Value(1)}});
    Session session = db.database.session();
    const auto all = session.query<Post>().options(selectin<&Post::tags>()).all();
    REQUIRE(all.size() == 2);
    CHECK(all[0]->tags.size() == 2);
    CHECK(all[1]->tags.size() == 1);
    CHECK(all[0]->tags[0] == all[1]->tags[0]);
    CHECK(db.asked() ==
          Texts{posts,
                R"(SELECT "tags"."id", "tags"."name", "post_tags"."post_id" FROM "tags" )"
                R"(JOIN "post_tags" ON "post_tags"."tag_id" = "tags"."id" )"
                R"(WHERE "post_tags"."post_id" IN (?, ?) ORDER BY "tags"."name", "tags"."id")"});
}

TEST_CASE("LOAD-05 a relationship through another class has its targets once for each "
          "owner") {
    Recorded db("loaders-through");
    reply_writers(db, 2);
    db.recorder->reply({{Value(5), Value("cpp"), Value(1)},
                        {Value(5), Value("cpp"), Value(1)},
                        {Value(5), Value("cpp"), Value(2)}});
    Session session = db.database.session();
    const auto all = session.query<Writer>().options(selectin<&Writer::tags>()).all();
    REQUIRE(all.size() == 2);
    CHECK(all[0]->tags.size() == 1);
    CHECK(all[1]->tags.size() == 1);
    CHECK(db.asked().back() ==
          R"(SELECT "tags"."id", "tags"."name", "owner_0"."id" FROM "tags" JOIN "posts" )"
          R"(ON EXISTS (SELECT 1 FROM "post_tags" WHERE "posts"."id" = "post_tags"."post_id" )"
          R"(AND "post_tags"."tag_id" = "tags"."id") JOIN "writers" AS "owner_0" )"
          R"(ON "owner_0"."id" = "posts"."writer_id" WHERE "owner_0"."id" IN (?, ?) )"
          R"(ORDER BY "tags"."id")");
}

TEST_CASE("LOAD-05 many-to-one goes by the foreign keys' values, each once, and by memory") {
    Recorded db("loaders-parents");
    Session session = db.database.session();
    db.recorder->reply({{Value(1), Value("known")}});
    const auto known = session.get<Writer>(1);
    db.asked();
    db.recorder->reply({post(1, 1), post(2, 2), post(3, 3), post(4, 2), post(5, std::nullopt)});
    db.recorder->reply({{Value(3), Value("three")}, {Value(2), Value("two")}});
    const auto all = session.query<Post>().options(selectin<&Post::writer>()).all();
    REQUIRE(all.size() == 5);
    CHECK(all[0]->writer.handle() == known);
    CHECK(all[1]->writer->name == "two");
    CHECK(all[2]->writer->name == "three");
    CHECK(all[3]->writer.handle() == all[1]->writer.handle());
    CHECK(all[4]->writer == nullptr);
    const auto calls = db.recorder->calls();
    REQUIRE(calls.size() == 2);
    CHECK(calls[1].sql == writers + R"( WHERE "writers"."id" IN (?, ?))");
    CHECK(calls[1].rows == std::vector<std::vector<Value>>{{Value(2), Value(3)}});
}

TEST_CASE("LOAD-05 keys of several columns are an OR of ANDs") {
    Recorded db("loaders-composite");
    const std::string cells = R"(SELECT "cells"."row", "cells"."place", "cells"."left_row", )"
                              R"("cells"."left_place" FROM "cells")";
    const auto cell = [](std::int64_t row, std::int64_t place, std::int64_t left_row,
                         std::int64_t left_place) {
        return std::vector<Value>{Value(row), Value(place), Value(left_row), Value(left_place)};
    };
    db.recorder->reply({cell(1, 1, 0, 0), cell(1, 2, 1, 1)});
    db.recorder->reply({cell(1, 2, 1, 1), cell(9, 9, 1, 2), cell(9, 8, 1, 2)});
    Session session = db.database.session();
    const auto all = session.query<Cell>().options(selectin<&Cell::right>()).all();
    REQUIRE(all.size() == 2);
    CHECK(all[0]->right.size() == 1);
    CHECK(all[0]->right[0] == all[1]);
    CHECK(all[1]->right.size() == 2);
    CHECK(db.asked() ==
          Texts{cells, cells + R"( WHERE ("cells"."left_row" = ? AND "cells"."left_place" = ?) OR )"
                               R"(("cells"."left_row" = ? AND "cells"."left_place" = ?) )"
                               R"(ORDER BY "cells"."row", "cells"."place")"});
}

TEST_CASE("LOAD-15 criteria and an order of the query narrow the loaded collection only") {
    Recorded db("loaders-criteria");
    CHECK(added_by(db, selectin<&Writer::posts>()
                           .where(col(&Post::title) == "open")
                           .order_by(col(&Post::title).desc())) ==
          posts + R"( WHERE "posts"."writer_id" IN (?, ?, ?) AND "posts"."title" = ? )" +
              R"(ORDER BY "posts"."title" DESC, "posts"."id")");
}

TEST_CASE("REL-34 the first of each owner are ranked in a subquery") {
    Recorded db("loaders-newest");
    CHECK(added_by(db, selectin<&Writer::newest>()) ==
          post_columns + R"(, "ranked"."owner_1" FROM "posts" JOIN )"
                         R"((SELECT "posts"."id" AS "key_1", "posts"."writer_id" AS "owner_1", )"
                         R"(ROW_NUMBER() OVER (PARTITION BY "posts"."writer_id" )"
                         R"(ORDER BY "posts"."title" DESC, "posts"."id") AS "place" FROM "posts" )"
                         R"(WHERE "posts"."writer_id" IN (?, ?, ?)) AS "ranked" )"
                         R"(ON "posts"."id" = "ranked"."key_1" AND "ranked"."place" <= ? )"
                         R"(ORDER BY "ranked"."place")");
}

TEST_CASE("REL-34 without window functions each owner has a statement with a limit") {
    Recorded db("loaders-no-windows");
    Capabilities can;
    can.window_functions = false;
    db.recorder->set_capabilities(can);
    reply_writers(db, 2);
    Session session = db.database.session();
    static_cast<void>(session.query<Writer>().options(selectin<&Writer::newest>()).all());
    const std::string one = posts + R"( WHERE "posts"."writer_id" = ? )" +
                            R"(ORDER BY "posts"."title" DESC, "posts"."id" LIMIT ?)";
    CHECK(db.asked() == Texts{writers, one, one});
}

TEST_CASE("LOAD-05 a condition of the mapping joins the owners' table for many, and takes the "
          "owner's values for one") {
    Recorded db("loaders-condition");
    CHECK(added_by(db, selectin<&Writer::later>()) ==
          post_columns +
              R"(, "owner_0"."id" FROM "posts" JOIN "writers" AS "owner_0" )"
              R"(ON "owner_0"."name" < "posts"."title" )"
              R"(WHERE "owner_0"."id" IN (?, ?, ?))" +
              by_id);
    db.recorder->reply({{Value(1), Value("Ada")}});
    Session session = db.database.session();
    const auto ada = session.get<Writer>(1);
    db.asked();
    CHECK(ada->later.empty());
    const auto calls = db.recorder->calls();
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].sql == posts + R"( WHERE ? < "posts"."title")" + by_id);
    CHECK(calls[0].rows == std::vector<std::vector<Value>>{{Value("Ada")}});
}

TEST_CASE("LOAD-05 what a key means is decided by a column: other rows are not asked for") {
    Recorded db("loaders-kinds");
    db.recorder->reply({{Value(1), Value("post"), Value(7)},
                        {Value(2), Value("song"), Value(7)},
                        {Value(3), Value("post"), Value(8)}});
    db.recorder->reply({post(7, std::nullopt), post(8, std::nullopt)});
    Session session = db.database.session();
    const auto all = session.query<Remark>().options(selectin<&Remark::post>()).all();
    REQUIRE(all.size() == 3);
    CHECK(all[0]->post->id == 7);
    CHECK(all[1]->post == nullptr);
    CHECK(all[2]->post->id == 8);
    CHECK(db.asked().back() == posts + R"( WHERE "posts"."id" IN (?, ?))");
    db.recorder->reply({{Value(1), Value("post"), Value(8)}});
    CHECK(all[2]->post->remarks.size() == 1);
    CHECK(db.asked().back() ==
          R"(SELECT "remarks"."id", "remarks"."subject", "remarks"."subject_id" FROM "remarks" )"
          R"(WHERE "remarks"."subject_id" IN (?, ?) AND "remarks"."subject" = ? )"
          R"(ORDER BY "remarks"."id")");
}

TEST_CASE("LOAD-27 what fails in the middle leaves nothing half loaded") {
    Recorded db("loaders-failing");
    reply_writers(db, 5);
    auto options = db.database.session_options();
    options.loading.batch_size = 2;
    Session session = db.database.session(options);
    const auto all = session.query<Writer>().all();
    db.recorder->reply({post(1, 1), post(2, 2)});
    // The first chunk is prepared and executed; the second shares the statement.
    db.recorder->fail_call(3, {.code = ErrorCode::Timeout, .message = "too slow"});
    CHECK_THROWS_AS(static_cast<void>(all[0]->posts.size()), TimeoutError);
    for (const auto& writer : all) CHECK_FALSE(writer->posts.loaded());
    CHECK(db.asked().size() >= 2);
}

TEST_CASE("LOAD-05 owners that only the database finds equal to a row's are asked for one by one") {
    Recorded db("loaders-collation");
    reply_writers(db, 2);
    db.recorder->reply({post(1, 1), post(2, 77)});
    db.recorder->reply({post(1, 1)});
    db.recorder->reply({post(2, 77)});
    Session session = db.database.session();
    const auto all = session.query<Writer>().options(selectin<&Writer::posts>()).all();
    CHECK(db.asked().size() == 4);
    CHECK(all[0]->posts.size() == 1);
    CHECK(all[1]->posts.size() == 1);
}

TEST_CASE("LOAD-26 statements of a batch are compiled once, however many owners it has") {
    Recorded db("loaders-compiled");
    Session session = db.database.session();
    const auto load = [&](std::int64_t count) {
        reply_writers(db, count);
        static_cast<void>(session.query<Writer>().options(selectin<&Writer::posts>()).all());
        session.clear();
    };
    load(10);
    const auto before = db.database.engine().statistics();
    load(13);
    load(16);
    const auto after = db.database.engine().statistics();
    CHECK(after.compile_misses == before.compile_misses);
    CHECK(after.statements_prepared == before.statements_prepared);
    CHECK(after.statements_executed == before.statements_executed + 4);
}

TEST_CASE("LOAD-05 get brings what is mapped to come with the object, once") {
    Recorded db("loaders-get");
    auto options = db.database.session_options();
    options.loading.lazy = Lazy::selectin;
    Session session = db.database.session(options);
    db.recorder->reply({{Value(1), Value(1), Value(null), Value(null)}});
    db.recorder->reply({{Value(1), Value(2), Value(1), Value(1)}});
    const auto cell = session.get<Cell>(1, 1);
    REQUIRE(cell);
    CHECK(db.asked().size() == 2);
    CHECK(cell->left == nullptr);
    CHECK(cell->right.size() == 1);
    CHECK(session.get<Cell>(1, 1) == cell);
    CHECK(db.asked().empty());
}
