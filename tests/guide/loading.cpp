// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

using namespace mercator;

namespace {

struct Post;
struct Tag;
struct Badge;

struct User {
    std::int64_t id{};
    std::string name;
    Many<Post> posts;
    Many<Post> newest;
    Many<Badge> badges;
};

struct Post {
    std::int64_t id{};
    std::string title;
    bool open = true;
    std::int64_t user_id{};
    One<User> user;
    Many<Tag> tags;
};

struct Tag {
    std::int64_t id{};
    std::string name;
};

struct Badge {
    std::int64_t id{};
    std::string name;
    std::int64_t user_id{};
};

void describe(Mapping<User>& user) {
    user.column<&User::id>().primary_key();
    user.column<&User::name>(String(80));
    user.relationship<&User::posts>().lazy(Lazy::batch).batch_size(200).backref<&Post::user>();
    user.relationship<&User::newest>()
        .order_by([](auto post) { return post(&Post::id).desc(); })
        .limit(5);
    user.relationship<&User::badges>();
}

void describe(Mapping<Post>& post) {
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>(String(80));
    post.column<&Post::open>();
    post.column<&Post::user_id>().references<&User::id>();
    post.relationship<&Post::tags>().secondary(
        Table("post_tag", Column("post_id", BigInteger()).references("post.id").primary_key(),
              Column("tag_id", BigInteger()).references("tag.id").primary_key()));
}

void describe(Mapping<Tag>& tag) {
    tag.column<&Tag::id>().primary_key();
    tag.column<&Tag::name>(String(40));
}

void describe(Mapping<Badge>& badge) {
    badge.column<&Badge::id>().primary_key();
    badge.column<&Badge::name>(String(40));
    badge.column<&Badge::user_id>().references<&User::id>();
}

void require(bool condition) {
    if (!condition) std::abort();
}

void fill(Database& db) {
    auto session = db.session();
    const auto tag = session.add(Tag{.name = "c++"});
    for (const char* name : {"Ada", "Bob", "Cyd"}) {
        const auto user = session.add(User{.name = name});
        for (int i = 0; i < 7; ++i)
            session.add(Post{.title = "post", .open = i > 2, .user = user})->tags.add(tag);
        for (const char* badge : {"early", "kind", "quick"})
            user->badges.add(session.add(Badge{.name = badge}));
    }
    session.commit();
}

void joined_loading(Database& db) {
    {
        Session session = db.session();
        const auto posts = session.query<Post>().options(joined<&Post::user>()).all();
        require(posts[0]->user->name == "Ada"); // no statement
    }
    {
        Session session = db.session();
        const auto users = session.query<User>()
                               .options(joined<&User::posts>()
                                            .where(col(&Post::open) == true)
                                            .order_by(col(&Post::title), col(&Post::id).desc()))
                               .order_by(col(&User::name).desc())
                               .limit(2) // two users, with all their open posts
                               .all();
        require(users.size() == 2 && users[0]->name == "Cyd" && users[0]->posts.size() == 4);
    }
}

void several_collections(Database& db) {
    const auto whole = fetch_plan<User>(joined<&User::posts>(), joined<&User::badges>());
    expect_statements(db, 1, [&] { // 7 posts x 3 badges are 21 rows for each user
        Session session = db.session();
        require(session.query<User>().options(whole).all().size() == 3);
    });
    expect_statements(db, 3, [&] { // 7 rows and 3 rows for each
        Session session = db.session();
        const auto users = session.query<User>().options(whole).split_query().all();
        require(users[0]->posts.size() == 7 && users[0]->badges.size() == 3);
    });
}

void joins_of_the_query(Database& db) {
    Session session = db.session();
    const auto of_ada = session.query<Post>()
                            .join<&Post::user>()
                            .where(col(&User::name) == "Ada")
                            .options(contains_eager<&Post::user>())
                            .all();
    require(of_ada.size() == 7 && of_ada[0]->user.loaded());

    const auto author = alias<User>("author");
    const auto of_bob = session.query<Post>()
                            .join<&Post::user>(author)
                            .where(author.col(&User::name) == "Bob")
                            .options(contains_eager<&Post::user>(author))
                            .all();
    require(of_bob.size() == 7 && of_bob[0]->user->name == "Bob");
}

void subqueries(Database& db) {
    Session session = db.session();
    const auto first_users = session.query<User>()
                                 .order_by(col(&User::id)) // unique, for there is a limit
                                 .limit(2)
                                 .options(subquery<&User::posts>())
                                 .all();
    require(first_users[1]->posts.size() == 7);
}

} // namespace

int main() {
    Database db("sqlite://");
    db.create_all<User, Post, Tag, Badge>();
    fill(db);

    {
        Session session = db.session();
        const auto users = session.query<User>().all(); // 1 statement
        for (const auto& user : users)
            for (const auto& post : user->posts)            // 1 more, for all of them
                fmt::print("{} tags\n", post->tags.size()); // 1 more, for all posts
    }

    {
        Session session = db.session();
        const auto users = session.query<User>()
                               .options(selectin<&User::posts>()
                                            .where(col(&Post::open) == true)
                                            .then(selectin<&Post::tags>()),
                                        selectin<&User::newest>())
                               .all();
        require(users[0]->posts.size() == 4 && users[0]->newest.size() == 5);
    }

    const auto overview =
        fetch_plan<User>(selectin<&User::posts>().then(selectin<&Post::tags>()), raise_all<User>());
    {
        Session session = db.session();
        const auto user = session.query<User>().options(overview).first();
        try {
            static_cast<void>(user->newest.size());
            std::abort();
        } catch (const StateError& error) {
            fmt::print("{}\n", error.what());
        }
    }

    {
        Session session = db.session();
        const auto user = session.get_one<User>(1);
        session.load(user, selectin<&User::posts>().then(selectin<&Post::tags>()));
        require(user->posts[0]->tags.loaded());
    }

    {
        auto options = db.session_options();
        options.loading.lazy = Lazy::select;
        options.loading.n_plus_one = NPlusOne::raise;
        Session strict = db.session(options);
        try {
            for (const auto& post : strict.query<Post>().all())
                static_cast<void>(post->tags.size());
            std::abort();
        } catch (const NPlusOneError& error) {
            fmt::print("{}\n", error.what());
        }
    }

    joined_loading(db);
    several_collections(db);
    joins_of_the_query(db);
    subqueries(db);

    Session session = db.session();
    expect_statements(db, 2, [&] {
        for (const auto& user : session.query<User>().options(selectin<&User::posts>()).all())
            require(user->posts.size() == 7);
    });
    return EXIT_SUCCESS;
}
