// SPDX-License-Identifier: MIT
#include <mercator/support/url.hpp>

#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;

namespace {

using Options = std::map<std::string, std::string>;

Url url(std::string scheme, std::vector<Url::Host> hosts, std::string database,
        Options options = {}) {
    Url result;
    result.scheme = std::move(scheme);
    result.hosts = std::move(hosts);
    result.database = std::move(database);
    result.options = std::move(options);
    return result;
}

Url with_user(Url result, std::string user, std::optional<std::string> password = {}) {
    result.user = std::move(user);
    result.password = std::move(password);
    return result;
}

Url with_driver(Url result, std::string driver) {
    result.driver = std::move(driver);
    return result;
}

struct Row {
    std::string text;
    Url expected;
};

const std::string pg = "postgresql";

std::vector<Row> files() {
    return {
        {"sqlite://", url("sqlite", {}, "")},
        {"sqlite:///", url("sqlite", {}, "")},
        {"sqlite:///:memory:", url("sqlite", {}, ":memory:")},
        {"sqlite:///shop.db", url("sqlite", {}, "shop.db")},
        {"sqlite:///data/shop.db", url("sqlite", {}, "data/shop.db")},
        {"sqlite:///./shop.db", url("sqlite", {}, "./shop.db")},
        {"sqlite:///../shop.db", url("sqlite", {}, "../shop.db")},
        {"sqlite:////var/lib/shop.db", url("sqlite", {}, "/var/lib/shop.db")},
        {"sqlite:////a b/c.db", url("sqlite", {}, "/a b/c.db")},
        {"sqlite:///a%20b.db", url("sqlite", {}, "a b.db")},
        {"sqlite:///what%3F.db", url("sqlite", {}, "what?.db")},
        {"sqlite:///50%25.db", url("sqlite", {}, "50%.db")},
        {"sqlite:///number%231.db", url("sqlite", {}, "number#1.db")},
        {"sqlite:///C:/shop.db", url("sqlite", {}, "C:/shop.db")},
        {"sqlite:///C:\\data\\shop.db", url("sqlite", {}, "C:\\data\\shop.db")},
        {"sqlite:///caf\xc3\xa9.db", url("sqlite", {}, "caf\xc3\xa9.db")},
        {"sqlite:///caf%C3%A9.db", url("sqlite", {}, "caf\xc3\xa9.db")},
        {"sqlite:///a+b.db", url("sqlite", {}, "a+b.db")},
        {"sqlite:///me@home.db", url("sqlite", {}, "me@home.db")},
        {"sqlite:///file:shop.db?mode=ro&uri=true",
         url("sqlite", {}, "file:shop.db", {{"mode", "ro"}, {"uri", "true"}})},
        {"sqlite:///file:shop?mode=memory&cache=shared",
         url("sqlite", {}, "file:shop", {{"mode", "memory"}, {"cache", "shared"}})},
        {"sqlite://?timeout=5", url("sqlite", {}, "", {{"timeout", "5"}})},
        {"SQLite:///Shop.DB", url("sqlite", {}, "Shop.DB")},
    };
}

std::vector<Row> servers() {
    return {
        {"postgresql://", url(pg, {}, "")},
        {"postgresql://db", url(pg, {{"db", {}}}, "")},
        {"postgresql://db/", url(pg, {{"db", {}}}, "")},
        {"postgresql://db/shop", url(pg, {{"db", {}}}, "shop")},
        {"postgresql:///shop", url(pg, {}, "shop")},
        {"postgresql://db:5432/shop", url(pg, {{"db", 5432}}, "shop")},
        {"postgresql://db:/shop", url(pg, {{"db", {}}}, "shop")},
        {"postgresql://:5433/shop", url(pg, {{"", 5433}}, "shop")},
        {"postgresql://db:1/x", url(pg, {{"db", 1}}, "x")},
        {"postgresql://db:65535/x", url(pg, {{"db", 65535}}, "x")},
        {"postgresql://127.0.0.1/shop", url(pg, {{"127.0.0.1", {}}}, "shop")},
        {"postgresql://[::1]/shop", url(pg, {{"::1", {}}}, "shop")},
        {"postgresql://[2001:db8::7]:5432/shop", url(pg, {{"2001:db8::7", 5432}}, "shop")},
        {"postgresql://[::ffff:10.0.0.1]/shop", url(pg, {{"::ffff:10.0.0.1", {}}}, "shop")},
        {"postgresql://[fe80::1%25eth0]/shop", url(pg, {{"fe80::1%eth0", {}}}, "shop")},
        {"postgresql://h1:1,h2:2/shop", url(pg, {{"h1", 1}, {"h2", 2}}, "shop")},
        {"postgresql://h1,h2:2,[::1]:3/shop", url(pg, {{"h1", {}}, {"h2", 2}, {"::1", 3}}, "shop")},
        {"postgresql://%2Fvar%2Frun%2Fpostgresql/shop",
         url(pg, {{"/var/run/postgresql", {}}}, "shop")},
        {"postgresql://%2Ftmp:5433/shop", url(pg, {{"/tmp", 5433}}, "shop")},
        {"postgresql://db/shop?sslmode=verify-full&options=-c%20geqo%3Doff",
         url(pg, {{"db", {}}}, "shop", {{"sslmode", "verify-full"}, {"options", "-c geqo=off"}})},
        {"postgresql://db/shop?host=/tmp", url(pg, {{"db", {}}}, "shop", {{"host", "/tmp"}})},
        {"postgresql://db/shop?", url(pg, {{"db", {}}}, "shop")},
        {"postgresql://db/shop?flag", url(pg, {{"db", {}}}, "shop", {{"flag", ""}})},
        {"postgresql://db/shop?flag=", url(pg, {{"db", {}}}, "shop", {{"flag", ""}})},
        {"postgresql://db/shop?a=b=c", url(pg, {{"db", {}}}, "shop", {{"a", "b=c"}})},
        {"postgresql://db/shop?a=1+1", url(pg, {{"db", {}}}, "shop", {{"a", "1+1"}})},
        {"postgresql://db/shop?a%26b=c%26d", url(pg, {{"db", {}}}, "shop", {{"a&b", "c&d"}})},
        {"postgresql://db?a=1", url(pg, {{"db", {}}}, "", {{"a", "1"}})},
        {"postgresql://db/my%2Fshop", url(pg, {{"db", {}}}, "my/shop")},
        {"postgresql+libpq://db/shop", with_driver(url(pg, {{"db", {}}}, "shop"), "libpq")},
        {"mysql+my_sql2://db/shop", with_driver(url("mysql", {{"db", {}}}, "shop"), "my_sql2")},
        {"mariadb://db/shop", url("mariadb", {{"db", {}}}, "shop")},
        {"x-y.z://db/shop", url("x-y.z", {{"db", {}}}, "shop")},
    };
}

std::vector<Row> credentials() {
    const Url db = url(pg, {{"db", {}}}, "shop");
    return {
        {"postgresql://ada@db/shop", with_user(db, "ada")},
        {"postgresql://ada:secret@db/shop", with_user(db, "ada", "secret")},
        {"postgresql://ada:@db/shop", with_user(db, "ada", "")},
        {"postgresql://:secret@db/shop", with_user(db, "", "secret")},
        {"postgresql://@db/shop", db},
        {"postgresql://ada:a:b@db/shop", with_user(db, "ada", "a:b")},
        {"postgresql://ada:p%40ss%2Fw%3Ard%3F%23@db/shop", with_user(db, "ada", "p@ss/w:rd?#")},
        {"postgresql://ada:100%25@db/shop", with_user(db, "ada", "100%")},
        {"postgresql://ada:a+b@db/shop", with_user(db, "ada", "a+b")},
        {"postgresql://a%3Ab:c@db/shop", with_user(db, "a:b", "c")},
        {"postgresql://ada%40home:c@db/shop", with_user(db, "ada@home", "c")},
        {"postgresql://%C3%A9:%0A@db/shop", with_user(db, "\xc3\xa9", "\n")},
        {"postgresql://ada:x@/shop", with_user(url(pg, {}, "shop"), "ada", "x")},
        {"postgresql://ada:x@h1:1,h2:2/shop",
         with_user(url(pg, {{"h1", 1}, {"h2", 2}}, "shop"), "ada", "x")},
    };
}

std::vector<Row> awkward() {
    const Url db = url(pg, {{"db", {}}}, "shop");
    const auto user = [&](std::string name, std::string password) {
        return with_user(db, std::move(name), std::move(password));
    };
    return {
        {"postgresql://%40:%3A@db/shop", user("@", ":")},
        {"postgresql://%2F:%3F@db/shop", user("/", "?")},
        {"postgresql://%23:%25@db/shop", user("#", "%")},
        {"postgresql://%5B:%5D@db/shop", user("[", "]")},
        {"postgresql://%20:%09@db/shop", user(" ", "\t")},
        {"postgresql://a%2525:b%2540@db/shop", user("a%25", "b%40")},
        {"postgresql://a:%F0%9F%98%80@db/shop", user("a", "\xf0\x9f\x98\x80")},
        {"postgresql://a:%FF@db/shop", user("a", "\xff")},
        {"postgresql://a:::@db/shop", user("a", "::")},
        {"postgresql://a:!$&'()*+,;=@db/shop", user("a", "!$&'()*+,;=")},
        {"POSTGRESQL://a:B@db/shop", user("a", "B")},
        {"postgresql://[::]/shop", url(pg, {{"::", {}}}, "shop")},
        {"postgresql://[FE80::A]/shop", url(pg, {{"FE80::A", {}}}, "shop")},
        {"postgresql://a,b,c/shop", url(pg, {{"a", {}}, {"b", {}}, {"c", {}}}, "shop")},
        {"postgresql://[::1]:1,[::2]:2/x", url(pg, {{"::1", 1}, {"::2", 2}}, "x")},
        {"postgresql://xn--bcher-kva.example/x", url(pg, {{"xn--bcher-kva.example", {}}}, "x")},
        {"postgresql://db/%3F%23%25%20", url(pg, {{"db", {}}}, "?#% ")},
        {"postgresql://db/a/b/c", url(pg, {{"db", {}}}, "a/b/c")},
        {"postgresql://db//x", url(pg, {{"db", {}}}, "/x")},
        {"postgresql://db/shop?a=%26&b=%3D",
         url(pg, {{"db", {}}}, "shop", {{"a", "&"}, {"b", "="}})},
        {"postgresql://db/shop?a=?&b=/", url(pg, {{"db", {}}}, "shop", {{"a", "?"}, {"b", "/"}})},
        {"sqlite:////a%2520b.db", url("sqlite", {}, "/a%20b.db")},
        {"sqlite:////tmp/%FF%FE.db", url("sqlite", {}, "/tmp/\xff\xfe.db")},
        {"sqlite:////tmp/a;b=c.db", url("sqlite", {}, "/tmp/a;b=c.db")},
    };
}

void check_rows(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Url read = Url::parse(row.text);
        CHECK(read.scheme == row.expected.scheme);
        CHECK(read.driver == row.expected.driver);
        CHECK(read.user == row.expected.user);
        CHECK(read.password == row.expected.password);
        CHECK(read.hosts == row.expected.hosts);
        CHECK(read.database == row.expected.database);
        CHECK(read.options == row.expected.options);
        CHECK(Url::parse(read.to_string(true)) == read);
    }
}

std::string random_text(std::mt19937& random) {
    static constexpr std::string_view letters = "ab:/@?#[]%&=+, !'\\\x7f\n\xc3\xa9;";
    std::string text;
    for (auto length = random() % 8; length > 0; --length)
        text += letters[random() % letters.size()];
    return text;
}

Url random_url(std::mt19937& random) {
    Url result;
    result.scheme = "postgresql";
    if (random() % 2 == 0) result.driver = "libpq";
    result.user = random_text(random);
    if (random() % 2 == 0) result.password = random_text(random);
    for (auto count = random() % 3; count > 0; --count) {
        Url::Host host{"h" + random_text(random), {}};
        if (random() % 2 == 0) host.port = static_cast<std::uint16_t>(1 + random() % 65535);
        if (random() % 4 == 0) host.name = "2001:db8::1";
        result.hosts.push_back(host);
    }
    result.database = random_text(random);
    for (auto count = random() % 3; count > 0; --count) {
        result.options["o" + random_text(random)] = random_text(random);
    }
    return result;
}

} // namespace

TEST_CASE("CON-03 three slashes are a relative path, four an absolute one, none memory") {
    check_rows(files());
}

TEST_CASE("CON-04 a server's address has hosts, ports, a socket folder and options") {
    check_rows(servers());
}

TEST_CASE("CON-02 every part takes every sign in its encoded form") {
    check_rows(awkward());
}

TEST_CASE("CON-02 user name and password are percent-decoded; empty and absent passwords differ") {
    check_rows(credentials());
    CHECK(files().size() + servers().size() + credentials().size() + awkward().size() >= 80);
}

TEST_CASE("CON-02 the text of any address reads back as the same address") {
    std::mt19937 random(20240229); // NOLINT: the same sequence in every run
    for (int i = 0; i < 5000; ++i) {
        const Url original = random_url(random);
        const std::string text = original.to_string(true);
        CAPTURE(text);
        CHECK(Url::parse(text) == original);
    }
}

TEST_CASE("CON-02 whatever text is read is the same address when it is written and read again") {
    static constexpr std::string_view signs = "ab1:/@?#[]%&=+,. \\%40%2F\xc3\xa9\x00\x1b";
    std::mt19937 random(20240301); // NOLINT: the same sequence in every run
    int read = 0;
    for (int i = 0; i < 50'000; ++i) {
        std::string text = i % 2 == 0 ? "postgresql://" : "";
        for (auto length = random() % 24; length > 0; --length)
            text += signs[random() % signs.size()];
        CAPTURE(text);
        try {
            const Url url = Url::parse(text);
            ++read;
            REQUIRE(Url::parse(url.to_string(true)) == url);
        } catch (const ArgumentError&) { // no address
        }
    }
    CHECK(read > 1000);
}

TEST_CASE("CON-02 what is no address is refused without repeating any of it") {
    const std::vector<std::string> bad = {
        "",
        "hunter2",
        "hunter2.db",
        "://hunter2",
        "2hunter://x",
        "hun_ter2://x",
        "hun ter2://x",
        " hunter2://x",
        "postgresql:/hunter2",
        "postgresql+://hunter2",
        "postgresql+a+b://hunter2",
        "postgresql://ada:hunter2@db:port/shop",
        "postgresql://ada:hunter2@db:0/shop",
        "postgresql://ada:hunter2@db:65536/shop",
        "postgresql://ada:hunter2@db:-1/shop",
        "postgresql://ada:hunter2@db:+1/shop",
        "postgresql://ada:hunter2@db:1:2/shop",
        "postgresql://ada:hunter2/x@db/shop",
        "postgresql://ada:hunter2@x@db/shop",
        "postgresql://ada:hunter2#x@db/shop",
        "postgresql://ada:hunter2%@db/shop",
        "postgresql://ada:hunter2%4@db/shop",
        "postgresql://ada:hunter2%zz@db/shop",
        "postgresql://ada:hunter2%00@db/shop",
        "postgresql://ada:hunter2\n@db/shop",
        "postgresql://[hunter2]/shop",
        "postgresql://[::1/hunter2",
        "postgresql://[::1]hunter2/shop",
        "postgresql://::1/hunter2",
        "postgresql://hunter2,/shop",
        "postgresql://,hunter2/shop",
        "postgresql://hunter2,,b/shop",
        "postgresql://hunter2 x/shop",
        "postgresql://db/shop?hunter2=1&hunter2=2",
        "postgresql://db/shop?=hunter2",
        "postgresql://db/shop?a=hunter2&",
        "postgresql://db/shop?a=hunter2%",
        "../hunter2://x",
        "hun/ter2://x",
        ".hunter2://x",
        std::string(10'000, 'h') + "unter2://x",
        "postgresql+" + std::string(10'000, 'h') + "unter2://x",
        std::string("hun\0ter2://x", 12),
        std::string("postgresql://hunter2\0/x", 23),
    };
    for (const std::string& text : bad) {
        CAPTURE(text);
        try {
            static_cast<void>(Url::parse(text));
            FAIL_CHECK("was read");
        } catch (const ArgumentError& error) {
            CHECK(std::string(error.what()).find("unter2") == std::string::npos);
        }
    }
}

TEST_CASE("CON-21 the password is hidden unless asked for") {
    const Url secret = Url::parse("postgresql://ada:hunter2@db:5432/shop?sslmode=require");
    CHECK(secret.to_string() == "postgresql://ada:***@db:5432/shop?sslmode=require");
    CHECK(secret.to_string(true) == "postgresql://ada:hunter2@db:5432/shop?sslmode=require");
    CHECK(Url::parse("postgresql://ada:@db").to_string() == "postgresql://ada:***@db");
    CHECK(Url::parse("postgresql://ada@db").to_string() == "postgresql://ada@db");
}

TEST_CASE("CON-21 passwords among the options are hidden, too") {
    const Url secret = Url::parse("postgresql://db/shop?PASSWORD=hunter2&sslpassword=hunter2&a=b");
    CHECK(secret.to_string() == "postgresql://db/shop?PASSWORD=***&a=b&sslpassword=***");
    CHECK(Url::parse(secret.to_string(true)) == secret);
}

TEST_CASE("an option is found by its exact name") {
    const Url address = Url::parse("mysql://db/shop?charset=utf8mb4&empty=");
    CHECK(address.option("charset") == "utf8mb4");
    CHECK(address.option("empty") == "");
    CHECK_FALSE(address.option("Charset"));
}
