// SPDX-License-Identifier: MIT
#include "support/fixtures/music.hpp"

#include <mercator/dialect/recording.hpp>
#include <mercator/state/graph.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using fixtures::music::Artist;

namespace {

/// A class whose key is text, so that keys lie in the arena as well.
struct Tag {
    std::string text;
    int uses{};
};
void describe(Mapping<Tag>& tag) {
    tag.table("tags");
    tag.column<&Tag::text>(String(40)).primary_key();
    tag.column<&Tag::uses>();
}

/// Bytes of this process that lie in memory.
std::size_t resident() {
    std::size_t total = 0;
    std::size_t pages = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    REQUIRE(file != nullptr);
    REQUIRE(std::fscanf(file, "%zu %zu", &total, &pages) == 2);
    std::fclose(file);
    return pages * 4096;
}

} // namespace

TEST_CASE("UOW-03 a session that writes the same rows again and again stays as large as its "
          "objects") {
    const auto recorder = Recorder::named("memory-rewrites");
    Database database("ansi://memory-rewrites");
    Session session = database.session();
    std::vector<std::shared_ptr<Artist>> artists;
    std::vector<std::shared_ptr<Tag>> tags;
    for (int i = 0; i < 500; ++i) {
        artists.push_back(session.add(Artist{.name = "artist " + std::to_string(i)}));
        tags.push_back(session.add(Tag{.text = "tag " + std::to_string(i)}));
    }
    session.commit();
    const Graph& graph = *Graph::of(artists.front());
    const auto& arena = const_cast<Graph&>(graph).arena();
    const std::size_t at_first = arena.reserved();
    std::size_t most = 0;
    for (int round = 0; round < 200; ++round) {
        for (const auto& artist : artists) artist->country = "country " + std::to_string(round);
        for (const auto& tag : tags) tag->uses = round;
        if (round % 3 == 0) session.flush();
        round % 5 == 4 ? session.rollback() : session.commit();
        most = std::max(most, arena.reserved());
        recorder->clear();
    }
    CHECK(most < 6 * at_first);
    // Nothing was lost on the way.
    CHECK(artists.back()->name == "artist 499");
    CHECK(artists.back()->country == "country 198");
    CHECK(tags.back()->uses == 198);
    CHECK_FALSE(session.is_dirty());
    CHECK(session.history(artists.front(), &Artist::country).unchanged.size() == 1);
    tags.front()->text = "another key";
    CHECK(session.history(tags.front(), &Tag::text).deleted == std::vector<std::string>{"tag 0"});
    session.rollback();
    CHECK(tags.front()->text == "tag 0");
    recorder->reply({{Value("tag 7"), Value(198)}});
    CHECK(session.get<Tag>("tag 7") == tags[7]); // by the key, which was moved as well
}

TEST_CASE("UOW-03 what a session holds is given back when it and its handles end") {
    const auto recorder = Recorder::named("memory-end");
    Database database("ansi://memory-end");
    const auto fill = [&](std::size_t count) {
        Session session = database.session();
        std::shared_ptr<Artist> held; // else the commit would let go of all
        for (std::size_t i = 0; i < count; ++i)
            held =
                session.add(Artist{.name = std::string(60, 'a'), .country = std::string(60, 'b')});
        session.commit();
        recorder->clear();
        return resident();
    };
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    MESSAGE("SKIP: sanitizers keep memory of their own");
    return;
#endif
    static_cast<void>(fill(1000)); // what is kept for the next one
    const std::size_t before = resident();
    const std::size_t full = fill(100'000);
    const std::size_t after = resident();
    CHECK(full > before + 20'000'000);
    CHECK(after < before + (full - before) / 2);
    const double each = static_cast<double>(full - before) / 100'000;
    CAPTURE(each);
    CHECK(each <
          1500); // an object of 200 bytes with two long strings, its image, the recorder's copy
}

TEST_CASE("UOW-03 a handle keeps the objects, also those that it refers to; the last one lets go") {
    std::shared_ptr<Artist> kept;
    std::weak_ptr<Artist> gone;
    {
        Database database("ansi://memory-handles");
        Session session = database.session();
        kept = session.add(Artist{.name = "Miles"});
        gone = kept;
        session.commit();
    }
    CHECK(kept->name == "Miles");
    kept.reset();
    CHECK(gone.expired());
}

TEST_CASE(
    "UOW-33 a million rows go through one session, which stays small when no handle is held") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    MESSAGE("SKIP: sanitizers keep memory of their own");
    return;
#endif
    constexpr int rows = 1'000'000;
    Database database("sqlite:///:memory:");
    database.create_all<Tag>();
    Session session = database.session();
    session.connection().execute_script(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < " +
        std::to_string(rows) +
        ") INSERT INTO tags (text, uses) SELECT printf('tag %07d', n), n FROM numbers");
    session.commit();
    const std::size_t before = resident();
    constexpr std::size_t bound = 40'000'000; // all at once would be some 200 MB
    std::size_t most = 0;
    std::int64_t sum = 0;
    const auto look = [&] { most = std::max(most, resident()); };

    SUBCASE("page by page, each in a transaction") {
        std::string last;
        for (int page = 0; page < rows / 10'000; ++page) {
            for (const auto& tag : session.query<Tag>()
                                       .where(col(&Tag::text) > last)
                                       .order_by(col(&Tag::text))
                                       .limit(10'000)
                                       .all()) {
                sum += tag->uses;
                last = tag->text;
            }
            look();
            page % 2 == 0 ? session.commit() : session.rollback();
        }
    }
    SUBCASE("in chunks within one transaction") {
        int seen = 0;
        session.query<Tag>().yield_per(10'000).each([&](const std::shared_ptr<const Tag>& tag) {
            sum += tag->uses;
            if (++seen % 10'000 == 0) look();
        });
    }
    SUBCASE("written on the way") {
        for (int page = 0; page < 50; ++page) {
            for (const auto& tag : session.query<Tag>()
                                       .where(col(&Tag::uses) > page * 20'000)
                                       .order_by(col(&Tag::uses))
                                       .limit(20'000)
                                       .all()) {
                sum += tag->uses;
                if (tag->uses % 1000 == 0) tag->uses = -tag->uses;
            }
            look();
            session.commit();
        }
        CHECK(session.query<Tag>().where(col(&Tag::uses) < 0).count() == rows / 1000);
    }
    CHECK(sum == std::int64_t{rows} * (rows + 1) / 2);
    INFO("grew by " << (most - std::min(most, before)) / 1'000'000 << " MB");
    CHECK(most < before + bound);
}

TEST_CASE("UOW-33 what somebody holds is kept, with all that it refers to") {
    const auto recorder = Recorder::named("memory-held");
    Database database("ansi://memory-held");
    Session session = database.session();
    std::vector<Tag> many;
    for (int i = 0; i < 3000; ++i) many.push_back({"tag " + std::to_string(i), i});
    auto tags = session.add_all(std::move(many));
    const auto kept = tags[1234];
    tags.clear();
    session.commit();
    CHECK(kept->text == "tag 1234");
    CHECK(session.contains(kept));
    CHECK(Graph::of(kept)->size() == 3000);
    kept->uses = 5;
    session.commit();
    const auto sent = recorder->statements();
    CHECK(std::any_of(sent.begin(), sent.end(),
                      [](const std::string& text) { return text.rfind("UPDATE", 0) == 0; }));
}

TEST_CASE("UOW-33 whoever only looks at an object finds out that it was let go") {
    Database database("sqlite:///:memory:");
    database.create_all<Tag>();
    Session session = database.session();
    const auto query = session.query<Tag>(); // kept over it all
    int last = 0;
    const auto tags_to = [&](int number) {
        std::vector<Tag> many;
        for (; last < number; ++last) many.push_back({"tag " + std::to_string(last), last});
        return session.add_all(std::move(many)).back();
    };
    const std::weak_ptr<Tag> one_of_few = tags_to(10);
    session.commit();
    CHECK(one_of_few.lock() != nullptr);
    const std::weak_ptr<Tag> one_of_many = tags_to(3000);
    session.commit();
    CHECK(one_of_many.lock() == nullptr);
    CHECK(one_of_few.lock() == nullptr);
    CHECK(query.all().size() == 3000);
    session.commit();
    auto held = tags_to(6000);
    const std::weak_ptr<Tag> also_held = held;
    session.commit();
    CHECK(also_held.lock() == held);
    held.reset();
    session.commit();
    CHECK(also_held.expired());
    CHECK(query.count() == 6000);
}
