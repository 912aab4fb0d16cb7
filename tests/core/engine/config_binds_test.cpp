// SPDX-License-Identifier: MIT
// Addresses of named databases, and the isolation level, from every source of a Config.
#include <mercator/engine/config.hpp>
#include <mercator/session/database.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

using namespace mercator;

namespace {

using Binds = std::map<std::string, std::string>;

Config from_text(const std::string& name, const std::string& text, bool expand = false) {
    const auto file = std::filesystem::temp_directory_path() / name;
    std::ofstream(file) << text;
    const Config config = Config::from_file(file.string(), {.expand_environment = expand});
    std::filesystem::remove(file);
    return config;
}

} // namespace

TEST_CASE("CON-23 binds come from maps, TOML, JSON, the environment and the command line") {
    CHECK(Config::from_map({{"binds.archive", "sqlite:///a.db"}, {"uri", "sqlite://"}}).binds ==
          Binds{{"archive", "sqlite:///a.db"}});
    CHECK(from_text("mercator_binds.toml", "[database]\nuri = \"sqlite://\"\n"
                                           "[database.binds]\narchive = \"sqlite:///a.db\"\n"
                                           "log_2 = \"sqlite:///l.db\"\n")
              .binds == Binds{{"archive", "sqlite:///a.db"}, {"log_2", "sqlite:///l.db"}});
    CHECK(from_text("mercator_binds.json",
                    R"({"database": {"binds": {"archive": "sqlite:///a.db"}}})")
              .binds == Binds{{"archive", "sqlite:///a.db"}});

    setenv("MERCATORTEST_BINDS_ARCHIVE", "sqlite:///env.db", 1); // NOLINT(concurrency-mt-unsafe)
    CHECK(Config::from_env("MERCATORTEST_").binds == Binds{{"archive", "sqlite:///env.db"}});
    unsetenv("MERCATORTEST_BINDS_ARCHIVE"); // NOLINT(concurrency-mt-unsafe)

    Config config;
    config.binds["archive"] = "sqlite:///old.db";
    const std::vector<const char*> arguments{"shop", "--db-binds-archive=sqlite:///new.db"};
    config.apply_arguments(static_cast<int>(arguments.size()), arguments.data());
    CHECK(config.binds == Binds{{"archive", "sqlite:///new.db"}});
    CHECK_THROWS_AS(static_cast<void>(Config::from_map({{"binds.", "sqlite://"}})), ArgumentError);
}

TEST_CASE("CON-23 addresses of binds show no password, and take it from the environment") {
    setenv("MERCATORTEST_SECRET", "p@ss/word", 1); // NOLINT(concurrency-mt-unsafe)
    const Config config = from_text("mercator_secret.toml",
                                    "[database]\nuri = \"sqlite://\"\n[database.binds]\n"
                                    "archive = \"sqlite://me:${MERCATORTEST_SECRET}@host/a\"\n",
                                    true);
    unsetenv("MERCATORTEST_SECRET"); // NOLINT(concurrency-mt-unsafe)
    CHECK(Url::parse(config.binds.at("archive")).password == "p@ss/word");
    CHECK(config.to_string().find("binds.archive = sqlite://me:***@host/a") != std::string::npos);
    Config broken;
    broken.binds["archive"] = "no address: secret";
    CHECK(broken.to_string() == "binds.archive = ***\n");
}

TEST_CASE("CON-23 binds take the settings of the first database, but not what is its own") {
    Config config{.uri = "sqlite://", .pool_size = 3};
    config.connect_args = {{"mode", "memory"}};
    config.on_connect = [](Connection&) {};
    config.creator = [](const Dialect& dialect, const Url& url, const ConnectOptions& options) {
        return dialect.connect(url, options);
    };
    const EngineOptions options = config.bind_engine_options();
    CHECK(options.pool_size == 3);
    CHECK(options.connect_args.empty());
    CHECK(options.on_connect == nullptr);
    CHECK(options.creator == nullptr);

    config = Config{.uri = "sqlite://"};
    config.binds = {{"archive", ""}};
    CHECK_THROWS_WITH_AS(Database{config}, doctest::Contains("\"archive\" has no address"),
                         ArgumentError);
    config.binds = {{"", "sqlite://"}};
    CHECK_THROWS_WITH_AS(Database{config}, doctest::Contains("needs a key"), ArgumentError);
}

TEST_CASE("UOW-32 the isolation level of transactions is a setting, and another word is refused") {
    CHECK(Config::from_map({{"isolation", "repeatable_read"}}).engine_options().isolation ==
          Isolation::RepeatableRead);
    CHECK(Config{}.to_string().empty());
    CHECK(Config{.isolation = Isolation::Serializable}.to_string() == "isolation = serializable\n");
    CHECK_THROWS_WITH_AS(static_cast<void>(Config::from_map({{"isolation", "strict"}})),
                         doctest::Contains("read_committed"), ArgumentError);
}

TEST_CASE("UOW-32 a level that the database does not have is refused before anything begins") {
    Engine engine("sqlite://", {.isolation = Isolation::ReadCommitted});
    Connection connection = engine.connect();
    CHECK_THROWS_WITH_AS(connection.begin(), doctest::Contains("it has SERIALIZABLE"),
                         UnsupportedError);
    CHECK_FALSE(connection.in_transaction());
    connection.begin(TransactionMode::Write, Isolation::Serializable);
    CHECK(connection.in_transaction());
    connection.rollback();
    Engine recording("ansi://");
    Connection plain = recording.connect();
    CHECK_THROWS_WITH_AS(plain.begin(TransactionMode::Read, Isolation::Serializable),
                         doctest::Contains("Isolation::Default"), UnsupportedError);
    CHECK_THROWS_AS(plain.driver().begin_isolated(TransactionMode::Read, Isolation::Serializable),
                    UnsupportedError);
}
