// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/chain.hpp"
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <random>

using namespace mercator;
using fixtures::tree::Node;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace {

using Handles = std::vector<std::shared_ptr<Node>>;

/// A random forest of `count` nodes, added in random order, each under one that may be added later.
Handles add_random_forest(Session& session, std::size_t count, std::mt19937& random) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), random);
    Handles nodes(count);
    for (const auto index : order)
        nodes[index] = session.add(Node{.name = "node " + std::to_string(index)});
    for (std::size_t i = 1; i < count; ++i) {
        if (random() % 20 == 0) continue; // another root
        const auto& parent = nodes[random() % i];
        if (random() % 2 == 0) {
            nodes[i]->parent = parent;
        } else {
            parent->children.add(nodes[i]);
        }
    }
    return nodes;
}

std::map<std::string, std::string> parents_of(const Handles& nodes) {
    std::map<std::string, std::string> parents;
    for (const auto& node : nodes) parents[node->name] = node->parent ? node->parent->name : "";
    return parents;
}

} // namespace

TEST_CASE(
    "UOW-04 C01 parents are inserted before children and deleted after them, whatever the order "
    "of adding") {
    using namespace fixtures::chain;
    Backend backend;
    backend->create_all<A, B, C, D, E>();
    SqlLog log(backend->engine());
    std::array<int, 5> order{0, 1, 2, 3, 4};
    const std::array<const char*, 5> tables{"chain_a", "chain_b", "chain_c", "chain_d", "chain_e"};
    int orders = 0;
    do {
        if (++orders % 12 != 1) continue; // all 120 run without a server, in core/session
        Session session = backend->session();
        std::shared_ptr<A> a;
        std::shared_ptr<B> b;
        std::shared_ptr<C> c;
        std::shared_ptr<D> d;
        std::shared_ptr<E> e;
        for (const int which : order) {
            if (which == 0) a = session.add(A{});
            if (which == 1) b = session.add(B{});
            if (which == 2) c = session.add(C{});
            if (which == 3) d = session.add(D{});
            if (which == 4) e = session.add(E{});
        }
        b->a = a;
        c->b = b;
        d->c = c;
        e->d = d;
        log.clear();
        session.commit();
        auto inserts = log.texts("INSERT");
        REQUIRE(inserts.size() == 5);
        for (std::size_t i = 0; i < 5; ++i)
            CHECK(mentions(inserts[i], std::string("INTO ") + tables[i] + " "));
        CHECK(e->d_id == d->id);
        CHECK(b->a_id == a->id);

        for (const int which : order) {
            if (which == 0) session.delete_(a);
            if (which == 1) session.delete_(b);
            if (which == 2) session.delete_(c);
            if (which == 3) session.delete_(d);
            if (which == 4) session.delete_(e);
        }
        log.clear();
        session.commit();
        const auto deletes = log.texts("DELETE");
        REQUIRE(deletes.size() == 5);
        for (std::size_t i = 0; i < 5; ++i)
            CHECK(mentions(deletes[i], std::string("FROM ") + tables[4 - i] + " "));
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE(
    "UOW-04 random trees in one table are written and deleted with the foreign key enforced") {
    Backend backend;
    backend->create_all<Node>();
    for (unsigned seed = 1; seed <= 8; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        std::map<std::string, std::string> expected;
        {
            Session session = backend->session();
            const Handles nodes = add_random_forest(session, 10 + seed * 25, random);
            expected = parents_of(nodes);
            session.commit();
        }
        Session session = backend->session();
        Handles nodes = session.query<Node>().all();
        REQUIRE(parents_of(nodes) == expected);

        // Move some below others; a node goes only below one that is not beneath it.
        for (int move = 0; move < 20; ++move) {
            const auto& node = nodes[random() % nodes.size()];
            const auto& target = nodes[random() % nodes.size()];
            bool beneath = false;
            for (auto above = target; above; above = above->parent.handle())
                beneath = beneath || above == node;
            if (!beneath) node->parent = target;
        }
        expected = parents_of(nodes);
        session.commit();
        {
            Session fresh = backend->session();
            REQUIRE(parents_of(fresh.query<Node>().all()) == expected);
        }
        std::shuffle(nodes.begin(), nodes.end(), random);
        for (const auto& node : nodes) session.delete_(node);
        session.commit();
        REQUIRE(session.query<Node>().count() == 0);
    }
}

TEST_CASE("UOW-04 C03 a deep tree of a thousand nodes in random order is one flush") {
    Backend backend;
    backend->create_all<Node>();
    std::mt19937 random(7);
    {
        Session session = backend->session();
        Handles nodes;
        for (int i = 0; i < 1000; ++i)
            nodes.push_back(session.add(Node{.name = std::to_string(i)}));
        std::vector<std::size_t> order(1000);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::shuffle(order.begin(), order.end(), random);
        for (std::size_t i = 1; i < 1000; ++i) {
            // a spine of 50, the rest below it
            nodes[order[i]]->parent = nodes[order[i < 50 ? i - 1 : random() % 50]];
        }
        session.commit();
    }
    Session session = backend->session();
    CHECK(session.query<Node>().count() == 1000);
    const auto roots = session.query<Node>().where(col(&Node::parent_id) == null).all();
    REQUIRE(roots.size() == 1);
    std::size_t depth = 0;
    std::size_t reached = 0;
    std::vector<std::pair<Node*, std::size_t>> open{{roots.front().get(), 1}};
    while (!open.empty()) {
        const auto [node, level] = open.back();
        open.pop_back();
        ++reached;
        depth = std::max(depth, level);
        for (const auto& child : node->children) open.emplace_back(child.get(), level + 1);
    }
    CHECK(reached == 1000);
    CHECK(depth >= 50);
}

TEST_CASE("UOW-04 random graphs over several tables: what is in memory is in the database after "
          "each commit") {
    using namespace fixtures::music;
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    for (unsigned seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Session session = backend->session();
        std::vector<std::shared_ptr<Artist>> artists;
        std::vector<std::shared_ptr<Album>> albums;
        std::vector<std::shared_ptr<Song>> songs;
        for (int round = 0; round < 8; ++round) {
            for (int step = 0; step < 25; ++step) {
                switch (random() % 6) {
                case 0:
                    artists.push_back(session.add(Artist{.name = std::to_string(seed) + "/" +
                                                                 std::to_string(round) + "/" +
                                                                 std::to_string(step)}));
                    break;
                case 1:
                    albums.push_back(session.add(Album{.title = "album"}));
                    break;
                case 2:
                    if (albums.empty()) break;
                    songs.push_back(session.add(Song{.title = "song", .plays = 1}));
                    songs.back()->album = albums[random() % albums.size()];
                    break;
                case 3:
                    if (albums.empty() || artists.empty()) break;
                    albums[random() % albums.size()]->artist = artists[random() % artists.size()];
                    break;
                case 4:
                    if (songs.empty() || albums.empty()) break;
                    albums[random() % albums.size()]->songs.add(songs[random() % songs.size()]);
                    break;
                default:
                    if (songs.empty()) break;
                    const auto at =
                        songs.begin() + static_cast<std::ptrdiff_t>(random() % songs.size());
                    session.delete_(*at);
                    songs.erase(at);
                }
            }
            session.commit();
            Session fresh = backend->session();
            REQUIRE(fresh.query<Artist>().count() == static_cast<std::int64_t>(artists.size()));
            REQUIRE(fresh.query<Album>().count() == static_cast<std::int64_t>(albums.size()));
            REQUIRE(fresh.query<Song>().count() == static_cast<std::int64_t>(songs.size()));
            for (const auto& album : albums) {
                const auto found = fresh.get<Album>(album->id);
                REQUIRE(found);
                REQUIRE(bool(found->artist) == bool(album->artist));
                if (album->artist) REQUIRE(found->artist->name == album->artist->name);
                REQUIRE(found->songs.size() == album->songs.size());
            }
            for (const auto& song : songs) {
                const auto found = fresh.get<Song>(song->id);
                REQUIRE(found);
                REQUIRE(found->album->id == song->album->id);
            }
        }
        for (const auto& artist : artists) session.delete_(artist);
        for (const auto& album : albums) session.delete_(album);
        for (const auto& song : songs) session.delete_(song);
        session.commit();
    }
}

TEST_CASE("UOW-04 C23 types added in turns are written in one batch per class") {
    using namespace fixtures::music;
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    SqlLog log(backend->engine());
    Session session = backend->session();
    for (int i = 0; i < 10; ++i) {
        const auto song = session.add(Song{.title = "song", .plays = 1});
        const auto album = session.add(Album{.title = "album"});
        const auto artist = session.add(Artist{.name = "artist " + std::to_string(i)});
        song->album = album;
        album->artist = artist;
    }
    session.commit();
    const auto& can = backend.can();
    if (can.insert_batch != ast::BatchForm::Single && can.insert_returning &&
        can.insert_batch_rows >= 10) {
        CHECK_MESSAGE(log.count() == 3, log.dump());
    }
    CHECK(log.rows("INSERT") == 30);
    const auto texts = log.texts("INSERT");
    CHECK(mentions(texts.front(), "INTO artists "));
    CHECK(mentions(texts.back(), "INTO songs "));
}

TEST_CASE("UOW-04 rows that refer to each other or to themselves") {
    Backend backend;
    backend->create_all<Node>();
    Session session = backend->session();
    const auto one = session.add(Node{.name = "one"});
    const auto two = session.add(Node{.name = "two"});
    const auto self = session.add(Node{.name = "self"});
    one->parent = two;
    two->parent = one;
    self->parent = self;
    session.commit();
    {
        Session fresh = backend->session();
        const auto found = fresh.get<Node>(one->id);
        CHECK(found->parent->name == "two");
        CHECK(found->parent->parent.handle() == found);
        const auto alone = fresh.get<Node>(self->id);
        CHECK(alone->parent.handle() == alone);
    }
    session.delete_(one);
    session.delete_(two);
    session.delete_(self);
    session.commit();
    CHECK(session.query<Node>().count() == 0);
}

TEST_CASE("UOW-04 a row and its replacement with the same unique value are written in one flush, "
          "the deleted one first") {
    using namespace fixtures::music;
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    Session session = backend->session();
    const auto old = session.add(Artist{.name = "Miles"});
    session.commit();
    session.delete_(old);
    const auto fresh = session.add(Artist{.name = "Miles"});
    session.commit();
    CHECK(session.status(old) == ObjectStatus::Detached);
    CHECK(session.status(fresh) == ObjectStatus::Persistent);
    Session other = backend->session();
    CHECK(other.query<Artist>().one()->id == fresh->id);
}
