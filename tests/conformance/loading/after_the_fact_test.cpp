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
