// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using test::Backend;

namespace {

using Lines = std::vector<std::string>;

struct Binder;

struct Leaf {
    std::int64_t id{};
    std::string word;
    std::optional<std::int64_t> keyed_id;
    std::optional<std::int64_t> unique_id;
    std::optional<std::int64_t> ordered_id;
    std::optional<std::int64_t> place;
    std::optional<std::int64_t> dynamic_id;
    std::optional<std::int64_t> only_id;
};

struct Binder {
    std::int64_t id{};
    std::optional<std::string> pin; ///< never shown
    KeyedMany<&Leaf::word> keyed;
    UniqueMany<&Leaf::word> unique;
    Many<Leaf> ordered;
    Many<Leaf> dynamic;
    One<Leaf> only;
};

inline void describe(Mapping<Leaf>& leaf) {
    leaf.table("event_leaf");
    leaf.column<&Leaf::id>().primary_key();
    leaf.column<&Leaf::word>(String(40));
    leaf.column<&Leaf::keyed_id>().references<&Binder::id>();
    leaf.column<&Leaf::unique_id>().references<&Binder::id>();
    leaf.column<&Leaf::ordered_id>().references<&Binder::id>();
    leaf.column<&Leaf::place>();
    leaf.column<&Leaf::dynamic_id>().references<&Binder::id>();
    leaf.column<&Leaf::only_id>().unique().references<&Binder::id>();
}
inline void describe(Mapping<Binder>& binder) {
    binder.table("event_binder");
    binder.column<&Binder::id>().primary_key();
    binder.column<&Binder::pin>(String(40));
    binder.relationship<&Binder::keyed>().foreign_key<&Leaf::keyed_id>();
    binder.relationship<&Binder::unique>().foreign_key<&Leaf::unique_id>();
    binder.relationship<&Binder::ordered>()
        .foreign_key<&Leaf::ordered_id>()
        .ordering_list<&Leaf::place>();
    binder.relationship<&Binder::dynamic>().foreign_key<&Leaf::dynamic_id>().lazy(Lazy::dynamic);
    binder.relationship<&Binder::only>().foreign_key<&Leaf::only_id>();
}

/// Notes what comes to and goes from a collection.
template <auto Member>
void note(Session& session, Lines& told) {
    const auto events = session.on<Binder>();
    events.append<Member>(
        [&](Binder&, std::shared_ptr<Leaf>& leaf) { told.push_back("+" + leaf->word); });
    events.remove<Member>(
        [&](Binder&, const std::shared_ptr<Leaf>& leaf) { told.push_back("-" + leaf->word); });
}

} // namespace

TEST_CASE("EVT-08 every kind of collection, and a single object, tells of what comes and goes") {
    Backend db;
    db->create_all<Binder, Leaf>();
    Session session = db->session();
    const auto binder = session.add(Binder{});
    const auto a = session.add(Leaf{.word = "a"});
    const auto b = session.add(Leaf{.word = "b"});
    const auto other_a = session.add(Leaf{.word = "a"});
    session.commit();
    Lines told;
    const auto take = [&] { return std::exchange(told, {}); };
    SUBCASE("by key") {
        note<&Binder::keyed>(session, told);
        binder->keyed.put(a);
        binder->keyed.put(other_a); // takes the place of the first
        CHECK(take() == Lines{"+a", "-a", "+a"});
        CHECK(binder->keyed.remove_key("a"));
        CHECK(take() == Lines{"-a"});
    }
    SUBCASE("a set") {
        note<&Binder::unique>(session, told);
        CHECK(binder->unique.add(a));
        CHECK_FALSE(binder->unique.add(other_a));
        CHECK(take() == Lines{"+a"});
        binder->unique.clear();
        CHECK(take() == Lines{"-a"});
    }
    SUBCASE("a list with places") {
        note<&Binder::ordered>(session, told);
        binder->ordered.add(a);
        binder->ordered.insert(0, b);
        CHECK(take() == Lines{"+a", "+b"});
        binder->ordered.move(0, 1); // stays a member
        CHECK(take().empty());
        session.commit();
        CHECK(b->place == 1);
        int places = 0;
        session.on<Leaf>().before_update([&](Leaf&) { ++places; });
        binder->ordered.move(0, 1);
        session.commit(); // places are written, so the listener is told
        CHECK(places == 2);
        CHECK(take().empty());
    }
    SUBCASE("one that is never held") {
        note<&Binder::dynamic>(session, told);
        binder->dynamic.add(a);
        binder->dynamic.add(b);
        session.commit();
        binder->dynamic.remove(a);
        CHECK(take() == Lines{"+a", "+b", "-a"});
        session.commit();
        CHECK(binder->dynamic.count() == 1);
    }
    SUBCASE("a single one without a member on the other side") {
        session.on<Binder>().set<&Binder::only>(
            [&](Binder&, std::shared_ptr<Leaf>& now, const std::shared_ptr<Leaf>& old) {
                told.push_back((old ? old->word : "none") + ">" + (now ? now->word : "none"));
            });
        binder->only = a;
        session.commit();
        session.clear();
        const auto again = session.query<Binder>().one();
        again->only = session.get<Leaf>(b->id); // the former one is loaded for it
        again->only = nullptr;
        CHECK(take() == Lines{"none>a", "a>b", "b>none"});
        session.commit();
    }
}

TEST_CASE("EVT-04 what a failing listener's error says of the object shows its key alone") {
    Backend db;
    db->create_all<Binder, Leaf>();
    Session session = db->session();
    session.add(Binder{.pin = "4711"});
    const ScopedSubscription failing =
        session.on<Binder>().after_insert([](Binder&) { throw std::runtime_error("no"); });
    try {
        session.commit();
        FAIL("the listener throws");
    } catch (const ListenerError& error) {
        const std::string text = error.what();
        CHECK(text.find("Binder(id=") != std::string::npos);
        CHECK(text.find("4711") == std::string::npos);
        CHECK(error.where().starts_with("Binder("));
    }
}
