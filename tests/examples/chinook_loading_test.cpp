// SPDX-License-Identifier: MIT
// One graph, whichever way it is loaded: Chinook by every strategy beside hand-written SQL.
#include "chinook_data.hpp"

#include "chinook/mapping.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace chinook;
using mercator::col;
using mercator::Lazy;
using mercator::load_as;
using mercator::Session;
using mercator::Value;
using mercator::test::Backend;
using mercator::test::load_chinook;
using mercator::test::spelled_sql;
using mercator::test::SqlLog;

/// A graph as the keys that its paths go by, -1 where a path ends.
using Paths = std::vector<std::vector<std::int64_t>>;

Paths paths_by_hand(Backend& backend, std::string_view sql) {
    Paths paths;
    for (const auto& row : backend.rows(spelled_sql(sql))) {
        auto& path = paths.emplace_back();
        for (const Value& value : row) {
            const auto* number = value.get_if<std::int64_t>();
            path.push_back(number == nullptr ? -1 : *number);
        }
    }
    return paths;
}

Session patient_session(Backend& backend) {
    return backend->session({.loading = {.n_plus_one = mercator::NPlusOne::ignore}});
}

/// How a graph is loaded by one strategy, and with how many statements.
struct Expectation {
    Lazy lazy;
    std::size_t statements;
};

/// Loads and walks with each strategy in a session of its own, and compares.
void check_every_way(Backend& backend, const std::vector<Expectation>& ways,
                     const std::function<Paths(Session&, Lazy)>& load, const Paths& by_hand) {
    REQUIRE_FALSE(by_hand.empty());
    for (const auto& [lazy, statements] : ways) {
        CAPTURE(static_cast<int>(lazy));
        Session session = patient_session(backend);
        const SqlLog log(backend->engine());
        const Paths paths = load(session, lazy);
        CHECK(log.count() == statements);
        CHECK(paths.size() == by_hand.size());
        CHECK((paths == by_hand));
        CHECK_FALSE(session.is_dirty());
    }
}

Paths artists_to_genres(Session& session, Lazy lazy) {
    const auto artists = session.query<Artist>()
                             .order_by(col(&Artist::artist_id))
                             .options(load_as<&Artist::albums>(lazy).then(
                                 load_as<&Album::tracks>(lazy).then(load_as<&Track::genre>(lazy))))
                             .all();
    Paths paths;
    for (const auto& artist : artists) {
        if (artist->albums.empty()) paths.push_back({artist->artist_id, -1, -1, -1});
        for (const auto& album : artist->albums) {
            CHECK(album->artist.get() == artist.get());
            for (const auto& track : album->tracks) {
                paths.push_back({artist->artist_id, album->album_id, track->track_id,
                                 track->genre ? track->genre->genre_id : -1});
            }
        }
    }
    return paths;
}

Paths playlists_to_tracks(Session& session, Lazy lazy) {
    Paths paths;
    for (const auto& playlist : session.query<Playlist>()
                                    .order_by(col(&Playlist::playlist_id))
                                    .options(load_as<&Playlist::tracks>(lazy))
                                    .all()) {
        if (playlist->tracks.empty()) paths.push_back({playlist->playlist_id, -1});
        for (const auto& track : playlist->tracks)
            paths.push_back({playlist->playlist_id, track->track_id});
    }
    return paths;
}

Paths tracks_to_playlists(Session& session, Lazy lazy) {
    Paths paths;
    for (const auto& track : session.query<Track>()
                                 .where(col(&Track::track_id) <= 600)
                                 .order_by(col(&Track::track_id))
                                 .options(load_as<&Track::playlists>(lazy))
                                 .all()) {
        for (const auto& playlist : track->playlists)
            paths.push_back({track->track_id, playlist->playlist_id});
    }
    return paths;
}

void add_reports(const std::shared_ptr<Employee>& manager, Paths& paths) {
    for (const auto& employee : manager->reports) {
        CHECK(employee->manager.get() == manager.get());
        paths.push_back({employee->employee_id, manager->employee_id});
        add_reports(employee, paths);
    }
}

Paths employee_tree(Session& session, Lazy lazy) {
    const auto boss =
        session.query<Employee>()
            .where(col(&Employee::reports_to).is_null())
            .options(load_as<&Employee::reports>(lazy).then(
                load_as<&Employee::reports>(lazy).then(load_as<&Employee::reports>(lazy))))
            .all();
    REQUIRE(boss.size() == 1);
    Paths paths;
    add_reports(boss.front(), paths);
    std::sort(paths.begin(), paths.end());
    return paths;
}

Paths customers_to_tracks(Session& session, Lazy lazy) {
    const auto customers =
        session.query<Customer>()
            .order_by(col(&Customer::customer_id))
            .options(load_as<&Customer::invoices>(lazy).then(
                load_as<&Invoice::lines>(lazy).then(load_as<&InvoiceLine::track>(lazy))))
            .all();
    Paths paths;
    for (const auto& customer : customers) {
        for (const auto& invoice : customer->invoices) {
            for (const auto& line : invoice->lines) {
                paths.push_back({customer->customer_id, invoice->invoice_id, line->invoice_line_id,
                                 line->track->track_id});
            }
        }
    }
    return paths;
}

} // namespace

TEST_CASE("artists, albums, tracks and genres are one graph by every strategy") {
    Backend backend;
    if (!load_chinook(backend)) return;
    const Paths by_hand = paths_by_hand(backend, R"(
        SELECT ar.$artist_id, al.$album_id, t.$track_id, t.$genre_id FROM $artist ar
        LEFT JOIN $album al ON al.$artist_id = ar.$artist_id
        LEFT JOIN $track t ON t.$album_id = al.$album_id
        ORDER BY ar.$artist_id, al.$album_id, t.$track_id)");
    CHECK(by_hand.size() == 3'574); // 3,503 tracks and 71 artists without an album
    check_every_way(backend,
                    {{Lazy::joined, 1},
                     {Lazy::selectin, 4},
                     {Lazy::subquery, 4},
                     {Lazy::batch, 4},
                     {Lazy::select, 1 + 275 + 347 + 25},
                     {Lazy::immediate, 1 + 275 + 347 + 25}},
                    &artists_to_genres, by_hand);
}

TEST_CASE("playlists and their tracks are one graph by every strategy, from both sides") {
    Backend backend;
    if (!load_chinook(backend)) return;
    const Paths by_hand = paths_by_hand(backend, R"(
        SELECT p.$playlist_id, pt.$track_id FROM $playlist p
        LEFT JOIN $playlist_track pt ON pt.$playlist_id = p.$playlist_id
        ORDER BY p.$playlist_id, pt.$track_id)");
    CHECK(by_hand.size() == 8'719); // 8,715 entries and four empty playlists
    check_every_way(backend,
                    {{Lazy::joined, 1},
                     {Lazy::selectin, 2},
                     {Lazy::subquery, 2},
                     {Lazy::batch, 2},
                     {Lazy::select, 19},
                     {Lazy::immediate, 19}},
                    &playlists_to_tracks, by_hand);
    check_every_way(backend,
                    {{Lazy::joined, 1},
                     {Lazy::selectin, 3}, // 500 and 100 owners
                     {Lazy::subquery, 2},
                     {Lazy::batch, 3},
                     {Lazy::select, 601},
                     {Lazy::immediate, 601}},
                    &tracks_to_playlists, paths_by_hand(backend, R"(
        SELECT $track_id, $playlist_id FROM $playlist_track WHERE $track_id <= 600
        ORDER BY $track_id, $playlist_id)"));
}

TEST_CASE("the tree of employees is one graph by every strategy") {
    Backend backend;
    if (!load_chinook(backend)) return;
    check_every_way(backend,
                    {{Lazy::joined, 1},
                     {Lazy::selectin, 4},
                     {Lazy::subquery, 4},
                     {Lazy::batch, 4},
                     {Lazy::select, 9},
                     {Lazy::immediate, 9}},
                    &employee_tree, paths_by_hand(backend, R"(
        SELECT $employee_id, $reports_to FROM $employee WHERE $reports_to IS NOT NULL
        ORDER BY $employee_id)"));
}

TEST_CASE("customers, invoices, lines and tracks are one graph by every strategy") {
    Backend backend;
    if (!load_chinook(backend)) return;
    const Paths by_hand = paths_by_hand(backend, R"(
        SELECT c.$customer_id, i.$invoice_id, l.$invoice_line_id, l.$track_id FROM $customer c
        JOIN $invoice i ON i.$customer_id = c.$customer_id
        JOIN $invoice_line l ON l.$invoice_id = i.$invoice_id
        ORDER BY c.$customer_id, i.$invoice_id, l.$invoice_line_id)");
    CHECK(by_hand.size() == 2'240);
    constexpr std::size_t sold = 1'984; // different tracks: four chunks of up to 500
    check_every_way(backend,
                    {{Lazy::joined, 1},
                     {Lazy::selectin, 7},
                     {Lazy::subquery, 4},
                     {Lazy::batch, 7},
                     {Lazy::select, 1 + 59 + 412 + sold},
                     {Lazy::immediate, 1 + 59 + 412 + sold}},
                    &customers_to_tracks, by_hand);
}
