// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/related.hpp>
#include <mercator/types/decimal.hpp>
#include <mercator/types/temporal.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// The music shop's eleven tables as plain structs. Nothing here says how a table or a column is
/// spelled: that is said from outside, in mapping.cpp, because it differs from database to
/// database.
namespace chinook {

using mercator::Many;
using mercator::One;

struct Album;
struct Customer;
struct Invoice;
struct InvoiceLine;
struct Playlist;
struct PlaylistTrack;
struct Track;

struct Artist {
    std::int32_t artist_id{};
    std::optional<std::string> name;
    Many<Album> albums;
};

struct Album {
    std::int32_t album_id{};
    std::string title;
    std::int32_t artist_id{};
    One<Artist> artist;
    Many<Track> tracks;
};

struct Genre {
    std::int32_t genre_id{};
    std::optional<std::string> name;
    Many<Track> tracks;
};

struct MediaType {
    std::int32_t media_type_id{};
    std::optional<std::string> name;
};

struct Track {
    std::int32_t track_id{};
    std::string name;
    std::optional<std::int32_t> album_id;
    std::int32_t media_type_id{};
    std::optional<std::int32_t> genre_id;
    std::optional<std::string> composer;
    std::int32_t milliseconds{};
    std::optional<std::int32_t> bytes;
    mercator::Decimal unit_price;
    One<Album> album;
    One<MediaType> media_type;
    One<Genre> genre;
    Many<InvoiceLine> sales;
    Many<PlaylistTrack> entries;
    Many<Playlist> playlists; ///< behind the entries
};

struct Employee {
    std::int32_t employee_id{};
    std::string last_name;
    std::string first_name;
    std::optional<std::string> title;
    std::optional<std::int32_t> reports_to;
    std::optional<mercator::DateTime> birth_date;
    std::optional<mercator::DateTime> hire_date;
    std::optional<std::string> address;
    std::optional<std::string> city;
    std::optional<std::string> state;
    std::optional<std::string> country;
    std::optional<std::string> postal_code;
    std::optional<std::string> phone;
    std::optional<std::string> fax;
    std::optional<std::string> email;
    One<Employee> manager;
    Many<Employee> reports;
    Many<Customer> customers;
};

struct Customer {
    std::int32_t customer_id{};
    std::string first_name;
    std::string last_name;
    std::optional<std::string> company;
    std::optional<std::string> address;
    std::optional<std::string> city;
    std::optional<std::string> state;
    std::optional<std::string> country;
    std::optional<std::string> postal_code;
    std::optional<std::string> phone;
    std::optional<std::string> fax;
    std::string email;
    std::optional<std::int32_t> support_rep_id;
    One<Employee> support_rep;
    Many<Invoice> invoices;
};

struct Invoice {
    std::int32_t invoice_id{};
    std::int32_t customer_id{};
    mercator::DateTime invoice_date{};
    std::optional<std::string> billing_address;
    std::optional<std::string> billing_city;
    std::optional<std::string> billing_state;
    std::optional<std::string> billing_country;
    std::optional<std::string> billing_postal_code;
    mercator::Decimal total;
    One<Customer> customer;
    Many<InvoiceLine> lines;
};

struct InvoiceLine {
    std::int32_t invoice_line_id{};
    std::int32_t invoice_id{};
    std::int32_t track_id{};
    mercator::Decimal unit_price;
    std::int32_t quantity{};
    One<Invoice> invoice;
    One<Track> track;
};

struct Playlist {
    std::int32_t playlist_id{};
    std::optional<std::string> name;
    Many<PlaylistTrack> entries;
    Many<Track> tracks; ///< behind the entries
};

/// Which track is on which playlist: the two together are the key.
struct PlaylistTrack {
    std::int32_t playlist_id{};
    std::int32_t track_id{};
    One<Playlist> playlist;
    One<Track> track;
};

} // namespace chinook
