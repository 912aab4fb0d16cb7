// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/session/session.hpp>
#include <mercator/types/value.hpp>

#include <array>
#include <string_view>
#include <vector>

/// What the shop's owner wants to know. Every answer is one or two typed queries; the database does
/// the counting.
namespace chinook {

/// What a column's values mean, for whoever prints them.
enum class Unit { Plain, Money, Duration, Day };

struct Column {
    std::string_view title;
    Unit unit = Unit::Plain;
};

struct Answer {
    std::string_view question;
    std::vector<Column> columns;
    std::vector<std::vector<mercator::Value>> rows;
};

[[nodiscard]] Answer sales_by_country(mercator::Session& session);
[[nodiscard]] Answer longest_albums(mercator::Session& session);
[[nodiscard]] Answer manager_chains(mercator::Session& session);
[[nodiscard]] Answer customers_who_bought_jazz(mercator::Session& session);
[[nodiscard]] Answer best_selling_artists(mercator::Session& session);
[[nodiscard]] Answer big_genres(mercator::Session& session);
[[nodiscard]] Answer invoices_per_year(mercator::Session& session);
[[nodiscard]] Answer support_agents(mercator::Session& session);
[[nodiscard]] Answer playlists_by_size(mercator::Session& session);
[[nodiscard]] Answer customers_to_win_back(mercator::Session& session);

inline constexpr std::array questions{
    sales_by_country,     longest_albums,       manager_chains,    customers_who_bought_jazz,
    best_selling_artists, big_genres,           invoices_per_year, support_agents,
    playlists_by_size,    customers_to_win_back};

} // namespace chinook
