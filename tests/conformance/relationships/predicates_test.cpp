// SPDX-License-Identifier: MIT
// Relationships in conditions: any, has, contains, null tests, comparison with objects.
#include "support/backend.hpp"
#include "support/fixtures/tree.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using fixtures::tree::Node;
using test::Backend;
using test::SqlLog;

namespace predicates {

struct Post;
struct Profile;
struct User {
    std::int64_t id{};
    std::string name;
    Many<Post> posts;
    Many<Post> open_posts;
    One<Profile> profile;
};
struct Profile {
    std::int64_t id{};
    std::int64_t user_id{};
    std::string motto;
    One<User> user;
};
struct Tag;
struct Post {
    std::int64_t id{};
    std::string title;
    std::string state;
    std::optional<std::int64_t> author_id;
    One<User> author;
    Many<Tag> tags;
};
struct Tag {
    std::int64_t id{};
    std::string name;
    Many<Post> posts;
};
/// Of a key of two columns.
struct Seat {
    std::int64_t row{};
    std::int64_t place{};
};
struct Guest {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> seat_row;
    std::optional<std::int64_t> seat_place;
    One<Seat> seat;
};

void describe(Mapping<User>& user) {
    user.table("pr_users");
    user.column<&User::id>().primary_key();
    user.column<&User::name>(String(20));
    user.relationship<&User::posts>().back_populates<&Post::author>();
    user.relationship<&User::open_posts>().viewonly().primaryjoin([](auto own, auto other) {
        return other(&Post::author_id) == own(&User::id) && other(&Post::state) == "open";
    });
    user.relationship<&User::profile>().back_populates<&Profile::user>();
}
void describe(Mapping<Profile>& profile) {
    profile.table("pr_profiles");
    profile.column<&Profile::id>().primary_key();
    profile.column<&Profile::user_id>().references<&User::id>().unique();
    profile.column<&Profile::motto>(String(20));
    profile.relationship<&Profile::user>().back_populates<&User::profile>();
}
void describe(Mapping<Post>& post) {
    post.table("pr_posts");
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>(String(20));
    post.column<&Post::state>(String(10));
    post.column<&Post::author_id>().references<&User::id>();
    post.relationship<&Post::author>().back_populates<&User::posts>();
    post.relationship<&Post::tags>()
        .secondary(Table("pr_post_tags",
                         Column("post_id", BigInteger()).references("pr_posts.id").primary_key(),
                         Column("tag_id", BigInteger()).references("pr_tags.id").primary_key()))
        .back_populates<&Tag::posts>();
}
void describe(Mapping<Tag>& tag) {
    tag.table("pr_tags");
    tag.column<&Tag::id>().primary_key();
    tag.column<&Tag::name>(String(20));
    tag.relationship<&Tag::posts>().back_populates<&Post::tags>();
}
void describe(Mapping<Seat>& seat) {
    seat.table("pr_seats");
    seat.column<&Seat::row>();
    seat.column<&Seat::place>();
    seat.primary_key<&Seat::row, &Seat::place>();
}
void describe(Mapping<Guest>& guest) {
    guest.table("pr_guests");
    guest.column<&Guest::id>().primary_key();
    guest.column<&Guest::name>(String(20));
    guest.column<&Guest::seat_row>();
    guest.column<&Guest::seat_place>();
    guest.foreign_key(members<&Guest::seat_row, &Guest::seat_place>,
                      members<&Seat::row, &Seat::place>);
    guest.relationship<&Guest::seat>();
}

/// Ada wrote "a1" (open; red and blue) and "a2" (done; red), Bob "b1" (done; no tag), Cid nothing;
/// nobody wrote "lost" (open; blue). Ada has a profile.
struct Blog : Backend {
    Blog() {
        database().create_all<User, Profile, Post, Tag, Seat, Guest, Node>();
        auto session = database().session();
        const auto red = session.add(Tag{.name = "red"});
        const auto blue = session.add(Tag{.name = "blue"});
        const auto ada = session.add(User{.name = "Ada"});
        const auto bob = session.add(User{.name = "Bob"});
        session.add(User{.name = "Cid"});
        const auto post = [&](const char* title, const char* state, One<User> author) {
            return session.add(Post{.title = title, .state = state, .author = std::move(author)});
        };
        const auto a1 = post("a1", "open", ada);
        a1->tags.add(red);
        a1->tags.add(blue);
        post("a2", "done", ada)->tags.add(red);
        post("b1", "done", bob);
        post("lost", "open", nullptr)->tags.add(blue);
        session.add(Profile{.motto = "onward", .user = ada});
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

template <class T>
std::string names(const std::vector<std::shared_ptr<T>>& objects) {
    std::string text;
    for (const auto& object : objects) {
        if constexpr (requires { object->name; }) {
            text += object->name + ' ';
        } else {
            text += object->title + ' ';
        }
    }
    return text;
}

/// Names of those for which it holds, in one statement.
struct Asked {
    explicit Asked(Blog& blog) : session(blog->session()), log(*blog.log) {}
    std::string users(const Condition& condition) {
        return once(session.query<User>().where(condition).order_by(col(&User::name)));
    }
    std::string posts(const Condition& condition) {
        return once(session.query<Post>().where(condition).order_by(col(&Post::title)));
    }
    template <class Query>
    std::string once(const Query& query) {
        log.clear();
        std::string found = names(query.all());
        CHECK_MESSAGE(log.count() == 1, log.dump());
        return found;
    }
    template <class T>
    std::shared_ptr<T> named(const char* name) {
        return session.query<T>().where(col(&T::name) == name).one();
    }
    std::shared_ptr<Post> post(const char* title) {
        return session.query<Post>().where(col(&Post::title) == title).one();
    }
    Session session;
    SqlLog& log;
};

} // namespace predicates

using namespace predicates;

TEST_CASE("REL-37 any() and has() find rows by what is related to them") {
    Blog blog;
    Asked ask(blog);
    CHECK(ask.users(rel(&User::posts).any()) == "Ada Bob ");
    CHECK(ask.users(!rel(&User::posts).any()) == "Cid ");
    CHECK(ask.users(rel(&User::posts).any(col(&Post::state) == "done")) == "Ada Bob ");
    CHECK(ask.users(rel(&User::posts)
                        .any(col(&Post::state) == "done", col(&Post::title).startswith("b"))) ==
          "Bob ");
    CHECK(ask.posts(rel(&Post::author).has(col(&User::name) == "Ada")) == "a1 a2 ");
    CHECK(ask.posts(rel(&Post::author).has()) == "a1 a2 b1 ");
    CHECK(ask.users(rel(&User::open_posts).any()) == "Ada ");
    CHECK(ask.users(rel(&User::profile).has(col(&Profile::motto) == "onward")) == "Ada ");
    CHECK(ask.posts(rel(&Post::tags).any(col(&Tag::name) == "blue")) == "a1 lost ");
    CHECK(ask.posts(!rel(&Post::tags).any()) == "b1 ");
    // A condition inside may speak of the row outside.
    CHECK(ask.users(rel(&User::posts).any(col(&Post::title) == func::lower(col(&User::name)))) ==
          "");
}

TEST_CASE("REL-37 such questions stand inside of each other") {
    Blog blog;
    Asked ask(blog);
    CHECK(ask.users(rel(&User::posts).any(rel(&Post::tags).any(col(&Tag::name) == "blue"))) ==
          "Ada ");
    CHECK(ask.users(rel(&User::posts).any(!rel(&Post::tags).any())) == "Bob ");
    // By way of the same classes again: those who share a tag with Ada, and are not Ada.
    CHECK(ask.posts(
              rel(&Post::tags)
                  .any(rel(&Tag::posts).any(rel(&Post::author).has(col(&User::name) == "Ada")))) ==
          "a1 a2 lost ");
    CHECK(ask.users(
              rel(&User::posts)
                  .any(rel(&Post::author).has(rel(&User::posts).any(col(&Post::title) == "a2")))) ==
          "Ada ");
}

TEST_CASE("REL-37 a class that refers to itself is asked about its own") {
    Blog blog;
    auto session = blog->session();
    const auto root = session.add(Node{.name = "root"});
    const auto left = session.add(Node{.name = "left", .parent = root});
    session.add(Node{.name = "leaf", .parent = left});
    session.commit();
    const auto found = [&](const Condition& condition) {
        return names(session.query<Node>().where(condition).order_by(col(&Node::name)).all());
    };
    CHECK(found(rel(&Node::children).any(col(&Node::name) == "left")) == "root ");
    CHECK(found(rel(&Node::children).any(rel(&Node::children).any(col(&Node::name) == "leaf"))) ==
          "root ");
    CHECK(found(rel(&Node::parent).has(rel(&Node::parent).has())) == "leaf ");
    CHECK(found(!rel(&Node::children).any()) == "leaf ");
    CHECK(found(rel(&Node::parent) == root) == "left ");
    CHECK(found(rel(&Node::parent).is_null()) == "root ");
    CHECK(found(rel(&Node::children).contains(left)) == "root ");
    // Of a second use of the table, with the first one inside.
    const auto upper = alias<Node>("upper");
    CHECK(session.scalar(select(upper.col(&Node::name))
                             .select_from(upper)
                             .where(upper.rel(&Node::children)
                                        .any(rel(&Node::children).any(),
                                             upper.col(&Node::name) == "root"))) == "root");
}

TEST_CASE("REL-37 in HAVING, in a CASE, and as a column") {
    Blog blog;
    auto session = blog->session();
    const auto rows = session.execute(
        select(col(&User::name), rel(&User::posts).any())
            .order_by(case_when(rel(&User::profile).is_null(), 1).else_(2), col(&User::name)));
    std::string text;
    for (const auto& [name, wrote] : rows) text += name + (wrote ? "+ " : "- ");
    CHECK(text == "Bob+ Cid- Ada+ ");
    const auto busy =
        session.execute(select(col(&Post::author_id), func::count())
                            .group_by(col(&Post::author_id))
                            .having(rel(&Post::author).is_not_null() && func::count() > 1));
    CHECK(busy.all().size() == 1);
}

TEST_CASE("REL-37 updates and deletes by query ask about related rows") {
    Blog blog;
    auto session = blog->session();
    CHECK(session.query<Post>()
              .where(rel(&Post::author).has(col(&User::name) == "Ada"))
              .update(set(&Post::state, std::string("seen"))) == 2);
    CHECK(session.query<Post>().where(col(&Post::state) == "seen").count() == 2);
    CHECK(session.query<Tag>().where(rel(&Tag::posts).any()).count() == 2);
    CHECK(session.query<User>().where(!rel(&User::posts).any()).delete_() == 1);
    CHECK(session.query<User>().count() == 2);
    // A path becomes a subquery, as the statement reads no other table.
    const auto by_ada = session.query<Post>().where(rel(&Post::author).col(&User::name) == "Ada");
    CHECK(by_ada.update(set(&Post::state, std::string("hers"))) == 2);
    CHECK(by_ada.where(col(&Post::state) == "hers").count() == 2);
}

TEST_CASE("REL-37 updates and deletes ask about other rows of the table that they change") {
    Blog blog;
    auto session = blog->session();
    const auto root = session.add(Node{.name = "root"});
    const auto left = session.add(Node{.name = "left", .parent = root});
    session.add(Node{.name = "leaf", .parent = left});
    session.commit();
    const auto named = [&](const char* name) {
        return session.query<Node>().where(col(&Node::name) == name).count();
    };
    CHECK(session.query<Node>()
              .where(rel(&Node::parent).has(col(&Node::name) == "root"))
              .update(set(&Node::name, std::string("twig"))) == 1);
    CHECK(named("twig") == 1);
    CHECK(session.query<Node>().where(!rel(&Node::children).any()).delete_() == 1);
    CHECK(named("leaf") == 0);
    CHECK(session.query<Node>()
              .where(count_of<&Node::children>() == 1)
              .update(set(&Node::name, std::string("tree"))) == 1);
    CHECK(named("tree") == 1);
}

TEST_CASE("REL-38 a relationship is compared with an object, or with none") {
    Blog blog;
    Asked ask(blog);
    const auto ada = ask.named<User>("Ada");
    const auto bob = ask.named<User>("Bob");
    const auto a1 = ask.post("a1");
    CHECK(ask.posts(rel(&Post::author) == ada) == "a1 a2 ");
    CHECK(ask.posts(rel(&Post::author) != ada) == "b1 lost "); // nobody is not Ada
    CHECK(ask.posts(rel(&Post::author) == nullptr) == "lost ");
    CHECK(ask.posts(rel(&Post::author) == std::shared_ptr<User>()) == "lost ");
    CHECK(ask.posts(rel(&Post::author) != nullptr) == "a1 a2 b1 ");
    CHECK(ask.posts(rel(&Post::author).is_not_null()) == "a1 a2 b1 ");
    CHECK(ask.posts(rel(&Post::author) == a1->author) == "a1 a2 ");
    CHECK(ask.posts(rel(&Post::author).in({ada, bob})) == "a1 a2 b1 ");
    CHECK(ask.posts(rel(&Post::author).in(std::vector<std::shared_ptr<User>>())) == "");
    // Where the other side has the key.
    const auto profile = ask.session.query<Profile>().one();
    CHECK(ask.users(rel(&User::profile) == profile) == "Ada ");
    CHECK(ask.users(rel(&User::profile) != profile) == "Bob Cid ");
    CHECK(ask.users(rel(&User::profile).is_null()) == "Bob Cid ");
    CHECK(ask.users(rel(&User::posts).is_null()) == "Cid ");
    CHECK(ask.users(rel(&User::posts).contains(a1)) == "Ada ");
    CHECK(ask.users(rel(&User::open_posts).contains(a1)) == "Ada ");
    const auto red = ask.named<Tag>("red");
    CHECK(ask.posts(rel(&Post::tags).contains(red)) == "a1 a2 ");
    CHECK(ask.posts(!rel(&Post::tags).contains(red)) == "b1 lost ");
    // The key is enough: of another session, and of one that has ended.
    std::shared_ptr<User> elsewhere;
    {
        auto other = blog->session();
        elsewhere = other.get<User>(ada->id);
        CHECK(ask.posts(rel(&Post::author) == elsewhere) == "a1 a2 ");
    }
    CHECK(ask.posts(rel(&Post::author) == elsewhere) == "a1 a2 ");
}

TEST_CASE("REL-38 a key of two columns is compared by both") {
    Blog blog;
    auto session = blog->session();
    const auto front = session.add(Seat{.row = 1, .place = 2});
    const auto back = session.add(Seat{.row = 2, .place = 2});
    session.add(Guest{.name = "Ada", .seat = front});
    session.add(Guest{.name = "Bob", .seat = back});
    session.add(Guest{.name = "Cid"});
    session.commit();
    const auto found = [&](const Condition& condition) {
        return names(session.query<Guest>().where(condition).order_by(col(&Guest::name)).all());
    };
    CHECK(found(rel(&Guest::seat) == front) == "Ada ");
    CHECK(found(rel(&Guest::seat) != front) == "Bob Cid ");
    CHECK(found(rel(&Guest::seat).in({front, back})) == "Ada Bob ");
    CHECK(found(rel(&Guest::seat).is_null()) == "Cid ");
    CHECK(found(rel(&Guest::seat).has(col(&Seat::row) == 2)) == "Bob ");
}

TEST_CASE("REL-38 a new object is flushed first, one without a row is refused") {
    Blog blog;
    auto session = blog->session();
    const auto eve = session.add(User{.name = "Eve"});
    session.add(Post{.title = "e1", .state = "open", .author = eve});
    CHECK(session.query<Post>().where(rel(&Post::author) == eve).one()->title == "e1");
    const auto fay = session.add(User{.name = "Fay"});
    {
        const auto guard = session.no_autoflush();
        CHECK_THROWS_WITH_AS(static_cast<void>(rel(&Post::author) == fay),
                             doctest::Contains("Post.author cannot be compared with this User"),
                             StateError);
    }
    CHECK(session.query<Post>().where(rel(&Post::author) == fay).count() == 0);
    const auto stranger = std::make_shared<User>(User{.id = 1, .name = "Ada"});
    CHECK_THROWS_AS(static_cast<void>(rel(&Post::author) == stranger), StateError);
    CHECK_THROWS_AS(static_cast<void>(rel(&Post::author) != stranger), StateError);
    CHECK_THROWS_AS(static_cast<void>(rel(&User::posts).contains(std::make_shared<Post>())),
                    StateError);
    const auto gone = session.add(User{.name = "Gil"});
    session.rollback();
    CHECK_THROWS_AS(static_cast<void>(rel(&Post::author).in({gone})), StateError);
}

TEST_CASE("REL-37 criteria of the session hold for related rows as well") {
    Blog blog;
    Asked ask(blog);
    ask.session.criteria<Post>(col(&Post::state) == "open");
    CHECK(ask.users(rel(&User::posts).any()) == "Ada ");
    CHECK(ask.users(rel(&User::posts).is_null()) == "Bob Cid ");
}

TEST_CASE("REL-37 loaders and joins take such questions as conditions") {
    Blog blog;
    const Condition blue = rel(&Post::tags).any(col(&Tag::name) == "blue");
    for (const Lazy strategy : {Lazy::select, Lazy::batch, Lazy::joined, Lazy::subquery,
                                Lazy::selectin, Lazy::immediate}) {
        CAPTURE(static_cast<int>(strategy));
        auto session = blog->session();
        const auto users = session.query<User>()
                               .order_by(col(&User::name))
                               .options(load_as<&User::posts>(strategy).where(blue))
                               .all();
        REQUIRE(users.size() == 3);
        REQUIRE(users[0]->posts.size() == 1);
        CHECK(users[0]->posts.front()->title == "a1");
        CHECK(users[1]->posts.empty());
    }
    auto session = blog->session();
    const auto rows = session.execute(select(col(&User::name), col(&Post::title).nullable())
                                          .select_from<User>()
                                          .left_join<&User::posts>(blue)
                                          .order_by(col(&User::name)));
    std::string text;
    for (const auto& [name, title] : rows) text += name + ":" + title.value_or("-") + " ";
    CHECK(text == "Ada:a1 Bob:- Cid:- ");
}
