// SPDX-License-Identifier: MIT
// docs/loading.md from "Columns that load later" on: columns, conditions on all rows, figures, many
// rows.
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

using namespace mercator;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Post;
struct Visit;

struct User {
    std::int64_t id{};
    std::string name;
    int age{};
    Many<Post> posts;
    Many<Visit> visits;
    std::int64_t post_count = 0; // not mapped: filled by queries that ask for it
    std::int64_t words = 0;
    std::string age_group;
};

struct Post {
    std::int64_t id{};
    std::string title;
    Deferred<std::string> body;
    int words{};
    std::optional<DateTime> deleted_at;
    std::int64_t user_id{};
    One<User> user;
};

struct Visit {
    std::int64_t id{};
    std::string page;
    std::int64_t user_id{};
    One<User> user;
};

void describe(Mapping<User>& user) {
    user.column<&User::id>().primary_key();
    user.column<&User::name>(String(80));
    user.column<&User::age>();
    user.relationship<&User::posts>().backref<&Post::user>();
    user.relationship<&User::visits>()
        .lazy(Lazy::write_only)
        .order_by<&Visit::id>()
        .backref<&Visit::user>();
}

void describe(Mapping<Post>& post) {
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>(String(80));
    post.column<&Post::body>(Text()).deferred("texts");
    post.column<&Post::words>();
    post.column<&Post::deleted_at>();
    post.column<&Post::user_id>().references<&User::id>();
}

void describe(Mapping<Visit>& visit) {
    visit.column<&Visit::id>().primary_key();
    visit.column<&Visit::page>(String(80));
    visit.column<&Visit::user_id>().references<&User::id>();
}

/// Ada has three posts, the last one deleted, and Bob has none.
void fill(Database& db) {
    auto session = db.session();
    const auto ada = session.add(User{.name = "Ada", .age = 36});
    session.add(User{.name = "Bob", .age = 12});
    for (int i = 1; i <= 3; ++i)
        session.add(Post{.title = "post", .body = "a long text", .words = 100 * i, .user = ada});
    session.flush();
    ada->posts[2]->deleted_at = utc_now();
    session.commit();
}

void deferred_columns(Database& db) {
    {
        Session session = db.session();
        const auto posts = session.query<Post>().all(); // without the texts
        for (const auto& post : posts)
            fmt::print("{} letters\n", post->body->size()); // 1 more, for all of them
    }
    Session session = db.session();
    const auto titles = session.query<const Post>().options(load_only<&Post::title>()).all();
    require(titles.size() == 3);
    const auto whole = session.query<Post>().options(undefer_group<Post>("texts")).all();
    require(whole[0]->body.loaded() && whole[0]->words == 100);
}

void large_collections(Database& db) {
    Session session = db.session();
    const auto ada = session.query<User>().where(col(&User::name) == "Ada").one();
    for (int i = 0; i < 30; ++i) ada->visits.add(session.add(Visit{.page = "/home"}));
    const auto how_many = ada->visits.count();
    const auto page = ada->visits.slice(20, 10); // the third ten
    const auto at_home = ada->visits.query().where(col(&Visit::page) == "/home").count();
    ada->visits.remove(page.front());
    session.delete_(page.front());
    require(how_many == 30 && page.size() == 10 && at_home == 30);
    session.commit();
    try {
        static_cast<void>(ada->visits.size());
        std::abort();
    } catch (const StateError& error) {
        fmt::print("{}\n", error.what());
    }
}

void criteria(Database& db) {
    db.criteria<Post>(col(&Post::deleted_at).is_null()); // before sessions are made

    Session session = db.session();
    const auto ada = session.query<User>().where(col(&User::name) == "Ada").one();
    require(ada->posts.size() == 2);
    require(session.query<Post>().without_criteria<Post>().count() == 3);
    {
        const auto all = session.without_criteria(); // until the end of the scope
        require(session.query<Post>().count() == 3);
    }
}

void criteria_of_one_session(Database& db) {
    Session session = db.session(SessionOptions{.criteria = std::make_shared<Criteria>()});
    session.criteria<User>(col(&User::age) >= 18); // of this session
    require(session.query<User>().count() == 1 && session.query<Post>().count() == 3);
}

void objects_in_rows(Database& db) {
    Session session = db.session();
    const auto rows = session.execute(select(entity<User>(), func::count(col(&Post::id)))
                                          .left_join<&User::posts>()
                                          .group_by(col(&User::id)));
    for (const auto& [user, posts] : rows) fmt::print("{}: {} posts\n", user->name, posts);
    require(rows.size() == 2);
}

void figures(Database& db) {
    Session session = db.session();
    const auto users = session.query<User>()
                           .options(with_count<&User::posts>(&User::post_count),
                                    with_sum<&User::posts>(col(&Post::words), &User::words),
                                    with_expression<&User::age_group>(
                                        case_when(col(&User::age) < 18, "young").else_("grown up")))
                           .order_by(col(&User::name))
                           .all();
    require(users[0]->post_count == 2 && users[0]->words == 300);
    require(users[1]->age_group == "young" && users[1]->words == 0);

    const auto busy = session.query<User>()
                          .where(count_of<&User::posts>(col(&Post::words) > 50) > 1)
                          .order_by(sum_of<&User::posts>(col(&Post::words)).desc())
                          .all();
    require(busy.size() == 1);
}

void streams(Database& db) {
    Session session = db.session();
    session.query<User>()
        .options(selectin<&User::posts>())
        .yield_per(500)
        .each([](const std::shared_ptr<const User>& user) {
            fmt::print("{} wrote {} posts\n", user->name, user->posts.size());
        });
    session.stream<Post>([](const Post& post) { fmt::print("{}\n", post.title); });
}

void read_again(Database& db) {
    Session session = db.session();
    const auto users = session.query<User>().all();
    const auto now = session.query<User>().populate_existing().all();
    require(users == now); // the same objects
}

} // namespace

int main() {
    Database db("sqlite://");
    db.create_all<User, Post, Visit>();
    fill(db);
    deferred_columns(db);
    large_collections(db);
    criteria(db);
    criteria_of_one_session(db);
    objects_in_rows(db);
    figures(db);
    streams(db);
    read_again(db);
    return EXIT_SUCCESS;
}
