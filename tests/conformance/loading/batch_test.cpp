// SPDX-License-Identifier: MIT
#include "family.hpp"

#include <doctest/doctest.h>

using namespace family;

namespace {

std::vector<std::shared_ptr<Owner<1>>> by_key(Session& session) {
    return session.query<Owner<1>>().order_by(col(&Owner<1>::a)).all();
}

} // namespace

TEST_CASE("LOAD-27 a hundred owners cost two statements, whoever is touched first") {
    Family<1> family(100, 1);
    SqlLog log(family->engine());
    Session session = family->session();
    const auto owners = by_key(session);
    CHECK(owners[57]->children.size() == 1);
    INFO(log.dump());
    CHECK(log.count() == 2);
    for (const auto& owner : owners) CHECK(owner->children[0]->owner.handle() == owner);
    CHECK(log.count() == 2);
    for (const auto& owner : owners) static_cast<void>(owner->labels.size());
    CHECK(log.count() == 3);
}

TEST_CASE("LOAD-28 what was loaded for many is loaded together again: three levels, three "
          "statements") {
    Family<1> family(31, 0);
    SqlLog log(family->engine());
    Session session = family->session();
    const auto root = session.query<Owner<1>>().where(col(&Owner<1>::a) == 1).one();
    std::vector<std::shared_ptr<Owner<1>>> level{root};
    std::size_t seen = 0;
    for (int depth = 0; depth < 5; ++depth) {
        std::vector<std::shared_ptr<Owner<1>>> next;
        for (const auto& owner : level) {
            ++seen;
            for (const auto& below : owner->below) next.push_back(below);
        }
        level = next;
    }
    CHECK(seen == 31);
    INFO(log.dump());
    CHECK(log.count() == 1 + 5); // the last level has nothing below it, which must be asked
}

TEST_CASE("LOAD-27 LOAD-30 the touched owner is in the first of the chunks, and each chunk is as "
          "large as the session says") {
    Family<1> family(10, 1);
    SqlLog log(family->engine());
    Session session = family.session_with(Lazy::batch, 4);
    const auto owners = by_key(session);
    log.clear();
    static_cast<void>(owners[8]->children.size());
    const auto sent = log.statements();
    REQUIRE(sent.size() == 3);
    CHECK(sent[0].parameters == std::vector<Value>{Value(9), Value(10), Value(1), Value(2)});
    CHECK(sent[2].parameters == std::vector<Value>{Value(7), Value(8)});
}

TEST_CASE("LOAD-27 loaded, deleted, expunged and changed siblings stay as they are") {
    Family<1> family(6, 1);
    Session session = family->session();
    const auto owners = by_key(session);
    session.load(owners[1], selectin<&Owner<1>::children>());
    owners[1]->children.add(session.add(Child<1>{.size = 50}));
    session.load(owners[2], selectin<&Owner<1>::children>());
    const auto moved = owners[2]->children[0];
    moved->owner = owners[3]; // whose collection is not loaded
    const auto no_flush = session.no_autoflush();
    session.delete_(owners[4]);
    session.expunge(owners[5]);
    SqlLog log(family->engine());
    CHECK(owners[0]->children.size() == 1);
    REQUIRE(log.count() == 1);
    CHECK(log.statements()[0].parameters == std::vector<Value>{Value(1), Value(4)});
    CHECK(owners[1]->children.size() == 2);
    CHECK(owners[2]->children.empty());
    CHECK(owners[3]->children.size() == 2);
    CHECK(log.count() == 1);
    CHECK_THROWS_AS(static_cast<void>(owners[5]->children.size()), DetachedError);
}

TEST_CASE("LOAD-27 an object of two results is loaded with the later one's") {
    Family<1> family(6, 1);
    SqlLog log(family->engine());
    Session session = family->session();
    const auto first = session.query<Owner<1>>().where(col(&Owner<1>::a) <= 4).all();
    const auto second = session.query<Owner<1>>().where(col(&Owner<1>::a) >= 4).all();
    log.clear();
    static_cast<void>(second[1]->children.size());
    CHECK(log.statements().back().parameters.size() == 3);
    static_cast<void>(first[0]->children.size());
    CHECK(log.statements().back().parameters.size() == 3);
    for (const auto& owner : first) CHECK(owner->children.size() == 1);
    CHECK(log.count() == 2);
}

TEST_CASE("LOAD-27 a relationship can be left out: Lazy::select loads it for one object alone") {
    Family<1> family(6, 1);
    SqlLog log(family->engine());
    Session session = family->session();
    const auto owners = session.query<Owner<1>>().options(lazy<&Owner<1>::children>()).all();
    static_cast<void>(owners[0]->children.size());
    CHECK_FALSE(owners[1]->children.loaded());
    CHECK(log.count() == 2);
}

TEST_CASE("LOAD-13 options of a query hold until another one brings the object, alone or not") {
    Family<1> family(3, 1);
    using Self = Owner<1>;
    Session session = family->session();
    const auto owners =
        session.query<Self>().options(raise_all<Self>()).order_by(col(&Self::a)).all();
    CHECK_THROWS_AS(owners[0]->children.load(), StateError);
    static_cast<void>(session.get<Self>(2)); // no query
    CHECK_THROWS_AS(owners[1]->children.load(), StateError);
    const auto one = session.query<Self>().where(col(&Self::a) == 1).one();
    CHECK(one->children.size() == 1);
    CHECK_THROWS_AS(owners[1]->children.load(), StateError);
    static_cast<void>(session.query<Self>().all());
    CHECK(owners[1]->children.size() == 1);
}
