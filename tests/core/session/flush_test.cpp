// SPDX-License-Identifier: MIT
#include "support/fixtures/chain.hpp"
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"

#include <mercator/dialect/recording.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

using namespace mercator;
using namespace fixtures::chain;
using fixtures::music::Album;
using fixtures::music::Artist;
using fixtures::music::Song;
using fixtures::tree::Node;

namespace {

using Texts = std::vector<std::string>;

/// A database that only writes down what it hears.
struct Recorded {
    explicit Recorded(std::string_view name, const Capabilities& can = {}) :
        recorder(Recorder::named(name)),
        database("ansi://" + std::string(name)) {
        recorder->clear();
        recorder->set_capabilities(can);
    }
    /// The rows that each statement sent, as text: "INSERT …: 1, NULL".
    [[nodiscard]] Texts calls() const {
        Texts texts;
        for (const auto& call : recorder->calls()) {
            std::string text = call.sql;
            for (const auto& row : call.rows) {
                text += " |";
                for (const auto& value : row) text += " " + to_text(value);
            }
            texts.push_back(std::move(text));
        }
        return texts;
    }
    static std::string to_text(const Value& value) {
        if (value.is_null()) return "NULL";
        if (const auto* number = value.get_if<std::int64_t>()) return std::to_string(*number);
        if (const auto* text = value.get_if<std::string>()) return *text;
        return "?";
    }
    std::shared_ptr<Recorder> recorder;
    Database database;
};

/// The chain A to E, its objects added in this order and linked afterwards.
void add_chain(Session& session, const std::array<int, 5>& order) {
    std::shared_ptr<A> a;
    std::shared_ptr<B> b;
    std::shared_ptr<C> c;
    std::shared_ptr<D> d;
    std::shared_ptr<E> e;
    for (const int which : order) {
        if (which == 0) a = session.add(A{.weight = 3});
        if (which == 1) b = session.add(B{});
        if (which == 2) c = session.add(C{});
        if (which == 3) d = session.add(D{});
        if (which == 4) e = session.add(E{});
    }
    b->a = a;
    c->b = b;
    d->c = c;
    e->d = d;
}

} // namespace

TEST_CASE("UOW-04 C01 a chain of five is inserted parents first in all 120 orders of adding") {
    Recorded db("flush-chain");
    std::array<int, 5> order{0, 1, 2, 3, 4};
    const Texts expected{
        "BEGIN",
        R"(INSERT INTO "chain_a" ("weight") VALUES (?) | 3)",
        R"(INSERT INTO "chain_b" ("a_id") VALUES (?) | 1)",
        R"(INSERT INTO "chain_c" ("b_id") VALUES (?) | 2)",
        R"(INSERT INTO "chain_d" ("c_id") VALUES (?) | 3)",
        R"(INSERT INTO "chain_e" ("d_id") VALUES (?) | 4)",
        "COMMIT",
    };
    do {
        db.recorder->clear();
        Session session = db.database.session();
        add_chain(session, order);
        session.commit();
        REQUIRE(db.calls() == expected);
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("UOW-04 C02 the same program sends the same statements a hundred times") {
    Recorded db("flush-same");
    Texts first;
    std::vector<std::unique_ptr<int[]>> shifting; // so that objects get other addresses each time
    for (int run = 0; run < 100; ++run) {
        shifting.push_back(std::make_unique<int[]>(static_cast<std::size_t>(run) * 7 + 1));
        db.recorder->clear();
        Session session = db.database.session();
        std::mt19937 random(5);
        std::vector<std::shared_ptr<Node>> nodes;
        std::vector<std::shared_ptr<Album>> albums;
        for (int i = 0; i < 30; ++i) {
            nodes.push_back(session.add(Node{.name = std::to_string(i)}));
            albums.push_back(session.add(Album{.title = std::to_string(i)}));
        }
        const auto artist = session.add(Artist{.name = "artist"});
        for (std::size_t i = 1; i < 30; ++i) {
            nodes[i]->parent = nodes[random() % i];
            if (i % 3 == 0) albums[i]->artist = artist;
        }
        session.flush();
        for (std::size_t i = 0; i < 30; i += 2) {
            nodes[i]->name += " changed";
            albums[i]->title += " changed";
            albums[i]->year = 2000;
        }
        session.flush();
        for (std::size_t i = 0; i < 30; ++i) session.delete_(nodes[(i * 7) % 30]);
        session.commit();
        if (run == 0) first = db.calls();
        REQUIRE(db.calls() == first);
    }
    CHECK(first.size() > 6);
}

namespace {

/// Used before the class that it refers to, and before it in the alphabet.
struct Anchor {
    std::int64_t id{};
    int weight{};
    std::int64_t ship_id{};
};
struct Ship {
    std::int64_t id{};
    int length{};
};
void describe(Mapping<Anchor>& anchor) {
    anchor.table("anchors");
    anchor.column<&Anchor::id>().primary_key();
    anchor.column<&Anchor::weight>();
    anchor.column<&Anchor::ship_id>().references<&Ship::id>();
}
void describe(Mapping<Ship>& ship) {
    ship.table("ships");
    ship.column<&Ship::id>().primary_key();
    ship.column<&Ship::length>();
}

} // namespace

TEST_CASE(
    "UOW-04 updates go by class, those that are referred to first, whichever was used first") {
    Recorded db("flush-classes");
    const auto number = declared_mapper<Anchor>().id();
    REQUIRE(number < declared_mapper<Ship>().id());
    Session session = db.database.session();
    const auto ship = session.add(Ship{});
    session.flush();
    const auto anchor = session.add(Anchor{.ship_id = ship->id});
    session.commit();
    anchor->weight = 7;
    ship->length = 40;
    db.recorder->clear();
    session.commit();
    const auto texts = db.recorder->statements();
    REQUIRE(texts.size() == 4);
    CHECK(texts[1].find("ships") != std::string::npos);
    CHECK(texts[2].find("anchors") != std::string::npos);
}

TEST_CASE("UOW-05 a flush of nothing sends nothing, not even BEGIN") {
    Recorded db("flush-nothing");
    Session session = db.database.session();
    session.flush();
    session.commit();
    session.rollback();
    CHECK(db.recorder->call_count() == 0);
    const auto node = session.add(Node{.name = "one"});
    session.commit();
    db.recorder->clear();
    node->name = "two";
    node->name = "one";
    session.commit();
    CHECK(db.recorder->call_count() == 0);
}

TEST_CASE("UOW-05 an update names the changed columns only, and objects with the same changes "
          "share a statement") {
    Recorded db("flush-update");
    Session session = db.database.session();
    std::vector<std::shared_ptr<Album>> albums;
    for (int i = 0; i < 3; ++i) albums.push_back(session.add(Album{.title = "t", .year = i}));
    session.commit();
    db.recorder->clear();
    albums[0]->year = 10;
    albums[1]->title = "new";
    albums[2]->year = 30;
    session.commit();
    CHECK(db.calls() == Texts{
                            "BEGIN",
                            R"(UPDATE "albums" SET "year" = ? WHERE "id" = ? | 10 1 | 30 3)",
                            R"(UPDATE "albums" SET "title" = ? WHERE "id" = ? | new 2)",
                            "COMMIT",
                        });
}

TEST_CASE("UOW-04 two rows that refer to each other: insert, insert, and the postponed key; NULL "
          "before the delete") {
    Recorded db("flush-cycle");
    Session session = db.database.session();
    const auto one = session.add(Node{.name = "one"});
    const auto two = session.add(Node{.name = "two"});
    one->parent = two;
    two->parent = one;
    session.commit();
    const auto made = db.calls();
    REQUIRE(made.size() == 5);
    CHECK(made[1] == R"(INSERT INTO "nodes" ("name", "parent_id") VALUES (?, ?) | one NULL)");
    CHECK(made[2] == R"(INSERT INTO "nodes" ("name", "parent_id") VALUES (?, ?) | two 1)");
    CHECK(made[3] == R"(UPDATE "nodes" SET "parent_id" = ? WHERE "id" = ? | 2 1)");
    db.recorder->clear();
    session.delete_(one);
    session.delete_(two);
    session.commit();
    const auto gone = db.calls();
    REQUIRE(gone.size() == 5);
    CHECK(gone[1].find(R"(UPDATE "nodes" SET "parent_id" = ? WHERE "id" = ? | NULL)") == 0);
    CHECK(gone[2].find("DELETE") == 0);
}

TEST_CASE(
    "a class whose foreign keys wait for each other and cannot be NULL is refused before any SQL") {
    Recorded db("flush-chain-null");
    Session session = db.database.session();
    session.add(B{});
    CHECK_THROWS_AS(session.commit(), NotNullViolation);
    CHECK(db.recorder->call_count() == 0);
}

TEST_CASE("UOW-18 batches: one statement for many rows, cut where the parameters end, keys given "
          "in order") {
    Capabilities can;
    can.insert_returning = true;
    can.insert_batch = ast::BatchForm::MultiRow;
    can.insert_batch_rows = 1000;
    can.max_binds = 20;
    Recorded db("flush-batch", can);
    Session session = db.database.session();
    std::vector<std::shared_ptr<A>> objects;
    for (int i = 0; i < 45; ++i) objects.push_back(session.add(A{.weight = i}));
    const auto keys = [&](std::int64_t from, std::int64_t to) {
        Recorder::Rows rows;
        for (auto key = to; key >= from; --key)
            rows.push_back({Value(key)}); // in no promised order
        db.recorder->reply(std::move(rows));
    };
    keys(1, 20);
    keys(21, 40);
    keys(41, 45);
    session.commit();
    CHECK(db.recorder->calls().size() == 5); // BEGIN, three INSERTs, COMMIT
    for (std::size_t i = 0; i < 45; ++i) CHECK(objects[i]->id == static_cast<std::int64_t>(i) + 1);
}

TEST_CASE("UOW-18 fewer rows than objects come back: an error, and nothing counts as saved") {
    Capabilities can;
    can.insert_returning = true;
    can.insert_batch = ast::BatchForm::MultiRow;
    can.insert_batch_rows = 1000;
    Recorded db("flush-lost-row", can);
    Session session = db.database.session();
    const auto one = session.add(A{.weight = 1});
    const auto two = session.add(A{.weight = 2});
    db.recorder->reply({{Value(1)}});
    CHECK_THROWS_AS(session.commit(), StaleDataError);
    CHECK(session.status(one) == ObjectStatus::Pending);
    CHECK(session.status(two) == ObjectStatus::Pending);
    CHECK(db.recorder->statements().back() == "ROLLBACK");
}

TEST_CASE("DML-01 an UPDATE or DELETE that matches fewer rows is a StaleDataError") {
    Recorded db("flush-stale");
    Session session = db.database.session();
    const auto a = session.add(A{.weight = 1});
    session.commit();
    a->weight = 2;
    db.recorder->affect(0);
    CHECK_THROWS_AS(session.commit(), StaleDataError);
    CHECK(db.recorder->statements().back() == "ROLLBACK");
    session.commit();
    session.delete_(a);
    db.recorder->affect(0);
    CHECK_THROWS_AS(session.commit(), StaleDataError);
    session.commit();
    CHECK(session.status(a) == ObjectStatus::Detached);
}
