// SPDX-License-Identifier: MIT
#include "core/loading/blog.hpp"
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <mutex>
#include <string>

using namespace mercator;
using namespace blog;
using test::Backend;
using test::SqlLog;

namespace {

struct Told {
    std::mutex mutex;
    std::vector<std::string> warnings;
};

struct Rows : Backend {
    explicit Rows(const std::shared_ptr<Told>& told = std::make_shared<Told>()) :
        Backend(config(told)) {
        database().create_all<Writer, Post, Tag, Remark, Cell>();
        Session session = database().session();
        const auto ada = session.add(Writer{.name = "Ada"});
        const auto bob = session.add(Writer{.name = "Bob"});
        session.add(Writer{.name = "Cid"});
        const auto red = session.add(Tag{.name = "red"});
        for (const char* title : {"loops", "engines"}) {
            const auto post = session.add(Post{.title = title});
            ada->posts.add(post);
            post->tags.add(red);
            session.flush();
            session.add(Remark{.subject = "post", .subject_id = post->id});
            session.add(Remark{.subject = "post", .subject_id = post->id});
        }
        bob->posts.add(session.add(Post{.title = "bricks"}));
        session.commit();
        told->warnings.clear();
        log = std::make_unique<SqlLog>(database().engine());
    }
    static Config config(const std::shared_ptr<Told>& told) {
        Config config;
        config.log = log_to([told](LogLevel level, std::string_view message) {
            const std::lock_guard lock(told->mutex);
            if (level == LogLevel::Warning) told->warnings.emplace_back(message);
        });
        return config;
    }
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("LOAD-16 the user's own join fills the relationship") {
    Rows rows;
    Session session = rows->session();
    const auto posts = session.query<Post>()
                           .join<&Post::writer>()
                           .where(col(&Writer::name) == "Ada")
                           .order_by(col(&Post::title))
                           .options(contains_eager<&Post::writer>())
                           .all();
    REQUIRE(posts.size() == 2);
    CHECK(posts[0]->title == "engines");
    CHECK(posts[0]->writer.loaded());
    CHECK(posts[0]->writer->name == "Ada");
    CHECK(posts[0]->writer.handle() == posts[1]->writer.handle());
    CHECK_MESSAGE(rows.log->count() == 1, rows.log->dump());
}

TEST_CASE("LOAD-16 a collection holds what the conditions leave, and a flush removes nothing") {
    Rows rows;
    Session session = rows->session();
    const auto writers = session.query<Writer>()
                             .left_join<&Writer::posts>()
                             .where(col(&Post::title) == "loops")
                             .options(contains_eager<&Writer::posts>())
                             .all();
    REQUIRE(writers.size() == 1);
    REQUIRE(writers[0]->posts.size() == 1);
    CHECK(writers[0]->posts[0]->title == "loops");
    session.commit();
    CHECK(rows.log->count("UPDATE") == 0);
    CHECK(rows.log->count("DELETE") == 0);
    CHECK(session.query<Post>().where(col(&Post::writer_id) == writers[0]->id).count() == 2);
}

TEST_CASE("LOAD-16 from an alias, nested, and with what an outer join did not find") {
    Rows rows;
    Session session = rows->session();
    const auto theirs = alias<Post>("theirs");
    const auto writers =
        session.query<Writer>()
            .join<&Writer::posts>(theirs, ast::JoinKind::Left)
            .order_by(col(&Writer::name), theirs.col(&Post::title))
            .options(contains_eager<&Writer::posts>(theirs).then(joined<&Post::tags>()))
            .all();
    REQUIRE(writers.size() == 3);
    REQUIRE(writers[0]->posts.size() == 2);
    CHECK(writers[0]->posts[0]->title == "engines");
    CHECK(writers[0]->posts[0]->tags.size() == 1);
    CHECK(writers[1]->posts[0]->tags.empty());
    CHECK(writers[2]->posts.loaded());
    CHECK(writers[2]->posts.empty());
    CHECK_MESSAGE(rows.log->count() == 1, rows.log->dump());

    Session both = rows->session();
    rows.log->clear();
    const auto posts = both.query<Post>()
                           .join<&Post::writer>()
                           .join<&Post::tags>()
                           .order_by(col(&Post::title))
                           .limit(1)
                           .options(contains_eager<&Post::writer>().then(joined<&Writer::posts>()),
                                    contains_eager<&Post::tags>())
                           .all();
    REQUIRE(posts.size() == 1);
    CHECK(posts[0]->title == "engines");
    CHECK(posts[0]->writer->posts.size() == 2);
    CHECK(posts[0]->tags.size() == 1);
    CHECK_MESSAGE(rows.log->count() == 1, rows.log->dump());
}

TEST_CASE("REL-39 conditions of a join leave owners without a match") {
    Rows rows;
    Session session = rows->session();
    const auto query = session.query<Writer>()
                           .left_join<&Writer::posts>(col(&Post::title) == "loops")
                           .order_by(col(&Writer::name));
    const auto writers = query.options(contains_eager<&Writer::posts>()).all();
    REQUIRE(writers.size() == 3);
    CHECK(writers[0]->posts.size() == 1);
    CHECK(writers[1]->posts.empty());
    CHECK(session.query<Writer>().join<&Writer::posts>(col(&Post::title) != "x").count() == 3);
    const auto counted =
        session.execute(select(col(&Writer::name), func::count(col(&Post::id)))
                            .left_join<&Writer::posts>(col(&Post::title) == "loops")
                            .group_by(col(&Writer::name))
                            .order_by(col(&Writer::name)));
    REQUIRE(counted.size() == 3);
    CHECK(std::get<1>(counted[0]) == 1);
    CHECK(std::get<1>(counted[1]) == 0);
    // The same in a loader.
    Session loaded = rows->session();
    const auto some = loaded.query<Writer>()
                          .order_by(col(&Writer::name))
                          .options(selectin<&Writer::posts>().where(col(&Post::title) == "loops"))
                          .all();
    CHECK(some[0]->posts.size() == 1);
}

TEST_CASE("LOAD-32 LOAD-31 two joined collections of one owner are warned of, once for each query, "
          "and can be split") {
    const auto told = std::make_shared<Told>();
    Rows rows(told);
    Session session = rows->session();
    const auto run = [&](bool split) {
        session.clear();
        rows.log->clear();
        auto query = session.query<Post>()
                         .order_by(col(&Post::title))
                         .options(joined<&Post::tags>(), joined<&Post::remarks>());
        if (split) query = std::move(query).split_query();
        const auto posts = query.all();
        REQUIRE(posts.size() == 3);
        CHECK(posts[1]->tags.size() == 1);
        CHECK(posts[1]->remarks.size() == 2);
        return rows.log->count();
    };
    CHECK(run(true) == 3);
    CHECK(told->warnings.empty());
    CHECK(run(false) == 1);
    REQUIRE(told->warnings.size() == 1);
    const std::string& warning = told->warnings[0];
    CAPTURE(warning);
    for (const char* part : {"Post.tags", "Post.remarks", "1 x 2 = 2 rows",
                             "selectin<&Post::", "split_query()", "contains_eager_test.cpp"})
        CHECK(warning.find(part) != std::string::npos);
    CHECK(run(false) == 1);
    CHECK(told->warnings.size() == 1);
}

TEST_CASE("LOAD-31 a query can be a single one again, and both hold for nested collections") {
    Rows rows;
    const auto query = select<Writer>()
                           .order_by(col(&Writer::name))
                           .options(selectin<&Writer::posts>().then(joined<&Post::tags>()));
    const auto statements = [&](const auto& asked) {
        Session session = rows->session();
        rows.log->clear();
        const auto writers = session.execute(asked).all();
        CHECK(writers[0]->posts[0]->tags.size() == 1);
        CHECK(writers[2]->posts.empty());
        return rows.log->count();
    };
    CHECK(statements(query) == 2);
    CHECK(statements(query.single_query()) == 1);
    CHECK(statements(query.split_query()) == 3);
}

TEST_CASE("LOAD-32 a result without a product is not warned of, and hides no later one") {
    const auto told = std::make_shared<Told>();
    Rows rows(told);
    Session session = rows->session();
    for (const bool all : {false, true}) {
        session.clear();
        const auto posts = session.query<Post>()
                               .where(col(&Post::id) > (all ? 0 : 1'000'000))
                               .options(joined<&Post::tags>(), joined<&Post::remarks>())
                               .all();
        CHECK(posts.empty() != all);
        CHECK(told->warnings.size() == (all ? 1 : 0));
    }
}
