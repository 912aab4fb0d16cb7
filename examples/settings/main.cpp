// SPDX-License-Identifier: MIT
// settings [--uri URI] [--echo]: types of one's own, documents, strong keys, an enum, a column that
// nobody reads in the table; and how text that is no JSON ends.
#include "accounts.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <string>

namespace {

using namespace settings;

void print_settings(mercator::Session& session, const std::string& username) {
    const auto settings = settings_of(session, username);
    fmt::print("  {}: language {}, size {}, {}, digest {}, searched for {}\n", username,
               settings->preferences.language, settings->preferences.font_size,
               settings->appearance.dump(), mercator::enum_name(settings->digest),
               fmt::join(*settings->searches, "; "));
}

/// True if the database and the objects agree, or the database cannot be asked.
bool ask_for_theme(mercator::Session& session, const std::string& theme) {
    const auto walked = users_with_theme_by_walking(session, theme);
    fmt::print("{} is the theme of {}\n", theme, fmt::join(walked, ", "));
    try {
        return users_with_theme(session, theme) == walked;
    } catch (const mercator::UnsupportedError& error) {
        fmt::print("UnsupportedError: {}\n", error.what());
        return true;
    }
}

/// Half a document in a column of plain text: whoever reads the member is told, the row stays.
void break_preferences(mercator::Database& db) {
    write_by_hand(db, R"(UPDATE settings SET preferences = '{"language": "fr", "al' WHERE id = 2)");
    auto session = db.session();
    try {
        static_cast<void>(settings_of(session, "ben"));
    } catch (const mercator::DataError& error) {
        fmt::print("DataError: {}\n", error.what());
    }
    print_settings(session, "ada"); // nobody else is in the way
}

/// The same in a column of documents, which most databases refuse to begin with.
void break_appearance(mercator::Database& db) {
    try {
        write_by_hand(db, "UPDATE settings SET appearance = '{dark' WHERE id = 3");
        auto session = db.session();
        static_cast<void>(settings_of(session, "cleo"));
    } catch (const mercator::DataError& error) {
        fmt::print("DataError: {}\n", error.what());
    } catch (const mercator::DatabaseError& error) {
        fmt::print("refused by the database: {}\n", error.what());
    }
}

int run(const mercator::Config& config) {
    mercator::Database db(config);
    open_accounts(db);
    auto session = db.session();
    for (const char* name : {"ada", "ben", "cleo"}) print_settings(session, name);
    change_settings(session, "ben");
    fmt::print("changed in place:\n");
    session.close();
    auto fresh = db.session();
    print_settings(fresh, "ben");
    const bool agree = ask_for_theme(fresh, "dark");
    fmt::print("daily mail for {}; cleo@example.org is {}\n",
               fmt::join(readers_of(fresh, Digest::daily), ", "),
               user_by_mail(fresh, "cleo@example.org")->username);
    const auto users = fresh.query<User>().count();
    fresh.close();
    break_preferences(db);
    break_appearance(db);
    if (!agree) {
        fmt::print(stderr, "settings: objects and database disagree\n");
        return 1;
    }
    fmt::print("settings: {} users, objects and database agree\n", users);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::string uri = "sqlite:///settings.db";
    bool echo = false;
    CLI::App app{"Users and their settings on any database. Drops its tables (settings_users,\n"
                 "settings) in the database it is given, and makes them anew."};
    app.add_option("--uri", uri,
                   "sqlite:///file, postgresql://… or mysql://user:password@host/database")
        ->envname("MERCATOR_URI")
        ->capture_default_str();
    app.add_flag("--echo", echo, "show the SQL");
    CLI11_PARSE(app, argc, argv);
    try {
        mercator::Config config{.uri = uri};
        if (echo) config.echo = mercator::Echo::Statements;
        return run(config);
    } catch (const mercator::Error& error) {
        std::fflush(stdout);
        fmt::print(stderr, "settings: {}\n", error.what());
        return 2;
    }
}
