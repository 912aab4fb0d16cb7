// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace criteria_models {

struct Post;
struct Remark;

struct Writer {
    std::int64_t id{};
    std::string name;
    int tenant{};
    Many<Post> posts;
};
struct Post {
    std::int64_t id{};
    std::string title;
    bool hidden{};
    std::int64_t writer_id{};
    One<Writer> writer;
    Many<Remark> remarks;
};
struct Remark {
    std::int64_t id{};
    std::string text;
    std::int64_t post_id{};
    One<Post> post;
};

void describe(Mapping<Writer>& writer) {
    writer.table("criteria_writers");
    writer.column<&Writer::id>().primary_key();
    writer.column<&Writer::name>(String(40));
    writer.column<&Writer::tenant>();
    writer.relationship<&Writer::posts>().cascade_delete().backref<&Post::writer>();
}
void describe(Mapping<Post>& post) {
    post.table("criteria_posts");
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>(String(40));
    post.column<&Post::hidden>();
    post.column<&Post::writer_id>().references<&Writer::id>();
    post.relationship<&Post::remarks>().cascade_delete().backref<&Remark::post>();
}
void describe(Mapping<Remark>& remark) {
    remark.table("criteria_remarks");
    remark.column<&Remark::id>().primary_key();
    remark.column<&Remark::text>(String(40));
    remark.column<&Remark::post_id>().references<&Post::id>();
}

/// Ada has an open and a hidden post, Bob a hidden one; each post has one remark.
struct Blog : Backend {
    Blog() {
        database().create_all<Writer, Post, Remark>();
        Session session = database().session();
        const auto ada = session.add(Writer{.name = "Ada", .tenant = 1});
        const auto bob = session.add(Writer{.name = "Bob", .tenant = 2});
        const auto add_post = [&](const char* title, bool hidden, const auto& writer) {
            auto post = session.add(Post{.title = title, .hidden = hidden});
            post->writer = writer;
            session.add(Remark{.text = std::string("on ") + title})->post = post;
            return post;
        };
        const auto open = add_post("open", false, ada);
        const auto secret = add_post("secret", true, ada);
        add_post("draft", true, bob);
        session.commit();
        ada_id = ada->id;
        open_id = open->id;
        secret_id = secret->id;
        log = std::make_unique<SqlLog>(database().engine());
    }
    [[nodiscard]] Session careful() {
        Session session = database().session();
        session.criteria<Post>(col(&Post::hidden) == false);
        return session;
    }
    [[nodiscard]] bool says_so(std::size_t statement) const {
        const auto texts = log->texts();
        return statement < texts.size() && mentions(texts[statement], "hidden = ");
    }
    std::int64_t ada_id = 0;
    std::int64_t open_id = 0;
    std::int64_t secret_id = 0;
    std::unique_ptr<SqlLog> log;
};

std::vector<std::string> titles(const Many<Post>& posts) {
    std::vector<std::string> list;
    for (const auto& post : posts) list.push_back(post->title);
    std::sort(list.begin(), list.end());
    return list;
}

} // namespace criteria_models

using namespace criteria_models;

TEST_CASE("LOAD-17 a session's criteria narrow every query of the class") {
    Blog blog;
    Session session = blog.careful();
    const auto posts = session.query<Post>();
    CHECK(posts.all().size() == 1);
    CHECK(blog.says_so(0));
    CHECK(posts.count() == 1);
    CHECK(posts.where(col(&Post::title) == "secret").count() == 0);
    CHECK_FALSE(posts.where(col(&Post::title) == "secret").exists());
    CHECK(posts.where(col(&Post::title) == "secret").first() == nullptr);
    CHECK(posts.values().size() == 1);
    CHECK(posts.distinct().count() == 1);
    std::size_t streamed = 0;
    posts.stream([&](const Post&) { ++streamed; });
    CHECK(streamed == 1);
    CHECK(session.query<const Post>().all().size() == 1);
    for (const auto& text : blog.log->texts()) CHECK_MESSAGE(mentions(text, "hidden = "), text);

    SUBCASE("columns and aggregates") {
        CHECK(session.execute(select(col(&Post::title))).all().size() == 1);
        CHECK(session.scalar(select(func::count(col(&Post::id)))) == 1);
        CHECK(session.execute(select({col(&Post::title).node()})).all().size() == 1);
    }
    SUBCASE("another class is not touched") {
        blog.log->clear();
        CHECK(session.query<Writer>().all().size() == 2);
        CHECK_FALSE(mentions(blog.log->texts().front(), "hidden"));
    }
    SUBCASE("a session without criteria sees all") {
        CHECK(blog->session().query<Post>().all().size() == 3);
    }
}

TEST_CASE("LOAD-17 criteria reach joins, subqueries and aliases") {
    Blog blog;
    Session session = blog.careful();

    SUBCASE("an inner join loses the hidden rows") {
        const auto writers = session.query<Writer>().join<&Writer::posts>().all();
        REQUIRE(writers.size() == 1);
        CHECK(writers.front()->name == "Ada");
    }
    SUBCASE("an outer join keeps the rows of the other side") {
        const auto lines = session
                               .execute(select(col(&Writer::name), func::count(col(&Post::id)))
                                            .left_join<&Writer::posts>()
                                            .group_by(col(&Writer::name))
                                            .order_by(col(&Writer::name)))
                               .all();
        REQUIRE(lines.size() == 2);
        CHECK(std::get<1>(lines[0]) == 1);
        CHECK(std::get<1>(lines[1]) == 0);
        const auto text = test::without_quotes(blog.log->texts().back());
        CHECK_MESSAGE(text.find("hidden = ") < text.find("GROUP BY"), text);
        CHECK_MESSAGE(text.find(" WHERE ") == std::string::npos, text);
    }
    SUBCASE("a subquery of a condition") {
        const auto busy = select(col(&Post::writer_id));
        CHECK(session.query<Writer>().where(col(&Writer::id).in(busy)).count() == 1);
        CHECK(session.query<Writer>().where(col(&Writer::id).not_in(busy)).count() == 1);
        const auto any = select(col(&Post::id)).where(col(&Post::writer_id) == col(&Writer::id));
        CHECK(session.query<Writer>().where(exists(any)).count() == 1);
    }
    SUBCASE("an alias") {
        const auto other = alias<Post>("other");
        CHECK(session.scalar(select(func::count(other.col(&Post::id)))) == 1);
        CHECK(mentions(blog.log->texts().back(), "other.hidden = "));
    }
}

TEST_CASE("LOAD-17 lazy and eager loads keep the criteria") {
    Blog blog;
    const std::vector<std::string> only_open{"open"};
    Session session = blog.careful();

    SUBCASE("lazy, by the batch") {
        const auto writers = session.query<Writer>().order_by(col(&Writer::name)).all();
        blog.log->clear();
        CHECK(titles(writers[0]->posts) == only_open);
        CHECK(writers[1]->posts.empty());
        for (const auto& text : blog.log->texts()) CHECK_MESSAGE(mentions(text, "hidden = "), text);
    }
    SUBCASE("eager, by every strategy") {
        const auto check = [&](const auto& option) {
            Session fresh = blog.careful();
            const auto writers =
                fresh.query<Writer>().options(option).order_by(col(&Writer::name)).all();
            REQUIRE(writers.size() == 2);
            CHECK(titles(writers[0]->posts) == only_open);
            CHECK(writers[1]->posts.empty());
        };
        check(selectin<&Writer::posts>());
        check(joined<&Writer::posts>());
        check(subquery<&Writer::posts>());
        check(immediate<&Writer::posts>());
        check(lazy<&Writer::posts>());
        check(batch<&Writer::posts>());
    }
    SUBCASE("the way to the one") {
        const auto remarks = session.query<Remark>().order_by(col(&Remark::id)).all();
        REQUIRE(remarks.size() == 3);
        CHECK(remarks[0]->post->title == "open");
        CHECK(remarks[1]->post == nullptr);
    }
    SUBCASE("a collection's own query") {
        const auto ada = session.get<Writer>(blog.ada_id);
        CHECK(ada->posts.query().count() == 1);
    }
}

TEST_CASE("LOAD-17 a lookup by key does not find what is hidden, a refresh does") {
    Blog blog;
    Session session = blog.careful();
    CHECK(session.get<Post>(blog.secret_id) == nullptr);
    CHECK(blog.says_so(0));
    CHECK_FALSE(session.get_values<Post>(blog.secret_id).has_value());
    const auto open = session.get<Post>(blog.open_id);
    REQUIRE(open != nullptr);
    CHECK(session.get<Writer>(blog.ada_id) != nullptr);
    open->hidden = true;
    session.commit();
    session.refresh(open);
    CHECK(open->hidden);
    CHECK(session.query<Post>().all().empty());
}

TEST_CASE("LOAD-17 updates and deletes by query leave hidden rows alone") {
    Blog blog;
    Session session = blog.careful();
    CHECK(session.query<Post>().update(set(&Post::title, "seen")) == 1);
    CHECK(blog.says_so(0));
    session.query<Remark>().delete_();
    CHECK(session.query<Post>().delete_() == 1);
    session.commit();
    CHECK(blog->session().query<Post>().where(col(&Post::title) != "seen").count() == 2);
}

TEST_CASE("LOAD-17 criteria are left off for a query, a scope or a whole session") {
    Blog blog;
    blog->criteria<Post>(col(&Post::hidden) == false);
    blog->criteria<Writer>(col(&Writer::tenant) == 1);
    Session session = blog->session();
    CHECK(session.query<Post>().count() == 1);
    CHECK(session.query<Writer>().count() == 1);

    SUBCASE("a query") {
        CHECK(session.query<Post>().without_criteria<Post>().count() == 3);
        CHECK(session.query<Post>().without_criteria<Post>().exists());
        CHECK(session.query<Post>().without_criteria<Writer>().all().size() == 1);
        CHECK(session.query<Post>().without_criteria<Post>().join<&Post::writer>().count() == 2);
        CHECK(session.query<Post>().without_criteria().join<&Post::writer>().count() == 3);
        CHECK(session.query<Post>().without_criteria().update(set(&Post::title, "all")) == 3);
        CHECK(session.query<Post>().all().size() == 1);
    }
    SUBCASE("what the query's objects load") {
        const auto eager =
            session.query<Writer>().without_criteria<Post>().options(selectin<&Writer::posts>());
        CHECK(eager.one()->posts.size() == 2);
        Session other = blog->session();
        CHECK(other.query<Writer>().without_criteria<Post>().one()->posts.size() == 2);
        Session third = blog->session();
        CHECK(third.query<Writer>().one()->posts.size() == 1);
    }
    SUBCASE("a scope") {
        {
            const auto guard = session.without_criteria<Post>();
            CHECK(session.query<Post>().count() == 3);
            CHECK(session.get<Post>(blog.secret_id) != nullptr);
            CHECK(session.query<Writer>().count() == 1);
            const auto all = session.without_criteria();
            CHECK(session.query<Writer>().count() == 2);
        }
        CHECK(session.query<Post>().count() == 1);
        CHECK(session.query<Writer>().count() == 1);
    }
    SUBCASE("a session") {
        Session all = blog->session({.criteria = std::make_shared<Criteria>()});
        CHECK(all.query<Post>().count() == 3);
    }
    SUBCASE("a guard may outlive its session") {
        auto own = std::make_unique<Session>(blog->session());
        const auto guard = own->without_criteria();
        own.reset();
    }
}

TEST_CASE("LOAD-17 a delete cascades to rows that criteria hide") {
    Blog blog;
    Session session = blog.careful();
    session.delete_(session.get<Writer>(blog.ada_id));
    session.commit();
    Session all = blog->session();
    CHECK(all.query<Writer>().count() == 1);
    CHECK(all.query<Post>().count() == 1);
    CHECK(all.query<Remark>().count() == 1);
}

TEST_CASE("LOAD-17 a delete cascades to hidden rows also where the others are loaded") {
    Blog blog;
    Session session = blog.careful();
    const auto ada = session.get<Writer>(blog.ada_id);
    CHECK(titles(ada->posts) == std::vector<std::string>{"open"});
    session.delete_(ada);
    session.commit();
    Session all = blog->session();
    CHECK(all.query<Writer>().count() == 1);
    CHECK(all.query<Post>().count() == 1);
    CHECK(all.query<Remark>().count() == 1);
}

TEST_CASE("LOAD-17 what a query does without is left off for what its objects are asked later") {
    Blog blog;
    Session session = blog.careful();
    const auto query = session.query<Writer>().where(col(&Writer::id) == blog.ada_id);
    const auto ada = query.without_criteria<Post>().one();
    CHECK(ada->posts.count() == 2);
    CHECK(ada->posts.slice(0, 9).size() == 2);
    CHECK(ada->posts.size() == 2);
    CHECK(session.query<Post>().count() == 1);
    query.without_criteria<Post>().yield_per(1).each([](const std::shared_ptr<const Writer>& each) {
        CHECK(each->posts.count() == 2);
        CHECK(each->posts.size() == 2);
    });
    query.yield_per(1).each([](const std::shared_ptr<const Writer>& each) {
        CHECK(each->posts.count() == 1);
        CHECK(each->posts.size() == 1);
    });
}
