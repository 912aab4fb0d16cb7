// SPDX-License-Identifier: MIT
// Columns of related rows, joined where they are named.
#include "support/backend.hpp"
#include "support/fixtures/tree.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace mercator;
using fixtures::tree::Node;
using test::Backend;
using test::SqlLog;

namespace paths {

struct Role {
    std::int64_t id{};
    std::string name;
};
struct Post;
struct User {
    std::int64_t id{};
    std::string name;
    bool active = true;
    std::int64_t role_id{};
    One<Role> role;
    Many<Post> posts;
};
struct Post {
    std::int64_t id{};
    std::string title;
    std::optional<std::int64_t> author_id;
    One<User> author;
    One<Role> author_role; // two steps in one
};

void describe(Mapping<Role>& role) {
    role.table("pa_roles");
    role.column<&Role::id>().primary_key();
    role.column<&Role::name>(String(20));
}
void describe(Mapping<User>& user) {
    user.table("pa_users");
    user.column<&User::id>().primary_key();
    user.column<&User::name>(String(20));
    user.column<&User::active>();
    user.column<&User::role_id>().references<&Role::id>();
    user.relationship<&User::role>();
    user.relationship<&User::posts>().back_populates<&Post::author>();
}
void describe(Mapping<Post>& post) {
    post.table("pa_posts");
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>(String(20));
    post.column<&Post::author_id>().references<&User::id>();
    post.relationship<&Post::author>().back_populates<&User::posts>();
    post.relationship<&Post::author_role>().through<&Post::author, &User::role>();
}

std::size_t count_of(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

/// Ada (boss) wrote a1 and a2, Bob (clerk) b1, Cid (clerk) nothing; nobody wrote "lost".
struct Blog : Backend {
    Blog() {
        database().create_all<Role, User, Post, Node>();
        auto session = database().session();
        const auto boss = session.add(Role{.name = "boss"});
        const auto clerk = session.add(Role{.name = "clerk"});
        const auto ada = session.add(User{.name = "Ada", .role = boss});
        const auto bob = session.add(User{.name = "Bob", .role = clerk});
        session.add(User{.name = "Cid", .role = clerk});
        session.add(Post{.title = "a1", .author = ada});
        session.add(Post{.title = "a2", .author = ada});
        session.add(Post{.title = "b1", .author = bob});
        session.add(Post{.title = "lost"});
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    /// The only statement since the last time.
    std::string statement() {
        const auto texts = log->texts();
        log->clear();
        REQUIRE(texts.size() == 1);
        return texts.front();
    }
    std::unique_ptr<SqlLog> log;
};

template <class T>
std::string titles(const std::vector<std::shared_ptr<T>>& objects) {
    std::string text;
    for (const auto& object : objects) text += object->title + ' ';
    return text;
}

} // namespace paths

using namespace paths;

TEST_CASE("REL-46 a path to a column of a related row is one join, however often it is used") {
    Blog blog;
    auto session = blog->session();
    const auto author_name = rel(&Post::author).col(&User::name);
    const auto found = session.query<Post>()
                           .where(author_name == "Ada" || author_name == "Bob",
                                  rel(&Post::author).col(&User::active) == true)
                           .order_by(rel(&Post::author).col(&User::name).desc(), col(&Post::title))
                           .all();
    CHECK(titles(found) == "b1 a1 a2 ");
    const std::string sql = blog.statement();
    CHECK_MESSAGE(count_of(sql, "JOIN") == 1, sql);
    CHECK_MESSAGE(count_of(sql, "LEFT JOIN") == 1, sql); // a post may have no author
}

TEST_CASE("REL-46 rows without what the path leads to stay, required ones are joined inside") {
    Blog blog;
    auto session = blog->session();
    CHECK(titles(session.query<Post>()
                     .where(rel(&Post::author).col(&User::name).is_null() ||
                            rel(&Post::author).col(&User::name) == "Bob")
                     .order_by(col(&Post::title))
                     .all()) == "b1 lost ");
    blog.log->clear();
    CHECK(session.query<User>().where(rel(&User::role).col(&Role::name) == "boss").one()->name ==
          "Ada");
    std::string sql = blog.statement();
    CHECK_MESSAGE(count_of(sql, "JOIN") == 1, sql);
    CHECK_MESSAGE(count_of(sql, "LEFT") == 0, sql); // a user has a role
    // Behind a step that may be empty, the required one keeps rows as well.
    const auto role = rel(&Post::author).rel(&User::role).col(&Role::name);
    CHECK(titles(session.query<Post>()
                     .where(role.is_null() || role == "clerk")
                     .order_by(col(&Post::title))
                     .all()) == "b1 lost ");
    sql = blog.statement();
    CHECK_MESSAGE(count_of(sql, "LEFT JOIN") == 2, sql);
    // So it does behind an outer join of one's own.
    const auto names = session.execute(select(col(&Post::title), rel(&User::role).col(&Role::name))
                                           .select_from<Post>()
                                           .left_join<&Post::author>()
                                           .order_by(col(&Post::title)));
    std::string text;
    for (const auto& [title, name] : names) text += title + "=" + name.value_or("-") + " ";
    CHECK(text == "a1=boss a2=boss b1=clerk lost=- ");
}

TEST_CASE("REL-46 paths in columns, groups and orders of a select") {
    Blog blog;
    auto session = blog->session();
    const auto author = rel(&Post::author).col(&User::name);
    const auto rows = session.execute(select(author, func::count())
                                          .select_from<Post>()
                                          .where(author.is_not_null())
                                          .group_by(author)
                                          .having(rel(&Post::author).col(&User::name) != "Cid")
                                          .order_by(author));
    std::string text;
    for (const auto& [name, posts] : rows) text += *name + std::to_string(posts) + " ";
    CHECK(text == "Ada2 Bob1 ");
    CHECK(count_of(blog.statement(), "JOIN") == 1);
    // What the statement reads is told by where the path begins.
    const std::optional<std::string> none =
        session.scalar(select(rel(&Post::author).rel(&User::role).col(&Role::name))
                           .where(col(&Post::title) == "lost"));
    CHECK_FALSE(none.has_value());
}

TEST_CASE("REL-46 paths are counted, asked for existence, limited, and loaded beside") {
    Blog blog;
    auto session = blog->session();
    const auto of_ada = session.query<Post>().where(rel(&Post::author).col(&User::name) == "Ada");
    CHECK(of_ada.count() == 2);
    CHECK(of_ada.exists());
    CHECK_FALSE(session.query<Post>().where(rel(&Post::author).col(&User::name) == "Eve").exists());
    const auto by_author = session.query<Post>().order_by(
        rel(&Post::author).col(&User::name).desc().nulls_last(), col(&Post::title));
    CHECK(by_author.first()->title == "b1");
    CHECK(titles(by_author.limit(2).offset(1).all()) == "a1 a2 ");
    blog.log->clear();
    auto fresh = blog->session();
    const auto loaded =
        fresh.query<Post>()
            .where(rel(&Post::author).col(&User::name) == "Ada")
            .order_by(rel(&Post::author).rel(&User::role).col(&Role::name), col(&Post::title))
            .options(joined<&Post::author>())
            .all();
    CHECK(titles(loaded) == "a1 a2 ");
    CHECK(loaded.front()->author->name == "Ada");
    CHECK(loaded.front()->author == loaded.back()->author.handle());
    CHECK(blog.log->count() == 1);
    // With a collection joined, and a limit, which then counts owners.
    const auto users = fresh.query<User>()
                           .where(rel(&User::role).col(&Role::name) == "boss")
                           .options(joined<&User::posts>())
                           .limit(1)
                           .all();
    REQUIRE(users.size() == 1);
    CHECK(users.front()->posts.size() == 2);
}

TEST_CASE("REL-46 pages in the order of a path come with their collections, by every strategy") {
    Blog blog;
    for (const Lazy strategy : {Lazy::select, Lazy::batch, Lazy::joined, Lazy::subquery,
                                Lazy::selectin, Lazy::immediate}) {
        CAPTURE(static_cast<int>(strategy));
        auto session = blog->session();
        const auto users =
            session.query<User>()
                .where(rel(&User::role).col(&Role::name) != "king")
                .order_by(rel(&User::role).col(&Role::name).desc(), col(&User::name).desc())
                .options(load_as<&User::posts>(strategy))
                .limit(2)
                .offset(1)
                .all();
        REQUIRE(users.size() == 2);
        CHECK(users[0]->name == "Bob");
        CHECK(users[0]->posts.size() == 1);
        CHECK(users[1]->name == "Ada");
        CHECK(users[1]->posts.size() == 2);
        // Loaders take paths from the related rows as conditions and orders.
        auto other = blog->session();
        const auto ada = other.query<User>()
                             .where(col(&User::name) == "Ada")
                             .options(load_as<&User::posts>(strategy)
                                          .where(rel(&Post::author).col(&User::name) == "Ada")
                                          .order_by(rel(&Post::author).col(&User::name).asc(),
                                                    col(&Post::title).desc()))
                             .one();
        REQUIRE(ada->posts.size() == 2);
        CHECK(ada->posts.front()->title == "a2");
    }
}

TEST_CASE("REL-46 a path of two steps, through a relationship, and within one class") {
    Blog blog;
    auto session = blog->session();
    CHECK(titles(session.query<Post>()
                     .where(rel(&Post::author).rel(&User::role).col(&Role::name) == "boss")
                     .order_by(col(&Post::title))
                     .all()) == "a1 a2 ");
    CHECK(titles(session.query<Post>()
                     .where(rel(&Post::author_role).col(&Role::name) == "clerk")
                     .all()) == "b1 ");
    CHECK(session.query<Post>()
              .where(rel(&Post::author_role).has(col(&Role::name) == "boss"))
              .count() == 2);
    const auto root = session.add(Node{.name = "root"});
    const auto left = session.add(Node{.name = "left", .parent = root});
    session.add(Node{.name = "leaf", .parent = left});
    session.commit();
    CHECK(session.query<Node>()
              .where(rel(&Node::parent).rel(&Node::parent).col(&Node::name) == "root")
              .one()
              ->name == "leaf");
    // Inside a question about the same class, the path begins at the row inside.
    CHECK(session.query<Node>()
              .where(rel(&Node::children).any(rel(&Node::parent).col(&Node::name) == "left"))
              .one()
              ->name == "left");
    const auto other = alias<Node>("other");
    CHECK(session.scalar(select(other.col(&Node::name))
                             .select_from(other)
                             .where(other.rel(&Node::parent).col(&Node::name) == "root")) ==
          "left");
    // What the related row is related to.
    CHECK(titles(session.query<Post>()
                     .where(rel(&Post::author).rel(&User::posts).any(col(&Post::title) == "a2"))
                     .order_by(col(&Post::title))
                     .all()) == "a1 a2 ");
    const auto boss = session.query<Role>().where(col(&Role::name) == "boss").one();
    CHECK(session.query<Post>().where(rel(&Post::author).rel(&User::role) == boss).count() == 2);
}

TEST_CASE("REL-46 a path named at run time is checked") {
    Blog blog;
    auto session = blog->session();
    CHECK(titles(session.query<Post>()
                     .where(path<Post>("author.role.name") == "boss")
                     .order_by(path<Post>("title").desc())
                     .all()) == "a2 a1 ");
    CHECK_THROWS_WITH_AS(path<Post>("writer.name"),
                         doctest::Contains("Post has no relationship to one object of the name "
                                           "asked for; it has: author, author_role"),
                         MappingError);
    CHECK_THROWS_WITH_AS(path<Post>("author.posts.title"),
                         doctest::Contains("User.posts, which is a collection"), MappingError);
    CHECK_THROWS_AS(path<Post>("author.nam"), MappingError);
    CHECK_THROWS_AS(path<Post>("author."), MappingError);
    CHECK_THROWS_AS(path<Post>(".name"), MappingError);
}

TEST_CASE("REL-46 what a session may not see is as if it were not there") {
    Blog blog;
    auto session = blog->session();
    session.query<User>().where(col(&User::name) == "Bob").one()->active = false;
    session.commit();
    auto filtered = blog->session();
    filtered.criteria<User>(col(&User::active) == true);
    CHECK(titles(filtered.query<Post>()
                     .where(rel(&Post::author).col(&User::name).is_null())
                     .order_by(col(&Post::title))
                     .all()) == "b1 lost ");
}
