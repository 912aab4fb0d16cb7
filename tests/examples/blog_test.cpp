// SPDX-License-Identifier: MIT
// The blog of examples/blog: what readers see, what is hidden, what is refused.
#include "blog/blog.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace blog;
using mercator::col;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

std::vector<std::string> titles(const std::vector<Teaser>& teasers) {
    std::vector<std::string> list;
    for (const auto& teaser : teasers) list.push_back(teaser.title);
    return list;
}

const std::vector<std::string> both{"A walk along the meridian", "The round world on flat paper"};

} // namespace

TEST_CASE(
    "MOD-28 blog: the front page shows what is published, newest first, in three statements") {
    Backend backend;
    open_blog(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    const auto teasers = front_page(session, 1, 10);
    CHECK(log.count() ==
          3); // posts with authors, tags, comments; the page tells how many there are
    CHECK(titles(teasers) == both);
    CHECK(teasers[1].author == "gerard");
    CHECK(teasers[1].tags == "history, projections");
    CHECK(teasers[1].comments == 2);
    CHECK(titles(front_page(session, 2, 1)) ==
          std::vector<std::string>{"The round world on flat paper"});
    CHECK(titles({}).empty());
}

TEST_CASE(
    "MOD-28 blog: tags are counted over published posts, and posts found by tag and category") {
    Backend backend;
    open_blog(*backend);
    auto session = backend->session();
    const auto cloud = tag_cloud(session);
    REQUIRE(cloud.size() == 3);
    CHECK(cloud.front() == std::pair<std::string, std::int64_t>("history", 2));
    CHECK(session.query<Post>().published().tagged("walking").one()->title == both[0]);
    CHECK(session.query<Post>().in_category("Travel").count() == 2);
    CHECK(session.query<Post>().in_category("Travel").published().count() == 1);
}

TEST_CASE("MOD-28 blog: a removed post is seen by nobody, and comes back with its comments") {
    Backend backend;
    open_blog(*backend);
    auto session = backend->session();
    remove_post(session, both[1]);
    CHECK(bin(session) == std::vector<std::string>{both[1]});
    auto reader = backend->session();
    CHECK(titles(front_page(reader, 1, 10)) == std::vector<std::string>{both[0]});
    CHECK(reader.query<User>().where(col(&User::username) == "gerard").one()->posts.empty());
    CHECK_THROWS_AS(remove_post(reader, both[1]), mercator::NoResultFound);
    reader.rollback();
    bring_back(session, both[1]);
    auto later = backend->session();
    CHECK(front_page(later, 1, 10)[1].comments == 2);
    CHECK(bin(later).empty());
}

TEST_CASE("MOD-28 blog: a post of blanks is refused, and nothing of it is kept") {
    Backend backend;
    open_blog(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    try {
        write_draft(session, "maria", " \n", "Text.", "Maps", {});
        FAIL("a title of blanks was accepted");
    } catch (const mercator::ValidationError& error) {
        REQUIRE(error.fields().size() == 1);
        CHECK(error.fields().front().path == "Post.title");
    }
    session.commit();
    CHECK(log.count("INSERT") == 0);
    CHECK(session.query<Post>().count() == 3);
}

TEST_CASE("MOD-28 blog: the second of two editors is told that the post has changed") {
    Backend backend;
    open_blog(*backend);
    auto mine = backend->session();
    auto theirs = backend->session();
    auto here = mine.query<Post>().where(col(&Post::title) == both[0]).one();
    mine.rollback();
    auto there = theirs.get_one<Post>(here->id);
    there->title = "A walk";
    theirs.commit();
    here->content = "Mine";
    CHECK_THROWS_AS(mine.commit(), mercator::StaleDataError);
    mine.rollback();
    auto fresh = backend->session();
    const auto post = fresh.get_one<Post>(here->id);
    CHECK(post->title == "A walk");
    CHECK(post->content == "It starts in a garden and ends in the sea.");
}

TEST_CASE("MOD-28 blog: the listed indexes are there, and secrets are in no text") {
    Backend backend;
    open_blog(*backend);
    auto inspector = backend->inspect();
    std::vector<std::string> names;
    for (const auto& index : inspector.indexes("posts")) names.push_back(index.name);
    for (const char* name : {"ix_posts_front_page", "ix_posts_of_category"})
        CHECK(std::find(names.begin(), names.end(), name) != names.end());
    auto session = backend->session();
    const auto gerard = session.query<User>().where(col(&User::username) == "gerard").one();
    CHECK(mercator::to_string(*gerard).find("secret") == std::string::npos);
    CHECK(backend->verify().empty());
}

TEST_CASE("MOD-28 blog: the front page and a category's page go by the listed indexes") {
    Backend backend;
    if (backend->engine().dialect().name() != "sqlite") {
        mercator::test::skip(
            "plans of tables with three rows tell something on one database alone");
        return;
    }
    open_blog(*backend);
    const auto plan = [&](const std::string& where) {
        std::string text;
        for (const auto& row : backend.rows("EXPLAIN QUERY PLAN SELECT * FROM posts WHERE " +
                                            where + " ORDER BY published_at DESC LIMIT 10"))
            text += *row.back().get_if<std::string>() + "; ";
        return text;
    };
    const auto front = plan("status = 'published'");
    CHECK(front.find("ix_posts_front_page") != std::string::npos);
    CHECK(front.find("TEMP B-TREE") == std::string::npos); // nothing is sorted
    const auto category = plan("category_id = 1 AND status = 'published'");
    CHECK(category.find("ix_posts_of_category") != std::string::npos);
    CHECK(category.find("TEMP B-TREE") == std::string::npos);
}
