// SPDX-License-Identifier: MIT
#include "family.hpp"

#include <doctest/doctest.h>

using namespace family;

TEST_CASE(
    "LOAD-34 load() fills relationships of objects that are there, skips loaded ones, and goes "
    "on to what hangs on those") {
    Family<1> family(6, 2);
    SqlLog log(family->engine());
    Session session = family.session_with(Lazy::raise);
    const auto owners = session.query<Owner<1>>().order_by(col(&Owner<1>::a)).all();
    log.clear();
    session.load(owners[0], selectin<&Owner<1>::children>());
    CHECK(log.count() == 1);
    CHECK(owners[0]->children.size() == 2);
    CHECK_FALSE(owners[1]->children.loaded());
    const auto added = session.add(Child<1>{.size = 70});
    owners[0]->children.add(added);
    session.flush();
    log.clear();
    session.load(owners, selectin<&Owner<1>::children>(), selectin<&Owner<1>::labels>());
    CHECK(log.count() == 2);
    CHECK(log.statements()[0].parameters.size() == 5);
    CHECK(owners[0]->children.size() == 3);
    CHECK(owners[4]->labels.size() == 1);
    log.clear();
    session.load(owners, selectin<&Owner<1>::children>());
    CHECK(log.count() == 0);
    session.load(owners, defaultload<&Owner<1>::labels>().then(selectin<&Label<1>::owners>()));
    CHECK(log.count() == 1);
    CHECK(owners[1]->labels[0]->owners.size() == 5);
}

TEST_CASE("LOAD-34 objects of several classes: each option holds for those of its class") {
    Family<1> family(4, 1);
    SqlLog log(family->engine());
    Session session = family.session_with(Lazy::raise);
    std::vector<AnyObject> objects;
    for (const auto& owner : session.query<Owner<1>>().all())
        objects.emplace_back(mapper_of<Owner<1>>(), owner);
    for (const auto& child : session.query<Child<1>>().all())
        objects.emplace_back(mapper_of<Child<1>>(), child);
    log.clear();
    session.load(objects, selectin<&Owner<1>::labels>(), selectin<&Child<1>::owner>());
    CHECK(log.count() == 1); // the children's owners are in memory
    for (const auto& object : objects) {
        if (const auto owner = object.as<Owner<1>>()) CHECK(owner->labels.loaded());
        if (const auto child = object.as<Child<1>>()) CHECK(child->owner.loaded());
    }
}

TEST_CASE("LOAD-15 LOAD-13 what criteria have narrowed is completed by an option without them") {
    Family<1> family(3, 2);
    using Self = Owner<1>;
    const auto narrowed = [](Session& session) {
        auto owners = session.query<Self>()
                          .options(selectin<&Self::children>().where(col(&Child<1>::size) == 1))
                          .order_by(col(&Self::a))
                          .all();
        CHECK(owners[0]->children.size() == 1);
        return owners;
    };
    const auto check = [](const std::vector<std::shared_ptr<Self>>& owners) {
        for (const auto& owner : owners) CHECK(owner->children.size() == 2);
    };
    for (const Lazy lazy : {Lazy::selectin, Lazy::joined, Lazy::subquery, Lazy::immediate}) {
        CAPTURE(static_cast<int>(lazy));
        Session session = family.session_with(Lazy::raise);
        const auto owners = narrowed(session);
        const auto all = session.query<Self>().options(load_as<&Self::children>(lazy));
        static_cast<void>(all.all());
        check(owners);
        SqlLog log(family->engine());
        static_cast<void>(all.all());
        CHECK(log.count() == 1); // nothing is left to be completed
    }
    SUBCASE("after the fact") {
        Session session = family.session_with(Lazy::raise);
        const auto owners = narrowed(session);
        session.load(owners, selectin<&Self::children>());
        check(owners);
    }
    SUBCASE("changes that were not flushed stay") {
        Session session = family.session_with(Lazy::raise);
        const auto guard = session.no_autoflush();
        const auto owners = narrowed(session);
        const auto added = session.add(Child<1>{.size = 50});
        const auto moved = owners[0]->children[0];
        owners[0]->children.add(added);
        owners[1]->children.add(moved);
        session.load(owners, selectin<&Self::children>());
        CHECK(owners[0]->children.size() == 2); // one has gone, one has come
        CHECK(owners[0]->children.contains(added));
        CHECK(owners[1]->children.size() == 3);
        session.commit();
        CHECK(owners[1]->children.contains(moved));
        CHECK(family->session().query<Child<1>>().count() == 8);
    }
    SUBCASE("also what noload has left empty") {
        Session session = family.session_with(Lazy::raise);
        const auto owners = session.query<Self>().options(noload<&Self::children>()).all();
        CHECK(owners[0]->children.empty());
        session.load(owners, selectin<&Self::children>());
        check(owners);
    }
}

TEST_CASE("LOAD-34 load() leaves out what a plan says is not to be loaded") {
    Family<1> family(3, 1);
    using Self = Owner<1>;
    Session session = family.session_with(Lazy::raise);
    const auto owners = session.query<Self>().all();
    SqlLog log(family->engine());
    session.load(owners, fetch_plan<Self>(selectin<&Self::children>(), noload<&Self::labels>(),
                                          mercator::raise<&Self::below>()));
    CHECK_MESSAGE(log.count() == 1, log.dump());
    CHECK(owners[0]->children.loaded());
    CHECK_FALSE(owners[0]->labels.loaded());
    CHECK_FALSE(owners[0]->below.loaded());
}

TEST_CASE("LOAD-34 load() refuses an option that names no relationship") {
    Family<1> family(1, 1);
    using Self = Owner<1>;
    Session session = family.session_with(Lazy::raise);
    const auto owner = session.query<Self>().one();
    SqlLog log(family->engine());
    CHECK_THROWS_AS(session.load(owner, mercator::defer<&Self::a>()), mercator::ArgumentError);
    CHECK(log.count() == 0);
    CHECK_FALSE(owner->children.loaded());
}
