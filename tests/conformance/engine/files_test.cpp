// SPDX-License-Identifier: MIT
// Databases that are files: which file an address means, and what may happen to it.
#include "support/backend.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
namespace fs = std::filesystem;

namespace {

constexpr const char* no_file = "the database lies on a server, not in a file";

bool is_server(const Backend& backend) {
    return !Url::parse(backend.uri()).hosts.empty();
}

fs::path folder_of(const Backend& backend) {
    return fs::path(Url::parse(backend.uri()).database).parent_path();
}

Url file(const Backend& backend, const fs::path& name,
         std::map<std::string, std::string> options = {}) {
    Url url = Url::of_file(Url::parse(backend.uri()).scheme, name);
    url.options = std::move(options);
    return url;
}

void write_mark(Engine& engine, int mark) {
    Connection connection = engine.connect();
    connection.execute_script("CREATE TABLE IF NOT EXISTS marks (id INTEGER PRIMARY KEY); "
                              "INSERT INTO marks VALUES (" +
                              std::to_string(mark) + ")");
}

std::size_t marks(const Url& url) {
    Engine engine(url);
    return engine.connect().fetch_all("SELECT * FROM marks").size();
}

class WorkingFolder {
public:
    explicit WorkingFolder(const fs::path& folder) : before_(fs::current_path()) {
        fs::current_path(folder);
    }
    WorkingFolder(const WorkingFolder&) = delete;
    WorkingFolder& operator=(const WorkingFolder&) = delete;
    ~WorkingFolder() { fs::current_path(before_); }

private:
    fs::path before_;
};

std::string refusal(const Url& url, const EngineOptions& options = {}) {
    Engine engine(url, options);
    try {
        static_cast<void>(engine.connect());
    } catch (const OperationalError& error) {
        return error.what();
    }
    FAIL_CHECK("was opened");
    return {};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("CON-05 a relative file lies in the working folder of the engine's making, whatever "
          "becomes of it later") {
    Backend backend;
    if (is_server(backend)) return test::cannot("CON-05", no_file);
    const fs::path folder = folder_of(backend);
    fs::create_directories(folder / "here");
    fs::create_directories(folder / "there");
    std::optional<Engine> engine;
    {
        const WorkingFolder here(folder / "here");
        engine.emplace(file(backend, "shop.db"));
    }
    const WorkingFolder there(folder / "there");
    write_mark(*engine, 1); // the first link, opened after the change of folder
    CHECK(fs::exists(folder / "here" / "shop.db"));
    CHECK_FALSE(fs::exists(folder / "there" / "shop.db"));
    CHECK(engine->url().database == (folder / "here" / "shop.db").string());
}

TEST_CASE("CON-05 a base folder in the configuration is where relative files lie") {
    Backend backend;
    if (is_server(backend)) return test::cannot("CON-05", no_file);
    const fs::path folder = folder_of(backend);
    fs::create_directories(folder / "data");
    Config config{.uri = file(backend, "sub/../shop.db").to_string(true)};
    config.base_directory = folder / "data";
    {
        Database database(config);
        write_mark(database.engine(), 1);
    }
    CHECK(marks(file(backend, folder / "data" / "shop.db")) == 1);
    // An absolute one stays where it is.
    config.uri = file(backend, folder / "absolute.db").to_string(true);
    Database database(config);
    write_mark(database.engine(), 1);
    CHECK(fs::exists(folder / "absolute.db"));
}

TEST_CASE(
    "DDL-06 a missing folder is an error that names it, or is made when the address says so") {
    Backend backend;
    if (is_server(backend)) return test::cannot("DDL-06", no_file);
    const fs::path folder = folder_of(backend) / "new" / "deep";
    CHECK(has(refusal(file(backend, folder / "shop.db")), folder.string()));
    CHECK_FALSE(fs::exists(folder));
    Engine engine(file(backend, folder / "shop.db", {{"create_folder", "true"}}));
    write_mark(engine, 1);
    CHECK(fs::exists(folder / "shop.db"));
}

TEST_CASE("DDL-06 the mode in the address forbids to create or to write the file") {
    Backend backend;
    if (is_server(backend)) return test::cannot("DDL-06", no_file);
    const fs::path name = folder_of(backend) / "modes.db";
    for (const char* mode : {"ro", "rw"}) {
        static_cast<void>(refusal(file(backend, name, {{"mode", mode}})));
        CHECK_FALSE(fs::exists(name));
    }
    Engine writer(file(backend, name, {{"mode", "rwc"}}));
    write_mark(writer, 1);
    Engine reader(file(backend, name, {{"mode", "ro"}}));
    CHECK(reader.connect().fetch_all("SELECT * FROM marks").size() == 1);
    CHECK_THROWS_AS(write_mark(reader, 2), OperationalError);
    CHECK(reader.connect().fetch_all("SELECT * FROM marks").size() == 1);
    Engine existing(file(backend, name, {{"mode", "rw"}}));
    write_mark(existing, 3);
    CHECK(marks(file(backend, name)) == 2);
}

TEST_CASE(
    "CON-03 memory is one link however large the pool; shared memory is one database for all") {
    Backend backend;
    if (is_server(backend)) return test::cannot("CON-03", no_file);
    EngineOptions options;
    options.pool_size = 3;
    options.pool_timeout = std::chrono::milliseconds(20);
    Engine alone(file(backend, ":memory:"), options);
    write_mark(alone, 1);
    {
        Connection held = alone.connect();
        CHECK(held.fetch_all("SELECT * FROM marks").size() == 1);
        CHECK_THROWS_AS(static_cast<void>(alone.connect()), TimeoutError);
    }
    Engine shared(file(backend, "team", {{"mode", "memory"}, {"cache", "shared"}}), options);
    write_mark(shared, 1);
    Connection one = shared.connect();
    Connection two = shared.connect();
    CHECK(one.fetch_all("SELECT * FROM marks").size() == 1);
    CHECK(two.fetch_all("SELECT * FROM marks").size() == 1);
    CHECK(shared.capabilities().multiple_connections);
    CHECK_FALSE(fs::exists("team"));
    // Another name is another database.
    Engine other(file(backend, "others", {{"mode", "memory"}, {"cache", "shared"}}));
    CHECK_THROWS_AS(other.connect().fetch_all("SELECT * FROM marks"), ProgrammingError);
}

TEST_CASE("CON-03 a name that begins with file: is a name, unless uri=true says otherwise") {
    Backend backend;
    if (is_server(backend)) return test::cannot("CON-03", no_file);
    const fs::path folder = folder_of(backend);
    const WorkingFolder here(folder);
    {
        Engine engine(file(backend, "file:plain.db?mode=memory"));
        write_mark(engine, 1);
    }
    CHECK(fs::exists(folder / "file:plain.db?mode=memory"));
    {
        Engine engine(file(backend, "file:uri.db", {{"uri", "true"}}));
        write_mark(engine, 1);
        const Url absolute =
            file(backend, "file:" + (folder / "uri.db").string() + "?mode=ro", {{"uri", "true"}});
        CHECK(marks(absolute) == 1);
        Engine reader(absolute);
        CHECK_THROWS_AS(write_mark(reader, 2), OperationalError);
    }
    CHECK(fs::exists(folder / "uri.db"));
    CHECK_THROWS_AS(Engine(file(backend, "no.db", {{"uri", "true"}})), ArgumentError);
    CHECK_THROWS_AS(Engine(file(backend, "no.db", {{"uri", "perhaps"}})), ArgumentError);
}

TEST_CASE("CON-03 any name the file system takes is a database's name") {
    Backend backend;
    if (is_server(backend)) return test::cannot("CON-03", no_file);
    const fs::path folder = folder_of(backend);
    for (const char* name :
         {"what?.db", "number#1.db", "100%.db", "two words.db", "a&b=c.db", "caf\xc3\xa9.db",
          "\xff\xfe.db", "'quoted\".db", ":colon.db", "-x.db"}) {
        CAPTURE(name);
        const Url url = file(backend, folder / name);
        Engine engine(Url::parse(url.to_string(true)));
        write_mark(engine, 1);
        CHECK(fs::exists(folder / name));
    }
    fs::create_symlink(folder / "what?.db", folder / "link.db");
    CHECK(marks(file(backend, folder / "link.db")) == 1);
    fs::create_directories(folder / "a.db");
    CHECK(has(refusal(file(backend, folder / "a.db")), "it is a folder"));
}

TEST_CASE("CON-13 a file removed or replaced while it is open is noticed by the sign of life") {
    Backend backend;
    if (is_server(backend)) return test::skip(no_file);
    const fs::path name = folder_of(backend) / "moved.db";
    EngineOptions options;
    options.pre_ping = true;
    options.ping_window = std::chrono::milliseconds(0);
    Engine engine(file(backend, name), options);
    write_mark(engine, 1);
    SUBCASE("removed") {
        fs::remove(name);
        fs::remove(name.string() + "-wal");
        fs::remove(name.string() + "-shm");
        write_mark(engine, 2);
        CHECK(marks(file(backend, name)) == 1); // written into the new file, not into nowhere
    }
    SUBCASE("replaced") {
        const fs::path other = folder_of(backend) / "other.db";
        {
            Engine second(file(backend, other));
            write_mark(second, 1);
            write_mark(second, 2);
        }
        fs::remove(name.string() + "-wal");
        fs::remove(name.string() + "-shm");
        fs::rename(other, name);
        write_mark(engine, 3);
        CHECK(marks(file(backend, name)) == 3);
    }
    CHECK(engine.statistics().connections_opened == 2);
}

TEST_CASE("CON-13 a process without free file numbers gets an OperationalError and recovers") {
#ifdef __SANITIZE_ADDRESS__
    return test::skip("the sanitizer needs file numbers of its own");
#endif
    Backend backend;
    Engine engine(backend.uri());
    static_cast<void>(engine.connect()); // libraries open what they need once
    std::vector<Connection> held;
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit few = before;
    few.rlim_cur = 64;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
    std::vector<std::ifstream> all;
    for (int i = 0; i < 80; ++i) all.emplace_back("/dev/null");
    held.push_back(engine.connect()); // the one that is open
    bool failed = false;
    try {
        held.push_back(engine.connect());
    } catch (const OperationalError&) {
        failed = true;
    }
    all.clear();
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(failed);
    held.push_back(engine.connect());
    CHECK(held.back().fetch_all("SELECT 1").size() == 1);
}

TEST_CASE("a file is opened with foreign keys on, a log for writers, and nothing that runs foreign "
          "code") {
    Backend backend;
    if (is_server(backend)) return test::skip(no_file);
    Engine engine(backend.uri());
    Connection connection = engine.connect();
    const auto ask = [&](const char* sql) { return connection.fetch_all(sql).at(0).at(0); };
    CHECK(ask("PRAGMA foreign_keys") == Value(1));
    CHECK(ask("PRAGMA journal_mode") == Value("wal"));
    CHECK(ask("PRAGMA busy_timeout") == Value(5000));
    CHECK(ask("PRAGMA trusted_schema") == Value(0));
    CHECK_THROWS_AS(connection.fetch_all("SELECT load_extension('x')"), DatabaseError);
    CHECK_THROWS_AS(connection.fetch_all("SELECT \"no such column\""), ProgrammingError);
}
