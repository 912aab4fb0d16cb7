// SPDX-License-Identifier: MIT
#include "core/loading/blog.hpp"
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mercator;
using namespace blog;
using test::Backend;
using test::SqlLog;

namespace {

struct Rows : Backend {
    Rows() {
        database().create_all<Writer, Post, Tag, Remark, Cell>();
        Session session = database().session();
        const auto ada = session.add(Writer{.name = "Ada"});
        session.add(Writer{.name = "Bob"});
        for (const char* title : {"loops", "engines"})
            ada->posts.add(session.add(Post{.title = title}));
        session.add(Post{.title = "lost"});
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("LOAD-20 rows hold objects beside values, and the objects are the session's") {
    Rows rows;
    Session session = rows->session();
    const auto ada = session.query<Writer>().where(col(&Writer::name) == "Ada").one();
    rows.log->clear();
    const auto counted = session.execute(select(entity<Writer>(), func::count(col(&Post::id)))
                                             .left_join<&Writer::posts>()
                                             .group_by(col(&Writer::id), col(&Writer::name))
                                             .order_by(col(&Writer::name)));
    REQUIRE(counted.size() == 2);
    const auto& [writer, posts] = counted[0];
    CHECK(writer == ada);
    CHECK(posts == 2);
    CHECK(std::get<0>(counted[1])->name == "Bob");
    CHECK(std::get<1>(counted[1]) == 0);
    CHECK_MESSAGE(rows.log->count() == 1, rows.log->dump());
    std::get<0>(counted[1])->name = "Robert";
    session.commit();
    CHECK(rows.log->count("UPDATE") == 1);
    CHECK(session.query<Writer>().where(col(&Writer::name) == "Robert").count() == 1);
}

TEST_CASE("LOAD-20 two objects in a row, one of them perhaps absent") {
    Rows rows;
    Session session = rows->session();
    const auto pairs = session.execute(select(entity<Post>(), col(&Post::title), entity<Writer>())
                                           .select_from<Post>()
                                           .left_join<&Post::writer>()
                                           .order_by(col(&Post::title)));
    REQUIRE(pairs.size() == 3);
    CHECK(std::get<0>(pairs[0])->title == "engines");
    CHECK(std::get<1>(pairs[0]) == "engines");
    CHECK(std::get<2>(pairs[0])->name == "Ada");
    CHECK(std::get<2>(pairs[1]) == std::get<2>(pairs[0]));
    CHECK(std::get<0>(pairs[2])->title == "lost");
    CHECK(std::get<2>(pairs[2]) == nullptr);
    rows.log->clear();
    // They are of one result, so what they lack comes for all of them.
    for (const auto& [post, title, writer] : pairs) CHECK(post->tags.empty());
    CHECK(rows.log->count() == 1);
}

TEST_CASE("LOAD-20 one class twice by an alias, read only objects, and results as scalars") {
    Rows rows;
    Session session = rows->session();
    const auto other = alias<Post>("other");
    const auto pairs =
        session.execute(select(entity<Post>(), entity(other))
                            .join(other, col(&Post::writer_id) == other.col(&Post::writer_id) &&
                                             col(&Post::id) < other.col(&Post::id)));
    REQUIRE(pairs.size() == 1);
    CHECK(std::get<0>(pairs[0])->title == "loops");
    CHECK(std::get<1>(pairs[0])->title == "engines");

    Session reading = rows->session();
    const auto writers =
        reading.execute(select(entity<const Writer>()).order_by(col(&Writer::name))).scalars();
    REQUIRE(writers.size() == 2);
    static_assert(std::is_const_v<std::remove_reference_t<decltype(*writers[0])>>);
    CHECK(writers[0]->name == "Ada");
    CHECK(writers[0]->posts.size() == 2);
}

TEST_CASE("LOAD-20 new objects are flushed before, deleted ones do not come back") {
    Rows rows;
    Session session = rows->session();
    session.add(Writer{.name = "Cid"});
    const auto all = select(entity<Writer>()).order_by(col(&Writer::name));
    CHECK(session.execute(all).size() == 3);
    const auto cid = session.query<Writer>().where(col(&Writer::name) == "Cid").one();
    session.delete_(cid);
    CHECK(session.execute(all).size() == 2);
    const auto guard = session.no_autoflush();
    session.delete_(session.query<Writer>().where(col(&Writer::name) == "Bob").one());
    const auto rest = session.execute(all);
    REQUIRE(rest.size() == 2);
    CHECK(std::get<0>(rest[1]) == nullptr);
}
