// SPDX-License-Identifier: MIT
// A gate for secrets: everything that can be read off logs, errors and addresses is collected while
// things go well and badly, and searched for passwords and hidden values.
#include "support/backend.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <sstream>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;

namespace {

constexpr const char* secret_password = "Zx9-p4ssw0rd";
constexpr const char* secret_value = "Qk7-v4lue";

struct Account {
    std::int64_t id{};
    std::string name;
    std::string secret;
    static void describe(Mapping<Account>& account) {
        account.table("accounts");
        account.column<&Account::id>().primary_key();
        account.column<&Account::name>(String(40)).unique();
        account.column<&Account::secret>(String(12));
    }
};

class Everything final : public LogSink {
public:
    void write(LogLevel, std::string_view message) override { add(message); }
    void add(std::string_view text) {
        const std::lock_guard lock(mutex_);
        text_.append(text).append("\n");
    }
    template <class Action>
    void collect(Action&& action) {
        try {
            action();
        } catch (const DatabaseError& error) {
            ++errors_;
            add(error.info().message + error.statement() + error.constraint() + error.table() +
                error.column());
            add(std::string(error.what()) + error.where());
        } catch (const Error& error) {
            ++errors_;
            add(std::string(error.what()) + error.where());
        }
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] int errors() const { return errors_; }

private:
    std::mutex mutex_;
    std::string text_;
    int errors_ = 0;
};

/// Good and bad work with the secret value everywhere.
void work(Database& database, Everything& everything) {
    database.create_all<Account>();
    const auto add = [&](std::string name, std::string secret) {
        everything.collect([&] {
            Session session = database.session();
            session.add(Account{.name = std::move(name), .secret = std::move(secret)});
            session.commit();
        });
    };
    add(secret_value, secret_value);
    add(secret_value, secret_value);                               // a key twice
    add("long", std::string(secret_value) + "-which-is-too-long"); // a value too long
    add("bad", std::string(secret_value) + "\xff");                // no UTF-8
    everything.collect([&] {
        Session session = database.session();
        const auto found =
            session.query<Account>().where(col(&Account::secret) == secret_value).all();
        CHECK(found.size() == 1);
        found.front()->secret = std::string(secret_value) + "2";
        session.commit();
    });
    everything.collect([&] {
        Session session = database.session();
        static_cast<void>(session.query<Account>().where(col(&Account::name) == "nobody").one());
    });
    everything.collect(
        [&] { database.engine().connect().fetch_all("SELECT nonsense FROM nowhere"); });
}

} // namespace

TEST_CASE("LOG-02 no log and no error holds a value when parameters are hidden") {
    const auto everything = std::make_shared<Everything>();
    Backend backend(Config{.echo = Echo::Rows, .log = everything, .hide_parameters = true});
    work(*backend, *everything);
    CHECK(everything->errors() >= 4);
    CHECK(everything->text().find("INSERT INTO") != std::string::npos);
    CHECK(everything->text().find("parameters hidden") != std::string::npos);
    CHECK_MESSAGE(everything->text().find(secret_value) == std::string::npos, everything->text());
}

TEST_CASE("LOG-01 values are in the log when they are asked for, errors never repeat them") {
    const auto everything = std::make_shared<Everything>();
    const auto errors = std::make_shared<Everything>();
    Backend backend(Config{.echo = Echo::Rows, .log = everything});
    work(*backend, *errors);
    CHECK(everything->text().find(secret_value) != std::string::npos);
    CHECK(everything->text().find("row 1: ") != std::string::npos);
    CHECK(everything->text().find("BEGIN") != std::string::npos);
    CHECK(everything->text().find("COMMIT") != std::string::npos);
    CHECK_MESSAGE(errors->text().find(secret_value) == std::string::npos, errors->text());
}

TEST_CASE("CON-21 no log, no error and no address shows a password, whatever goes wrong") {
    Backend backend;
    Url url = Url::parse(backend.uri());
    if (url.hosts.empty()) return test::skip("files have no passwords");
    bool made = false;
    for (const std::string& sql :
         {std::string("CREATE ROLE gatekeeper SUPERUSER LOGIN PASSWORD '") + secret_password + "'",
          std::string("GRANT ALL PRIVILEGES ON *.* TO 'gatekeeper'@'127.0.0.1' IDENTIFIED BY '") +
              secret_password + "'"}) {
        try {
            backend.run(sql);
            made = true;
        } catch (const DatabaseError&) { // the other spelling
        }
    }
    if (!made) return test::skip("the test's user may not make users");
    url.user = "gatekeeper";
    url.password = secret_password;
    const auto everything = std::make_shared<Everything>();
    const auto with = [&](auto&& alter, const std::string& password = secret_password) {
        Url altered = url;
        altered.password = password;
        alter(altered);
        Config config{.uri = altered.to_string(true), .echo = Echo::Rows, .log = everything};
        config.connect_timeout = std::chrono::milliseconds(1'000);
        if (altered.options.empty()) { // an option is shown, unless its name says that it is secret
            std::ostringstream printed;
            printed << altered << config << altered.to_string();
            everything->add(printed.str());
        }
        everything->collect([&] {
            Database database(config);
            database.engine().connect().fetch_all("SELECT 1");
            static_cast<void>(database.engine().connect().fetch_all("SELECT nonsense"));
        });
        everything->collect([&] { static_cast<void>(Url::parse(altered.to_string(true) + "#")); });
    };
    with([](Url&) {});
    with([](Url&) {}, std::string(secret_password) + "-wrong");
    with([](Url& u) { u.user = "nobody_here"; });
    with([](Url& u) { u.database = "no_such_database"; });
    with([](Url& u) { u.hosts = {{"127.0.0.1", 1}}; });
    with([](Url& u) { u.hosts = {{"no-such-host.invalid", 1}}; });
    with([](Url& u) { u.options["speling"] = secret_password; });
    with([](Url& u) { u.options["connect_timeout"] = secret_password; });
    with([](Url& u) { u.scheme = "nosuchscheme"; });
    // The password in a wrong place of the text, as an unescaped one lands there.
    const std::string scheme = url.scheme + "://";
    for (const std::string& text : {scheme + "ada:x/" + secret_password + "@127.0.0.1:1/db",
                                    scheme + "ada:x?" + secret_password + "@127.0.0.1:1/db",
                                    scheme + "ada:x@" + secret_password + "@127.0.0.1:1/db",
                                    scheme + "ada:" + secret_password + "%@127.0.0.1:1/db",
                                    scheme + "ada:" + secret_password + ":127.0.0.1:1/db"})
        everything->collect([&] {
            Database database(Config{.uri = text, .log = everything});
            static_cast<void>(database.engine().connect());
        });
    CHECK(everything->errors() >= 14);
    CHECK_MESSAGE(everything->text().find(secret_password) == std::string::npos,
                  everything->text());
    for (const char* sql : {"DROP ROLE gatekeeper", "DROP USER 'gatekeeper'@'127.0.0.1'"}) {
        try {
            backend.run(sql);
        } catch (const DatabaseError&) { // the other spelling
        }
    }
}
