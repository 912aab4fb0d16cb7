// SPDX-License-Identifier: MIT
// Collections whose order is kept in a column of their members.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct Song;
struct Step;

struct Playlist {
    std::int64_t id{};
    std::string name;
    Many<Song> songs;
};
struct Song {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> playlist_id;
    int place{};
    One<Playlist> playlist;
};
/// The steps have one place each, which the database watches over, and no member for the recipe.
struct Recipe {
    std::int64_t id{};
    std::string name;
    Many<Step> steps;
};
struct Step {
    std::int64_t id{};
    std::string name;
    std::int64_t recipe_id{};
    std::int16_t place{};
};
/// The same with places that can be empty, and with orphans that go.
struct Slide;
struct Talk {
    std::int64_t id{};
    Many<Slide> slides;
};
struct Slide {
    std::int64_t id{};
    std::string name;
    std::int64_t talk_id{};
    std::optional<std::uint32_t> place;
    One<Talk> talk;
};
/// Places that cannot be negative.
struct Stop;
struct Route {
    std::int64_t id{};
    Many<Stop> stops;
};
struct Stop {
    std::int64_t id{};
    std::string name;
    std::int64_t route_id{};
    std::uint8_t place{};
    One<Route> route;
};

void describe(Mapping<Playlist>& playlist) {
    playlist.table("ordering_playlists");
    playlist.column<&Playlist::id>().primary_key();
    playlist.column<&Playlist::name>(String(40));
    playlist.relationship<&Playlist::songs>()
        .ordering_list<&Song::place>()
        .backref<&Song::playlist>();
}
void describe(Mapping<Song>& song) {
    song.table("ordering_songs");
    song.column<&Song::id>().primary_key();
    song.column<&Song::name>(String(40));
    song.column<&Song::playlist_id>().references<&Playlist::id>();
    song.column<&Song::place>();
}
void describe(Mapping<Recipe>& recipe) {
    recipe.table("ordering_recipes");
    recipe.column<&Recipe::id>().primary_key();
    recipe.column<&Recipe::name>(String(40));
    recipe.relationship<&Recipe::steps>().ordering_list<&Step::place>().cascade(
        Cascade::all | Cascade::delete_orphan);
}
void describe(Mapping<Step>& step) {
    step.table("ordering_steps");
    step.column<&Step::id>().primary_key();
    step.column<&Step::name>(String(40));
    step.column<&Step::recipe_id>().references<&Recipe::id>();
    step.column<&Step::place>();
    step.unique<&Step::recipe_id, &Step::place>();
}
void describe(Mapping<Talk>& talk) {
    talk.table("ordering_talks");
    talk.column<&Talk::id>().primary_key();
    talk.relationship<&Talk::slides>()
        .ordering_list<&Slide::place>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Slide::talk>();
}
void describe(Mapping<Slide>& slide) {
    slide.table("ordering_slides");
    slide.column<&Slide::id>().primary_key();
    slide.column<&Slide::name>(String(40));
    slide.column<&Slide::talk_id>().references<&Talk::id>();
    slide.column<&Slide::place>();
    slide.unique<&Slide::talk_id, &Slide::place>();
}
void describe(Mapping<Route>& route) {
    route.table("ordering_routes");
    route.column<&Route::id>().primary_key();
    route.relationship<&Route::stops>().ordering_list<&Stop::place>().backref<&Stop::route>();
}
void describe(Mapping<Stop>& stop) {
    stop.table("ordering_stops");
    stop.column<&Stop::id>().primary_key();
    stop.column<&Stop::name>(String(40));
    stop.column<&Stop::route_id>().references<&Route::id>();
    stop.column<&Stop::place>();
    stop.unique<&Stop::route_id, &Stop::place>();
}

template <class Owner, class Member>
Database& make_tables(Backend& backend) {
    backend->create_all<Owner, Member>();
    return *backend;
}

template <class T>
std::string names(const Many<T>& list) {
    std::string text;
    for (const auto& member : list) text += member->name;
    return text;
}

/// What the database has, as "a0 b1 c2".
template <auto Owner, auto Place, class T>
std::string rows(Database& db, std::int64_t owner) {
    Session session = db.session();
    std::string text;
    for (const auto& row :
         session.query<T>().where(col(Owner) == owner).order_by(col(Place)).all()) {
        if (!text.empty()) text += ' ';
        text += row->name;
        if constexpr (requires { (*row).*Place ? *((*row).*Place) : 0; }) {
            text += (*row).*Place ? std::to_string(*((*row).*Place)) : "-";
        } else {
            text += std::to_string((*row).*Place);
        }
    }
    return text;
}
std::string songs(Database& db, std::int64_t owner) {
    return rows<&Song::playlist_id, &Song::place, Song>(db, owner);
}
std::string steps(Database& db, std::int64_t owner) {
    return rows<&Step::recipe_id, &Step::place, Step>(db, owner);
}
std::string slides(Database& db, std::int64_t owner) {
    return rows<&Slide::talk_id, &Slide::place, Slide>(db, owner);
}
std::string stops(Database& db, std::int64_t owner) {
    return rows<&Stop::route_id, &Stop::place, Stop>(db, owner);
}

/// One owner per list of names, committed.
template <class Owner, auto List, class T>
std::vector<std::int64_t> stored(Database& db, const std::vector<std::string>& lists) {
    Session session = db.session();
    std::vector<std::shared_ptr<Owner>> owners;
    for (const auto& list : lists) {
        owners.push_back(session.add(Owner{}));
        for (const char name : list) {
            T member;
            member.name = std::string(1, name);
            ((*owners.back()).*List).add(session.add(std::move(member)));
        }
        session.flush();
    }
    session.commit();
    std::vector<std::int64_t> ids;
    for (const auto& owner : owners) ids.push_back(owner->id);
    return ids;
}
constexpr auto stored_songs = stored<Playlist, &Playlist::songs, Song>;
constexpr auto stored_steps = stored<Recipe, &Recipe::steps, Step>;
constexpr auto stored_slides = stored<Talk, &Talk::slides, Slide>;
constexpr auto stored_stops = stored<Route, &Route::stops, Stop>;

template <class T>
std::shared_ptr<T> named(Session& session, std::string name) {
    T member;
    member.name = std::move(name);
    return session.add(std::move(member));
}

} // namespace

TEST_CASE("REL-33 members are numbered as they stand in a new list") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    Session session = db.session();
    Playlist given;
    given.songs.add(named<Song>(session, "a"));
    given.songs.add(named<Song>(session, "c"));
    given.songs.insert(1, named<Song>(session, "b"));
    given.songs.move(2, 0);
    auto list = session.add(std::move(given));
    auto d = session.add(Song{.name = "d", .playlist = list});
    list->songs.insert(0, named<Song>(session, "e"));
    CHECK(names(list->songs) == "ecabd");
    session.commit();
    CHECK(d->place == 4);
    CHECK(songs(db, list->id) == "e0 c1 a2 b3 d4");
}

TEST_CASE("REL-33 an insert in the middle updates only the rows behind it") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"abcdef"}).front();
    SqlLog log(db.engine());
    Session session = db.session();
    auto list = session.get<Playlist>(id);
    list->songs.insert(3, named<Song>(session, "x")); // loads the list, and flushes nothing
    CHECK(names(list->songs) == "abcxdef");
    CHECK(log.count("INSERT") == 0);
    log.clear();
    session.flush();
    CAPTURE(log.dump());
    CHECK(log.rows("INSERT") == 1);
    CHECK(log.rows("UPDATE") == 3);
    CHECK(log.count("SELECT") == 0);
    session.commit();
    CHECK(songs(db, id) == "a0 b1 c2 x3 d4 e5 f6");

    log.clear();
    list->songs.add(named<Song>(session, "y")); // nothing is behind it
    session.flush();
    CHECK(log.rows("INSERT") == 1);
    CHECK(log.rows("UPDATE") == 0);

    log.clear();
    list->songs.move(6, 4); // between both places
    CHECK(names(list->songs) == "abcxfdey");
    session.flush();
    CHECK(log.rows("UPDATE") == 3);
    log.clear();
    list->songs.move(0, 1);
    list->songs.move(0, 1);
    session.flush(); // all is as it was
    CHECK(log.count() == 0);
    session.commit();
    CHECK(songs(db, id) == "a0 b1 c2 x3 f4 d5 e6 y7");
    Session fresh = db.session();
    CHECK(names(fresh.get<Playlist>(id)->songs) == "abcxfdey");
}

TEST_CASE("REL-33 what is taken out or deleted leaves no gap") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"abcdef"}).front();
    SqlLog log(db.engine());
    Session session = db.session();
    auto list = session.get<Playlist>(id);
    list->songs.remove(list->songs[3]);
    log.clear();
    session.flush();
    CHECK(log.rows("UPDATE") == 3); // d, e, f
    session.delete_(list->songs[0]);
    log.clear();
    session.flush();
    CAPTURE(log.dump());
    CHECK(log.rows("UPDATE") == 4);
    list->songs[2]->playlist = nullptr; // the deleted one stands there until the commit
    session.commit();
    CHECK(songs(db, id) == "b0 e1 f2");
    CHECK(names(list->songs) == "bef");
}

TEST_CASE("REL-33 a member that moves to another list renumbers both") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto ids = stored_songs(db, {"abc", "xyz"});
    Session session = db.session();
    auto first = session.get<Playlist>(ids[0]);
    auto second = session.get<Playlist>(ids[1]);
    second->songs.insert(1, first->songs[0]);
    CHECK(names(first->songs) == "bc");
    CHECK(names(second->songs) == "xayz");
    session.commit();
    CHECK(songs(db, ids[0]) == "b0 c1");
    CHECK(songs(db, ids[1]) == "x0 a1 y2 z3");
    second->songs[0]->playlist = first; // told by the other side: at the end
    session.commit();
    CHECK(songs(db, ids[0]) == "b0 c1 x2");
    CHECK(songs(db, ids[1]) == "a0 y1 z2");
}

TEST_CASE("REL-33 what is added to a list that is not loaded comes last") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"abc"}).front();
    SqlLog log(db.engine());
    Session session = db.session();
    auto list = session.get<Playlist>(id);
    auto d = named<Song>(session, "d");
    log.clear();
    list->songs.add(d);
    session.add(Song{.name = "e", .playlist = list});
    CHECK(log.count() == 0);
    session.flush();
    CAPTURE(log.dump());
    CHECK(log.count("SELECT") == 1);
    CHECK(log.rows("UPDATE") == 0);
    CHECK(d->place == 3);
    session.commit();
    CHECK(songs(db, id) == "a0 b1 c2 d3 e4");
}

TEST_CASE("REL-33 assigning a collection gives its order") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"abc"}).front();
    Session session = db.session();
    auto list = session.get<Playlist>(id);
    list->songs = Many<Song>{list->songs[2], named<Song>(session, "x"), list->songs[0]};
    CHECK(names(list->songs) == "cxa");
    session.commit();
    CHECK(songs(db, id) == "c0 x1 a2");
}

TEST_CASE("REL-33 places that are unique are handed over") {
    Backend backend;
    Database& db = make_tables<Recipe, Step>(backend);
    const auto ids = stored_steps(db, {"abcd", "wxyz"});
    Session session = db.session();
    auto first = session.get<Recipe>(ids[0]);
    auto second = session.get<Recipe>(ids[1]);
    first->steps.insert(1, named<Step>(session, "n"));
    session.flush();
    first->steps.move(4, 0); // round in a circle
    session.flush();
    CHECK(steps(db, ids[0]) == "a0 b1 c2 d3"); // until it is committed
    session.commit();
    CHECK(steps(db, ids[0]) == "d0 a1 n2 b3 c4");
    std::swap(first, second);
    first->steps.insert(0, second->steps[1]); // from the one into the other
    session.commit();
    CHECK(steps(db, ids[0]) == "d0 n1 b2 c3");
    CHECK(steps(db, ids[1]) == "a0 w1 x2 y3 z4");
    first->steps.remove(first->steps[1]); // an orphan
    first->steps.move(0, 3);
    first->steps.insert(0, named<Step>(session, "m"));
    session.delete_(second->steps[0]);
    second->steps.move(1, 3);
    session.commit();
    CHECK(steps(db, ids[0]) == "b0 c1 n2");
    CHECK(steps(db, ids[1]) == "m0 x1 y2 z3 a4");
    CHECK(names(first->steps) == "mxyza");
}

TEST_CASE("REL-33 unique places that can be empty, or cannot be negative") {
    Backend backend;
    {
        Database& db = make_tables<Talk, Slide>(backend);
        const auto id = stored_slides(db, {"abcd"}).front();
        Session session = db.session();
        auto talk = session.get<Talk>(id);
        talk->slides.move(0, 3);
        talk->slides.insert(2, named<Slide>(session, "x"));
        session.delete_(talk->slides[0]);
        session.commit();
        CHECK(slides(db, id) == "c0 x1 d2 a3");
        CHECK(names(talk->slides) == "cxda");
    }
    Database& db = make_tables<Route, Stop>(backend);
    const auto id = stored_stops(db, {"abcd"}).front();
    Session session = db.session();
    auto route = session.get<Route>(id);
    route->stops.move(3, 1);
    route->stops.insert(0, named<Stop>(session, "x"));
    session.commit();
    CHECK(stops(db, id) == "x0 a1 d2 b3 c4");
}

TEST_CASE("REL-33 rollbacks and savepoints bring the order back") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"abcd"}).front();
    Session session = db.session();
    auto list = session.get<Playlist>(id);
    list->songs.move(0, 3);
    session.flush();
    {
        auto savepoint = session.begin_nested();
        list->songs.move(0, 2);
        list->songs.insert(0, named<Song>(session, "x"));
        session.flush();
        CHECK(names(list->songs) == "xcdba");
        list->songs.move(0, 1);
        savepoint.rollback();
    }
    CHECK(names(list->songs) == "bcda");
    CHECK_FALSE(session.is_dirty());
    session.rollback();
    CHECK(names(list->songs) == "abcd");
    list->songs.move(1, 0); // not flushed
    session.rollback();
    CHECK(names(list->songs) == "abcd");
    list->songs.move(1, 2);
    session.commit();
    CHECK(songs(db, id) == "a0 c1 b2 d3");
}

TEST_CASE("REL-33 a flush that fails loses no order") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"abcd"}).front();
    Session session = db.session();
    auto list = session.get<Playlist>(id);
    list->songs.move(0, 3);
    session.flush();
    list->songs.insert(1, named<Song>(session, "x"));
    auto wrong = session.add(Song{.name = "w", .playlist_id = id + 1000});
    CHECK_THROWS_AS(session.flush(), DatabaseError);
    CHECK(names(list->songs) == "bxcda");
    wrong->playlist_id.reset();
    auto last = list->songs.back();
    session.delete_(last);
    list->songs.move(0, 1);
    session.add(last); // it is not to be deleted after all
    session.commit();
    CHECK(songs(db, id) == "x0 b1 c2 d3 a4");
}

TEST_CASE("REL-33 queries, questions and plans know of places that are not written yet") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"abc"}).front();
    Session session = db.session();
    auto list = session.get<Playlist>(id);
    const auto b = list->songs[1];
    CHECK_FALSE(session.is_dirty());
    list->songs.move(1, 0);
    CHECK(session.is_dirty());
    CHECK(session.is_modified(b));
    CHECK(session.query<Song>().where(col(&Song::place) == 0).one()->name == "b"); // flushes
    list->songs.move(2, 0);
    const auto before = b->place;
    const auto plan = session.flush_plan();
    REQUIRE(plan.size() == 1);
    CHECK(plan.front().objects.size() == 3);
    CHECK(b->place == before);
    session.commit();
    CHECK(songs(db, id) == "c0 b1 a2");
}

TEST_CASE("REL-33 places that there are not are out of range, and nothing happens") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"ab"}).front();
    Session session = db.session();
    auto list = session.get<Playlist>(id);
    auto c = named<Song>(session, "c");
    CHECK_THROWS_AS(list->songs.insert(3, c), std::out_of_range);
    CHECK_THROWS_AS(list->songs.move(0, 2), std::out_of_range);
    CHECK_THROWS_AS(list->songs.move(2, 0), std::out_of_range);
    CHECK(names(list->songs) == "ab");
    list->songs.insert(2, c);
    list->songs.insert(0, c); // it is there already
    CHECK(names(list->songs) == "cab");
    session.commit();
    CHECK(songs(db, id) == "c0 a1 b2");
}

TEST_CASE("REL-33 a list that was read with members left out takes no places") {
    Backend backend;
    Database& db = make_tables<Playlist, Song>(backend);
    const auto id = stored_songs(db, {"abcd"}).front();
    Session session = db.session();
    auto list = session.query<Playlist>()
                    .where(col(&Playlist::id) == id)
                    .options(selectin<&Playlist::songs>().where(col(&Song::name) != "b"))
                    .one();
    CHECK(names(list->songs) == "acd");
    CHECK_THROWS_AS(list->songs.move(0, 1), StateError);
    CHECK_THROWS_AS(list->songs.insert(1, named<Song>(session, "x")), StateError);
    list->songs.remove(list->songs[1]);
    list->songs.add(named<Song>(session, "y"));
    session.commit();
    CHECK(songs(db, id) == "a0 b1 d2 y3");
}

TEST_CASE("REL-33 random changes of lists with unique places end as the lists stand") {
    Backend backend;
    Database& db = make_tables<Recipe, Step>(backend);
    const auto ids = stored_steps(db, {"abcde", "vwxyz"});
    std::mt19937 random(33);
    const auto below = [&](std::size_t end) { return std::size_t{random()} % end; };
    const auto numbered = [](const std::string& list) {
        std::string text;
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (i > 0) text += ' ';
            text += list[i] + std::to_string(i);
        }
        return text;
    };
    std::string committed[] = {"abcde", "vwxyz"};
    std::size_t made = 0;
    for (int round = 0; round < 25; ++round) {
        CAPTURE(round);
        Session session = db.session();
        std::shared_ptr<Recipe> recipes[] = {session.get<Recipe>(ids[0]),
                                             session.get<Recipe>(ids[1])};
        std::string lists[] = {committed[0], committed[1]};
        for (std::size_t step = 1 + below(6); step > 0; --step) {
            const std::size_t one = below(2);
            auto& list = lists[one];
            auto& members = recipes[one]->steps;
            members.load();
            switch (below(5)) {
            case 0: {
                const std::string name(1, static_cast<char>('A' + made++ % 26));
                const std::size_t place = below(list.size() + 1);
                members.insert(place, named<Step>(session, name));
                list.insert(place, name);
                break;
            }
            case 1:
            case 2: {
                if (list.size() < 2) break;
                const std::size_t from = below(list.size());
                const std::size_t to = below(list.size());
                members.move(from, to);
                const char name = list[from];
                list.erase(from, 1);
                list.insert(to, 1, name);
                break;
            }
            case 3: {
                if (list.size() < 2) break;
                const std::size_t place = below(list.size());
                members.remove(members[place]);
                list.erase(place, 1);
                break;
            }
            default: {
                if (list.size() < 2) break;
                auto& other = lists[1 - one];
                const std::size_t place = below(list.size());
                const std::size_t to = below(other.size() + 1);
                recipes[1 - one]->steps.load();
                recipes[1 - one]->steps.insert(to, members[place]);
                other.insert(to, 1, list[place]);
                list.erase(place, 1);
            }
            }
            CHECK(names(recipes[0]->steps) == lists[0]);
            CHECK(names(recipes[1]->steps) == lists[1]);
            if (below(3) == 0) session.flush();
        }
        if (below(4) == 0) {
            session.rollback();
        } else {
            session.commit();
            committed[0] = lists[0];
            committed[1] = lists[1];
        }
        CHECK(names(recipes[0]->steps) == committed[0]);
        CHECK(names(recipes[1]->steps) == committed[1]);
        CHECK(steps(db, ids[0]) == numbered(committed[0]));
        CHECK(steps(db, ids[1]) == numbered(committed[1]));
    }
}
