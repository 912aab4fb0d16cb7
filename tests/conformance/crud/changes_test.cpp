// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace mercator;
using namespace fixtures::music;
using fixtures::tree::Node;
using test::Backend;
using test::SqlLog;

namespace {

struct Library : Backend {
    Library() {
        database().create_all<Artist, Album, Song, Node>();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

std::vector<std::string> texts(const std::vector<FlushStep>& plan) {
    std::vector<std::string> list;
    for (const auto& step : plan) list.push_back(to_string(step));
    return list;
}

using Artists = std::vector<std::shared_ptr<Artist>>;
using Albums = std::vector<std::shared_ptr<Album>>;
using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("UOW-25 new, dirty and deleted objects are exactly those that a flush writes") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles", .country = "USA"});
    const auto nina = session.add(Artist{.name = "Nina"});
    const auto blue = session.add(Album{.title = "Kind of Blue"});
    CHECK(session.new_objects<Artist>() == Artists{miles, nina});
    CHECK(session.new_objects().size() == 3);
    CHECK(session.new_objects().back() == blue);
    CHECK(session.new_objects().back().class_name() == "Album");
    CHECK(session.new_objects().back().as<Artist>() == nullptr);
    CHECK(session.dirty().empty());
    CHECK(session.is_dirty());
    session.commit();
    CHECK(session.new_objects().empty());
    CHECK_FALSE(session.is_dirty());

    miles->country = "France";
    session.delete_(nina);
    CHECK(session.dirty<Artist>() == Artists{miles});
    CHECK(session.deleted<Artist>() == Artists{nina});
    CHECK(session.is_modified(miles));
    CHECK_FALSE(session.is_modified(blue));

    SUBCASE("a value that is back is no change") {
        miles->country = "USA";
        session.add(nina);
        CHECK(session.dirty().empty());
        CHECK(session.deleted().empty());
        CHECK_FALSE(session.is_dirty());
        library.log->clear();
        session.commit();
        CHECK(library.log->count() == 0);
    }
    SUBCASE("a parent counts, until it is the former one again") {
        miles->country = "USA";
        blue->artist = miles;
        CHECK(session.is_modified(blue));
        CHECK(session.dirty<Album>() == Albums{blue});
        session.flush();
        CHECK_FALSE(session.is_modified(blue));
        blue->artist = session.add(Artist{.name = "Ella"});
        CHECK(session.dirty<Album>() == Albums{blue});
        blue->artist = miles;
        CHECK(session.dirty<Album>().empty());
        blue->artist = nullptr;
        CHECK(session.dirty<Album>() == Albums{blue});
    }
    SUBCASE("a flush empties them, a rollback as well") {
        session.flush();
        CHECK(session.dirty().empty());
        CHECK(session.deleted().empty());
        miles->country = "Spain";
        session.rollback();
        CHECK(miles->country == "USA");
        CHECK(session.dirty().empty());
        CHECK(session.deleted().empty());
    }
}

TEST_CASE("UOW-25 a flush can be listed in advance, without sending or changing anything") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    const auto gone = session.add(Artist{.name = "gone"});
    const auto blue = session.add(Album{.title = "Kind of Blue"});
    const auto orphan = session.add(Album{.title = "to be let go"});
    orphan->artist = gone;
    session.commit();

    CHECK(session.flush_plan().empty());
    miles->country = "USA";
    const auto nina = session.add(Artist{.name = "Nina"});
    const auto debut = session.add(Album{.title = "Debut"});
    debut->artist = nina;
    blue->artist = nina;
    const auto one = session.add(Node{.name = "one"});
    const auto two = session.add(Node{.name = "two"});
    one->parent = two;
    two->parent = one;
    session.delete_(gone);
    library.log->clear();
    const Texts expected{
        "insert 1 Artist (name, country)", "insert 1 Album (title, year, artist_id)",
        "insert 1 Node (name, parent_id)", "insert 1 Node (name, parent_id)",
        "update 1 Artist (country)",       "update 2 Album (artist_id)",
        "update 1 Node (parent_id)",       "delete 1 Artist"};
    CHECK(texts(session.flush_plan()) == expected);
    CHECK(texts(session.flush_plan()) == expected); // nothing has changed by asking
    CHECK(library.log->count("INSERT") + library.log->count("UPDATE") +
              library.log->count("DELETE") ==
          0);
    CHECK(gone->albums.size() == 1);
    CHECK(orphan->artist.handle() == gone);
    CHECK(session.status(debut) == ObjectStatus::Pending);
    CHECK(debut->artist_id == std::nullopt);
    const auto plan = session.flush_plan();
    CHECK(plan.front().objects.front() == nina);

    library.log->clear();
    session.commit();
    CHECK(library.log->rows("INSERT") == 4);
    CHECK(library.log->rows("UPDATE") == 4);
    CHECK(library.log->rows("DELETE") == 1);
    CHECK(orphan->artist_id == std::nullopt);
    Session other = library->session();
    CHECK(other.get<Album>(debut->id)->artist->name == "Nina");
}

TEST_CASE("UOW-25 the plan says row for row what the flush then sends, whatever was done") {
    Library library;
    for (unsigned seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Session session = library->session();
        Artists artists;
        Albums albums;
        for (int round = 0; round < 12; ++round) {
            for (int step = 0; step < 10; ++step) {
                const auto name =
                    std::to_string(seed) + "/" + std::to_string(round) + "/" + std::to_string(step);
                switch (random() % 6) {
                case 0:
                    artists.push_back(session.add(Artist{.name = name}));
                    break;
                case 1:
                    albums.push_back(session.add(Album{.title = name}));
                    break;
                case 2:
                    if (!albums.empty() && !artists.empty())
                        albums[random() % albums.size()]->artist =
                            artists[random() % artists.size()];
                    break;
                case 3:
                    if (!albums.empty()) albums[random() % albums.size()]->artist = nullptr;
                    break;
                case 4:
                    if (!artists.empty()) artists[random() % artists.size()]->country = "x";
                    break;
                default:
                    if (artists.empty()) break;
                    const auto at =
                        artists.begin() + static_cast<std::ptrdiff_t>(random() % artists.size());
                    for (const auto& album : albums) {
                        if (album->artist == *at) album->artist = nullptr;
                    }
                    session.delete_(*at);
                    artists.erase(at);
                }
            }
            std::map<FlushStep::Action, std::size_t> rows;
            for (const auto& step : session.flush_plan()) rows[step.action] += step.objects.size();
            CHECK(session.new_objects().size() == rows[FlushStep::Action::Insert]);
            library.log->clear();
            session.flush();
            REQUIRE(library.log->rows("INSERT") == rows[FlushStep::Action::Insert]);
            REQUIRE(library.log->rows("UPDATE") == rows[FlushStep::Action::Update]);
            REQUIRE(library.log->rows("DELETE") == rows[FlushStep::Action::Delete]);
            REQUIRE(session.flush_plan().empty());
            if (round % 3 == 2) session.commit();
        }
        session.rollback();
        session.query<Album>().delete_();
        session.query<Artist>().delete_();
        session.commit();
    }
}

TEST_CASE("UOW-25 a plan is refused for the reason for which the flush would be, and leaves all as "
          "it was") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    const auto album = session.add(Album{.title = "Kind of Blue"});
    album->artist = artist;
    session.commit();
    const auto song = session.add(Song{.title = "without an album"});
    session.delete_(artist);
    CHECK_THROWS_AS(static_cast<void>(session.flush_plan()), NotNullViolation);
    CHECK_THROWS_AS(session.flush(), NotNullViolation);
    CHECK(session.status(song) == ObjectStatus::Pending);
    CHECK(session.status(artist) == ObjectStatus::Deleted);
    CHECK(album->artist.handle() == artist); // not let go, as nothing was deleted
    CHECK(artist->albums.size() == 1);
    session.add(artist);
    song->album = album;
    session.commit();
    CHECK(library->session().get<Album>(album->id)->artist->name == "Miles");
}

TEST_CASE("UOW-24 the history of a value: what it was, what it is") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles", .country = "USA"});
    CHECK(session.history(miles, &Artist::name) == History<std::string>{{"Miles"}, {}, {}});
    session.commit();
    CHECK(session.history(miles, &Artist::name) == History<std::string>{{}, {"Miles"}, {}});
    CHECK_FALSE(session.history(miles, &Artist::name).has_changes());

    using Country = std::optional<std::string>;
    miles->country = "France";
    CHECK(session.history(miles, &Artist::country) ==
          History<Country>{{Country("France")}, {}, {Country("USA")}});
    miles->country.reset();
    CHECK(session.history(miles, &Artist::country) ==
          History<Country>{{std::nullopt}, {}, {Country("USA")}});
    CHECK(session.history(miles, &Artist::name).unchanged.size() == 1);
    session.flush();
    CHECK(session.history(miles, &Artist::country) == History<Country>{{}, {std::nullopt}, {}});
    session.rollback();
    CHECK(session.history(miles, &Artist::country) == History<Country>{{}, {Country("USA")}, {}});

    const auto song = session.add(Song{.title = "So What", .price = Decimal("0.99")});
    song->album = session.add(Album{.title = "Kind of Blue"});
    session.commit();
    song->price = Decimal("0.990");
    CHECK_FALSE(session.history(song, &Song::price).has_changes()); // equal as a number
    song->price = Decimal("1.29");
    CHECK(session.history(song, &Song::price).deleted == std::vector<Decimal>{Decimal("0.99")});
}

TEST_CASE("UOW-24 the history of a relationship: who came, stayed and went, from either side") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    const auto nina = session.add(Artist{.name = "Nina"});
    const auto blue = session.add(Album{.title = "Kind of Blue"});
    const auto brew = session.add(Album{.title = "Bitches Brew"});
    const auto debut = session.add(Album{.title = "Debut"});
    blue->artist = miles;
    brew->artist = miles;
    CHECK(session.history(miles, &Artist::albums).added == Albums{blue, brew});
    CHECK(session.history(blue, &Album::artist) ==
          History<std::shared_ptr<Artist>>{{miles}, {}, {}});
    session.commit();

    SUBCASE("known to the session") {}
    SUBCASE("read for it") {
        session.rollback(); // relationships are forgotten and load again
    }
    CHECK(session.history(miles, &Artist::albums) ==
          History<std::shared_ptr<Album>>{{}, {blue, brew}, {}});
    CHECK(session.history(nina, &Artist::albums) == History<std::shared_ptr<Album>>{});
    CHECK(session.history(debut, &Album::artist) == History<std::shared_ptr<Artist>>{});

    blue->artist = nina;
    debut->artist = miles;
    const auto fresh = session.add(Album{.title = "fresh"});
    miles->albums.add(fresh);
    CHECK(session.history(miles, &Artist::albums) ==
          History<std::shared_ptr<Album>>{{debut, fresh}, {brew}, {blue}});
    CHECK(session.history(nina, &Artist::albums) ==
          History<std::shared_ptr<Album>>{{blue}, {}, {}});
    CHECK(session.history(blue, &Album::artist) ==
          History<std::shared_ptr<Artist>>{{nina}, {}, {miles}});
    brew->artist = nullptr;
    CHECK(session.history(brew, &Album::artist) ==
          History<std::shared_ptr<Artist>>{{}, {}, {miles}});
    session.flush();
    CHECK_FALSE(session.history(miles, &Artist::albums).has_changes());
    CHECK(session.history(blue, &Album::artist) ==
          History<std::shared_ptr<Artist>>{{}, {nina}, {}});
}
