// SPDX-License-Identifier: MIT
// Relationships of one result that are asked for together: in one round trip where the backend can,
// one after the other elsewhere, with the same objects, statements and errors.
#include "support/backend.hpp"
#include "support/fault_proxy.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using test::FaultProxy;
using test::SqlLog;

namespace {

struct Song;
struct Concert;
struct Label;

struct Band {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> label_id;
    std::optional<std::int64_t> rival_id;
    Many<Song> songs;
    Many<Song> longest;
    Many<Concert> concerts;
    One<Label> label;
    One<Band> rival;
};

struct Label {
    std::int64_t id{};
    std::string name;
};

struct Song {
    std::int64_t id{};
    int minutes{};
    std::optional<std::int64_t> band_id;
    std::optional<std::int64_t> label_id;
    One<Band> band;
    One<Label> label;
};

struct Concert {
    std::int64_t id{};
    std::string town;
    std::optional<std::int64_t> band_id;
};

void describe(Mapping<Label>& label) {
    label.table("record_labels");
    label.column<&Label::id>().primary_key();
    label.column<&Label::name>(String(20));
}

void describe(Mapping<Band>& band) {
    band.table("bands");
    band.column<&Band::id>().primary_key();
    band.column<&Band::name>(String(20));
    band.column<&Band::label_id>().references<&Label::id>();
    band.column<&Band::rival_id>().references<&Band::id>();
    band.relationship<&Band::songs>().back_populates<&Song::band>();
    band.relationship<&Band::longest>()
        .viewonly()
        .order_by([](auto song) { return song(&Song::minutes).desc(); })
        .limit(1);
    band.relationship<&Band::concerts>();
    band.relationship<&Band::label>();
    band.relationship<&Band::rival>();
}

void describe(Mapping<Song>& song) {
    song.table("songs");
    song.column<&Song::id>().primary_key();
    song.column<&Song::minutes>();
    song.column<&Song::band_id>().references<&Band::id>();
    song.column<&Song::label_id>().references<&Label::id>();
    song.relationship<&Song::band>().back_populates<&Band::songs>();
    song.relationship<&Song::label>();
}

void describe(Mapping<Concert>& concert) {
    concert.table("concerts");
    concert.column<&Concert::id>().primary_key();
    concert.column<&Concert::town>(String(20));
    concert.column<&Concert::band_id>().references<&Band::id>();
}

/// Band i has i songs of 1 to i minutes, i % 2 concerts, label i % 3, if any, and the first band as
/// its rival.
struct Festival : test::Backend {
    explicit Festival(int bands = 6) {
        database().create_all<Label, Band, Song, Concert>();
        auto session = database().session();
        std::vector<std::shared_ptr<Label>> labels{nullptr};
        for (const char* name : {"Blue", "Green"})
            labels.push_back(session.add(Label{.name = name}));
        std::shared_ptr<Band> first;
        for (int i = 1; i <= bands; ++i) {
            const auto band = session.add(Band{.name = "band " + std::to_string(i)});
            band->label = labels[static_cast<std::size_t>(i % 3)];
            for (int minutes = 1; minutes <= i; ++minutes)
                band->songs.add(session.add(Song{.minutes = minutes, .label = labels[1]}));
            if (i % 2 == 1) band->concerts.add(session.add(Concert{.town = "Oslo"}));
            if (first != nullptr) band->rival = first;
            if (first == nullptr) first = band;
            session.flush();
        }
        session.commit();
    }
};

using Bands = std::vector<std::shared_ptr<Band>>;

template <class... Options>
Bands bands_of(Session& session, const Options&... options) {
    return session.query<Band>().options(options...).order_by(col(&Band::id)).all();
}

void check_all(const Bands& bands) {
    for (std::size_t i = 0; i < bands.size(); ++i) {
        const Band& band = *bands[i];
        CHECK(band.songs.size() == i + 1);
        for (const auto& song : band.songs) CHECK(song->band.get() == &band);
        REQUIRE(band.longest.size() == 1);
        CHECK(band.longest[0]->minutes == static_cast<int>(i + 1));
        CHECK(band.concerts.size() == (i + 1) % 2);
        CHECK((band.label.get() == nullptr) == ((i + 1) % 3 == 0));
    }
}

/// The database by way of a wire that counts, with the connection made and the first statement
/// prepared.
struct Counted {
    explicit Counted(Festival& festival) :
        proxy(Url::parse(festival.uri())),
        database(proxy.url().to_string(true)) {}
    template <class Action>
    int trips(const Action& action) {
        const int before = proxy.round_trips();
        action();
        return proxy.round_trips() - before;
    }
    FaultProxy proxy;
    Database database;
};

bool has_wire(Festival& festival) {
    return !Url::parse(festival.uri()).hosts.empty();
}

} // namespace

TEST_CASE("LOAD-05 several relationships of one query are the same objects, asked for together") {
    Festival festival;
    SqlLog log(festival->engine());
    Session session = festival->session();
    const Bands bands = bands_of(session, selectin<&Band::songs>(), selectin<&Band::longest>(),
                                 selectin<&Band::concerts>(), selectin<&Band::label>());
    CHECK(bands.size() == 6);
    const std::size_t ranked = festival.can().window_functions ? 1 : 6;
    CHECK(log.count() == 4 + ranked);
    check_all(bands);
    CHECK(log.count() == 4 + ranked);
}

TEST_CASE("LOAD-05 relationships of one query take one round trip where there are pipelines") {
    Festival festival;
    if (!has_wire(festival)) return test::skip("this database has no wire");
    Counted counted(festival);
    Session session = counted.database.session();
    const int query = counted.trips([&] { static_cast<void>(bands_of(session)); });
    session.clear();
    const int again = counted.trips([&] { static_cast<void>(bands_of(session)); });
    CHECK(again <= query);
    session.clear();
    Bands bands;
    const auto load = [&] {
        bands = bands_of(session, selectin<&Band::songs>(), selectin<&Band::longest>(),
                         selectin<&Band::concerts>(), selectin<&Band::label>());
    };
    const int trips = counted.trips(load) - again;
    CHECK((trips == 1) == festival.can().pipeline);
    if (!festival.can().pipeline) CHECK(trips >= 4);
    CHECK(counted.trips([&] { check_all(bands); }) == 0);
}

TEST_CASE("LOAD-05 LOAD-02 chunks of one relationship go out sixteen at a time") {
    Festival festival(40);
    if (!has_wire(festival)) return test::skip("this database has no wire");
    Counted counted(festival);
    auto options = counted.database.session_options();
    options.loading.batch_size = 1;
    SqlLog log(counted.database.engine());
    for (const bool touched : {false, true}) {
        Session session = counted.database.session(options);
        Bands bands = bands_of(session);
        log.clear();
        const int trips = counted.trips([&] {
            if (touched) {
                static_cast<void>(bands.front()->songs.size());
            } else {
                session.clear();
                bands = bands_of(session, selectin<&Band::songs>());
            }
        });
        CHECK(log.count() == (touched ? 40U : 41U));
        const int besides = touched ? 0 : 1;
        CHECK((trips == 3 + besides) == festival.can().pipeline);
        for (std::size_t i = 0; i < bands.size(); ++i) CHECK(bands[i]->songs.size() == i + 1);
        CHECK(log.count() == (touched ? 40U : 41U));
    }
}

TEST_CASE("LOAD-05 a relationship that memory may answer waits for the one that fills it") {
    Festival festival;
    SqlLog log(festival->engine());
    // All labels come with the songs' one or with the bands', whatever is sent together.
    Session session = festival->session();
    const Bands bands =
        bands_of(session, selectin<&Band::songs>().then(selectin<&Song::label>()),
                 selectin<&Band::label>(), selectin<&Band::rival>(), selectin<&Band::concerts>());
    // Bands, songs, the songs' label, the other label, concerts; every rival is there already.
    CHECK(log.count() == 5);
    for (const auto& band : bands) {
        for (const auto& song : band->songs) CHECK(song->label->name == "Blue");
        CHECK((band->rival.get() == nullptr) == (band == bands.front()));
    }
    CHECK(log.count() == 5);
}

TEST_CASE("LOAD-14 the level below comes after the relationships that were asked for together") {
    Festival festival;
    SqlLog log(festival->engine());
    Session session = festival->session();
    const Bands bands = bands_of(session, selectin<&Band::songs>().then(selectin<&Song::label>()),
                                 selectin<&Band::concerts>());
    CHECK(log.count() == 4);
    const auto texts = log.texts();
    REQUIRE(texts.size() == 4);
    const std::size_t concerts = festival.can().pipeline ? 2 : 3;
    CHECK(texts[concerts].find("concerts") != std::string::npos);
    CHECK(bands[0]->songs[0]->label->name == "Blue");
    CHECK(log.count() == 4);
}

TEST_CASE("LOAD-05 a single owner: what it refers to is found by key, with what it has") {
    Festival festival;
    SqlLog log(festival->engine());
    Session session = festival->session();
    const auto load = [&] {
        return session.query<Band>()
            .where(col(&Band::name) == "band 4")
            .options(selectin<&Band::songs>(), selectin<&Band::concerts>(),
                     selectin<&Band::label>())
            .one();
    };
    const auto band = load();
    CHECK(log.count() == 4);
    CHECK(band->songs.size() == 4);
    CHECK(band->concerts.empty());
    CHECK(band->label->name == "Blue");
    CHECK(log.count() == 4);
    CHECK(session.get<Label>(*band->label_id) == band->label.handle());
    CHECK(log.count() == 4);
}

TEST_CASE("LOAD-15 criteria hold for each of the statements that are sent together") {
    Festival festival;
    Session session = festival->session();
    session.criteria<Song>(col(&Song::minutes) <= 2);
    const Bands bands = bands_of(session, selectin<&Band::songs>(), selectin<&Band::concerts>());
    for (std::size_t i = 0; i < bands.size(); ++i) {
        CHECK(bands[i]->songs.size() == std::min<std::size_t>(i + 1, 2));
        CHECK(bands[i]->concerts.size() == (i + 1) % 2);
    }
}

TEST_CASE("LOAD-23 pages of a stream load their relationships together") {
    Festival festival;
    SqlLog log(festival->engine());
    Session session = festival->session();
    std::size_t songs = 0;
    std::size_t concerts = 0;
    session.query<Band>()
        .options(selectin<&Band::songs>(), selectin<&Band::concerts>())
        .yield_per(3)
        .each([&](const std::shared_ptr<const Band>& band) {
            songs += band->songs.size();
            concerts += band->concerts.size();
        });
    CHECK(songs == 21);
    CHECK(concerts == 3);
}

TEST_CASE("C05 when one of several statements fails, nothing is half loaded") {
    Festival festival;
    festival.run("ALTER TABLE concerts RENAME TO lost_concerts");
    Session session = festival->session();
    Bands bands = bands_of(session);
    SqlLog log(festival->engine());
    try {
        bands = bands_of(session, selectin<&Band::songs>(), selectin<&Band::concerts>(),
                         selectin<&Band::label>());
        FAIL("no error");
    } catch (const ProgrammingError& error) {
        CHECK(error.statement().find("concerts") != std::string::npos);
    }
    CHECK(log.count() == 3); // as one after the other: the label is not asked for
    CHECK(log.statements().back().failed);
    for (const auto& band : bands) {
        CHECK(band->songs.loaded() != festival.can().pipeline); // with the others, or before them
        CHECK_FALSE(band->concerts.loaded());
    }
    session.rollback();
    festival.run("ALTER TABLE lost_concerts RENAME TO concerts");
    bands = bands_of(session, selectin<&Band::songs>(), selectin<&Band::longest>(),
                     selectin<&Band::concerts>(), selectin<&Band::label>());
    check_all(bands);
}
