// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace {

struct Passport;
struct Visa;
struct Stamp;

struct Traveller {
    std::int64_t id{};
    std::string name;
    One<Passport> passport; ///< let go when it is replaced
    One<Visa> visa;         ///< deleted when it is replaced
    Many<Stamp> stamps;
    Many<Stamp> red_stamps;  ///< for reading only
    One<Stamp> latest_stamp; ///< for reading only
};
struct Passport {
    std::int64_t id{};
    std::string number;
    std::optional<std::int64_t> traveller_id;
    One<Traveller> holder;
};
struct Visa {
    std::int64_t id{};
    std::string country;
    std::optional<std::int64_t> traveller_id;
    One<Traveller> holder;
};
struct Stamp {
    std::int64_t id{};
    std::string colour;
    std::optional<std::int64_t> traveller_id;
    One<Traveller> traveller;
};
void describe(Mapping<Traveller>& traveller) {
    traveller.table("travellers");
    traveller.column<&Traveller::id>().primary_key();
    traveller.column<&Traveller::name>(String(20));
    traveller.relationship<&Traveller::passport>().backref<&Passport::holder>();
    traveller.relationship<&Traveller::visa>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Visa::holder>();
    traveller.relationship<&Traveller::stamps>().backref<&Stamp::traveller>();
    traveller.relationship<&Traveller::red_stamps>()
        .primaryjoin([](auto own, auto other) {
            return other(&Stamp::traveller_id) == own(&Traveller::id) &&
                   other(&Stamp::colour) == "red";
        })
        .viewonly();
    traveller.relationship<&Traveller::latest_stamp>()
        .order_by([](auto stamp) { return stamp(&Stamp::id).desc(); })
        .limit(1);
}
void describe(Mapping<Passport>& passport) {
    passport.table("passports");
    passport.column<&Passport::id>().primary_key();
    passport.column<&Passport::number>(String(20));
    passport.column<&Passport::traveller_id>().references<&Traveller::id>();
}
void describe(Mapping<Visa>& visa) {
    visa.table("visas");
    visa.column<&Visa::id>().primary_key();
    visa.column<&Visa::country>(String(20));
    visa.column<&Visa::traveller_id>().references<&Traveller::id>();
}
void describe(Mapping<Stamp>& stamp) {
    stamp.table("stamps");
    stamp.column<&Stamp::id>().primary_key();
    stamp.column<&Stamp::colour>(String(20));
    stamp.column<&Stamp::traveller_id>().references<&Traveller::id>();
}

/// A badge that one guard has at a time, by a table between.
struct Guard;
struct Badge {
    std::int64_t id{};
    std::string code;
    One<Guard> guard;
};
struct Guard {
    std::int64_t id{};
    std::string name;
    Many<Badge> badges;
};
const Table worn{"worn_badges",
                 Column("badge_id", BigInteger()).references("badges.id").primary_key(),
                 Column("guard_id", BigInteger()).references("guards.id").nullable(false)};
void describe(Mapping<Badge>& badge) {
    badge.table("badges");
    badge.column<&Badge::id>().primary_key();
    badge.column<&Badge::code>(String(20));
    badge.relationship<&Badge::guard>().secondary(worn).backref<&Guard::badges>();
}
void describe(Mapping<Guard>& guard) {
    guard.table("guards");
    guard.column<&Guard::id>().primary_key();
    guard.column<&Guard::name>(String(20));
}

struct Warnings {
    std::mutex mutex;
    std::vector<std::string> lines;
    [[nodiscard]] Config config() {
        Config config;
        config.log = log_to([this](LogLevel level, std::string_view line) {
            const std::lock_guard lock(mutex);
            if (level == LogLevel::Warning) lines.emplace_back(line);
        });
        return config;
    }
};

void create(Backend& backend) {
    backend->create_all<Traveller, Passport, Visa, Stamp>();
}

} // namespace

TEST_CASE("REL-10 a one-to-one child that is replaced is let go, or deleted as an orphan") {
    Backend backend;
    create(backend);
    auto session = backend->session();
    const auto ada = session.add(Traveller{.name = "Ada"});
    const auto first = session.add(Passport{.number = "1"});
    const auto visa = session.add(Visa{.country = "Peru"});
    ada->passport = first;
    ada->visa = visa;
    CHECK(first->holder == ada);
    session.commit();
    const auto first_id = first->id;
    SqlLog log(backend->engine());

    SUBCASE("let go") {
        const auto second = session.add(Passport{.number = "2"});
        ada->passport = second;
        CHECK(first->holder == nullptr);
        CHECK(second->holder == ada);
        session.commit();
        CHECK(log.count("DELETE") == 0);
        CHECK_FALSE(first->traveller_id.has_value());
        CHECK(backend.rows("SELECT number FROM passports WHERE traveller_id IS NULL") ==
              ValueRows{{Value("1")}});
    }
    SUBCASE("replaced from the child's side") {
        const auto second = session.add(Passport{.number = "2"});
        second->holder = ada;
        CHECK(ada->passport == second);
        CHECK(first->holder == nullptr);
        session.commit();
        CHECK_FALSE(session.get<Passport>(first_id)->traveller_id.has_value());
    }
    SUBCASE("deleted") {
        ada->visa = session.add(Visa{.country = "Chile"});
        log.clear();
        session.commit();
        CHECK_MESSAGE(log.count("DELETE") == 1, log.dump());
        CHECK(backend.rows("SELECT country FROM visas") == ValueRows{{Value("Chile")}});
    }
    SUBCASE("taken away") {
        ada->visa = nullptr;
        session.commit();
        CHECK(backend.rows("SELECT country FROM visas").empty());
        CHECK(ada->visa == nullptr);
    }
}

TEST_CASE("REL-10 several rows for a One are told of once, and the first is taken") {
    Warnings warnings;
    Backend backend(warnings.config());
    create(backend);
    {
        auto session = backend->session();
        for (const auto* name : {"Ada", "Bob"}) {
            const auto traveller = session.add(Traveller{.name = name});
            session.flush();
            session.add(Passport{.number = "1", .traveller_id = traveller->id});
            session.add(Passport{.number = "2", .traveller_id = traveller->id});
        }
        session.commit();
    }
    warnings.lines.clear();
    auto session = backend->session();
    const auto told = [&] {
        int count = 0;
        for (const auto& line : warnings.lines)
            count += line.find("Traveller.passport is a One") != std::string::npos ? 1 : 0;
        return count;
    };
    SUBCASE("when it is touched") {
        for (const auto& traveller : session.query<Traveller>().all())
            CHECK(traveller->passport->number == "1");
    }
    SUBCASE("joined") {
        for (const auto& traveller :
             session.query<Traveller>().options(joined<&Traveller::passport>()).all())
            CHECK(traveller->passport->number == "1");
    }
    CHECK(told() == 1);
}

TEST_CASE("REL-16 both directions are in step before any flush, without SQL") {
    Backend backend;
    create(backend);
    SqlLog log(backend->engine());
    auto session = backend->session();
    const auto ada = session.add(Traveller{.name = "Ada"});
    const auto bob = session.add(Traveller{.name = "Bob"});
    const auto stamp = session.add(Stamp{.colour = "red"});
    ada->stamps.add(stamp);
    CHECK(stamp->traveller == ada);
    stamp->traveller = bob;
    CHECK(ada->stamps.empty());
    CHECK(bob->stamps.contains(stamp));
    CHECK_MESSAGE(log.count() == 0, log.dump());
    session.commit();
    CHECK(log.count("UPDATE") == 0);
    CHECK(stamp->traveller_id == bob->id);

    auto fresh = backend->session();
    const auto a = fresh.get<Traveller>(ada->id);
    const auto s = fresh.get<Stamp>(stamp->id);
    log.clear();
    a->stamps.add(s); // neither side is loaded
    CHECK(s->traveller == a);
    CHECK_MESSAGE(log.count() == 0, log.dump());
    fresh.commit();
    CHECK_MESSAGE(log.count() == 1, log.dump());
}

TEST_CASE("REL-28 what is for reading only refuses every change, and no flush knows it") {
    Backend backend;
    create(backend);
    SqlLog log(backend->engine());
    auto session = backend->session();
    const auto ada = session.add(Traveller{.name = "Ada"});
    const auto red = session.add(Stamp{.colour = "red", .traveller = ada});
    const auto blue = session.add(Stamp{.colour = "blue", .traveller = ada});
    session.commit();
    session.refresh(ada);

    auto other = backend->session();
    const auto again = other.get<Traveller>(ada->id);
    REQUIRE(again->red_stamps.size() == 1);
    CHECK(again->red_stamps.front()->colour == "red");
    CHECK(again->latest_stamp->colour == "blue");
    const auto stamp = again->stamps.back();
    const auto refused = doctest::Contains("Traveller.red_stamps is for reading only");
    CHECK_THROWS_WITH_AS(again->red_stamps.add(stamp), refused, StateError);
    CHECK_THROWS_WITH_AS(again->red_stamps.remove(again->red_stamps.front()), refused, StateError);
    CHECK_THROWS_WITH_AS(again->red_stamps.clear(), refused, StateError);
    CHECK_THROWS_WITH_AS(again->red_stamps = {stamp}, refused, StateError);
    CHECK_THROWS_AS(again->latest_stamp = stamp, StateError);
    CHECK_THROWS_AS(again->latest_stamp = nullptr, StateError);
    CHECK_THROWS_WITH_AS(other.add(Traveller{.name = "Eve", .red_stamps = {stamp}}), refused,
                         StateError);
    CHECK(again->red_stamps.size() == 1);
    CHECK_FALSE(other.is_dirty());
    log.clear();
    other.commit();
    CHECK_MESSAGE(log.count() == 0, log.dump());
    // Its rows are let go by `stamps`, once.
    other.delete_(again);
    other.commit();
    CHECK(log.rows("UPDATE") == 2);
    CHECK(backend.rows("SELECT id FROM stamps WHERE traveller_id IS NULL").size() == 2);
}

TEST_CASE("REL-04 one side of a table between may have room for one only") {
    Backend backend;
    backend->create_all<Badge, Guard>();
    auto session = backend->session();
    const auto ada = session.add(Guard{.name = "Ada"});
    const auto bob = session.add(Guard{.name = "Bob"});
    const auto badge = session.add(Badge{.code = "7", .guard = ada});
    CHECK(ada->badges.contains(badge));
    session.commit();
    SqlLog log(backend->engine());
    SUBCASE("assigned") {
        badge->guard = bob;
        CHECK(ada->badges.empty());
        CHECK(bob->badges.contains(badge));
    }
    SUBCASE("added on the other side") {
        bob->badges.add(badge);
        CHECK(ada->badges.empty());
        CHECK(badge->guard == bob);
    }
    session.commit();
    CHECK_MESSAGE(log.count() == 2, log.dump());
    CHECK(backend.rows("SELECT badge_id, guard_id FROM worn_badges") ==
          ValueRows{{std::int64_t{1}, std::int64_t{2}}});
    auto fresh = backend->session();
    const auto again = fresh.get<Badge>(badge->id);
    CHECK(again->guard->name == "Bob");
    again->guard = nullptr;
    fresh.commit();
    CHECK(backend.rows("SELECT badge_id FROM worn_badges").empty());
}

TEST_CASE("REL-02 100,000 children leave a parent one by one in no time to speak of") {
    Backend backend;
    create(backend);
    auto session = backend->session();
    const auto guard = session.no_autoflush();
    const auto ada = session.add(Traveller{.name = "Ada"});
    const auto bob = session.add(Traveller{.name = "Bob"});
    constexpr std::size_t count = 100'000;
    std::vector<std::shared_ptr<Stamp>> stamps;
    stamps.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        stamps.push_back(session.add(Stamp{.colour = "red"}));
        ada->stamps.add(stamps.back());
    }
    for (const auto& stamp : stamps) stamp->traveller = bob; // from the front of a large collection
    CHECK(ada->stamps.empty());
    CHECK(bob->stamps.size() == count);
    for (const auto& stamp : stamps) bob->stamps.remove(stamp);
    CHECK(bob->stamps.empty());
    session.rollback();
}
