// SPDX-License-Identifier: MIT
// A database that others made: the answers of examples/chinook beside hand-written SQL.
#include "chinook_data.hpp"

#include "chinook/mapping.hpp"
#include "chinook/questions.hpp"
#include "chinook/table_text.hpp"
#include "support/backend.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using mercator::Value;
using mercator::ValueKind;
using mercator::ValueRows;
using mercator::test::Backend;
using mercator::test::load_chinook;
using mercator::test::spelled_sql;
using namespace chinook;

std::optional<mercator::Decimal> number_in(const Value& value) {
    using mercator::Decimal;
    if (const auto* number = value.get_if<std::int64_t>()) return Decimal(*number);
    if (const auto* number = value.get_if<std::uint64_t>()) return Decimal(*number);
    if (const auto* number = value.get_if<double>()) return Decimal::rounded(*number, 2);
    if (const auto* number = value.get_if<Decimal>()) return number->round(2);
    if (const auto* text = value.get_if<std::string>()) return Decimal::parse(*text);
    return std::nullopt;
}

std::optional<mercator::DateTime> moment_in(const Value& value) {
    if (const auto* moment = value.get_if<mercator::DateTime>()) return *moment;
    if (const auto* text = value.get_if<std::string>()) return mercator::parse_date_time(*text);
    return std::nullopt;
}

/// The same fact, although SQL text comes without types: a sum may arrive as a binary number, a
/// moment as text.
bool same(const Value& typed, const Value& by_hand) {
    if (typed.is_null() || by_hand.is_null()) return typed.is_null() && by_hand.is_null();
    if (typed.kind() == ValueKind::String) return typed == by_hand;
    if (typed.kind() == ValueKind::DateTime) return moment_in(typed) == moment_in(by_hand);
    return number_in(typed) && number_in(typed) == number_in(by_hand);
}

void check_same(const Answer& answer, const ValueRows& by_hand) {
    CAPTURE(answer.question);
    REQUIRE(answer.rows.size() == by_hand.size());
    for (std::size_t row = 0; row < by_hand.size(); ++row) {
        REQUIRE(answer.rows[row].size() == answer.columns.size());
        REQUIRE(answer.rows[row].size() == by_hand[row].size());
        for (std::size_t column = 0; column < by_hand[row].size(); ++column) {
            CAPTURE(row);
            CAPTURE(answer.columns[column].title);
            const std::string ours = mercator::display(answer.rows[row][column]);
            const std::string theirs = mercator::display(by_hand[row][column]);
            CAPTURE(ours);
            CAPTURE(theirs);
            CHECK(same(answer.rows[row][column], by_hand[row][column]));
        }
    }
}

struct ByHand {
    Answer (*ask)(mercator::Session&);
    std::size_t rows; ///< on every backend
    std::string_view sql;
};

const std::vector<ByHand> by_hand{
    {sales_by_country, 24, R"(
        SELECT $billing_country, COUNT(*), SUM($total) FROM $invoice
        GROUP BY $billing_country ORDER BY ROUND(SUM($total), 2) DESC, $billing_country)"},
    {longest_albums, 10, R"(
        SELECT al.$title, ar.$name, COUNT(*), SUM(t.$milliseconds) FROM $album al
        JOIN $artist ar ON ar.$artist_id = al.$artist_id
        JOIN $track t ON t.$album_id = al.$album_id
        GROUP BY al.$album_id, al.$title, ar.$name
        ORDER BY SUM(t.$milliseconds) DESC, al.$album_id LIMIT 10)"},
    {manager_chains, 12, R"(
        SELECT chain.name, chain.steps, chain.boss FROM (
            SELECT e.$employee_id AS id, e.$last_name AS name, 1 AS steps, b.$last_name AS boss
            FROM $employee e JOIN $employee b ON b.$employee_id = e.$reports_to
            UNION ALL
            SELECT e.$employee_id, e.$last_name, 2, c.$last_name FROM $employee e
            JOIN $employee b ON b.$employee_id = e.$reports_to
            JOIN $employee c ON c.$employee_id = b.$reports_to
            UNION ALL
            SELECT e.$employee_id, e.$last_name, 3, d.$last_name FROM $employee e
            JOIN $employee b ON b.$employee_id = e.$reports_to
            JOIN $employee c ON c.$employee_id = b.$reports_to
            JOIN $employee d ON d.$employee_id = c.$reports_to) chain
        ORDER BY chain.id, chain.steps)"},
    {customers_who_bought_jazz, 32, R"(
        SELECT DISTINCT c.$first_name, c.$last_name, c.$country, c.$email, c.$customer_id
        FROM $customer c
        JOIN $invoice i ON i.$customer_id = c.$customer_id
        JOIN $invoice_line l ON l.$invoice_id = i.$invoice_id
        JOIN $track t ON t.$track_id = l.$track_id
        JOIN $genre g ON g.$genre_id = t.$genre_id
        WHERE g.$name = 'Jazz' ORDER BY c.$customer_id)"},
    {best_selling_artists, 10, R"(
        SELECT ar.$name, SUM(l.$quantity), SUM(l.$unit_price * l.$quantity) FROM $artist ar
        JOIN $album al ON al.$artist_id = ar.$artist_id
        JOIN $track t ON t.$album_id = al.$album_id
        JOIN $invoice_line l ON l.$track_id = t.$track_id
        GROUP BY ar.$artist_id, ar.$name
        ORDER BY ROUND(SUM(l.$unit_price * l.$quantity), 2) DESC, ar.$artist_id LIMIT 10)"},
    {big_genres, 11, R"(
        SELECT g.$name, COUNT(t.$track_id), COUNT(DISTINCT t.$composer), MAX(t.$milliseconds)
        FROM $genre g LEFT JOIN $track t ON t.$genre_id = g.$genre_id
        GROUP BY g.$genre_id, g.$name HAVING COUNT(t.$track_id) > 50
        ORDER BY COUNT(t.$track_id) DESC, g.$genre_id)"},
    {invoices_per_year, 5, R"(
        SELECT years.y, COUNT(*), SUM(years.amount), AVG(years.amount) FROM
            (SELECT SUBSTR(CAST($invoice_date AS CHAR(30)), 1, 4) AS y, $total AS amount
             FROM $invoice) years
        GROUP BY years.y ORDER BY years.y)"},
    {support_agents, 3, R"(
        SELECT e.$first_name, e.$last_name, m.$last_name,
               COUNT(DISTINCT c.$customer_id), SUM(i.$total)
        FROM $employee e
        LEFT JOIN $employee m ON m.$employee_id = e.$reports_to
        JOIN $customer c ON c.$support_rep_id = e.$employee_id
        JOIN $invoice i ON i.$customer_id = c.$customer_id
        GROUP BY e.$employee_id, e.$first_name, e.$last_name, m.$last_name
        ORDER BY ROUND(SUM(i.$total), 2) DESC, e.$employee_id)"},
    {playlists_by_size, 18, R"(
        SELECT p.$name, COUNT(pt.$track_id), SUM(t.$milliseconds) FROM $playlist p
        LEFT JOIN $playlist_track pt ON pt.$playlist_id = p.$playlist_id
        LEFT JOIN $track t ON t.$track_id = pt.$track_id
        GROUP BY p.$playlist_id, p.$name ORDER BY COUNT(pt.$track_id) DESC, p.$playlist_id)"},
    {customers_to_win_back, 28, R"(
        SELECT c.$first_name, c.$last_name, c.$country, MAX(i.$invoice_date), SUM(i.$total)
        FROM $customer c JOIN $invoice i ON i.$customer_id = c.$customer_id
        GROUP BY c.$customer_id, c.$first_name, c.$last_name, c.$country
        HAVING MAX(i.$invoice_date) < '2025-07-01'
        ORDER BY MAX(i.$invoice_date), c.$customer_id)"},
};

/// What the hand-written SQL needs to sort by, but the answer does not show, is dropped.
ValueRows without_further_columns(ValueRows rows, std::size_t columns) {
    for (auto& row : rows) {
        if (row.size() > columns) row.resize(columns);
    }
    return rows;
}

} // namespace

TEST_CASE("the ten answers about a foreign database are those of hand-written SQL") {
    Backend backend;
    if (!load_chinook(backend)) return;
    mercator::Session session = backend->session();
    REQUIRE(by_hand.size() == questions.size());
    for (std::size_t i = 0; i < by_hand.size(); ++i) {
        REQUIRE((by_hand[i].ask == questions[i]));
        const Answer answer = by_hand[i].ask(session);
        CAPTURE(answer.question);
        CHECK(answer.rows.size() == by_hand[i].rows);
        check_same(answer, without_further_columns(backend.rows(spelled_sql(by_hand[i].sql)),
                                                   answer.columns.size()));
    }
    const auto countries = sales_by_country(session);
    CHECK((countries.rows.front() == std::vector<Value>{"USA", 91, mercator::Decimal("523.06")}));
    CHECK(table_text(invoices_per_year(session)).find("2022        83  481.45     5.80\n") !=
          std::string::npos);
}

TEST_CASE("QRY-06 a condition on a date finds the same foreign rows on every backend") {
    Backend backend;
    if (!load_chinook(backend)) return;
    using namespace std::chrono_literals;
    mercator::Session session = backend->session();
    const mercator::DateTime july = std::chrono::sys_days(2025y / 7 / 1);
    const auto date = mercator::col(&Invoice::invoice_date);
    CHECK(session.query<Invoice>().where(date >= july).count() == 42);
    CHECK(session.query<Invoice>().where(date < july).count() == 370);
    const mercator::DateTime first = std::chrono::sys_days(2021y / 1 / 1);
    CHECK(session.query<const Invoice>().where(date == first).one()->total ==
          mercator::Decimal("1.98"));
    CHECK(session.query<const Invoice>()
              .where(date > first)
              .order_by(date.asc())
              .first()
              ->invoice_date == std::chrono::sys_days(2021y / 1 / 2));
}

TEST_CASE("foreign rows of all eleven tables are read, walked, inserted, changed and deleted") {
    Backend backend;
    if (!load_chinook(backend)) return;
    using mercator::Decimal;
    mercator::Session session = backend->session();

    // Read and walk what is there.
    CHECK(session.query<Artist>().count() == 275);
    CHECK(session.query<const Album>().all().size() == 347);
    CHECK(session.query<const Genre>().all().size() == 25);
    CHECK(session.query<const MediaType>().all().size() == 5);
    CHECK(session.query<const Track>().all().size() == 3503);
    CHECK(session.query<const Employee>().all().size() == 8);
    CHECK(session.query<const Customer>().all().size() == 59);
    CHECK(session.query<const Invoice>().all().size() == 412);
    CHECK(session.query<const InvoiceLine>().all().size() == 2240);
    CHECK(session.query<const Playlist>().all().size() == 18);
    CHECK(session.query<const PlaylistTrack>().all().size() == 8715);
    session.rollback();

    const auto on_playlist = session.get<PlaylistTrack>(1, 3402);
    REQUIRE(on_playlist);
    CHECK(session.get<PlaylistTrack>(1, 3402) == on_playlist);
    CHECK_FALSE(session.get<PlaylistTrack>(3402, 1));
    CHECK(on_playlist->playlist->name == "Music");
    CHECK(on_playlist->track->name == "Band Members Discuss Tracks from \"Revelations\"");
    const auto jane = session.get<Employee>(3);
    CHECK(jane->last_name == "Peacock");
    CHECK(jane->manager->manager->last_name == "Adams");
    CHECK_FALSE(jane->manager->manager->manager);
    CHECK(jane->customers.size() == 21);
    CHECK(mercator::to_string(jane->hire_date.value()) == "2002-04-01 00:00:00");

    // Insert: keys come from the database, the composite key from the rows it names.
    const auto artist = session.add(Artist{.name = "Gerardus and the Projections"});
    const auto album = session.add(Album{.title = "Straight Rhumbs"});
    const auto track = session.add(
        Track{.name = "Loxodrome", .milliseconds = 201'000, .unit_price = Decimal("1.29")});
    album->artist = artist;
    track->album = album;
    track->media_type = session.get<MediaType>(1);
    const auto entry = session.add(PlaylistTrack{});
    entry->playlist = session.get<Playlist>(1);
    entry->track = track;
    session.flush();
    CHECK(artist->artist_id == 276);
    CHECK(album->artist_id == 276);
    CHECK(track->track_id == 3504);
    CHECK(entry->track_id == 3504);
    CHECK(entry->playlist_id == 1);
    const auto rows = [&](std::string_view sql) {
        return session.connection().fetch_all(spelled_sql(sql));
    };
    const auto number = [&](std::string_view sql) { return number_in(rows(sql).at(0).at(0)); };
    CHECK(number("SELECT COUNT(*) FROM $track t JOIN $album a ON a.$album_id = t.$album_id"
                 " WHERE a.$title = 'Straight Rhumbs' AND t.$unit_price = 1.29") == Decimal(1));

    // Change: decimals and moments arrive in the foreign columns as others write them.
    track->unit_price = Decimal("0.99");
    const auto invoice = session.get<Invoice>(1);
    CHECK(invoice->total == Decimal("1.98"));
    invoice->total = Decimal("2.97");
    invoice->invoice_date += std::chrono::hours(13);
    jane->manager->phone = std::nullopt;
    session.flush();
    CHECK(number("SELECT COUNT(*) FROM $track WHERE $track_id = 3504 AND $unit_price = 0.99") ==
          Decimal(1));
    CHECK(number("SELECT COUNT(*) FROM $invoice WHERE $total = 2.97"
                 " AND $invoice_date = '2021-01-01 13:00:00'") == Decimal(1));
    CHECK(number("SELECT COUNT(*) FROM $employee WHERE $phone IS NULL") == Decimal(1));

    // What a query of const objects has read, and a relationship then reaches, is changed like any
    // other.
    const auto readers =
        session.query<const Artist>().where(mercator::col(&Artist::artist_id) <= 2).all();
    for (const auto& reader : readers) reader->albums[0]->artist->name = "Renamed";
    session.flush();
    CHECK(number("SELECT COUNT(*) FROM $artist WHERE $name = 'Renamed'") == Decimal(2));

    // Delete: the entry goes before the track that it names.
    session.delete_(track);
    session.delete_(entry);
    session.flush();
    CHECK(number("SELECT COUNT(*) FROM $track") == Decimal(3503));
    CHECK(number("SELECT COUNT(*) FROM $playlist_track WHERE $track_id = 3504") == Decimal(0));

    session.rollback();
    CHECK(number("SELECT COUNT(*) FROM $artist") == Decimal(275));
    CHECK(session.get<Invoice>(1)->total == Decimal("1.98"));
}
