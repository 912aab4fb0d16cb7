// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"

#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;

namespace {

struct Library : Backend {
    Library() { database().create_all<Artist, Album, Song>(); }
    void insert(Connection& connection, const std::string& name) const {
        connection.execute_script("INSERT INTO " + quoted("artists") + " (" + quoted("name") +
                                  ") VALUES ('" + name + "')");
    }
    std::set<std::string> names() {
        std::set<std::string> found;
        for (const auto& artist : database().session().query<Artist>().values())
            found.insert(artist.name);
        return found;
    }
};

/// Another application, which waits only a moment for what others have locked.
std::unique_ptr<Database> impatient(const Library& library) {
    Config config = library.config();
    config.busy_timeout = std::chrono::milliseconds(100);
    return std::make_unique<Database>(config);
}

bool one_writer_at_a_time(const Library& library) {
    return Url::parse(library.uri()).hosts.empty();
}

/// The same for rows on a server, in its words.
void be_impatient(Session& session) {
    for (const char* words : {"SET innodb_lock_wait_timeout = 1", "SET lock_timeout = '200ms'"}) {
        try {
            session.connection().execute_script(words);
            return;
        } catch (const DatabaseError&) {
            session.rollback();
        }
    }
}

} // namespace

TEST_CASE("TXN-01 fifty savepoints one in the other, released or rolled back from the inside out") {
    Library library;
    Connection connection = library->engine().connect();
    connection.begin(TransactionMode::Write);
    for (int i = 0; i < 50; ++i) {
        connection.savepoint("level " + std::to_string(i));
        library.insert(connection, std::to_string(i));
    }
    for (int i = 49; i >= 0; --i) {
        const std::string name = "level " + std::to_string(i);
        if (i % 10 == 9) connection.rollback_to_savepoint(name);
        connection.release_savepoint(name);
    }
    // Each rollback takes back what lies further inside, so the outermost of them decides.
    connection.commit();
    CHECK(library.names() == std::set<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8"});
}

TEST_CASE("TXN-01 savepoints of one name: the innermost is meant, then the one outside of it") {
    Library library;
    Connection connection = library->engine().connect();
    connection.begin(TransactionMode::Write);
    connection.savepoint("same");
    library.insert(connection, "outer");
    connection.savepoint("same");
    library.insert(connection, "inner");
    connection.rollback_to_savepoint("same");
    connection.commit();
    CHECK(library.names() == std::set<std::string>{"outer"});
}

TEST_CASE("TXN-01 every combination of keeping and taking back four levels stores exactly that") {
    Library library;
    for (unsigned kept = 0; kept < 16; ++kept) {
        CAPTURE(kept);
        Connection connection = library->engine().connect();
        connection.begin(TransactionMode::Write);
        connection.execute_script("DELETE FROM " + library.quoted("artists"));
        for (int level = 0; level < 4; ++level) {
            connection.savepoint("s" + std::to_string(level));
            library.insert(connection, std::to_string(level));
        }
        std::set<std::string> expected{"0", "1", "2", "3"};
        for (int level = 3; level >= 0; --level) {
            const std::string name = "s" + std::to_string(level);
            if ((kept >> static_cast<unsigned>(level) & 1U) == 0) {
                connection.rollback_to_savepoint(name);
                for (int inside = level; inside < 4; ++inside)
                    expected.erase(std::to_string(inside));
            }
            connection.release_savepoint(name);
        }
        connection.commit();
        CHECK(library.names() == expected);
    }
}

TEST_CASE("UOW-15 a flush that waits too long for a row gives up its whole transaction, and can be "
          "committed when the row is free") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    session.commit();

    std::optional<Session> holder(library->session());
    holder->get<Artist>(miles->id)->country = "USA";
    holder->flush();

    const auto other = impatient(library);
    Session waiter = other->session();
    if (!one_writer_at_a_time(library)) be_impatient(waiter);
    const auto nina = waiter.add(Artist{.name = "Nina"});
    std::shared_ptr<Artist> same;
    try {
        waiter.flush(); // one writer at a time: this is where a file waits
        same = waiter.get<Artist>(miles->id);
        REQUIRE(same);
        same->name = "Miles Davis";
        waiter.commit();
        FAIL("the row was not locked");
    } catch (const OperationalError& error) {
        CHECK(error.code() == ErrorCode::Timeout);
    }
    CHECK_FALSE(waiter.in_transaction());
    CHECK(waiter.status(nina) == ObjectStatus::Pending);
    holder->commit();
    holder.reset();
    CHECK(library.names() == std::set<std::string>{"Miles"});
    if (!same) {
        same = waiter.get<Artist>(miles->id);
        same->name = "Miles Davis";
    }
    waiter.commit();
    CHECK(library.names() == std::set<std::string>{"Miles Davis", "Nina"});
    CHECK(library->session().get<Artist>(miles->id)->country == "USA");
}

TEST_CASE(
    "UOW-15 a deadlock in a flush is told as such; the loser is all pending again and commits "
    "on the second try") {
    Library library;
    Session one = library->session();
    const auto first = one.add(Artist{.name = "first"});
    const auto second = one.add(Artist{.name = "second"});
    one.commit();
    if (one_writer_at_a_time(library)) {
        test::skip("one transaction writes at a time here, so none can wait for each other");
        return;
    }
    first->country = "one";
    one.flush();
    Session two = library->session();
    two.get<Artist>(second->id)->country = "two";
    two.flush();
    two.connection().savepoint("inside"); // what happens inside a savepoint dooms the whole
    const auto commit = [](Session& session, const std::shared_ptr<Artist>& row) {
        row->country = "crossed";
        try {
            session.commit();
            return false;
        } catch (const DeadlockError&) {
            CHECK_FALSE(session.in_transaction());
            CHECK(session.is_modified(row));
            return true;
        }
    };
    bool one_lost = false;
    std::thread other([&] { one_lost = commit(one, second); });
    const bool two_lost = commit(two, two.get<Artist>(first->id));
    other.join();
    CHECK(one_lost != two_lost);
    (one_lost ? one : two).commit();
    const auto rows = library->session().query<Artist>().order_by(col(&Artist::id)).values();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].country.has_value());
    CHECK(rows[1].country.has_value());
}

TEST_CASE(
    "TXN-01 a statement that waited too long for a row dooms its transaction: who overlooks it "
    "commits nothing, a savepoint saves what was before") {
    Library library;
    if (one_writer_at_a_time(library)) {
        test::skip("one transaction writes at a time here: it waits when it begins");
        return;
    }
    Session holder = library->session();
    const auto miles = holder.add(Artist{.name = "Miles"});
    holder.commit();
    miles->country = "USA";
    holder.flush();
    const std::string update = "UPDATE " + library.quoted("artists") + " SET " +
                               library.quoted("country") + " = 'France' WHERE " +
                               library.quoted("name") + " = 'Miles'";
    Session waiter = library->session();
    be_impatient(waiter);
    Connection& connection = waiter.connection();
    library.insert(connection, "earlier");
    connection.savepoint("before");
    CHECK_THROWS_AS(connection.execute_script(update), TimeoutError);
    std::set<std::string> expected{"Miles"};
    SUBCASE("overlooked") {
        CHECK_THROWS_AS(library.insert(connection, "later"), Error);
        CHECK_THROWS_AS(connection.commit(), Error);
        CHECK_FALSE(connection.in_transaction());
    }
    SUBCASE("back to the savepoint") {
        connection.rollback_to_savepoint("before");
        library.insert(connection, "instead");
        waiter.commit();
        expected.insert({"earlier", "instead"});
    }
    SUBCASE("rolled back") {
        waiter.rollback();
    }
    waiter.close();
    holder.commit();
    CHECK(library.names() == expected);
}
