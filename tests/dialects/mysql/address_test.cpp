// SPDX-License-Identifier: MIT
// What an address asks of the wire, and what a session keeps.
#include "mysql_dialect.hpp"

#include "support/fault_proxy.hpp"

#include <mercator/support/error.hpp>

#include <sys/time.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace mercator;
using namespace std::chrono_literals;

namespace {

std::string refusal(const std::string& rest) {
    static const auto dialect = mysql_test::load_dialect();
    for (const char* start : {"mysql://", "mariadb+c://"}) {
        try {
            dialect->check(Url::parse(start + rest));
        } catch (const ArgumentError& error) {
            return std::string(error.what()) + " / " + error.where();
        }
    }
    return {};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

extern "C" void ignore_signal(int) {}

/// Signals every few milliseconds, as a profiler sends them.
class Interruptions {
public:
    Interruptions() {
        signal(SIGALRM, ignore_signal);
        const itimerval often{{0, 20'000}, {0, 20'000}};
        setitimer(ITIMER_REAL, &often, nullptr);
    }
    Interruptions(const Interruptions&) = delete;
    Interruptions& operator=(const Interruptions&) = delete;
    ~Interruptions() {
        const itimerval never{};
        setitimer(ITIMER_REAL, &never, nullptr);
    }
};

} // namespace

TEST_CASE("mysql checks what an address asks of encryption before anything connects") {
    CHECK(refusal("h/d?ssl_mode=disabled").empty());
    CHECK(refusal("h/d?ssl_mode=required").empty());
    CHECK(refusal("h/d?ssl_mode=required&ssl_ca=/ca.pem").empty());
    CHECK(refusal("h/d?ssl_ca=/ca.pem").empty());
    CHECK(refusal("h/d?ssl_cert=/c.pem&ssl_key=/k.pem").empty());
    CHECK(has(refusal("h/d?ssl_mode=verify_identity"), "ssl_ca"));
    CHECK(has(refusal("h/d?ssl_mode=disabled&ssl_ca=/ca.pem"), "ssl_mode"));
    CHECK(has(refusal("h/d?ssl_mode=disabled&ssl_key=/k.pem"), "ssl_mode"));
    for (const char* option :
         {"ssl_mode", "speling", "connect_timeout", "read_timeout", "write_timeout"}) {
        const std::string text = refusal(std::string("h/d?") + option + "=s3cr3t");
        CHECK_MESSAGE(has(text, option), text);
        CHECK_MESSAGE(!has(text, "s3cr3t"), text);
    }
}

TEST_CASE("mysql lets no user info slip into the host that the library parses again") {
    // The library would take what is before an '@' in a host for a name to look up, and print it.
    for (const char* host :
         {"ada%3As3cr3t%40db", "s3cr3t%2Fdb", "db%3Fs3cr3t", "s3cr3t%20db", "s3cr3t%23"}) {
        const std::string text = refusal(std::string(host) + "/shop");
        CHECK_MESSAGE(has(text, "host"), text);
        CHECK_MESSAGE(!has(text, "s3cr3t"), text);
    }
    CHECK(refusal("ada:p%40ss%2Fw%3Ard@db/shop").empty());
}

TEST_CASE_TEMPLATE("mysql gives no file of ours to a server that asks for one", Driver,
                   MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    const auto file = std::filesystem::temp_directory_path() / "mercator-test-local-file";
    std::ofstream(file) << "private\n";
    server->link->execute_script("SET GLOBAL local_infile = 1; DROP TABLE IF EXISTS stolen; "
                                 "CREATE TABLE stolen (line VARCHAR(100))");
    CHECK_THROWS_AS(server->link->execute_script("LOAD DATA LOCAL INFILE '" + file.string() +
                                                 "' INTO TABLE stolen"),
                    DatabaseError);
    const auto link = server->connect(); // the server may have ended the other one
    CHECK(mysql_test::Server::run(*link, "SELECT * FROM stolen").empty());
    link->execute_script("DROP TABLE stolen");
    std::filesystem::remove(file);
}

TEST_CASE("mysql ends a sign of life in its own time, however many signals arrive") {
    const char* uri = std::getenv(mysql_test::MariaDbByC::variable);
    if (uri == nullptr) return mysql_test::skip_without(mysql_test::MariaDbByC::variable);
    test::FaultProxy proxy(Url::parse(uri));
    Url url = proxy.url();
    url.driver = mysql_test::MariaDbByC::driver;
    url.options["read_timeout"] = "5"; // or else a failure would never end
    ConnectOptions options;
    options.log = default_log_sink();
    options.ping_timeout = 500ms;
    const auto dialect = mysql_test::load_dialect();
    const auto link = dialect->connect(url, options);
    CHECK_NOTHROW(link->ping());
    proxy.swallow();
    const auto start = std::chrono::steady_clock::now();
    {
        const Interruptions interruptions;
        CHECK_THROWS_AS(link->ping(), DisconnectError);
    }
    CHECK(std::chrono::steady_clock::now() - start < 3s);
    CHECK(link->is_broken());
}

TEST_CASE_TEMPLATE("mysql knows by its text what a statement leaves in the session", Driver,
                   MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script("DROP TABLE IF EXISTS harmless; CREATE TABLE harmless (a INT); "
                                 "INSERT INTO harmless VALUES (1); SELECT 1; DROP TABLE harmless");
    server->run("SELECT 1");
    CHECK_FALSE(server->link->session_changed());
    for (const char* sql :
         {"SET @a = 1", "USE mysql", "CREATE TEMPORARY TABLE left_over (a INT)", "SELECT @a := 1",
          "SELECT 1 INTO @a", "/*!40000 SET @a = 1 */", "SELECT get_lock('mercator', 0)",
          "DO RELEASE_LOCK('mercator')", "LOCK TABLES mysql.db READ", "UNLOCK TABLES; FLUSH STATUS",
          "PREPARE p FROM 'SELECT 1'"}) {
        const auto link = server->connect();
        link->execute_script(sql);
        CHECK_MESSAGE(link->session_changed(), sql);
        link->reset();
        CHECK_MESSAGE(link->session_changed(), sql); // only a new link is free of it
        link->accept_session();
        CHECK_FALSE(link->session_changed());
    }
}
