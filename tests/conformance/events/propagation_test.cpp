// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/mapping/mapper_events.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using test::Backend;

namespace {

using Lines = std::vector<std::string>;

struct Beast {
    std::int64_t id{};
    std::string kind;
    Attribute<std::string> name;
    virtual ~Beast() = default;
};
struct Hound : Beast {
    std::optional<std::string> trick;
};
struct Pup : Hound {
    std::optional<std::string> toy;
};

inline void describe(Mapping<Beast>& beast) {
    beast.table("event_beast");
    beast.column<&Beast::id>().primary_key();
    beast.column<&Beast::kind>(String(20));
    beast.column<&Beast::name>(String(40));
    beast.polymorphic_on<&Beast::kind>().identity("beast");
}
inline void describe(Mapping<Hound>& hound) {
    hound.inherits<Beast>().identity("hound");
    hound.column<&Hound::trick>(String(40));
}
inline void describe(Mapping<Pup>& pup) {
    pup.inherits<Hound>().table("event_pup").identity("pup");
    pup.column<&Pup::toy>(String(40));
}

struct OnceTold {
    std::int64_t id{};
};
inline void describe(Mapping<OnceTold>& told) {
    told.table("once_told");
    told.column<&OnceTold::id>().primary_key();
}

template <class T>
T named(const char* name) {
    T made;
    made.name = name;
    return made;
}

} // namespace

TEST_CASE("EVT-01 INH-18 propagate tells of classes that inherit, also those that become known later") {
    Backend db;
    Lines told;
    db->on<Beast>().before_insert(
        [&](Session&, Beast& beast) { told.push_back("own " + *beast.name); });
    db->on<Beast>().propagate().before_insert(
        [&](Session&, Beast& beast) { told.push_back("all " + *beast.name); });
    db->on<Beast>().propagate().set<&Beast::name>(
        [](Beast&, std::string& value, const std::string&) { value += "!"; });
    db->on<Beast>().propagate().load([&](Beast& beast) { told.push_back("load " + *beast.name); });
    db->create_all<Beast, Hound, Pup>(); // known only now
    Session session = db->session();
    session.add(named<Beast>("bear"));
    session.add(named<Hound>("rex"));
    session.add(named<Pup>("bit"));
    session.commit();
    std::sort(told.begin(), told.end());
    CHECK(std::exchange(told, {}) == Lines{"all bear!", "all bit!", "all rex!", "own bear!"});
    Session again = db->session();
    CHECK(again.query<Beast>().all().size() == 3);
    std::sort(told.begin(), told.end());
    CHECK(std::exchange(told, {}) == Lines{"load bear!", "load bit!", "load rex!"});
}

TEST_CASE("EVT-16 a class is told of once when it is registered, and once when it is configured") {
    Lines told;
    const auto is_ours = [](const Mapper& mapper) { return mapper.class_name() == "OnceTold"; };
    const ScopedSubscription registered = on_class_registered([&](const Mapper& mapper) {
        if (!is_ours(mapper)) return;
        CHECK(mapper.columns().size() == 1);
        told.push_back("registered");
    });
    const ScopedSubscription configured = on_mapper_configured([&](const Mapper& mapper) {
        if (!is_ours(mapper)) return;
        CHECK(mapper.is_configured());
        told.push_back("configured");
    });
    declare<OnceTold>();
    CHECK(told == Lines{"registered"});
    static_cast<void>(mapper_of<OnceTold>());
    static_cast<void>(mapper_of<OnceTold>());
    Backend db;
    db->create_all<OnceTold>();
    CHECK(told == Lines{"registered", "configured"});
}
