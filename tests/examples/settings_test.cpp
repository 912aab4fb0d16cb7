// SPDX-License-Identifier: MIT
// Types of one's own, documents and keys, as in examples/settings.
#include "settings/accounts.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <type_traits>

using namespace settings;
using mercator::col;
using mercator::Id;
using mercator::Value;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

using Names = std::vector<std::string>;

/// Where the DataError says that it is; empty if there is none.
std::string where_reading_ends(Backend& backend, const std::string& username) {
    auto session = backend->session();
    try {
        static_cast<void>(settings_of(session, username));
    } catch (const mercator::DataError& error) {
        CHECK_FALSE(session.is_dirty());
        return error.where();
    }
    return {};
}

} // namespace

TEST_CASE("settings: every member comes back as it was, in one statement") {
    Backend backend;
    open_accounts(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    const auto ada = settings_of(session, "ada");
    CHECK(log.count() == 1);
    CHECK((ada->preferences == Preferences{"en", 14, {{"mail", true}}}));
    CHECK((ada->appearance == nlohmann::json{{"theme", "dark"}, {"widgets", {"clock", "mail"}}}));
    CHECK((*ada->searches == Names{"engines", "cards, punched"}));
    CHECK((ada->digest == Digest::daily));
    const auto cleo = settings_of(session, "cleo");
    CHECK((cleo->preferences == Preferences{}));
    CHECK((cleo->appearance == nlohmann::json::object()));
    CHECK(backend->verify().empty());
}

TEST_CASE("settings: a type of one's own is JSON text in the table, another column is scrambled") {
    Backend backend;
    open_accounts(*backend);
    const auto rows = backend.rows("SELECT preferences, searches FROM settings ORDER BY id");
    CHECK(rows[0][0] == Value(R"({"alerts":{"mail":true},"font_size":14,"language":"en"})"));
    CHECK(rows[0][1] == Value("2:engines\ncards, punched\n"));
    for (const auto& row : backend.rows("SELECT recovery_mail FROM settings_users"))
        CHECK(row[0].get_if<std::string>()->find("example") == std::string::npos);
    auto session = backend->session();
    CHECK(user_by_mail(session, "ben@example.org")->username == "ben");
    CHECK(user_by_mail(session, "ben@example.org")->recovery_mail == "ben@example.org");
    CHECK((readers_of(session, Digest::daily) == Names{"ada", "ben"}));
    CHECK(readers_of(session, Digest::never).empty());
}

TEST_CASE("settings: what is changed in place is written, by one statement, and nothing else") {
    Backend backend;
    open_accounts(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    change_settings(session, "ada");
    REQUIRE(log.count("UPDATE") == 1);
    CHECK(log.count() == 2); // found, updated
    CHECK(log.texts("UPDATE")[0].find("digest") == std::string::npos);
    CHECK(log.texts("UPDATE")[0].find("appearance") != std::string::npos);
    auto fresh = backend->session();
    const auto ada = settings_of(fresh, "ada");
    CHECK((ada->preferences.alerts == std::map<std::string, bool>{{"chat", true}, {"mail", true}}));
    CHECK((ada->appearance["widgets"] == nlohmann::json{"clock", "mail", "weather"}));
    CHECK(ada->searches->size() == 3);
    ada->appearance["theme"] = "dark"; // as it is
    fresh.commit();
    CHECK(log.count("UPDATE") == 1);
}

TEST_CASE("settings: the database looks into the documents and agrees with the objects") {
    Backend backend;
    open_accounts(*backend);
    auto session = backend->session();
    {
        const SqlLog log(backend->engine());
        CHECK((users_with_theme_by_walking(session, "dark") == Names{"ada"}));
        CHECK(log.count() == 1);
    }
    if (!backend.can().json_functions) {
        CHECK_THROWS_AS(static_cast<void>(users_with_theme(session, "dark")),
                        mercator::UnsupportedError);
        mercator::test::skip("the database has no functions for JSON");
        return;
    }
    const SqlLog log(backend->engine());
    CHECK((users_with_theme(session, "dark") == Names{"ada"}));
    CHECK((users_with_theme(session, "light") == Names{"ben"}));
    CHECK(users_with_theme(session, "").empty()); // cleo has chosen none
    CHECK(log.count() == 3);
}

TEST_CASE("settings: keys of two classes do not mix; settings go with their user") {
    static_assert(!std::is_convertible_v<Id<User>, Id<Settings>>);
    static_assert(!mercator::Comparable<Id<User>, Id<Settings>>);
    Backend backend;
    open_accounts(*backend);
    auto session = backend->session();
    const auto ben = user_by_mail(session, "ben@example.org");
    CHECK(session.get<User>(ben->id) == ben);
    CHECK(ben->settings->user_id == ben->id);
    session.delete_(ben);
    session.commit();
    CHECK(session.query<Settings>().count() == 2);
}

TEST_CASE("settings: half a document is a DataError that names the member, and stays as it is") {
    Backend backend;
    open_accounts(*backend);
    const std::string half = R"({"language": "fr", "al)";
    write_by_hand(*backend, "UPDATE settings SET preferences = '" + half + "' WHERE id = 2");
    CHECK(where_reading_ends(backend, "ben") == "Settings.preferences");
    // JSON, and none of these preferences: a size that is no number.
    write_by_hand(*backend,
                  R"(UPDATE settings SET preferences = '{"font_size": "big"}' WHERE id = 3)");
    CHECK(where_reading_ends(backend, "cleo") == "Settings.preferences");
    CHECK(where_reading_ends(backend, "ada").empty());

    auto session = backend->session();
    CHECK_THROWS_AS(static_cast<void>(session.query<Settings>().all()), mercator::DataError);
    CHECK_FALSE(session.is_dirty());
    settings_of(session, "ada")->digest = Digest::never; // the session goes on
    session.commit();
    const auto rows = backend.rows("SELECT preferences FROM settings ORDER BY id");
    CHECK(rows[1][0] == Value(half));
    CHECK(rows[2][0] == Value(R"({"font_size": "big"})"));
    CHECK((readers_of(session, Digest::never) == Names{"ada"}));
}

TEST_CASE("settings: a column of documents refuses what is none, or reading it does") {
    Backend backend;
    open_accounts(*backend);
    const std::string broken = "UPDATE settings SET appearance = '{dark' WHERE id = 3";
    if (backend.can().json_functions) {
        CHECK_THROWS_AS(write_by_hand(*backend, broken), mercator::DatabaseError);
        CHECK(where_reading_ends(backend, "cleo").empty());
        auto session = backend->session();
        CHECK((settings_of(session, "cleo")->appearance == nlohmann::json::object()));
    } else {
        write_by_hand(*backend, broken);
        CHECK(where_reading_ends(backend, "cleo") == "Settings.appearance");
        CHECK(backend.rows("SELECT appearance FROM settings WHERE id = 3")[0][0] == Value("{dark"));
    }
}

TEST_CASE(
    "settings: an old form is read, and written anew only with a change; a newer is refused") {
    Backend backend;
    open_accounts(*backend);
    write_by_hand(*backend, "UPDATE settings SET searches = '1:maps,globes' WHERE id = 2");
    auto session = backend->session();
    const SqlLog log(backend->engine());
    const auto ben = settings_of(session, "ben");
    CHECK((*ben->searches == Names{"maps", "globes"}));
    session.commit();
    CHECK(log.count("UPDATE") == 0);
    ben->searches->push_back("poles");
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    CHECK(backend.rows("SELECT searches FROM settings WHERE id = 2")[0][0] ==
          Value("2:maps\nglobes\npoles\n"));
    write_by_hand(*backend, "UPDATE settings SET searches = '3:?' WHERE id = 2");
    CHECK(where_reading_ends(backend, "ben") == "Settings.searches");
}

TEST_CASE("settings: a word that is none of the enum's is refused by the database") {
    Backend backend;
    open_accounts(*backend);
    CHECK_THROWS_AS(write_by_hand(*backend, "UPDATE settings SET digest = 'hourly' WHERE id = 1"),
                    mercator::DatabaseError);
    auto session = backend->session();
    CHECK((readers_of(session, Digest::daily) == Names{"ada", "ben"}));
}
