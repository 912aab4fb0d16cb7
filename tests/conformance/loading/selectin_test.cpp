// SPDX-License-Identifier: MIT
#include "family.hpp"

#include <doctest/doctest.h>

using namespace family;

namespace {

struct Bird;

struct Nest {
    std::int64_t id{};
    std::string tree;
    Many<Bird> birds;
    Many<Bird> oldest;
};

struct Bird {
    std::int64_t id{};
    std::string name;
    int age{};
    std::optional<std::int64_t> nest_id;
    One<Nest> nest;
};

void describe(Mapping<Nest>& nest) {
    nest.table("nests");
    nest.column<&Nest::id>().primary_key();
    nest.column<&Nest::tree>(String(20));
    nest.relationship<&Nest::birds>()
        .cascade(Cascade::all)
        .batch_size(2)
        .back_populates<&Bird::nest>();
    nest.relationship<&Nest::oldest>()
        .viewonly()
        .order_by([](auto bird) { return bird(&Bird::age).desc(); })
        .limit(2);
}

void describe(Mapping<Bird>& bird) {
    bird.table("birds");
    bird.column<&Bird::id>().primary_key();
    bird.column<&Bird::name>(String(20));
    bird.column<&Bird::age>();
    bird.column<&Bird::nest_id>().references<&Nest::id>();
    bird.relationship<&Bird::nest>().back_populates<&Nest::birds>();
}

/// Nest i has i birds, of ages 1 to i.
struct Forest : mercator::test::Backend {
    Forest() {
        database().create_all<Nest, Bird>();
        auto session = database().session();
        for (int i = 1; i <= 4; ++i) {
            const auto nest = session.add(Nest{.tree = "tree " + std::to_string(i)});
            for (int age = 1; age <= i; ++age)
                session.add(Bird{.name = "bird " + std::to_string(age), .age = age, .nest = nest});
        }
        session.commit();
    }
    std::vector<std::shared_ptr<Nest>> nests(Session& session, const LoaderOption<Nest>& option) {
        return session.query<Nest>().options(option).order_by(col(&Nest::id)).all();
    }
};

} // namespace

TEST_CASE("LOAD-05 one statement for each 500 owners") {
    Family<1> family(1000, 0);
    for (const auto& [owners, statements] :
         {std::pair<std::int64_t, std::size_t>{499, 1}, {500, 1}, {501, 2}, {1000, 2}}) {
        SqlLog log(family->engine());
        Session session = family->session();
        const auto found = session.query<Owner<1>>()
                               .where(col(&Owner<1>::a) <= owners)
                               .options(selectin<&Owner<1>::labels>())
                               .all();
        CHECK(found.size() == static_cast<std::size_t>(owners));
        CHECK(log.count() == 1 + statements);
        for (const auto& owner : found)
            CHECK(owner->labels.size() == static_cast<std::size_t>(owner->a % 4));
        CHECK(log.count() == 1 + statements);
    }
}

TEST_CASE_TEMPLATE("LOAD-05 an owner may have a thousand related rows", W,
                   std::integral_constant<int, 1>, std::integral_constant<int, 3>) {
    Family<W::value> family(2, 1000);
    SqlLog log(family->engine());
    Session session = family->session();
    const auto found =
        session.query<Owner<W::value>>().options(selectin<&Owner<W::value>::children>()).all();
    CHECK(log.count() == 2);
    for (const auto& owner : found) CHECK(owner->children.size() == 1000);
}

TEST_CASE("LOAD-14 three levels load in three statements besides the query, whatever their size") {
    Family<1> family(15, 1);
    SqlLog log(family->engine());
    Session session = family.session_with(Lazy::raise);
    using Node = Owner<1>;
    const auto roots = session.query<Node>()
                           .where(col(&Node::a) == 1)
                           .options(selectin<&Node::below>().then(selectin<&Node::below>().then(
                               selectin<&Node::below>().then(mercator::raise<&Node::below>()))))
                           .all();
    CHECK(log.count() == 4);
    std::size_t deepest = 0;
    for (const auto& a : roots[0]->below)
        for (const auto& b : a->below) deepest += b->below.size();
    CHECK(deepest == 8);
    CHECK_THROWS_AS(static_cast<void>(roots[0]->below[0]->below[0]->below[0]->below.size()),
                    StateError);
}

TEST_CASE("LOAD-05 REL-17 eager loading that nobody asked for goes round a circle once") {
    Family<1> family(15, 1);
    SqlLog log(family->engine());
    Session session = family.session_with(Lazy::selectin);
    const auto root = session.query<Owner<1>>().where(col(&Owner<1>::a) == 1).one();
    CHECK(root->below.loaded());
    CHECK(root->children[0]->owner.loaded());
    CHECK_FALSE(root->below[0]->below.loaded());
    CHECK(root->below[0]->below.size() == 2);
}

TEST_CASE("REL-34 the two oldest birds of each nest, in two statements where there are windows") {
    Forest forest;
    SqlLog log(forest->engine());
    Session session = forest->session();
    const auto nests = forest.nests(session, selectin<&Nest::oldest>());
    CHECK(log.count() == (forest.can().window_functions ? 2 : 5));
    for (const auto& nest : nests) {
        REQUIRE(nest->oldest.size() == (nest->id == nests[0]->id ? 1 : 2));
        CHECK(nest->oldest[0]->age == static_cast<int>(&nest - nests.data()) + 1);
    }
    session.clear();
    log.clear();
    const auto last = session.query<Nest>().order_by(col(&Nest::id).desc()).first();
    REQUIRE(last->oldest.size() == 2);
    CHECK(last->oldest[1]->age == 3);
    CHECK(log.count() == 2);
}

TEST_CASE("LOAD-15 criteria narrow the loaded collection, and a flush does not take the others for "
          "removed") {
    Forest forest;
    {
        Session session = forest->session();
        const auto nests = forest.nests(
            session,
            selectin<&Nest::birds>().where(col(&Bird::age) > 2).order_by(col(&Bird::age).desc()));
        CHECK(nests[1]->birds.empty());
        REQUIRE(nests[3]->birds.size() == 2);
        CHECK(nests[3]->birds[0]->age == 4);
        CHECK_FALSE(session.is_dirty());
        nests[3]->birds.add(session.add(Bird{.name = "new", .age = 9}));
        nests[3]->birds.remove(nests[3]->birds[0]);
        session.commit();
    }
    Session session = forest->session();
    const auto nests = forest.nests(session, selectin<&Nest::birds>());
    CHECK(nests[1]->birds.size() == 2);
    CHECK(nests[3]->birds.size() == 4);
    CHECK(session.query<Bird>().where(col(&Bird::nest_id).is_null()).count() == 1);
}

TEST_CASE("LOAD-15 a delete cascades to what the criteria left out") {
    Forest forest;
    Session session = forest->session();
    const auto nests = forest.nests(session, selectin<&Nest::birds>().where(col(&Bird::age) > 2));
    session.delete_(nests[3]);
    session.commit();
    CHECK(session.query<Bird>().count() == 1 + 2 + 3);
    CHECK(session.query<Nest>().count() == 3);
}

TEST_CASE("LOAD-30 a relationship has a batch size of its own") {
    Forest forest;
    SqlLog log(forest->engine());
    Session session = forest->session();
    static_cast<void>(forest.nests(session, selectin<&Nest::birds>()));
    CHECK(log.count() == 1 + 2);
}

TEST_CASE("LOAD-30 no list is longer than the database allows") {
    Family<3> family(700, 1);
    Session session = family.session_with(Lazy::batch, 1'000'000);
    const auto owners = session.query<Owner<3>>().options(selectin<&Owner<3>::children>()).all();
    for (const auto& owner : owners) CHECK(owner->children.size() == 1);
}
