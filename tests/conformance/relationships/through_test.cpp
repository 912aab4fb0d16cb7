// SPDX-License-Identifier: MIT
// Two relationships read as one, in every combination of kinds, by every strategy.
#include "support/backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;

namespace through {

struct Concert;
struct Label;
struct City {
    std::int64_t id{};
    std::string name;
};
struct Venue {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> city_id;
    One<City> city;
    Many<Label> labels;
    Many<Concert> concerts;
};
struct Band;
struct Concert {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> venue_id;
    One<Venue> venue;
    One<City> city; // many to one, twice
    Many<Band> bands;
    Many<Label> labels; // many to one, many to many
};
struct Band {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> parent_id;
    One<Band> parent;
    One<Band> grandparent; // through its own class
    Many<Concert> concerts;
    Many<Venue> venues; // many to many, many to one
};
struct Label {
    std::int64_t id{};
    std::string name;
    Many<Venue> venues;
    Many<Concert> concerts; // many to many, one to many
};

Table between(const char* name, const char* first, const char* second) {
    return Table(name, Column("first_id", BigInteger()).primary_key().references(first),
                 Column("second_id", BigInteger()).primary_key().references(second));
}

void describe(Mapping<City>& city) {
    city.table("th_cities");
    city.column<&City::id>().primary_key();
    city.column<&City::name>(String(20));
}
void describe(Mapping<Venue>& venue) {
    venue.table("th_venues");
    venue.column<&Venue::id>().primary_key();
    venue.column<&Venue::name>(String(20));
    venue.column<&Venue::city_id>().references<&City::id>();
    venue.relationship<&Venue::city>();
    venue.relationship<&Venue::labels>()
        .secondary(between("th_venue_labels", "th_venues.id", "th_labels.id"))
        .backref<&Label::venues>();
}
void describe(Mapping<Concert>& concert) {
    concert.table("th_concerts");
    concert.column<&Concert::id>().primary_key();
    concert.column<&Concert::name>(String(20));
    concert.column<&Concert::venue_id>().references<&Venue::id>();
    concert.relationship<&Concert::venue>().backref<&Venue::concerts>();
    concert.relationship<&Concert::city>().through<&Concert::venue, &Venue::city>();
    concert.relationship<&Concert::labels>().through<&Concert::venue, &Venue::labels>();
    concert.relationship<&Concert::bands>()
        .secondary(between("th_concert_bands", "th_concerts.id", "th_bands.id"))
        .backref<&Band::concerts>();
}
void describe(Mapping<Band>& band) {
    band.table("th_bands");
    band.column<&Band::id>().primary_key();
    band.column<&Band::name>(String(20));
    band.column<&Band::parent_id>().references<&Band::id>();
    band.relationship<&Band::parent>();
    band.relationship<&Band::grandparent>().through<&Band::parent, &Band::parent>();
    band.relationship<&Band::venues>()
        .through<&Band::concerts, &Concert::venue>()
        .order_by<&Venue::name>();
}
void describe(Mapping<Label>& label) {
    label.table("th_labels");
    label.column<&Label::id>().primary_key();
    label.column<&Label::name>(String(20));
    label.relationship<&Label::concerts>().through<&Label::venues, &Venue::concerts>();
}

struct Program {
    std::int64_t id{};
    std::optional<std::int64_t> concert_id;
    One<Concert> concert;
    Many<Band> bands; // many to one, many to many
};
void describe(Mapping<Program>& program) {
    program.table("th_programs");
    program.column<&Program::id>().primary_key();
    program.column<&Program::concert_id>().references<&Concert::id>();
    program.relationship<&Program::concert>();
    program.relationship<&Program::bands>().through<&Program::concert, &Concert::bands>();
}

} // namespace through

using namespace through;

namespace {

constexpr Lazy strategies[] = {Lazy::select,   Lazy::batch,    Lazy::joined,
                               Lazy::subquery, Lazy::selectin, Lazy::immediate};

void fill(Backend& backend) {
    backend->create_all<City, Venue, Concert, Band, Label, Program>();
    auto session = backend->session();
    const auto rome = session.add(City{.name = "Rome"});
    const auto hall = session.add(Venue{.name = "hall", .city = rome});
    const auto barn = session.add(Venue{.name = "barn"});
    const auto loud = session.add(Label{.name = "loud"});
    const auto dark = session.add(Label{.name = "dark"});
    hall->labels.add(loud);
    hall->labels.add(dark);
    const auto first = session.add(Concert{.name = "first", .venue = hall});
    const auto second = session.add(Concert{.name = "second", .venue = barn});
    const auto third = session.add(Concert{.name = "third"});
    const auto old = session.add(Band{.name = "old"});
    const auto young = session.add(Band{.name = "young", .parent = old});
    const auto baby = session.add(Band{.name = "baby", .parent = young});
    first->bands.add(old);
    first->bands.add(baby);
    second->bands.add(old);
    third->bands.add(young);
    session.add(Program{.concert = first});
    session.commit();
}

template <class T>
std::string names(const Many<T>& many) {
    std::vector<std::string> found;
    for (const auto& item : many) found.push_back(item->name);
    std::sort(found.begin(), found.end());
    std::string text;
    for (const auto& name : found) text += name + " ";
    return text;
}
template <class T>
std::string name(const One<T>& one) {
    return one == nullptr ? "-" : one->name;
}

} // namespace

TEST_CASE("REL-43 two steps of every kind are read as one, by every strategy") {
    Backend backend;
    fill(backend);
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        const auto concerts = session.query<Concert>()
                                  .order_by(col(&Concert::name))
                                  .options(all_others<Concert>(strategy))
                                  .all();
        REQUIRE(concerts.size() == 3);
        CHECK(name(concerts[0]->city) == "Rome");
        CHECK(name(concerts[1]->city) == "-");
        CHECK(name(concerts[2]->city) == "-");
        CHECK(names(concerts[0]->labels) == "dark loud ");
        CHECK(names(concerts[1]->labels).empty());
        const auto bands = session.query<Band>()
                               .order_by(col(&Band::name))
                               .options(all_others<Band>(strategy))
                               .all();
        REQUIRE(bands.size() == 3);
        CHECK(names(bands[0]->venues) == "hall ");
        CHECK(names(bands[1]->venues) == "barn hall ");
        CHECK(names(bands[2]->venues).empty()); // a concert without a venue
        CHECK(name(bands[0]->grandparent) == "old");
        CHECK(name(bands[1]->grandparent) == "-");
        const auto label = session.query<Label>()
                               .where(col(&Label::name) == "loud")
                               .options(all_others<Label>(strategy))
                               .one();
        CHECK(names(label->concerts) == "first ");
        const auto program = session.query<Program>().options(all_others<Program>(strategy)).one();
        CHECK(names(program->bands) == "baby old ");
    }
}

TEST_CASE("REL-43 joins along two steps keep owners that lead nowhere, once") {
    Backend backend;
    fill(backend);
    auto session = backend->session();
    const auto left = session.execute(select(col(&Band::name), col(&Venue::name).nullable())
                                          .left_join<&Band::venues>()
                                          .order_by(col(&Band::name), col(&Venue::name)));
    std::string text;
    for (const auto& [band, venue] : left) text += band + ":" + venue.value_or("-") + " ";
    CHECK(text == "baby:hall old:barn old:hall young:- ");
}
