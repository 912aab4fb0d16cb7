// SPDX-License-Identifier: MIT
// One session over two databases.
#include "support/sql_log.hpp"

#include <mercator/loading/loader_option.hpp>
#include <mercator/loading/query.hpp>
#include <mercator/loading/select.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/session/database.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace mercator;
using test::SqlLog;

namespace {

struct BoundUser {
    std::int64_t id{};
    std::string name;
    Many<struct BoundEntry> entries;
};
/// Lies in the archive, where no foreign key can refer to users.
struct BoundEntry {
    std::int64_t id{};
    std::string text;
    std::optional<std::int64_t> user_id;
    std::optional<std::int64_t> after_id; ///< checked at the commit
    One<BoundUser> user;
};
void describe(Mapping<BoundUser>& user) {
    user.table("bound_users");
    user.column<&BoundUser::id>().primary_key();
    user.column<&BoundUser::name>(String(40));
    user.relationship<&BoundUser::entries>().back_populates<&BoundEntry::user>();
}
void describe(Mapping<BoundEntry>& entry) {
    entry.table("bound_entries").bind_key("archive");
    entry.column<&BoundEntry::id>().primary_key();
    entry.column<&BoundEntry::text>(String(40));
    entry.column<&BoundEntry::user_id>();
    entry.column<&BoundEntry::after_id>().references<&BoundEntry::id>().deferrable();
    entry.relationship<&BoundEntry::user>()
        .back_populates<&BoundUser::entries>()
        .foreign_keys<&BoundEntry::user_id>()
        .primaryjoin([](auto own, auto other) {
            return own(&BoundEntry::user_id) == other(&BoundUser::id);
        });
}

struct Two {
    Two() {
        main.create_all<BoundUser>();
        archive.create_all<BoundEntry>();
        options = main.session_options();
        options.binds = {{"archive", &archive.engine()}};
    }
    Session session() { return main.session(options); }
    std::size_t users() {
        return main.engine().connect().fetch_all("SELECT id FROM bound_users").size();
    }
    std::size_t entries() {
        return archive.engine().connect().fetch_all("SELECT id FROM bound_entries").size();
    }
    Database main{"sqlite:///:memory:"};
    Database archive{"sqlite:///:memory:"};
    SessionOptions options;
};

} // namespace

TEST_CASE("UOW-27 a class with a bind key is read from and written to its engine, in one session") {
    Two two;
    const SqlLog main(two.main.engine());
    const SqlLog archive(two.archive.engine());
    Session session = two.session();
    const auto user = session.add(BoundUser{.name = "ada"});
    const auto entry = session.add(BoundEntry{.text = "came"});
    entry->user = user;
    session.add(BoundEntry{.text = "went"})->user = user;
    session.commit();
    CHECK(main.count("INSERT") == 1);
    CHECK(archive.rows("INSERT") == 2);
    CHECK(entry->user_id == user->id);
    CHECK(two.users() == 1);
    CHECK(two.entries() == 2);

    entry->text = "came late";
    session.commit();
    CHECK(archive.count("UPDATE") == 1);
    CHECK(session.get<BoundEntry>(entry->id) == entry);
    CHECK(session.query<BoundEntry>().where(col(&BoundEntry::text).contains("late")).one() ==
          entry);
    CHECK(session.query<BoundEntry>().count() == 2);
    CHECK(session.query<BoundEntry>().where(col(&BoundEntry::text) == "went").delete_() == 1);
    session.rollback();
    CHECK(two.entries() == 2);
    session.delete_(entry);
    session.commit();
    CHECK(two.entries() == 1);
    CHECK(main.count("DELETE") + main.count("UPDATE") == 0);
}

TEST_CASE(
    "UOW-27 relationships across binds load when touched and by selectin; joins are refused") {
    Two two;
    {
        Session session = two.session();
        for (const char* name : {"ada", "bob"}) {
            const auto user = session.add(BoundUser{.name = name});
            for (int i = 0; i < 2; ++i) session.add(BoundEntry{.text = name})->user = user;
        }
        session.commit();
    }
    Session session = two.session();
    const auto users = session.query<BoundUser>().order_by(col(&BoundUser::id)).all();
    REQUIRE(users.size() == 2);
    CHECK(users[0]->entries.size() == 2);
    CHECK(users[1]->entries[0]->text == "bob");
    CHECK(users[1]->entries[0]->user.handle() == users[1]);

    session.rollback();
    Session other = two.session();
    const SqlLog archive(two.archive.engine());
    const auto eager = other.query<BoundUser>().options(selectin<&BoundUser::entries>()).all();
    CHECK(archive.count("SELECT") == 1);
    CHECK(eager[1]->entries.size() == 2);
    CHECK(archive.count("SELECT") == 1);
    const auto entry = other.query<BoundEntry>().first();
    CHECK(entry->user->name == "ada");

    try {
        static_cast<void>(other.query<BoundUser>().options(joined<&BoundUser::entries>()).all());
        FAIL("no statement can join two databases");
    } catch (const CompileError& error) {
        const std::string told = error.what();
        CHECK(told.find("bound_entries") != told.npos);
        CHECK(told.find("bound_users") != told.npos);
        CHECK(told.find("selectin") != told.npos);
    }
    CHECK_THROWS_AS(
        static_cast<void>(
            other.execute(select(col(&BoundUser::name)).join<&BoundUser::entries>()).all()),
        CompileError);
    CHECK(other.query<BoundUser>().count() == 2); // the session goes on
}

TEST_CASE("UOW-27 a rollback and a savepoint reach all databases") {
    Two two;
    Session session = two.session();
    const auto user = session.add(BoundUser{.name = "ada"});
    session.flush();
    {
        Savepoint inside = session.begin_nested();
        session.add(BoundEntry{.text = "dropped"})->user = user;
        session.flush();
        inside.rollback();
    }
    session.add(BoundEntry{.text = "kept"});
    session.nested([&] { session.add(BoundEntry{.text = "kept as well"}); });
    session.commit();
    CHECK(two.users() == 1);
    CHECK(two.entries() == 2);
    user->name = "not for long";
    session.add(BoundEntry{.text = "nor this"});
    session.flush();
    session.rollback();
    CHECK(user->name == "ada");
    CHECK(two.entries() == 2);
}

TEST_CASE("UOW-27 where one database does not commit, it is told which did") {
    Two two;
    Session session = two.session();
    const auto user = session.add(BoundUser{.name = "ada"});
    const auto entry = session.add(BoundEntry{.text = "after nothing", .after_id = 4711});
    entry->user = user;
    try {
        session.commit();
        FAIL("the foreign key is checked at the commit");
    } catch (const StateError& error) {
        const std::string told = error.what();
        CHECK(told.find("\"archive\" did not commit") != told.npos);
        CHECK(told.find("is committed") != told.npos);
    }
    CHECK_FALSE(session.in_transaction());
    CHECK(two.users() == 1);
    CHECK(two.entries() == 0);
    CHECK(session.status(user) == ObjectStatus::Persistent);
    CHECK(session.status(entry) == ObjectStatus::Pending);
    entry->after_id.reset();
    session.commit();
    CHECK(two.users() == 1); // not inserted again
    CHECK(two.entries() == 1);
    CHECK(entry->user_id == user->id);
}

TEST_CASE("UOW-27 a key without an engine is refused, and without binds all is in one database") {
    Two two;
    SessionOptions options = two.main.session_options();
    options.binds = {{"elsewhere", &two.archive.engine()}};
    Session session = two.main.session(options);
    try {
        static_cast<void>(session.query<BoundEntry>().all());
        FAIL("nobody knows where the archive is");
    } catch (const StateError& error) {
        CHECK(std::string(error.what()).find("\"archive\"") != std::string::npos);
    }
    options.binds = {{"archive", nullptr}};
    CHECK_THROWS_AS(static_cast<void>(two.main.session(options)), ArgumentError);

    Database all("sqlite:///:memory:");
    all.create_all<BoundUser, BoundEntry>();
    Session plain = all.session();
    plain.add(BoundEntry{.text = "here"})->user = plain.add(BoundUser{.name = "ada"});
    plain.commit();
    CHECK(plain.query<BoundUser>().options(joined<&BoundUser::entries>()).one()->entries.size() ==
          1);
}
