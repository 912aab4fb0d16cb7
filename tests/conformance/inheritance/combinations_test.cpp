// SPDX-License-Identifier: MIT
// Failed flushes, savepoints, orphans, unique values, pages and merges in a hierarchy of two
// tables.
#include "staff.hpp"

#include <doctest/doctest.h>

using namespace staff;

namespace {

struct CornerYard;
struct CornerTool;
struct CornerDrill;

struct CornerYard {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> best_id;
    One<CornerDrill> best;
    Many<CornerTool> tools; // delete_orphan
};
struct CornerTool {
    std::int64_t id{};
    int kind{};
    std::optional<std::string> code; // unique
    int version{};
    std::optional<std::int64_t> yard_id;
    One<CornerYard> yard;
    Many<CornerTool> goes_with;
    Many<CornerTool> taken_by;
};
struct CornerDrill : CornerTool { // joined
    int watts{};
    std::optional<std::string> serial; // unique in the child
    Deferred<std::string> manual;
};
struct CornerHammer : CornerTool { // single
    std::optional<int> weight;
};

void describe(Mapping<CornerYard>& yard) {
    yard.table("corner_yards");
    yard.column<&CornerYard::id>().primary_key();
    yard.column<&CornerYard::name>(String(20));
    yard.column<&CornerYard::best_id>();
    yard.relationship<&CornerYard::best>()
        .primaryjoin(
            [](auto own, auto tool) { return own(&CornerYard::best_id) == tool(&CornerDrill::id); })
        .viewonly();
    yard.relationship<&CornerYard::tools>().back_populates<&CornerTool::yard>().cascade(
        Cascade::all | Cascade::delete_orphan);
}
const Table& pairs() {
    static const Table table(
        "corner_pairs", Column("left_id", BigInteger()).references("corner_tools.id").primary_key(),
        Column("right_id", BigInteger()).references("corner_tools.id").primary_key());
    return table;
}
void describe(Mapping<CornerTool>& tool) {
    tool.table("corner_tools").polymorphic_on<&CornerTool::kind>().identity(0);
    tool.column<&CornerTool::id>().primary_key();
    tool.column<&CornerTool::kind>();
    tool.column<&CornerTool::code>(String(20)).unique();
    tool.version<&CornerTool::version>();
    tool.column<&CornerTool::yard_id>().references<&CornerYard::id>();
    tool.relationship<&CornerTool::yard>()
        .foreign_keys<&CornerTool::yard_id>()
        .back_populates<&CornerYard::tools>();
    tool.relationship<&CornerTool::goes_with>()
        .secondary(pairs())
        .primaryjoin([](auto own, auto link) { return own(&CornerTool::id) == link("left_id"); })
        .secondaryjoin(
            [](auto link, auto other) { return link("right_id") == other(&CornerTool::id); })
        .back_populates<&CornerTool::taken_by>();
    tool.relationship<&CornerTool::taken_by>()
        .secondary(pairs())
        .primaryjoin([](auto own, auto link) { return own(&CornerTool::id) == link("right_id"); })
        .secondaryjoin(
            [](auto link, auto other) { return link("left_id") == other(&CornerTool::id); })
        .back_populates<&CornerTool::goes_with>();
}
void describe(Mapping<CornerDrill>& drill) {
    drill.inherits<CornerTool>().table("corner_drills").inherit_key("tool_id").identity(1);
    drill.column<&CornerDrill::watts>();
    drill.column<&CornerDrill::serial>(String(20)).unique();
    drill.column<&CornerDrill::manual>(Text());
}
void describe(Mapping<CornerHammer>& hammer) {
    hammer.inherits<CornerTool>().identity(2);
    hammer.column<&CornerHammer::weight>();
}

struct Corner : test::Backend {
    Corner() { database().create_all<CornerYard, CornerTool, CornerDrill, CornerHammer>(); }
};

} // namespace

TEST_CASE("INH-13 a joined insert that fails in the child's table is tried again") {
    Corner db;
    Session session = db->session();
    auto a = session.add(CornerDrill{});
    a->serial = "S1";
    session.commit();
    auto b = session.add(CornerDrill{});
    b->serial = "S1";
    CHECK_THROWS_AS(session.flush(), IntegrityError);
    session.rollback();
    b->serial = "S2";
    session.add(b);
    session.commit();
    CHECK(session.query<CornerTool>().count() == 2);
    CHECK(b->version == 1);
    b->watts = 7;
    session.commit();
    CHECK(b->version == 2);
}

TEST_CASE("INH-13 a savepoint takes a joined insert, update and delete back") {
    Corner db;
    Session session = db->session();
    auto kept = session.add(CornerDrill{});
    kept->watts = 5;
    auto lost = session.add(CornerHammer{});
    lost->weight = 3;
    session.flush();
    const auto id = kept->id;
    {
        auto point = session.begin_nested();
        auto drill = session.add(CornerDrill{});
        drill->code = "X";
        kept->watts = 6;
        session.delete_(lost);
        session.flush();
        CHECK(session.query<CornerTool>().count() == 2);
        point.rollback();
        CHECK(kept->watts == 5);
        CHECK(kept->version == 1);
    }
    CHECK(session.query<CornerTool>().count() == 2);
    kept->watts = 9;
    lost->weight = 4;
    session.commit();
    session.clear();
    CHECK(session.get<CornerDrill>(id)->watts == 9);
    CHECK(session.get<CornerDrill>(id)->version == 2);
    CHECK(session.query<CornerHammer>().one()->weight == 4);
}

TEST_CASE("INH-13 INH-17 orphans of all classes go, child tables first") {
    Corner db;
    Session session = db->session();
    auto yard = session.add(CornerYard{});
    auto drill = session.add(CornerDrill{});
    auto hammer = session.add(CornerHammer{});
    auto plain = session.add(CornerTool{});
    yard->tools.add(drill);
    yard->tools.add(hammer);
    yard->tools.add(plain);
    drill->goes_with.add(hammer);
    hammer->goes_with.add(plain);
    session.commit();
    CHECK(db.rows("SELECT COUNT(*) FROM corner_pairs").at(0).at(0) == Value(2));
    yard->tools.remove(drill);
    session.commit();
    CHECK(db.rows("SELECT COUNT(*) FROM corner_drills").at(0).at(0) == Value(0));
    session.clear();
    auto again = session.query<CornerYard>().one();
    session.delete_(again);
    session.commit();
    CHECK(session.query<CornerTool>().count() == 0);
    CHECK(db.rows("SELECT COUNT(*) FROM corner_pairs").at(0).at(0) == Value(0));
}

TEST_CASE("INH-13 unique values change places between objects of two classes") {
    Corner db;
    Session session = db->session();
    auto drill = session.add(CornerDrill{});
    drill->code = "A";
    drill->serial = "1";
    auto other = session.add(CornerDrill{});
    other->serial = "2";
    auto hammer = session.add(CornerHammer{});
    hammer->code = "B";
    session.commit();
    std::swap(drill->code, hammer->code);
    std::swap(drill->serial, other->serial);
    session.commit();
    session.clear();
    hammer = session.query<CornerHammer>().one();
    CHECK(hammer->code == "A");
    CHECK(session.query<CornerDrill>().where(col(&CornerDrill::serial) == "2").one()->code == "B");
    // A new object takes what one of another class gives up.
    hammer->code = "C";
    auto next = session.add(CornerDrill{});
    next->code = "A";
    session.commit();
    CHECK(db.rows("SELECT code FROM corner_tools WHERE code = 'A'").size() == 1);
    auto base = session.add(CornerTool{});
    base->code = "C";
    hammer->code.reset();
    session.commit();
    CHECK(db.rows("SELECT code FROM corner_tools WHERE code = 'C'").size() == 1);
    // And a deleted object's value goes to one of another class.
    session.delete_(base);
    hammer->code = "C";
    session.commit();
    CHECK(db.rows("SELECT code FROM corner_tools WHERE code = 'C'").size() == 1);
}

TEST_CASE("INH-17 a subclass behind a relationship, joined, in pages and ordered by its columns") {
    Corner db;
    Session session = db->session();
    for (int i = 0; i < 4; ++i) {
        auto drill = session.add(CornerDrill{});
        drill->watts = 10 - i;
        drill->manual = "m";
        session.flush();
        auto yard = session.add(CornerYard{});
        yard->name = std::to_string(i);
        if (i != 2) yard->best_id = drill->id;
        auto hammer = session.add(CornerHammer{});
        hammer->weight = i;
        yard->tools.add(hammer);
        yard->tools.add(drill);
    }
    session.commit();
    session.clear();
    auto page = session.query<CornerYard>()
                    .options(joined<&CornerYard::best>(), joined<&CornerYard::tools>())
                    .order_by(col(&CornerYard::name))
                    .limit(3)
                    .all();
    REQUIRE(page.size() == 3);
    CHECK(page[1]->best->watts == 9);
    CHECK_FALSE(page[2]->best);
    CHECK(page[2]->tools.size() == 2);
    session.clear();
    auto tools = session.query<CornerTool>()
                     .order_by(col(&CornerDrill::watts).desc().nulls_last(), col(&CornerTool::id))
                     .limit(3)
                     .all();
    REQUIRE(tools.size() == 3);
    CHECK(static_cast<CornerDrill&>(*tools[0]).watts == 10);
    session.clear();
    auto constant = session.query<const CornerTool>().order_by(col(&CornerTool::id)).all();
    REQUIRE(constant.size() == 8);
    CHECK(static_cast<const CornerDrill&>(*constant[0]).watts == 10);
    int seen = 0;
    session.query<CornerTool>().stream([&](const CornerTool& tool) { seen += tool.version; });
    CHECK(seen == 12);
    session.clear();
    // refresh, expire and merge of a subclass that is known as its base
    std::shared_ptr<CornerTool> tool =
        session.query<CornerTool>().order_by(col(&CornerTool::id)).first();
    db.run("UPDATE corner_drills SET watts = 77");
    session.rollback();
    session.refresh(tool);
    CHECK(static_cast<CornerDrill&>(*tool).watts == 77);
    CHECK(*static_cast<CornerDrill&>(*tool).manual == "m");
    CornerDrill detached;
    detached.id = tool->id;
    detached.watts = 78;
    detached.version = tool->version;
    auto merged = session.merge(detached);
    CHECK(merged.get() == tool.get());
    session.commit();
    CHECK(db.rows("SELECT watts FROM corner_drills WHERE watts = 78").size() == 1);
}

TEST_CASE("INH-04 a discriminator that is NULL is told of, and the session goes on") {
    test::Backend db;
    db.run("CREATE TABLE people (id INTEGER PRIMARY KEY, type VARCHAR(20), name VARCHAR(40), "
           "firm_id INTEGER, points INTEGER, salary INTEGER, desk VARCHAR(20), chief_id INTEGER, "
           "bonus INTEGER)");
    db.run("INSERT INTO people (id, type, name) VALUES (1, NULL, 'x'), (2, 'person', 'y')");
    Session session = db->session();
    CHECK_THROWS_WITH_AS(session.query<Person>().all(), doctest::Contains("NULL"), DataError);
    CHECK_THROWS_AS(session.get<Person>(1), DataError);
    CHECK(session.get<Person>(2)->name == "y");
    CHECK(session.query<Person>().where(col(&Person::id) == 2).one()->name == "y");
    session.commit();
    db.run("DROP TABLE people");
}
