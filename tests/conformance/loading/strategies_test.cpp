// SPDX-License-Identifier: MIT
#include "family.hpp"

#include <doctest/doctest.h>

#include <type_traits>

using namespace family;

namespace {

template <int value>
using Width = std::integral_constant<int, value>;

constexpr std::int64_t count = 9;
constexpr std::uint32_t together = 4;

/// Statements that a strategy needs for `owners` whose related rows no other object brings.
std::size_t expected(Lazy lazy, std::int64_t owners) {
    const bool one_by_one = lazy == Lazy::select || lazy == Lazy::immediate;
    return one_by_one ? static_cast<std::size_t>(owners) : chunks(owners, together);
}

template <int width>
auto all_owners(Session& session, const LoaderOption<Owner<width>>& option) {
    return session.query<Owner<width>>().options(option).order_by(col(&Owner<width>::a)).all();
}

/// `look` counts what is right; the statements are those of the strategy, at the time it promises.
template <int width, class Option, class Look>
void check(Family<width>& family, Lazy lazy, const Option& option, Look look) {
    SqlLog log(family->engine());
    Session session = family.session_with(Lazy::raise, together);
    const auto owners = all_owners<width>(session, option);
    REQUIRE(owners.size() == static_cast<std::size_t>(count));
    const bool eager = lazy == Lazy::selectin || lazy == Lazy::immediate;
    INFO(log.dump());
    CHECK(log.count() == (eager ? 1 + expected(lazy, count) : 1));
    for (std::int64_t i = 1; i <= count; ++i) look(*owners[static_cast<std::size_t>(i - 1)], i);
    CHECK(log.count() == 1 + expected(lazy, count));
    CHECK_FALSE(session.is_dirty());
}

} // namespace

TEST_CASE_TEMPLATE("LOAD-02 LOAD-05 LOAD-10 LOAD-27 collections of each strategy hold the right "
                   "objects, with the statements that it promises",
                   W, Width<1>, Width<2>, Width<3>) {
    constexpr int width = W::value;
    Family<width> family(count);
    const auto children = [](Owner<width>& owner, std::int64_t i) {
        CHECK(owner.children.size() == static_cast<std::size_t>(i % 3));
        std::int64_t last = 0;
        for (const auto& child : owner.children) {
            CHECK(child->owner->a == i);
            CHECK(child->id > last);
            last = child->id;
        }
    };
    const auto labels = [](Owner<width>& owner, std::int64_t i) {
        REQUIRE(owner.labels.size() == static_cast<std::size_t>(i % 4));
        const char* const texts[] = {"alpha", "beta", "gamma"};
        for (std::size_t n = 0; n < owner.labels.size(); ++n)
            CHECK(owner.labels[n]->text == texts[n]);
    };
    const auto below = [](Owner<width>& owner, std::int64_t i) {
        const std::int64_t lower = (2 * i <= count ? 1 : 0) + (2 * i + 1 <= count ? 1 : 0);
        CHECK(owner.below.size() == static_cast<std::size_t>(lower));
        for (const auto& other : owner.below) CHECK(other->above->a == i);
    };
    for (const Lazy lazy : {Lazy::select, Lazy::batch, Lazy::selectin, Lazy::immediate}) {
        CAPTURE(static_cast<int>(lazy));
        check(family, lazy, load_as<&Owner<width>::children>(lazy), children);
        check(family, lazy, load_as<&Owner<width>::labels>(lazy), labels);
        check(family, lazy, load_as<&Owner<width>::below>(lazy), below);
    }
}

TEST_CASE_TEMPLATE("LOAD-05 LOAD-27 many-to-one asks for each object once and not at all for NULL",
                   W, Width<1>, Width<2>, Width<3>) {
    constexpr int width = W::value;
    Family<width> family(count, 2);
    for (const Lazy lazy : {Lazy::select, Lazy::batch, Lazy::selectin, Lazy::immediate}) {
        CAPTURE(static_cast<int>(lazy));
        SqlLog log(family->engine());
        Session session = family.session_with(Lazy::raise, together);
        const auto children = session.query<Child<width>>()
                                  .options(load_as<&Child<width>::owner>(lazy))
                                  .order_by(col(&Child<width>::id))
                                  .all();
        REQUIRE(children.size() == 2 * count + 1);
        for (std::size_t i = 0; i < 2 * count; ++i) {
            REQUIRE(children[i]->owner);
            CHECK(children[i]->owner->name == "owner " + std::to_string(i / 2 + 1));
        }
        CHECK(children.back()->owner == nullptr);
        INFO(log.dump());
        CHECK(log.count() == 1 + expected(lazy, count));
    }
}

TEST_CASE("LOAD-08 each side of a relationship has a strategy of its own") {
    Family<1> family(3, 2);
    SqlLog log(family->engine());
    Session session = family.session_with(Lazy::raise);
    const auto owners =
        session.query<Owner<1>>()
            .options(selectin<&Owner<1>::children>().then(mercator::raise<&Child<1>::owner>()))
            .all();
    CHECK(log.count() == 2);
    CHECK(owners[0]->children[0]->owner.handle() == owners[0]); // known from the other side
    session.clear();
    const auto children =
        session.query<Child<1>>()
            .options(batch<&Child<1>::owner>().then(mercator::raise<&Owner<1>::children>()))
            .all();
    REQUIRE(children[0]->owner);
    CHECK(log.count() == 4);
    CHECK_THROWS_AS(static_cast<void>(children[0]->owner->children.size()), StateError);
}

TEST_CASE("LOAD-11 raise names the member and the option; raise_on_sql takes what memory has") {
    Family<1> family(3, 1);
    Session session = family.session_with(Lazy::raise_on_sql);
    const auto children = session.query<Child<1>>().order_by(col(&Child<1>::id)).all();
    CHECK(children.back()->owner == nullptr); // NULL needs no statement
    try {
        static_cast<void>(children[0]->owner.get());
        FAIL("it was loaded");
    } catch (const StateError& error) {
        CHECK(error.where() == "Child<1>.owner");
        CHECK(std::string(error.what()).find("selectin<&Child<1>::owner>()") != std::string::npos);
    }
    const auto owners = session.query<Owner<1>>().all();
    CHECK(children[0]->owner->a == 1);
    CHECK_THROWS_AS(static_cast<void>(owners[0]->children.size()), StateError);
    const auto again = session.query<Owner<1>>().options(selectin<&Owner<1>::children>()).all();
    CHECK(again[0]->children.size() == 1);
    const auto strict = session.query<Owner<1>>().options(raise_all<Owner<1>>()).all();
    CHECK_THROWS_AS(static_cast<void>(strict[0]->below.size()), StateError);
    session.delete_(again[2]); // a cascade looks all the same
    session.flush();
}

TEST_CASE("LOAD-12 noload finds nothing until something is assigned, and loses nothing") {
    Family<1> family(2, 2);
    {
        Session session = family->session();
        const auto owner = session.query<Owner<1>>()
                               .options(noload<&Owner<1>::children>())
                               .order_by(col(&Owner<1>::a))
                               .first();
        REQUIRE(owner);
        CHECK(owner->children.empty());
        owner->children.add(session.add(Child<1>{.size = 7}));
        CHECK(owner->children.size() == 1);
        session.commit();
    }
    Session session = family->session();
    CHECK(session.get<Owner<1>>(1)->children.size() == 3);
}

TEST_CASE("LOAD-13 LOAD-39 a plan of options is a value that queries share, over the mapping's own "
          "strategies") {
    Family<1> family(6, 2);
    const auto plan = fetch_plan<Owner<1>>(
        selectin<&Owner<1>::children>().then(mercator::raise<&Child<1>::owner>()),
        selectin<&Owner<1>::labels>(), raise_all<Owner<1>>());
    SqlLog log(family->engine());
    for (int round = 0; round < 2; ++round) {
        Session session = family->session();
        log.clear();
        const auto owners =
            session.query<Owner<1>>().options(plan).order_by(col(&Owner<1>::a)).all();
        CHECK(owners[4]->children.size() == 2);
        CHECK(owners[2]->labels.size() == 3);
        CHECK(log.count() == 3);
        CHECK_THROWS_AS(static_cast<void>(owners[0]->below.size()), StateError);
    }
}

TEST_CASE("LOAD-04 a page without an order is not asked for again, also not below a join") {
    Family<1> family(5, 2);
    using Self = Owner<1>;
    SqlLog log(family->engine());
    Session session = family->session();
    const auto owners =
        session.query<Self>()
            .options(joined<&Self::below>().then(mercator::subquery<&Self::children>()))
            .limit(2)
            .all();
    REQUIRE(log.count() == 2);
    CHECK_MESSAGE(log.texts()[1].find("LIMIT") == std::string::npos, log.texts()[1]);
    for (const auto& owner : owners) {
        for (const auto& below : owner->below) CHECK(below->children.size() == 2);
    }
}
