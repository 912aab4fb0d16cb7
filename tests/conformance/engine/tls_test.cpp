// SPDX-License-Identifier: MIT
// Encryption: proven to the end, or refused; never silently plain.
#include "support/backend.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>

using namespace mercator;
using test::Backend;
namespace fs = std::filesystem;

namespace {

using Options = std::map<std::string, std::string>;

/// How a driver's options are called.
struct Names {
    Options required;
    Options verified; ///< besides the authority
    std::string authority;
};

std::optional<Names> names_of(const Url& url) {
    const Names spellings[] = {
        {{{"sslmode", "require"}}, {{"sslmode", "verify-full"}}, "sslrootcert"},
        {{{"ssl_mode", "required"}}, {{"ssl_mode", "verify_identity"}}, "ssl_ca"}};
    for (const Names& names : spellings) {
        Url with = url;
        with.options = names.required;
        try {
            const Engine engine(with);
            return names;
        } catch (const ArgumentError&) { // the other driver's
        }
    }
    return std::nullopt;
}

std::optional<std::string> ask(Engine& engine, std::initializer_list<const char*> spellings,
                               std::size_t column = 0) {
    for (const char* sql : spellings) {
        try {
            const auto rows = engine.connect().fetch_all(sql);
            if (rows.empty()) return std::nullopt;
            return display(rows.at(0).at(column));
        } catch (const DatabaseError&) { // the other spelling
        }
    }
    return std::nullopt;
}

bool is_encrypted(Engine& engine) {
    if (const auto cipher = ask(engine, {"SHOW STATUS LIKE 'Ssl_cipher'"}, 1))
        return *cipher != "''";
    return ask(engine, {"SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"}) == "true";
}

/// Encryption as the server offers it: some have to be told.
class Offer {
public:
    explicit Offer(const Backend& backend) : url_(Url::parse(backend.uri())), plain_(url_) {
        if (url_.hosts.empty()) return;
        names_ = names_of(url_);
        const auto file = ask(plain_, {"SHOW ssl_ca_file", "SELECT @@ssl_ca"});
        if (file && *file != "''" && *file != "NULL")
            authority_ = file->substr(1, file->size() - 2);
        if (!authority_.empty()) switch_on(true);
    }
    Offer(const Offer&) = delete;
    Offer& operator=(const Offer&) = delete;
    ~Offer() {
        if (!authority_.empty()) switch_on(false);
    }

    [[nodiscard]] bool is_there() const { return names_.has_value() && !authority_.empty(); }
    [[nodiscard]] const Names& names() const { return *names_; }
    [[nodiscard]] Url url(const Options& options) const {
        Url result = url_;
        result.options.insert(options.begin(), options.end());
        return result;
    }
    [[nodiscard]] Url verified_by(const fs::path& authority) const {
        Options options = names_->verified;
        options[names_->authority] = authority.string();
        return url(options);
    }
    [[nodiscard]] const fs::path& authority() const { return authority_; }
    [[nodiscard]] fs::path other_authority() const {
        return authority_.parent_path() / "other_ca.pem";
    }

private:
    void switch_on(bool on) {
        try {
            Connection connection = plain_.connect();
            connection.execute_script(on ? "ALTER SYSTEM SET ssl = on" : "ALTER SYSTEM RESET ssl");
            connection.fetch_all("SELECT pg_reload_conf()");
        } catch (const Error&) { // always on, where there is no such command
            return;
        }
        for (int i = 0; i < 100; ++i) {
            if ((ask(plain_, {"SHOW ssl"}) == "'on'") == on) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

    Url url_;
    Engine plain_;
    std::optional<Names> names_;
    fs::path authority_;
};

constexpr const char* no_server = "the database is no server";
constexpr const char* no_certificates = "the server has no certificates (openssl is not at hand)";

} // namespace

TEST_CASE("CON-20 a link is encrypted, and proven by the authority that the address names") {
    Backend backend;
    const Offer offer(backend);
    if (Url::parse(backend.uri()).hosts.empty()) return test::cannot("CON-20", no_server);
    if (!offer.is_there()) return test::skip(no_certificates);
    Engine required(offer.url(offer.names().required));
    CHECK(is_encrypted(required));
    Engine verified(offer.verified_by(offer.authority()));
    CHECK(is_encrypted(verified));
    // The authority alone says as much.
    Engine authority_only(offer.url({{offer.names().authority, offer.authority().string()}}));
    CHECK(is_encrypted(authority_only));
}

TEST_CASE("CON-20 a server that another authority vouches for is refused, and nothing is sent in "
          "plain text instead") {
    Backend backend;
    const Offer offer(backend);
    if (Url::parse(backend.uri()).hosts.empty()) return test::cannot("CON-20", no_server);
    if (!offer.is_there()) return test::skip(no_certificates);
    const std::string password = Url::parse(backend.uri()).password.value_or("");
    for (const Url& url : {offer.verified_by(offer.other_authority()),
                           offer.url({{offer.names().authority, offer.other_authority().string()}}),
                           offer.verified_by(offer.authority().parent_path() / "missing.pem")}) {
        Engine engine(url);
        try {
            static_cast<void>(engine.connect());
            FAIL_CHECK("connected");
        } catch (const OperationalError& error) {
            CHECK(std::string(error.what()).find(":" + password + "@") == std::string::npos);
        }
        CHECK(engine.statistics().connections_opened == 0);
    }
}

TEST_CASE("CON-20 encryption that the server does not offer is an error, not a plain link") {
    Backend backend;
    const Url url = Url::parse(backend.uri());
    if (url.hosts.empty()) return test::cannot("CON-20", no_server);
    const auto names = names_of(url);
    REQUIRE(names.has_value());
    Engine plain(url);
    const auto offered = ask(plain, {"SHOW ssl", "SELECT @@have_ssl"});
    if (offered == "'on'" || offered == "'YES'")
        return test::skip("this server always offers encryption");
    Url required = url;
    required.options = names->required;
    Engine engine(required);
    CHECK_THROWS_AS(static_cast<void>(engine.connect()), OperationalError);
    CHECK(engine.statistics().connections_opened == 0);
}

TEST_CASE("CON-20 a mode that does not exist is refused without repeating it") {
    Backend backend;
    Url url = Url::parse(backend.uri());
    if (url.hosts.empty()) return test::cannot("CON-20", no_server);
    const auto names = names_of(url);
    REQUIRE(names.has_value());
    const std::string option = names->required.begin()->first;
    url.options[option] = "hunter2";
    try {
        const Engine engine(url);
        FAIL("accepted");
    } catch (const ArgumentError& error) {
        const std::string text = error.what();
        CHECK(text.find(option) != std::string::npos);
        CHECK(text.find("hunter2") == std::string::npos);
    }
}
