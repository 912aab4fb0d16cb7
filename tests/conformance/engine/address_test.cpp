// SPDX-License-Identifier: MIT
// Where an address leads. Files and servers are told apart by whether the address names hosts.
#include "support/backend.hpp"

#include <mercator/mercator.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <filesystem>

using namespace mercator;
using test::Backend;
namespace fs = std::filesystem;

namespace {

constexpr const char* no_file = "the database lies on a server, not in a file or in memory";
constexpr const char* no_server =
    "the database is a file of this process: without user, password and host";
constexpr const char* wrong_password = "s3cr3t-p4ss";

bool is_server(const Backend& backend) {
    return !Url::parse(backend.uri()).hosts.empty();
}

struct Note {
    std::int64_t id{};
    std::string text;
    static void describe(Mapping<Note>& note) {
        note.table("notes");
        note.column<&Note::id>().primary_key();
        note.column<&Note::text>(String(40));
    }
};

void write_note(Database& database, const std::string& text) {
    database.create_all<Note>();
    Session session = database.session();
    session.add(Note{.text = text});
    session.commit();
}

std::string note_at(const std::string& uri) {
    Database database(uri);
    Session session = database.session();
    return session.query<Note>().one()->text;
}

/// Everything that can be read off the error of a first connection.
std::string refusal(const Url& url) {
    Database database(
        Config{.uri = url.to_string(true), .connect_timeout = std::chrono::milliseconds(5'000)});
    try {
        Session session = database.session();
        static_cast<void>(session.connection());
    } catch (const OperationalError& error) {
        CHECK_FALSE(error.info().message.empty());
        return std::string(error.what()) + '\n' + error.where() + '\n' + error.statement() + '\n' +
               error.info().message;
    }
    FAIL("a connection that cannot be was made");
    return {};
}

void check_silent(const std::string& text, const Url& url) {
    CHECK_MESSAGE(text.find(wrong_password) == std::string::npos, text);
    CHECK_MESSAGE(text.find(':' + url.password.value_or("") + '@') == std::string::npos, text);
}

} // namespace

TEST_CASE("CON-03 an address leads to a relative file, an absolute file, or memory") {
    Backend backend;
    if (is_server(backend)) {
        test::cannot("CON-03", no_file);
        return;
    }
    const Url url = Url::parse(backend.uri());
    const fs::path folder = fs::path(url.database).parent_path();
    SUBCASE("three slashes: relative to the working folder") {
        const std::string relative = fs::relative(folder, fs::current_path()).string();
        REQUIRE(relative.front() != '/');
        const std::string uri = url.scheme + ":///" + relative + "/relative.db";
        Database database(uri);
        CHECK_FALSE(fs::exists(folder / "relative.db")); // nothing connects before the first use
        write_note(database, "relative");
        CHECK(fs::exists(folder / "relative.db"));
        CHECK(note_at(uri) == "relative");
        CHECK(note_at(url.scheme + ":///" + (folder / "relative.db").string()) == "relative");
    }
    SUBCASE("four slashes: absolute, with any sign in the name") {
        const std::string uri = url.scheme + ":///" + folder.string() + "/100%25 na%3Fme%23.db";
        REQUIRE(uri.find(":////") != std::string::npos);
        Database database(uri);
        write_note(database, "absolute");
        CHECK(fs::exists(folder / "100% na?me#.db"));
        CHECK(note_at(uri) == "absolute");
    }
    SUBCASE("memory, each Database its own") {
        for (const std::string& uri : {url.scheme + "://", url.scheme + ":///:memory:"}) {
            CAPTURE(uri);
            Database one(uri);
            Database two(uri);
            write_note(one, "one");
            write_note(two, "two");
            CHECK(one.session().query<Note>().one()->text ==
                  "one"); // still there in the next session
            CHECK(two.session().query<Note>().one()->text == "two");
            CHECK_FALSE(one.engine().capabilities().multiple_connections);
            CHECK_FALSE(fs::exists(":memory:"));
        }
    }
    SUBCASE("a folder that is missing is an error that names it, and is not made") {
        Url missing = url;
        missing.database = (folder / "missing" / "notes.db").string();
        const std::string text = refusal(missing);
        CHECK_MESSAGE(text.find((folder / "missing").string()) != std::string::npos, text);
        CHECK_FALSE(fs::exists(folder / "missing"));
    }
    SUBCASE("a host is refused before anything is opened") {
        CHECK_THROWS_AS(Database(url.scheme + "://host/notes.db"), ArgumentError);
    }
}

TEST_CASE("CON-04 an address names user, password, host and database") {
    Backend backend;
    if (!is_server(backend)) {
        test::cannot("CON-04", no_server);
        return;
    }
    const Url url = Url::parse(backend.uri());
    REQUIRE_FALSE(url.user.empty());
    REQUIRE(url.password.has_value());
    REQUIRE_FALSE(url.database.empty());
    write_note(backend.database(), "on a server");
    CHECK(note_at(url.to_string(true)) == "on a server");
    bool database_asked = false;
    for (const char* sql : {"SELECT DATABASE()", "SELECT current_database()"}) {
        try {
            const auto rows = backend.rows(sql);
            CHECK(rows.at(0).at(0) == Value(url.database));
            database_asked = true;
        } catch (const ProgrammingError&) { // the other spelling
        }
    }
    CHECK(database_asked);
}

TEST_CASE("CON-04 a known user with a wrong password, or without one, is refused without any "
          "password in the text") {
    Backend backend;
    if (!is_server(backend)) {
        test::cannot("CON-04", no_server);
        return;
    }
    Url url = Url::parse(backend.uri());
    const Url right = url;
    url.password = wrong_password;
    const std::string text = refusal(url);
    check_silent(text, right);
    CHECK_MESSAGE(text.find(url.user) != std::string::npos, text);
    url.password = "";
    check_silent(refusal(url), right);
    CHECK(backend.database().session().connection().in_transaction()); // and the right one still
                                                                       // works
}

TEST_CASE(
    "CON-04 a database that is not there is refused by name, without the password in the text") {
    Backend backend;
    if (!is_server(backend)) {
        test::cannot("CON-04", no_server);
        return;
    }
    Url url = Url::parse(backend.uri());
    url.database = "no_such_database";
    const std::string text = refusal(url);
    check_silent(text, url);
    CHECK_MESSAGE(text.find("no_such_database") != std::string::npos, text);
}

TEST_CASE("CON-04 a socket in the file system leads to the server, too") {
    Backend backend;
    Url url = Url::parse(backend.uri());
    if (!is_server(backend)) return test::cannot("CON-04", no_server);
    std::string socket;
    for (const char* sql :
         {"SELECT current_setting('unix_socket_directories')", "SELECT @@socket"}) {
        try {
            socket = *backend.rows(sql).at(0).at(0).get_if<std::string>();
        } catch (const DatabaseError&) { // the other spelling
        }
    }
    if (socket.empty() || !fs::exists(socket)) return test::skip("the server has no socket here");
    try {
        backend.run("GRANT ALL PRIVILEGES ON *.* TO 'socketuser'@'localhost' IDENTIFIED BY 'x y'");
        url.user = "socketuser";
        url.password = "x y";
    } catch (const DatabaseError&) { // users are not tied to hosts there
    }
    url.hosts.front().name = socket;
    const std::string uri = url.to_string(true);
    REQUIRE(uri.find("%2F") != std::string::npos);
    {
        Database database(uri);
        CHECK(database.engine().connect().fetch_all("SELECT 1").size() == 1);
    }
    if (url.user == "socketuser") backend.run("DROP USER 'socketuser'@'localhost'");
}

TEST_CASE(
    "CON-04 of several hosts the first that answers is taken, or several are refused at once") {
    Backend backend;
    Url url = Url::parse(backend.uri());
    if (!is_server(backend)) return test::cannot("CON-04", no_server);
    url.hosts.insert(url.hosts.begin(), Url::Host{"127.0.0.1", std::uint16_t{1}});
    try {
        Database database(url.to_string(true));
        CHECK(database.engine().connect().fetch_all("SELECT 1").size() == 1);
    } catch (const ArgumentError& error) {
        CHECK(std::string(error.what()).find("more than one host") != std::string::npos);
    }
}

TEST_CASE("CON-04 a user and a password with every sign reach the server as they are") {
    Backend backend;
    if (!is_server(backend)) {
        test::cannot("CON-04", no_server);
        return;
    }
    const std::string user = "o'neil %@:/?#[]";
    const std::string password = "p@ss:w/o?r#d%41 'x'";
    const std::string quoted_password = "'p@ss:w/o?r#d%41 ''x'''";
    bool made = false;
    for (const std::string& sql :
         {"CREATE ROLE " + backend.quoted(user) + " LOGIN PASSWORD " + quoted_password,
          "CREATE USER " + backend.quoted(user) + " IDENTIFIED BY " + quoted_password}) {
        try {
            backend.run(sql);
            made = true;
        } catch (const DatabaseError&) { // the other spelling
        }
    }
    if (!made) {
        test::skip("the test's user may not make users");
        return;
    }
    try {
        backend.run("GRANT ALL PRIVILEGES ON *.* TO " + backend.quoted(user));
    } catch (const DatabaseError&) { // not needed there
    }
    Url url = Url::parse(backend.uri());
    url.user = user;
    url.password = password;
    {
        Database database(url.to_string(true));
        CHECK(database.engine().connect().fetch_all("SELECT 1").size() == 1);
    }
    url.password = password + "!";
    const std::string text = refusal(url);
    CHECK_MESSAGE(text.find("w/o?r") == std::string::npos, text);
    CHECK_MESSAGE(text.find("w%2Fo") == std::string::npos, text);
    backend.run("DROP USER " + backend.quoted(user));
}
