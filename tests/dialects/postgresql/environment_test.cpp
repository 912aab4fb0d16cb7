// SPDX-License-Identifier: MIT
// What libpq's own environment does to our links, as docs/configuration.md says.
#include "postgresql.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace mercator;
using namespace postgresql_test;

namespace {

class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) {
        if (const char* old = getenv(name)) before_ = old;
        setenv(name, value.c_str(), 1);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() {
        if (before_) {
            setenv(name_, before_->c_str(), 1);
        } else {
            unsetenv(name_);
        }
    }

private:
    const char* name_;
    std::optional<std::string> before_;
};

} // namespace

TEST_CASE("postgresql takes from the environment only what the address leaves out") {
    auto url = server();
    if (!url) return;
    {
        const Variable host("PGHOST", "192.0.2.1");
        const Variable port("PGPORT", "1");
        const Variable user("PGUSER", "nobody");
        const Variable password("PGPASSWORD", "wrong");
        const Variable database("PGDATABASE", "nowhere");
        const auto connection = connect(*url);
        CHECK(value_of(*connection, "SELECT current_user::text") == Value(url->user));
    }
    const Variable password("PGPASSWORD", *url->password);
    const Variable database("PGDATABASE", url->database);
    Url sparse = *url;
    sparse.password.reset();
    sparse.database.clear();
    const auto connection = connect(sparse);
    CHECK(value_of(*connection, "SELECT current_database()::text") == Value(url->database));
}

TEST_CASE("postgresql lets PGOPTIONS change nothing that our formats rely on") {
    const auto url = server();
    if (!url) return;
    const Variable options("PGOPTIONS", "-c statement_timeout=1 -c TimeZone=Asia/Tokyo");
    const Variable zone("PGTZ", "Asia/Tokyo");
    const Variable dates("PGDATESTYLE", "German");
    const auto connection = connect(*url);
    for (const bool after_reset : {false, true}) {
        CAPTURE(after_reset);
        CHECK(value_of(*connection, "SELECT current_setting('statement_timeout')") == Value("0"));
        CHECK(value_of(*connection, "SELECT current_setting('TimeZone')") == Value("UTC"));
        CHECK(value_of(*connection, "SELECT current_setting('DateStyle')") == Value("ISO, MDY"));
        connection->execute_script("SET TimeZone = 'Europe/Berlin'");
        connection->reset();
    }
}

TEST_CASE("postgresql obeys PGSSLMODE and PGSERVICE where the address is silent") {
    auto url = server();
    if (!url) return;
    {
        const Variable mode("PGSSLMODE", "require");
        const auto info = failure_of([&] { static_cast<void>(connect(*url)); });
        CHECK(info.connection_lost); // the test's server offers no encryption
        url->options["sslmode"] = "disable";
        CHECK_NOTHROW(static_cast<void>(connect(*url)));
    }
    const Variable service("PGSERVICE", "no_such_service");
    const auto info = failure_of([&] { static_cast<void>(connect(*url)); });
    CHECK(info.message.find(*url->password) == std::string::npos);
}

TEST_CASE("postgresql reads .pgpass unless others may read it, too") {
    auto url = server();
    if (!url) return;
    const auto file = std::filesystem::temp_directory_path() / "mercator-test-pgpass";
    std::ofstream(file) << "*:*:*:" << url->user << ":" << *url->password << "\n";
    url->password.reset();
    url->options["passfile"] = file.string();
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    CHECK_NOTHROW(static_cast<void>(connect(*url)));
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    CHECK(failure_of([&] { static_cast<void>(connect(*url)); }).connection_lost);
    std::filesystem::remove(file);
}

TEST_CASE("postgresql finds what a statement may leave in the session by its text") {
    auto url = server();
    if (!url) return;
    const auto connection = connect(*url);
    for (const char* sql : {"SELECT 1", "INSERT INTO nothing VALUES (1)",
                            "WITH a AS (SELECT 1) SELECT 1", "SELECT pg_advisory_xact_lock(1)"})
        static_cast<void>(connection->prepare(compiled(sql)));
    CHECK_FALSE(connection->session_changed());
    for (const char* sql : {"SET a.b = 1", "select 1", "LISTEN x", "SELECT pg_try_advisory_lock(1)",
                            "SELECT set_config('a.b', '1', false)", "SELECT 1 INTO TEMP t"}) {
        static_cast<void>(connection->prepare(compiled(sql)));
        CHECK_MESSAGE(connection->session_changed(), sql);
        connection->accept_session();
        CHECK_FALSE(connection->session_changed());
    }
}
