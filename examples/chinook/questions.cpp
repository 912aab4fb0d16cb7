// SPDX-License-Identifier: MIT
#include "questions.hpp"

#include "mapping.hpp"

#include <chrono>
#include <tuple>
#include <utility>

namespace chinook {

using mercator::alias;
using mercator::col;
using mercator::select;
namespace func = mercator::func;

namespace {

/// Runs the query and keeps its rows, whatever their types, as the answer's rows.
template <class Query>
Answer answered(std::string_view question, std::vector<Column> columns, mercator::Session& session,
                const Query& query) {
    Answer answer{question, std::move(columns), {}};
    for (const auto& row : session.execute(query)) {
        std::apply(
            [&](const auto&... values) { answer.rows.push_back({mercator::to_value(values)...}); },
            row);
    }
    return answer;
}

} // namespace

Answer sales_by_country(mercator::Session& session) {
    const auto sales = func::sum(col(&Invoice::total));
    const auto query = select(col(&Invoice::billing_country), func::count(), sales)
                           .group_by(col(&Invoice::billing_country))
                           .order_by(sales.desc(), col(&Invoice::billing_country).asc());
    return answered("Where do the sales come from?",
                    {{"country"}, {"invoices"}, {"sales", Unit::Money}}, session, query);
}

Answer longest_albums(mercator::Session& session) {
    const auto length = func::sum(col(&Track::milliseconds));
    const auto query = select(col(&Album::title), col(&Artist::name), func::count(), length)
                           .join<&Album::artist>()
                           .join<&Album::tracks>()
                           .group_by(col(&Album::album_id), col(&Album::title), col(&Artist::name))
                           .order_by(length.desc(), col(&Album::album_id).asc())
                           .limit(10);
    return answered("Which albums are the longest?",
                    {{"album"}, {"artist"}, {"tracks"}, {"length", Unit::Duration}}, session,
                    query);
}

Answer manager_chains(mercator::Session& session) {
    Answer answer{
        "Who reports to whom, up to the top?", {{"employee"}, {"levels up"}, {"manager"}}, {}};
    const auto employees =
        session.query<const Employee>().order_by(col(&Employee::employee_id).asc()).all();
    for (const auto& employee : employees) {
        int level = 0;
        for (const Employee* above = employee->manager.get(); above != nullptr;
             above = above->manager.get()) {
            answer.rows.push_back({employee->last_name, ++level, above->last_name});
        }
    }
    return answer;
}

Answer customers_who_bought_jazz(mercator::Session& session) {
    const auto jazz_buyers = select(col(&Invoice::customer_id))
                                 .join<&Invoice::lines>()
                                 .join<&InvoiceLine::track>()
                                 .join<&Track::genre>()
                                 .where(col(&Genre::name) == "Jazz");
    const auto customers = session.query<const Customer>()
                               .where(col(&Customer::customer_id).in(jazz_buyers))
                               .order_by(col(&Customer::customer_id).asc())
                               .all();
    Answer answer{"Which customers have bought jazz?",
                  {{"first name"}, {"last name"}, {"country"}, {"email"}},
                  {}};
    for (const auto& customer : customers) {
        answer.rows.push_back({customer->first_name, customer->last_name,
                               mercator::to_value(customer->country), customer->email});
    }
    return answer;
}

Answer best_selling_artists(mercator::Session& session) {
    const auto sold = func::sum(col(&InvoiceLine::quantity));
    const auto sales = func::sum(col(&InvoiceLine::unit_price) * col(&InvoiceLine::quantity));
    const auto query = select(col(&Artist::name), sold, sales)
                           .join<&Artist::albums>()
                           .join<&Album::tracks>()
                           .join<&Track::sales>()
                           .group_by(col(&Artist::artist_id), col(&Artist::name))
                           .order_by(sales.desc(), col(&Artist::artist_id).asc())
                           .limit(10);
    return answered("Which artists sell best?",
                    {{"artist"}, {"tracks sold"}, {"sales", Unit::Money}}, session, query);
}

Answer big_genres(mercator::Session& session) {
    const auto tracks = func::count(col(&Track::track_id));
    const auto query =
        select(col(&Genre::name), tracks, func::count_distinct(col(&Track::composer)),
               func::max(col(&Track::milliseconds)))
            .left_join<&Genre::tracks>()
            .group_by(col(&Genre::genre_id), col(&Genre::name))
            .having(tracks > 50)
            .order_by(tracks.desc(), col(&Genre::genre_id).asc());
    return answered("Which genres have more than fifty tracks?",
                    {{"genre"}, {"tracks"}, {"composers"}, {"longest", Unit::Duration}}, session,
                    query);
}

Answer invoices_per_year(mercator::Session& session) {
    const auto year = func::year(col(&Invoice::invoice_date));
    const auto query = select(year, func::count(), func::sum(col(&Invoice::total)),
                              func::avg(col(&Invoice::total)))
                           .group_by(year)
                           .order_by(year.asc());
    return answered("How did the years go?",
                    {{"year"}, {"invoices"}, {"sales", Unit::Money}, {"average", Unit::Money}},
                    session, query);
}

Answer support_agents(mercator::Session& session) {
    const auto manager = alias<Employee>("manager");
    const auto sales = func::sum(col(&Invoice::total));
    const auto query = select(col(&Employee::first_name), col(&Employee::last_name),
                              manager.col(&Employee::last_name).nullable(),
                              func::count_distinct(col(&Customer::customer_id)), sales)
                           .left_join<&Employee::manager>(manager)
                           .join<&Employee::customers>()
                           .join<&Customer::invoices>()
                           .group_by(col(&Employee::employee_id), col(&Employee::first_name),
                                     col(&Employee::last_name), manager.col(&Employee::last_name))
                           .order_by(sales.desc(), col(&Employee::employee_id).asc());
    return answered(
        "Whose customers spend most?",
        {{"first name"}, {"last name"}, {"manager"}, {"customers"}, {"sales", Unit::Money}},
        session, query);
}

Answer playlists_by_size(mercator::Session& session) {
    const auto tracks = func::count(col(&PlaylistTrack::track_id));
    const auto query = select(col(&Playlist::name), tracks, func::sum(col(&Track::milliseconds)))
                           .left_join<&Playlist::entries>()
                           .left_join<&PlaylistTrack::track>()
                           .group_by(col(&Playlist::playlist_id), col(&Playlist::name))
                           .order_by(tracks.desc(), col(&Playlist::playlist_id).asc());
    return answered("How big are the playlists?",
                    {{"playlist"}, {"tracks"}, {"length", Unit::Duration}}, session, query);
}

Answer customers_to_win_back(mercator::Session& session) {
    using namespace std::chrono_literals;
    const mercator::DateTime since = std::chrono::sys_days(2025y / 7 / 1);
    const auto bought_since =
        mercator::exists(select(col(&Invoice::invoice_id))
                             .where(col(&Invoice::customer_id) == col(&Customer::customer_id),
                                    col(&Invoice::invoice_date) >= since));
    const auto last = func::max(col(&Invoice::invoice_date));
    const auto query = select(col(&Customer::first_name), col(&Customer::last_name),
                              col(&Customer::country), last, func::sum(col(&Invoice::total)))
                           .join<&Customer::invoices>()
                           .where(!bought_since)
                           .group_by(col(&Customer::customer_id), col(&Customer::first_name),
                                     col(&Customer::last_name), col(&Customer::country))
                           .order_by(last.asc(), col(&Customer::customer_id).asc());
    return answered("Who has bought nothing since July 2025?",
                    {{"first name"},
                     {"last name"},
                     {"country"},
                     {"last invoice", Unit::Day},
                     {"sales", Unit::Money}},
                    session, query);
}

} // namespace chinook
