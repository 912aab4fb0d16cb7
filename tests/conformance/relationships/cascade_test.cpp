// SPDX-License-Identifier: MIT
// What is done to related objects when it is done to their owner: every cascade with every
// operation on every kind of relationship. (Case C07 of the reliability list.)
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <fmt/format.h>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

enum class Kind { OneToMany, OneToOne, ManyToOne, ManyToMany };

/// Holds a part by the one member or the other, as its kind says.
template <Kind K, Cascade C>
struct Part;
template <Kind K, Cascade C>
struct Owner {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> part_id;
    Many<Part<K, C>> many;
    One<Part<K, C>> one;
};
template <Kind K, Cascade C>
struct Part {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> owner_id;
};

template <Kind K, Cascade C>
std::string table_of(const char* what) {
    return fmt::format("cascade_{}_{}_{}", what, static_cast<int>(K), static_cast<int>(C));
}

template <Kind K, Cascade C>
void describe(Mapping<Owner<K, C>>& owner) {
    using Own = Owner<K, C>;
    owner.table(table_of<K, C>("owner"));
    owner.template column<&Own::id>().primary_key();
    owner.template column<&Own::name>(String(40));
    if constexpr (K == Kind::OneToMany) {
        owner.template relationship<&Own::many>().cascade(C);
    } else if constexpr (K == Kind::OneToOne) {
        owner.template relationship<&Own::one>().cascade(C);
    } else if constexpr (K == Kind::ManyToOne) {
        owner.template column<&Own::part_id>().template references<&Part<K, C>::id>();
        owner.template relationship<&Own::one>().cascade(C).single_parent();
    } else {
        const Table between{table_of<K, C>("link"),
                            Column("owner_id", BigInteger())
                                .references(table_of<K, C>("owner") + ".id")
                                .primary_key(),
                            Column("part_id", BigInteger())
                                .references(table_of<K, C>("part") + ".id")
                                .primary_key()};
        owner.template relationship<&Own::many>().secondary(between).cascade(C).single_parent();
    }
}
template <Kind K, Cascade C>
void describe(Mapping<Part<K, C>>& part) {
    using Own = Part<K, C>;
    part.table(table_of<K, C>("part"));
    part.template column<&Own::id>().primary_key();
    part.template column<&Own::name>(String(40));
    if constexpr (K == Kind::OneToMany || K == Kind::OneToOne) {
        auto column = part.template column<&Own::owner_id>();
        column.template references<&Owner<K, C>::id>();
        if (K == Kind::OneToOne) column.unique();
    }
}

template <Kind K, Cascade C>
void relate(Owner<K, C>& owner, const std::shared_ptr<Part<K, C>>& part) {
    if constexpr (K == Kind::OneToMany || K == Kind::ManyToMany) {
        owner.many.add(part);
    } else {
        owner.one = part;
    }
}
template <Kind K, Cascade C>
std::shared_ptr<Part<K, C>> related(Owner<K, C>& owner) {
    if constexpr (K == Kind::OneToMany || K == Kind::ManyToMany) {
        return owner.many.size() == 1 ? owner.many[0] : nullptr;
    } else {
        return owner.one.handle();
    }
}

/// All operations on one owner with one part.
template <Kind K, Cascade C>
struct Row : Backend {
    using Own = Owner<K, C>;
    using Its = Part<K, C>;

    Row() {
        database().create_all<Own, Its>();
        Session session = database().session();
        const auto owner = session.add(Own{.name = "owner"});
        const auto part = session.add(Its{.name = "part"});
        relate(*owner, part);
        session.commit();
        owner_id = owner->id;
        part_id = part->id;
        log = std::make_unique<SqlLog>(database().engine());
    }

    void save() {
        Session session = database().session();
        const auto owner = session.add(Own{.name = "new owner"});
        const auto part = session.add(Its{.name = "new part"});
        relate(*owner, part);
        session.expunge(part);
        session.expunge(owner);
        REQUIRE(session.status(part) == ObjectStatus::Transient);
        session.add(owner);
        const bool reaches = has(C, Cascade::save_update);
        CHECK(session.contains(part) == reaches);
        log->clear();
        if (reaches) {
            session.flush();
            CHECK_MESSAGE(log->count("INSERT") == (K == Kind::ManyToMany ? 3 : 2), log->dump());
            CHECK(session.status(part) == ObjectStatus::Persistent);
        } else {
            CHECK_THROWS_AS(session.flush(), StateError);
            CHECK_MESSAGE(log->count() == 0, log->dump());
        }
        session.rollback();
    }

    void merge() {
        Session source = database().session();
        const auto there = source.get<Own>(owner_id);
        const auto part = related(*there);
        REQUIRE(part != nullptr);
        part->name = "merged";
        Session session = database().session();
        const auto owner = session.merge(there);
        CHECK(session.get<Its>(part_id)->name == (has(C, Cascade::merge) ? "merged" : "part"));
        CHECK(related(*owner) == session.get<Its>(part_id));
        log->clear();
        session.flush();
        CHECK_MESSAGE(log->count("UPDATE") == (has(C, Cascade::merge) ? 1 : 0), log->dump());
        CHECK(log->count() == log->count("UPDATE"));
    }

    void expunge() {
        Session session = database().session();
        const auto owner = session.get<Own>(owner_id);
        const auto part = related(*owner);
        session.expunge(owner);
        CHECK_FALSE(session.contains(owner));
        CHECK(session.contains(part) == !has(C, Cascade::expunge));
    }

    void refresh() {
        Session session = database().session();
        const auto owner = session.get<Own>(owner_id);
        const auto part = related(*owner);
        session.connection().execute_script("UPDATE " + quoted(table_of<K, C>("part")) + " SET " +
                                            quoted("name") + " = 'fresh'");
        log->clear();
        session.refresh(owner);
        const bool reaches = has(C, Cascade::refresh);
        CHECK(part->name == (reaches ? "fresh" : "part"));
        CHECK_MESSAGE(log->count("SELECT") == (reaches ? 2 : 1), log->dump());
    }

    void delete_owner() {
        Session session = database().session();
        const auto owner = session.get<Own>(owner_id);
        const auto part = session.get<Its>(part_id);
        session.delete_(owner);
        log->clear();
        session.commit();
        const bool reaches = has(C, Cascade::delete_);
        CHECK(session.contains(part) == !reaches);
        CHECK(session.query<Own>().count() == 0);
        CHECK(session.query<Its>().count() == (reaches ? 0 : 1));
        // A part could stand with other owners as well, so its own pairs are deleted, too.
        const std::size_t links = K != Kind::ManyToMany ? 0 : reaches ? 2 : 1;
        CHECK_MESSAGE(log->rows("DELETE") == 1 + links + (reaches ? 1 : 0), log->dump());
        const bool lets_go = !reaches && (K == Kind::OneToMany || K == Kind::OneToOne);
        CHECK(log->count("UPDATE") == (lets_go ? 1 : 0));
    }

    std::int64_t owner_id = 0;
    std::int64_t part_id = 0;
    std::unique_ptr<SqlLog> log;
};

template <Kind K, Cascade C>
void play_row() {
    CAPTURE(static_cast<int>(K));
    CAPTURE(static_cast<int>(C));
    Row<K, C> row;
    row.save();
    row.merge();
    row.expunge();
    row.refresh();
    row.delete_owner(); // the last, since the others need it
}

template <Kind K>
void play_kind() {
    play_row<K, Cascade::none>();
    play_row<K, Cascade::save_update>();
    play_row<K, Cascade::merge>();
    play_row<K, Cascade::expunge>();
    play_row<K, Cascade::refresh>();
    play_row<K, Cascade::delete_>();
    play_row<K, Cascade::all>();
}

struct Leaf;
/// What a cascade walks: a circle of expunge and refresh.
struct Branch {
    std::int64_t id{};
    std::string name;
    Many<Leaf> leaves;
};
struct Leaf {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> branch_id;
    One<Branch> branch;
};
void describe(Mapping<Branch>& branch) {
    branch.table("cascade_branches");
    branch.column<&Branch::id>().primary_key();
    branch.column<&Branch::name>(String(40));
    branch.relationship<&Branch::leaves>()
        .cascade(Cascade::all)
        .backref<&Leaf::branch>([](auto& side) {
            side.cascade(Cascade::save_update | Cascade::merge | Cascade::expunge |
                         Cascade::refresh);
        });
}
void describe(Mapping<Leaf>& leaf) {
    leaf.table("cascade_leaves");
    leaf.column<&Leaf::id>().primary_key();
    leaf.column<&Leaf::name>(String(40));
    leaf.column<&Leaf::branch_id>().references<&Branch::id>();
}

/// Cannot be without a box; a box gives its label up when it goes.
struct Box {
    std::int64_t id{};
    std::string label;
};
struct Item {
    std::int64_t id{};
    std::int64_t box_id{};
    One<Box> box;
};
void describe(Mapping<Box>& box) {
    box.table("cascade_boxes");
    box.column<&Box::id>().primary_key();
    box.column<&Box::label>(String(40)).unique();
}
void describe(Mapping<Item>& item) {
    item.table("cascade_items");
    item.column<&Item::id>().primary_key();
    item.column<&Item::box_id>().references<&Box::id>();
    item.relationship<&Item::box>();
}

struct Tree : Backend {
    Tree() {
        database().create_all<Branch, Leaf>();
        Session session = database().session();
        const auto branch = session.add(Branch{.name = "branch"});
        for (const char* name : {"a", "b", "c"})
            branch->leaves.add(session.add(Leaf{.name = name}));
        session.commit();
        id = branch->id;
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::int64_t id = 0;
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("REL-24 REL-25 each cascade reaches by its own operation alone: one-to-many") {
    play_kind<Kind::OneToMany>();
}
TEST_CASE("REL-24 REL-25 each cascade reaches by its own operation alone: one-to-one") {
    play_kind<Kind::OneToOne>();
}
TEST_CASE("REL-24 REL-25 each cascade reaches by its own operation alone: many-to-one") {
    play_kind<Kind::ManyToOne>();
}
TEST_CASE("REL-24 REL-25 each cascade reaches by its own operation alone: many-to-many") {
    play_kind<Kind::ManyToMany>();
}

TEST_CASE("REL-24 C27 cascades over a circle of objects end, and visit each once") {
    Tree tree;
    Session session = tree->session();
    const auto branch = session.get<Branch>(tree.id);
    const std::vector<std::shared_ptr<Leaf>> leaves(branch->leaves.begin(), branch->leaves.end());
    REQUIRE(leaves.size() == 3);
    for (const auto& leaf : leaves) REQUIRE(leaf->branch.handle() == branch);

    SUBCASE("refresh") {
        tree.log->clear();
        session.refresh(leaves[1]);
        CHECK_MESSAGE(tree.log->count("SELECT") == 4, tree.log->dump());
    }
    SUBCASE("expunge, and back") {
        session.expunge(leaves[1]);
        CHECK_FALSE(session.contains(branch));
        for (const auto& leaf : leaves) CHECK_FALSE(session.contains(leaf));
        session.add(leaves[2]);
        CHECK(session.contains(branch));
        for (const auto& leaf : leaves) CHECK(session.contains(leaf));
        leaves[0]->name = "changed";
        session.commit();
        CHECK(tree->session().get<Leaf>(leaves[0]->id)->name == "changed");
    }
}

TEST_CASE("REL-24 refresh lets go of a related object whose row is gone") {
    Tree tree;
    Session session = tree->session();
    const auto branch = session.get<Branch>(tree.id);
    const auto gone = branch->leaves[0];
    session.connection().execute_script("DELETE FROM " + tree.quoted("cascade_leaves") + " WHERE " +
                                        tree.quoted("name") + " = 'a'");
    session.refresh(branch);
    CHECK_FALSE(session.contains(gone));
    CHECK(branch->leaves.size() == 2);
    CHECK_THROWS_AS(session.refresh(gone), StateError);
}

TEST_CASE("REL-25 C07 deleting a parent deletes its children, however many of them are loaded") {
    Tree tree;
    Session session = tree->session();
    const auto branch = session.get<Branch>(tree.id);
    std::size_t selects = 0;
    SUBCASE("none") {
        selects = 1;
    }
    SUBCASE("one of them, by itself") {
        CHECK(session.query<Leaf>().where(col(&Leaf::name) == "b").one()->branch.handle() ==
              branch);
        selects = 1;
    }
    SUBCASE("all") {
        CHECK(branch->leaves.size() == 3);
    }
    session.delete_(branch);
    tree.log->clear();
    session.commit();
    CHECK_MESSAGE(tree.log->count("SELECT") == selects, tree.log->dump());
    CHECK(tree.log->rows("DELETE") == 4);
    CHECK(tree.log->count("UPDATE") == 0);
    CHECK(session.query<Leaf>().count() == 0);
    CHECK(session.query<Branch>().count() == 0);
}

TEST_CASE("C07 a child moves from a deleted parent to a new one, while another new one takes the "
          "deleted one's unique value") {
    Backend backend;
    backend->create_all<Box, Item>();
    Session session = backend->session();
    const auto old = session.add(Box{.label = "x"});
    const auto item = session.add(Item{});
    item->box = old;
    session.commit();
    SqlLog log(backend->engine());
    const auto home = session.add(Box{.label = "y"});
    const auto heir = session.add(Box{.label = "x"});
    item->box = home;
    session.delete_(old);
    log.clear();
    session.commit();
    CHECK_MESSAGE(log.count("INSERT") == 2, log.dump());
    CHECK(log.count("UPDATE") == 1);
    CHECK(log.count("DELETE") == 1);
    Session fresh = backend->session();
    CHECK(fresh.get<Item>(item->id)->box->label == "y");
    CHECK(fresh.query<Box>().where(col(&Box::label) == "x").one()->id == heir->id);
}

TEST_CASE("REL-24 a new child that was deleted again is not in a collection that is loaded later") {
    Tree tree;
    Session session = tree->session();
    const auto branch = session.get<Branch>(tree.id);
    const auto leaf = session.add(Leaf{.name = "new"});
    leaf->branch = branch; // its leaves are not loaded
    session.delete_(leaf);
    CHECK(session.status(leaf) == ObjectStatus::Transient);
    CHECK(branch->leaves.size() == 3);
    session.expunge(branch);
    session.add(branch);
    CHECK(session.status(leaf) == ObjectStatus::Transient);
    session.commit();
    CHECK(tree->session().query<Leaf>().count() == 3);
}

TEST_CASE(
    "REL-16 a child whose delete is taken back is in a collection that was loaded meanwhile") {
    Tree tree;
    Session session = tree->session();
    const auto branch = session.get<Branch>(tree.id);
    const auto leaf = session.query<Leaf>().where(col(&Leaf::name) == "b").one();
    session.delete_(leaf);
    {
        const auto guard = session.no_autoflush();
        CHECK(branch->leaves.size() == 2);
    }
    session.add(leaf);
    CHECK(branch->leaves.size() == 3);
    CHECK(branch->leaves.contains(leaf));
    session.commit();
    CHECK(tree->session().query<Leaf>().count() == 3);
}
