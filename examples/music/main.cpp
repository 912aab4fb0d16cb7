// SPDX-License-Identifier: MIT
// music [--uri URI] [--echo]: roles, users and songs, and what loading them costs.
#include "community.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace music;

void print_roles(mercator::Session& session) {
    fmt::print("\n{:<12} {:>6} {:>6}\n", "role", "users", "songs");
    for (const auto& line : count_by_walking(session))
        fmt::print("{:<12} {:>6} {:>6}\n", line.role, line.users, line.songs);
}

void print_page(mercator::Session& session) {
    fmt::print("\n{:<6} {:<10} newest songs\n", "user", "role");
    for (const auto& user : page_of_users(session)) {
        fmt::print("{:<6} {:<10} ", user->username, user->role ? user->role->name : "-");
        for (const auto& song : user->newest) fmt::print(" {};", song->title);
        fmt::print("\n");
    }
}

/// What it costs to walk from roles over users to songs, without a word about loading.
void print_cost(mercator::Database& db) {
    auto session = db.session();
    std::vector<RoleLine> lines;
    // One for each level of the walk, whatever there is of roles and users; else this throws.
    constexpr std::size_t statements = 3;
    mercator::expect_statements(db, statements, [&] { lines = count_by_walking(session); });
    std::int64_t users = 0;
    std::int64_t songs = 0;
    for (const auto& line : lines) {
        users += line.users;
        songs += line.songs;
    }
    fmt::print("\n{} roles, {} users, {} songs were read with {} statements\n", lines.size(), users,
               songs, statements);
}

int run(const mercator::Config& config) {
    mercator::Database db(config);
    open_community(db);
    auto session = db.session();
    print_roles(session);
    const bool granted = grant_wanted_role(session, "eve");
    take_down(session, "ida no. 9");
    const auto moved = hand_over_songs(session, "hal", "ada");
    fmt::print("\neve is {}; ida has taken a song down; hal gave {} songs to ada\n",
               granted ? "a moderator now" : "what she was", moved);
    session.close();

    auto fresh = db.session(); // everything below comes from the database
    print_page(fresh);
    print_roles(fresh);
    print_cost(db);
    if (count_by_walking(fresh) != count_by_sql(fresh)) {
        fmt::print(stderr, "music: objects and database count differently\n");
        return 1;
    }
    fmt::print("music: objects and database agree\n");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::string uri = "sqlite:///music.db";
    bool echo = false;
    CLI::App app{
        "A place where people share music, on any database. Drops its tables (roles, users,\n"
        "songs) in the database it is given, and makes them anew."};
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
        fmt::print(stderr, "music: {}\n", error.what());
        return 2;
    }
}
