// SPDX-License-Identifier: MIT
// A configuration from files, maps, arguments and the environment, and what it shows of itself.
#include <mercator/engine/config.hpp>

#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

using namespace mercator;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "mercator-config-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }

    [[nodiscard]] fs::path write(const std::string& name, const std::string& content,
                                 mode_t mode = 0600) const {
        const fs::path file = path_ / name;
        std::ofstream(file) << content;
        chmod(file.c_str(), mode);
        return file;
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { unsetenv(name_); }

private:
    const char* name_;
};

/// What is wrong: the error's text; also checks that the key is named.
template <class Action>
std::string refusal(const std::string& key, Action&& action) {
    try {
        action();
    } catch (const ArgumentError& error) {
        const std::string text = error.what();
        CHECK_MESSAGE(text.find(key) != std::string::npos, text);
        return text;
    }
    FAIL_CHECK("accepted: " << key);
    return {};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

constexpr const char* everything_toml = R"(
[other]
unknown = 1
[database]
uri = "postgresql://ada@db/shop"
password = "s3cr3t"
echo = "rows"
hide_parameters = true
pool_size = 7
pool_max_idle = 3
pool_timeout = "250ms"
max_lifetime = "1h"
pre_ping = true
ping_window = "2s"
ping_timeout = "3s"
lease_warning = "5m"
connect_timeout = "4s"
busy_timeout = "0"
compile_cache_size = 8
statement_cache_size = 9
base_directory = "data"
dialect_path = ["/a", "/b"]
[database.connect_args]
sslmode = "require"
connect_timeout = 3
)";

constexpr const char* everything_json = R"({"other": {"unknown": 1}, "database": {
"uri": "postgresql://ada@db/shop", "password": "s3cr3t", "echo": "rows", "hide_parameters": true,
"pool_size": 7, "pool_max_idle": 3, "pool_timeout": "250ms", "max_lifetime": "1h",
"pre_ping": true, "ping_window": "2s", "ping_timeout": "3s", "lease_warning": "5m",
"connect_timeout": "4s", "busy_timeout": "0", "compile_cache_size": 8, "statement_cache_size": 9,
"base_directory": "data", "dialect_path": ["/a", "/b"],
"connect_args": {"sslmode": "require", "connect_timeout": 3}}})";

void check_everything(const Config& config, const fs::path& folder) {
    CHECK(config.url().to_string(true) == "postgresql://ada:s3cr3t@db/shop");
    CHECK(config.echo == Echo::Rows);
    CHECK(config.hide_parameters);
    CHECK(config.base_directory == folder / "data");
    const EngineOptions options = config.engine_options();
    CHECK(options.pool_size == 7);
    CHECK(options.pool_max_idle == 3);
    CHECK(options.pool_timeout == 250ms);
    CHECK(options.max_lifetime == 1h);
    CHECK(options.pre_ping);
    CHECK(options.ping_window == 2s);
    CHECK(options.ping_timeout == 3s);
    CHECK(options.lease_warning == 5min);
    CHECK(options.connect_timeout == 4s);
    CHECK(options.busy_timeout == 0ms);
    CHECK(options.compile_cache_size == 8);
    CHECK(options.statement_cache_size == 9);
    CHECK(options.dialect_path == std::vector<std::string>{"/a", "/b"});
    CHECK(options.connect_args ==
          std::map<std::string, std::string>{{"sslmode", "require"}, {"connect_timeout", "3"}});
}

} // namespace

TEST_CASE("CON-07 every setting can stand in a TOML or JSON file") {
    const Folder folder;
    check_everything(Config::from_file(folder.write("shop.toml", everything_toml)), folder.path());
    check_everything(Config::from_file(folder.write("shop.json", everything_json)), folder.path());
}

TEST_CASE(
    "CON-07 later sources win: code over arguments over environment over file over defaults") {
    const Folder folder;
    const auto file =
        folder.write("a.toml", "[database]\nuri = 'sqlite:///file.db'\npool_size = 2\n"
                               "echo = 'statements'\nbusy_timeout = '1s'");
    Config config = Config::from_file(file);
    {
        const Variable size("SHOP_POOL_SIZE", "3");
        const Variable echo("SHOP_ECHO", "parameters");
        config.apply_env("SHOP_");
    }
    const char* arguments[] = {"program", "--db-pool-size=4", "input.txt", "--verbose"};
    config.apply_arguments(4, arguments);
    CHECK(config.uri == "sqlite:///file.db"); // the file's
    CHECK(config.busy_timeout == 1s);         // the file's
    CHECK(config.echo == Echo::Parameters);   // the environment's
    CHECK(config.pool_size == 4);             // the command line's
    CHECK(config.pool_timeout == 30s);        // the default
    config.pool_size = 5;
    CHECK(config.engine_options().pool_size == 5);
}

TEST_CASE("CON-08 an unknown key is refused with the nearest known one") {
    const Folder folder;
    CHECK(has(refusal("pool_sise",
                      [&] {
                          static_cast<void>(Config::from_file(
                              folder.write("a.toml", "[database]\npool_sise = 3")));
                      }),
              "did you mean pool_size?"));
    CHECK(has(refusal("db.ehco",
                      [] {
                          static_cast<void>(Config::from_map({{"db.ehco", "1"}}, "db."));
                      }),
              "did you mean echo?"));
    CHECK_FALSE(has(refusal("frobnicate",
                            [] {
                                static_cast<void>(Config::from_map({{"frobnicate", "1"}}));
                            }),
                    "did you mean"));
    refusal("table pool", [&] {
        static_cast<void>(Config::from_file(folder.write("b.toml", "[database.pool]\nsize = 3")));
    });
    refusal("--db-pool-sise", [] {
        const char* arguments[] = {"program", "--db-pool-sise=4"};
        Config().apply_arguments(2, arguments);
    });
    const Variable slip("SHOP_POOLSIZE", "9");
    CHECK(has(refusal("SHOP_POOLSIZE", [] { static_cast<void>(Config::from_env("SHOP_")); }),
              "did you mean pool_size?"));
    {
        const Variable url("WARE_URL", "sqlite://");
        CHECK(has(refusal("WARE_URL", [] { static_cast<void>(Config::from_env("WARE_")); }),
                  "did you mean uri?"));
    }
    const Variable other("WARE_HOUSE_COLOUR", "green"); // far from any of ours
    CHECK_NOTHROW(static_cast<void>(Config::from_env("WARE_")));
}

TEST_CASE("CON-12 texts become typed values, or an error that names key and form") {
    struct Row {
        const char* key;
        const char* text;
        bool good;
    };
    const Row rows[] = {
        {"pool_timeout", "30s", true},
        {"pool_timeout", "250ms", true},
        {"pool_timeout", "5m", true},
        {"pool_timeout", "1h", true},
        {"pool_timeout", "0", true},
        {"pool_timeout", "30", false},
        {"pool_timeout", "-1s", false},
        {"pool_timeout", "1.5s", false},
        {"pool_timeout", "s", false},
        {"pool_timeout", "1 s", false},
        {"pool_timeout", "1d", false},
        {"pool_timeout", "99999999999999999999s", false},
        {"pool_timeout", "9999999999h", false},
        {"pool_size", "1", true},
        {"pool_size", "18446744073709551615", true},
        {"pool_size", "0", false},
        {"pool_size", "-1", false},
        {"pool_size", "5x", false},
        {"pool_size", "", false},
        {"pool_size", "18446744073709551616", false},
        {"pool_size", "1e3", false},
        {"pool_max_idle", "0", true},
        {"pre_ping", "true", true},
        {"pre_ping", "off", true},
        {"pre_ping", "yes", true},
        {"pre_ping", "0", true},
        {"pre_ping", "maybe", false},
        {"pre_ping", "TRUE", false},
        {"echo", "rows", true},
        {"echo", "true", true},
        {"echo", "2", true},
        {"echo", "loud", false},
        {"statement_cache_size", "0", true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.key);
        CAPTURE(row.text);
        const auto read = [&] {
            return Config::from_map({{std::string("db.") + row.key, row.text}, {"mail.x", "y"}},
                                    "db.");
        };
        if (row.good) {
            CHECK_NOTHROW(static_cast<void>(read()));
        } else {
            const std::string text =
                refusal(std::string("db.") + row.key, [&] { static_cast<void>(read()); });
            CHECK(has(text, "use "));
        }
    }
    CHECK(Config::from_map({{"pool_timeout", "5m"}}).pool_timeout == 300s);
    CHECK_FALSE(Config::from_map({{"pre_ping", "off"}}).pre_ping);
    CHECK(Config::from_map({{"connect_args.sslmode", "require"}}).connect_args.at("sslmode") ==
          "require");
}

TEST_CASE("CON-06 a path of the file system becomes an address, whatever it is called") {
    for (const char* name : {"/data/shop.db", "/data/100% what?#.db", "/da ta/caf\xc3\xa9.db",
                             "/data/\xff\xfe.db", "relative.db", "/data/a&b=c+d.db"}) {
        const fs::path file = name;
        const Config config{.uri = Url::of_file("sqlite", file).to_string(true)};
        CHECK(config.url().database == file.string());
        CHECK(config.url().options.empty());
    }
    CHECK_THROWS_AS(static_cast<void>(Url::of_file("sq/lite", "x")), ArgumentError);
}

TEST_CASE("CON-06 the environment is expanded in files when asked for, and encoded in addresses") {
    const Folder folder;
    const Variable home("SHOP_HOME", "/srv/my shop");
    const Variable password("SHOP_SECRET", "p@ss:w/o?r#d%");
    const auto file = folder.write(
        "a.toml", "[database]\nuri = 'postgresql://ada:${SHOP_SECRET}@db/shop'\n"
                  "base_directory = '${SHOP_HOME}/data'\nconnect_args.options = 'a$$b'");
    const Config config = Config::from_file(file, {.expand_environment = true});
    CHECK(config.url().password == "p@ss:w/o?r#d%");
    CHECK(config.base_directory == "/srv/my shop/data");
    CHECK(config.connect_args.at("options") == "a$b");
    // Not asked for: left as it is.
    CHECK(Config::from_file(file).connect_args.at("options") == "a$$b");
    const auto path = folder.write("b.toml", "[database]\nuri = 'sqlite:///${SHOP_HOME}/shop.db'");
    CHECK(Config::from_file(path, {.expand_environment = true}).url().database ==
          "/srv/my shop/shop.db");
    for (const char* text : {"${SHOP_NO_SUCH}", "$HOME", "${SHOP_HOME", "a$"}) {
        const auto bad =
            folder.write("c.toml", std::string("[database]\nuri = 'sqlite:///") + text + "'");
        refusal("uri",
                [&] { static_cast<void>(Config::from_file(bad, {.expand_environment = true})); });
    }
}

TEST_CASE("CON-08 a password comes from the environment or a file that only its owner reads") {
    const Folder folder;
    Config config{.uri = "postgresql://ada:old@db/shop"};
    config.password_file = folder.write("password", "fr0m f1le\nsecond line\n");
    CHECK(config.url().password == "fr0m f1le");
    config.password_file = folder.write("open", "fr0m f1le\n", 0644);
    CHECK_FALSE(has(refusal("password_file", [&] { static_cast<void>(config.url()); }), "fr0m"));
    config.password_file = folder.write("empty", "");
    refusal("password_file", [&] { static_cast<void>(config.url()); });
    config.password_file = folder.path() / "missing";
    refusal("password_file", [&] { static_cast<void>(config.url()); });
    config.password = "both";
    refusal("password_file", [&] { static_cast<void>(config.url()); });
    const Variable variable("SHOP_PASSWORD", "fr0m env");
    Config from_env = Config::from_env("SHOP_");
    from_env.uri = "postgresql://ada@db/shop";
    CHECK(from_env.url().password == "fr0m env");
}

TEST_CASE("CON-08 CON-21 no text about a configuration holds a secret") {
    const Folder folder;
    std::string all;
    const auto collect = [&all](auto&& action) {
        try {
            action();
        } catch (const Error& error) {
            all += std::string(error.what()) + error.where() + '\n';
        }
    };
    Config config{.uri = "postgresql://ada:s3cr3t-uri@db/shop?sslpassword=s3cr3t-option"};
    config.password = "s3cr3t-password";
    config.connect_args = {{"sslpassword", "s3cr3t-argument"}, {"sslmode", "require"}};
    std::ostringstream printed;
    printed << config << config.url();
    all += printed.str() + config.to_string();
    CHECK(has(all, "sslmode=require"));
    CHECK(has(all, "uri = postgresql://ada:***@db/shop"));
    Config broken{.uri = "postgresql//ada:s3cr3t-uri@db"};
    all += broken.to_string();
    collect([&] { static_cast<void>(broken.url()); });
    const std::string section = "[database]\n";
    for (const char* line :
         {"password = s3cr3t-bare", "password = ['s3cr3t', 1.5]", "uri = 's3cr3t-no-end",
          "password = 's3cr3t' 's3cr3t'", "pasword = 's3cr3t'", "connect_args = 's3cr3t'"})
        collect(
            [&] { static_cast<void>(Config::from_file(folder.write("a.toml", section + line))); });
    for (const char* text : {R"({"database": {"password": "s3cr3t)", R"({"database": "s3cr3t"})",
                             R"({"database": {"password": s3cr3t}})", R"(["s3cr3t"])"})
        collect([&] { static_cast<void>(Config::from_file(folder.write("a.json", text))); });
    collect([] { static_cast<void>(Config::from_map({{"pasword", "s3cr3t"}})); });
    CHECK(std::count(all.begin(), all.end(), '\n') > 12);
    CHECK_MESSAGE(!has(all, "s3cr3t"), all);
}

TEST_CASE("CON-07 a file that cannot be read says which and where") {
    const Folder folder;
    refusal("missing.toml",
            [&] { static_cast<void>(Config::from_file(folder.path() / "missing.toml")); });
    CHECK(has(refusal("a.toml",
                      [&] {
                          static_cast<void>(
                              Config::from_file(folder.write("a.toml", "[database]\npool_size =")));
                      }),
              "line 2"));
    refusal("[database]", [&] {
        static_cast<void>(Config::from_file(folder.write("b.toml", "[shop]\necho=1")));
    });
    refusal("d.json", [&] {
        static_cast<void>(
            Config::from_file(folder.write("d.json", R"({"database": {"pool_size": 1e999}})")));
    });
    constexpr std::size_t depth = 300'000; // more than a stack holds
    refusal("dialect_path", [&] {
        static_cast<void>(Config::from_file(
            folder.write("e.json", R"({"database": {"dialect_path": )" + std::string(depth, '[') +
                                       std::string(depth, ']') + "}}")));
    });
    const auto flat = folder.write("c.toml", "echo = 'statements'");
    CHECK(Config::from_file(flat, {.section = ""}).echo == Echo::Statements);
}
