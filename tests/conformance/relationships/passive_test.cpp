// SPDX-License-Identifier: MIT
// What the database does by itself when a parent is deleted or gets another key. (Cases C07, C12
// and D14 of the reliability list.)
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

/// `Mode` is how the parent's relationship is described.
enum class Mode {
    plain,          // ON DELETE CASCADE, nothing else said
    cascade,        // the same, and deleted through the session
    on,             // the database is said to delete them
    all,            // the database does everything
    set_null,       // ON DELETE SET NULL
    null_and_delete // ON DELETE SET NULL, but deleted through the session
};
template <Mode M>
struct Child;
template <Mode M>
struct Parent {
    std::int64_t id{};
    std::string name;
    Many<Child<M>> children;
};
template <Mode M>
struct Grandchild;
template <Mode M>
struct Child {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> parent_id;
    One<Parent<M>> parent;
};

template <Mode M>
std::string name_of(const char* what) {
    return std::string("passive_") + what + std::to_string(static_cast<int>(M));
}
template <Mode M>
void describe(Mapping<Parent<M>>& parent) {
    parent.table(name_of<M>("parents"));
    parent.template column<&Parent<M>::id>().primary_key();
    parent.template column<&Parent<M>::name>(String(40));
    auto children = parent.template relationship<&Parent<M>::children>();
    children.template backref<&Child<M>::parent>();
    if (M == Mode::cascade || M == Mode::null_and_delete) children.cascade_delete();
    if (M == Mode::on) children.cascade(Cascade::all | Cascade::delete_orphan).passive_deletes();
    if (M == Mode::all) children.passive_deletes(PassiveDeletes::all);
}
template <Mode M>
void describe(Mapping<Child<M>>& child) {
    child.table(name_of<M>("children"));
    child.template column<&Child<M>::id>().primary_key();
    child.template column<&Child<M>::name>(String(40));
    child.template column<&Child<M>::parent_id>().template references<&Parent<M>::id>().on_delete(
        M == Mode::set_null || M == Mode::null_and_delete ? ReferentialAction::SetNull
                                                          : ReferentialAction::Cascade);
}

/// A parent with three children, and one without.
template <Mode M>
struct Family : Backend {
    Family() {
        database().template create_all<Parent<M>, Child<M>>();
        Session session = database().session();
        const auto parent = session.add(Parent<M>{.name = "parent"});
        session.add(Parent<M>{.name = "other"});
        for (const char* name : {"a", "b", "c"})
            parent->children.add(session.add(Child<M>{.name = name}));
        session.commit();
        id = parent->id;
        log = std::make_unique<SqlLog>(database().engine());
    }
    [[nodiscard]] std::int64_t children() {
        return database().session().template query<Child<M>>().count();
    }
    std::int64_t id = 0;
    std::unique_ptr<SqlLog> log;
};

/// Deletes a parent whose children are not loaded, and tells what was sent.
template <Mode M>
void expect_left_to_database(std::int64_t left) {
    Family<M> family;
    Session session = family->session();
    const auto parent = session.template get<Parent<M>>(family.id);
    session.delete_(parent);
    family.log->clear();
    session.commit();
    CHECK_MESSAGE(family.log->count() == 1, family.log->dump());
    CHECK(family.log->count("DELETE") == 1);
    CHECK(family.children() == left);
}

struct Invoice;
/// A key that people can change. Its invoices follow by the session, though the foreign key says
/// that the database does it: the tables were made without.
struct Customer {
    std::string code;
    std::string name;
    Many<Invoice> invoices;
};
struct Invoice {
    std::int64_t id{};
    std::optional<std::string> customer_code;
    One<Customer> customer;
};
void describe(Mapping<Customer>& customer) {
    customer.table("passive_customers");
    customer.column<&Customer::code>(String(10)).primary_key();
    customer.column<&Customer::name>(String(40));
    customer.relationship<&Customer::invoices>()
        .passive_updates(false)
        .backref<&Invoice::customer>();
}
void describe(Mapping<Invoice>& invoice) {
    invoice.table("passive_invoices");
    invoice.column<&Invoice::id>().primary_key();
    invoice.column<&Invoice::customer_code>(String(10))
        .references<&Customer::code>()
        .on_key_update(ReferentialAction::Cascade);
    // What is made here has no foreign key.
}

/// Parts of a key that the database takes along; a tag cannot be without its crate.
struct Crate {
    std::string code;
};
struct Tag {
    std::string crate_code;
    int number{};
    One<Crate> crate;
};
void describe(Mapping<Crate>& crate) {
    crate.table("passive_crates");
    crate.column<&Crate::code>(String(10)).primary_key();
}
void describe(Mapping<Tag>& tag) {
    tag.table("passive_tags");
    tag.column<&Tag::crate_code>(String(10))
        .references<&Crate::code>()
        .on_key_update(ReferentialAction::Cascade);
    tag.column<&Tag::number>();
    tag.primary_key<&Tag::crate_code, &Tag::number>();
    tag.relationship<&Tag::crate>();
}

} // namespace

TEST_CASE("REL-26 KEY-21 children that the database deletes cost no statement") {
    expect_left_to_database<Mode::plain>(0);
    expect_left_to_database<Mode::cascade>(0);
    expect_left_to_database<Mode::on>(0);
    expect_left_to_database<Mode::all>(0);
}

TEST_CASE("REL-26 KEY-21 children that the database lets go cost no statement") {
    expect_left_to_database<Mode::set_null>(3);
    Family<Mode::set_null> family;
    Session session = family->session();
    const auto parent = session.get<Parent<Mode::set_null>>(family.id);
    const auto child = session.query<Child<Mode::set_null>>().first();
    session.delete_(parent);
    session.commit();
    CHECK(session.status(child) == ObjectStatus::Persistent);
    session.refresh(child);
    CHECK_FALSE(child->parent_id.has_value());
    CHECK(child->parent == nullptr);
}

TEST_CASE("REL-25 C07 where the database only lets go, the session deletes") {
    Family<Mode::null_and_delete> family;
    Session session = family->session();
    session.delete_(session.get<Parent<Mode::null_and_delete>>(family.id));
    family.log->clear();
    session.commit();
    CHECK_MESSAGE(family.log->count("SELECT") == 1, family.log->dump());
    CHECK(family.log->rows("DELETE") == 4);
    CHECK(family.children() == 0);
}

TEST_CASE(
    "REL-26 C07 children that are loaded are deleted by the session, unless it is to leave all "
    "to the database") {
    SUBCASE("on") {
        Family<Mode::on> family;
        Session session = family->session();
        const auto parent = session.get<Parent<Mode::on>>(family.id);
        CHECK(parent->children.size() == 3);
        session.delete_(parent);
        family.log->clear();
        session.commit();
        CHECK_MESSAGE(family.log->rows("DELETE") == 4, family.log->dump());
        CHECK(family.log->count("SELECT") == 0);
        CHECK(family.children() == 0);
    }
    SUBCASE("all") {
        Family<Mode::all> family;
        Session session = family->session();
        const auto parent = session.get<Parent<Mode::all>>(family.id);
        const std::vector<std::shared_ptr<Child<Mode::all>>> children(parent->children.begin(),
                                                                      parent->children.end());
        session.delete_(parent);
        family.log->clear();
        session.commit();
        CHECK_MESSAGE(family.log->count() == 1, family.log->dump());
        CHECK(family.children() == 0);
        for (const auto& child : children) CHECK(session.status(child) == ObjectStatus::Detached);
    }
}

TEST_CASE(
    "REL-26 D14 objects whose rows the database deleted tell so, and return with a rollback") {
    using Kid = Child<Mode::cascade>;
    Family<Mode::cascade> family;
    Session session = family->session();
    const auto parent = session.get<Parent<Mode::cascade>>(family.id);
    // In memory by themselves: the parent's collection is not loaded.
    const auto kids = session.query<Kid>().all();
    REQUIRE(kids.size() == 3);
    kids[1]->name = "changed";
    session.delete_(parent);
    session.flush();
    for (const auto& kid : kids) {
        CHECK(session.status(kid) == ObjectStatus::Deleted);
        CHECK_FALSE(session.contains(kid));
        CHECK(session.get<Kid>(kid->id) == nullptr);
        CHECK_THROWS_AS(session.refresh(kid), StaleDataError);
    }
    SUBCASE("committed") {
        session.commit();
        for (const auto& kid : kids) {
            CHECK(session.status(kid) == ObjectStatus::Detached);
            CHECK_THROWS_AS(session.refresh(kid), StaleDataError);
        }
        CHECK(family.children() == 0);
    }
    SUBCASE("rolled back") {
        session.rollback();
        for (const auto& kid : kids) CHECK(session.status(kid) == ObjectStatus::Persistent);
        CHECK(kids[1]->name == "b");
        CHECK(session.get<Kid>(kids[1]->id) == kids[1]);
        CHECK(parent->children.size() == 3);
        session.commit();
        CHECK(family.children() == 3);
    }
}

TEST_CASE("REL-26 a child that was moved away is not taken for deleted") {
    using Kid = Child<Mode::cascade>;
    Family<Mode::cascade> family;
    Session session = family->session();
    const auto parent = session.get<Parent<Mode::cascade>>(family.id);
    const auto other = session.query<Parent<Mode::cascade>>()
                           .where(col(&Parent<Mode::cascade>::name) == "other")
                           .one();
    const auto kid = session.query<Kid>().where(col(&Kid::name) == "b").one();
    kid->parent = other;
    session.delete_(parent);
    session.commit();
    CHECK(session.status(kid) == ObjectStatus::Persistent);
    CHECK(family.children() == 1);
    CHECK(other->children.size() == 1);
}

TEST_CASE("REL-26 C12 where the database does not follow a key, the session writes the children") {
    Backend backend;
    // Tables as somebody else has made them, without a foreign key.
    backend.run("CREATE TABLE " + backend.quoted("passive_customers") + " (" +
                backend.quoted("code") + " VARCHAR(10) NOT NULL PRIMARY KEY, " +
                backend.quoted("name") + " VARCHAR(40) NOT NULL)");
    backend.run("CREATE TABLE " + backend.quoted("passive_invoices") + " (" + backend.quoted("id") +
                " BIGINT NOT NULL PRIMARY KEY, " + backend.quoted("customer_code") +
                " VARCHAR(10))");
    backend.run("INSERT INTO " + backend.quoted("passive_customers") + " VALUES ('old', 'Ann')");
    for (const char* id : {"1", "2", "3"})
        backend.run("INSERT INTO " + backend.quoted("passive_invoices") + " VALUES (" + id +
                    ", 'old')");
    SqlLog log(backend->engine());
    Session session = backend->session();
    const auto customer = session.get<Customer>("old");
    const auto second = session.get<Invoice>(2);
    customer->code = "new";
    log.clear();
    session.commit();
    CHECK_MESSAGE(log.count("SELECT") == 1, log.dump());
    CHECK(log.count("DELETE") + log.count("INSERT") == 0);
    CHECK(second->customer_code == "new");
    CHECK(second->customer.handle() == customer);
    Session fresh = backend->session();
    CHECK(fresh.get<Customer>("new")->invoices.size() == 3);
    CHECK(fresh.query<Invoice>().where(col(&Invoice::customer_code) == "new").count() == 3);
    CHECK(session.get<Customer>("new") == customer);
}

TEST_CASE("C12 a row that is to be deleted follows a key that has to change before") {
    Backend backend;
    backend->create_all<Crate, Tag>();
    Session session = backend->session();
    const auto left = session.add(Crate{.code = "left"});
    const auto right = session.add(Crate{.code = "right"});
    const auto dropped = session.add(Tag{.number = 1});
    const auto moved = session.add(Tag{.number = 2});
    dropped->crate = left;
    moved->crate = right;
    session.commit();
    left->code = "new";
    session.delete_(dropped); // refers to the key that changes
    moved->crate = left;      // from a crate that goes to that key
    session.delete_(right);
    session.commit();
    Session fresh = backend->session();
    CHECK(fresh.query<Tag>().count() == 1);
    CHECK(fresh.get<Tag>("new", 2)->crate->code == "new");
    CHECK(fresh.query<Crate>().count() == 1);
}

namespace {

/// The parameters of the only UPDATE of a table.
std::vector<Value> update_of(const SqlLog& log, const std::string& table) {
    std::vector<Value> parameters;
    int found = 0;
    for (const auto& statement : log.statements()) {
        const auto at = statement.sql.find(table);
        if (statement.sql.rfind("UPDATE", 0) != 0 || at > 12) continue;
        parameters = statement.parameters;
        ++found;
    }
    CHECK(found == 1);
    return parameters;
}

} // namespace

TEST_CASE("UOW-30 a key that changes is an UPDATE by the old one, and dependants follow") {
    Backend backend;
    SUBCASE("by the database") {
        backend->create_all<Crate, Tag>();
        Session session = backend->session();
        const auto crate = session.add(Crate{.code = "old"});
        const auto tag = session.add(Tag{.number = 7, .crate = crate});
        session.commit();
        SqlLog log(backend->engine());
        crate->code = "new";
        session.commit();
        CHECK_MESSAGE(log.count() == 1, log.dump()); // ON UPDATE CASCADE did the rest
        CHECK(update_of(log, "passive_crates") == std::vector<Value>{"new", "old"});
        CHECK(tag->crate_code == "new");
        CHECK(session.get<Tag>("new", 7) == tag);
        CHECK(session.get<Crate>("old") == nullptr);
        tag->number = 8;
        session.commit();
        CHECK(backend->session().get<Tag>("new", 8) != nullptr);
    }
    SUBCASE("by the session, with those that were not loaded") {
        backend.run("CREATE TABLE " + backend.quoted("passive_customers") + " (" +
                    backend.quoted("code") + " VARCHAR(10) NOT NULL PRIMARY KEY, " +
                    backend.quoted("name") + " VARCHAR(40) NOT NULL)");
        backend.run("CREATE TABLE " + backend.quoted("passive_invoices") + " (" +
                    backend.quoted("id") + " BIGINT NOT NULL PRIMARY KEY, " +
                    backend.quoted("customer_code") + " VARCHAR(10))");
        backend.run("INSERT INTO " + backend.quoted("passive_customers") + " VALUES ('old', 'A')");
        backend.run("INSERT INTO " + backend.quoted("passive_invoices") + " VALUES (1, 'old')");
        Session session = backend->session();
        const auto customer = session.get<Customer>("old");
        SqlLog log(backend->engine());
        customer->code = "new";
        session.commit();
        CHECK(update_of(log, "passive_customers") == std::vector<Value>{"new", "old"});
        CHECK(log.count("UPDATE") == 3); // the invoice lets go, and takes the new key
        CHECK(backend->session().get<Invoice>(1)->customer_code == "new");
        customer->code = "newer";
        session.flush();
        session.rollback();
        CHECK(customer->code == "new");
        CHECK(session.get<Customer>("new") == customer);
    }
}
