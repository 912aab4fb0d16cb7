// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/members.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using namespace fixtures::members;
using test::Backend;

namespace {

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("EVT-15 tables that are created or dropped are told of, and the whole of it") {
    Backend db;
    Lines told;
    const auto note = [&](const char* what) {
        return [&told, &db, what](Connection& connection, const Table& table) {
            CHECK((connection.in_transaction() || !db.can().transactional_ddl));
            told.push_back(std::string(what) + " " + table.name);
        };
    };
    const auto simply = [&](const char* what) {
        return [&told, what](Connection&, const MetaData&) { told.emplace_back(what); };
    };
    const auto schema = db->on_schema();
    schema.before_create(note("before"));
    schema.after_create(note("after"));
    schema.before_drop(note("before drop"));
    schema.after_drop(note("after drop"));
    schema.before_create_all(simply("begin"));
    schema.after_create_all(simply("end"));
    schema.before_drop_all(simply("begin drop"));
    schema.after_drop_all(simply("end drop"));
    db->create_all<Club>();
    CHECK(std::exchange(told, {}) == Lines{"begin", "before club", "after club", "end"});
    const ScopedSubscription of_one = db->on_table<Member>().after_create(note("member alone"));
    db->create_all<Club, Skill, Member>();
    const auto now = std::exchange(told, {});
    CHECK(std::count(now.begin(), now.end(), "before club") == 0); // is there
    CHECK(std::count(now.begin(), now.end(), "after skill") == 1);
    CHECK(std::count(now.begin(), now.end(), "member alone member") == 1);
    CHECK(std::count(now.begin(), now.end(), "after member_skill") == 1);
    CHECK(now.size() == 2 + 3 * 2 + 1);
    db->drop_all<Club, Skill, Member>();
    CHECK(told.front() == "begin drop");
    CHECK(told.back() == "end drop");
    CHECK(std::count(told.begin(), told.end(), "after drop club") == 1);
    CHECK(told.size() == 2 + 4 * 2);
}

TEST_CASE("EVT-15 raw DDL is attached to a table, for the dialects that understand it") {
    Backend db;
    // An index that no description says, by its own SQL; and one that nobody may run.
    db->on_table<Skill>().after_create(Ddl("create index ix_by_hand on {table} (word)"));
    db->on_table("club").after_create(Ddl("this is no SQL").only_on({"another dialect"}));
    const std::string dialect(db->engine().dialect().name());
    db->on_table<Club>().after_create(
        Ddl("create index ix_club on {table} (name)").only_on({"another dialect", dialect}));
    db->on_schema().after_create_all(Ddl("insert into club (name) values ('made with the table')"));
    db->create_all<Club, Skill, Member>();
    const auto has_index = [&](const char* table, const char* index) {
        const auto indexes = db->inspect().indexes(table);
        return std::any_of(indexes.begin(), indexes.end(),
                           [&](const Index& there) { return there.name == index; });
    };
    CHECK(has_index("skill", "ix_by_hand"));
    CHECK(has_index("club", "ix_club"));
    CHECK(db->session().query<Club>().one()->name == "made with the table");
}

TEST_CASE("EVT-15 a listener that throws stops the creation") {
    Backend db;
    const ScopedSubscription refusing = db->on_table<Skill>().before_create(
        [](Connection&, const Table&) { throw std::runtime_error("no skills"); });
    CHECK_THROWS_AS((db->create_all<Club, Skill, Member>()), std::runtime_error);
    CHECK_FALSE(db->inspect().has_table("skill"));
    refusing.remove();
    db->create_all<Club, Skill, Member>();
    CHECK(db->inspect().has_table("skill"));
}
