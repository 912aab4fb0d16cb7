// SPDX-License-Identifier: MIT
// What belongs to one Database object: configuration, connections, schema, and what it writes into
// the log.
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"

#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <regex>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;

namespace {

class Lines : public LogSink {
public:
    void write(LogLevel, std::string_view message) override {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(message);
    }
    std::vector<std::string> taken() {
        const std::lock_guard lock(mutex_);
        return std::exchange(lines_, {});
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

bool any_line(const std::vector<std::string>& lines, std::string_view part) {
    return std::any_of(lines.begin(), lines.end(), [part](const std::string& line) {
        return line.find(part) != std::string::npos;
    });
}

/// Inserts one artist and finds it again.
void work(Database& database, const std::string& name) {
    database.create_all<Artist, Album, Song>();
    Session session = database.session();
    session.add(Artist{.name = name});
    session.commit();
    CHECK(session.query<Artist>().where(col(&Artist::name) == name).count() == 1);
}

void check_every_line_has_milliseconds(const std::vector<std::string>& lines) {
    const std::regex form(R"(^\[[0-9]+\.[0-9][0-9] ms\] [A-Z][^]*)");
    for (const std::string& line : lines) CHECK_MESSAGE(std::regex_match(line, form), line);
}

struct Other {
    std::int64_t id{};
    static void describe(Mapping<Other>& other) {
        other.table("others");
        other.column<&Other::id>().primary_key();
    }
};

} // namespace

TEST_CASE("LOG-01 echo is off, statements, or statements with values, each engine for itself") {
    const auto silent = std::make_shared<Lines>();
    const auto brief = std::make_shared<Lines>();
    const auto full = std::make_shared<Lines>();
    Backend backend(Config{.log = silent});
    Config config = backend.config();
    config.echo = Echo::Statements;
    config.log = brief;
    Database with_statements(config);
    config.echo = Echo::Parameters;
    config.log = full;
    Database with_values(config);

    work(*backend, "quiet artist");
    CHECK(silent->taken().empty());
    CHECK(brief->taken().empty());
    CHECK(full->taken().empty());

    work(with_statements, "brief artist");
    const auto statements = brief->taken();
    CHECK(any_line(statements, "INSERT INTO"));
    CHECK(any_line(statements, "SELECT"));
    CHECK_FALSE(any_line(statements, "brief artist"));
    check_every_line_has_milliseconds(statements);
    CHECK(full->taken().empty());

    work(with_values, "full artist");
    const auto values = full->taken();
    CHECK(any_line(values, "INSERT INTO"));
    CHECK(any_line(values, "full artist"));
    check_every_line_has_milliseconds(values);
    CHECK(brief->taken().empty());
    CHECK(silent->taken().empty());
}

TEST_CASE("LOG-01 a statement that fails is in the log, too, and no line holds the password") {
    const auto lines = std::make_shared<Lines>();
    Backend backend(Config{.echo = Echo::Parameters, .log = lines});
    work(*backend, "first");
    static_cast<void>(lines->taken());
    Session session = backend->session();
    session.add(Artist{.name = "first"});
    CHECK_THROWS_AS(session.commit(), UniqueViolation);
    session.rollback();
    const auto after = lines->taken();
    CHECK(any_line(after, "(failed)"));
    work(*backend, "second");
    const auto all = lines->taken();
    const auto password = Url::parse(backend.uri()).password;
    if (password) {
        CHECK_FALSE(any_line(after, *password));
        CHECK_FALSE(any_line(all, *password));
    }
}

TEST_CASE("CON-10 two Databases with different configuration live side by side") {
    const auto first_log = std::make_shared<Lines>();
    const auto second_log = std::make_shared<Lines>();
    Backend backend(Config{.echo = Echo::Statements,
                           .pool_size = 1,
                           .pool_timeout = std::chrono::milliseconds(50),
                           .log = first_log});
    Config config = backend.config();
    config.echo = Echo::Off;
    config.pool_size = 3;
    config.statement_cache_size = 2;
    config.log = second_log;
    {
        Database second(config);
        CHECK(second.engine().options().pool_size == 3);
        CHECK(backend->engine().options().pool_size == 1);

        // What one maps is not known to the other, and two registries do not mind the same class
        // twice.
        backend->create_all<Artist, Album, Song>();
        second.create_all<Other>();
        CHECK(backend->metadata().find("artists") != nullptr);
        CHECK(second.metadata().find("artists") == nullptr);
        CHECK(backend->metadata().find("others") == nullptr);
        second.map<Artist, Album, Song>();

        // Each has its own pool: one is exhausted, the other is not.
        Session one = backend->session();
        Session two = second.session();
        one.add(Artist{.name = "one"});
        one.commit();
        static_cast<void>(one.query<Artist>().count());
        Session none = backend->session();
        CHECK_THROWS_AS(static_cast<void>(none.query<Artist>().count()), TimeoutError);
        CHECK(two.query<Artist>().count() == 1);
        Session three = second.session();
        CHECK(three.query<Artist>().where(col(&Artist::name) == "one").one()->name == "one");

        // Objects belong to the session, and to the Database, that they came from.
        const auto artist = one.query<Artist>().one();
        CHECK_THROWS_AS(two.delete_(artist), StateError);
        CHECK(first_log->taken().size() > 2);
        CHECK(second_log->taken().empty());
    }
    // The end of one does not touch the other.
    CHECK(backend->session().query<Artist>().count() == 1);
}
