// SPDX-License-Identifier: MIT
#include "mapping.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace chinook {

namespace {

enum class Spelling { SnakeCase, CamelCase };

std::optional<Spelling>& settled() {
    static std::optional<Spelling> spelling;
    return spelling;
}

Spelling find_spelling(mercator::Engine& engine) {
    mercator::Connection connection = engine.connect();
    const auto tables = engine.dialect().inspector(connection.driver())->table_names();
    const auto is_there = [&](std::string_view name) {
        return std::find(tables.begin(), tables.end(), name) != tables.end();
    };
    if (is_there("invoice_line")) return Spelling::SnakeCase;
    if (is_there("InvoiceLine")) return Spelling::CamelCase;
    throw mercator::StateError(
        "this database has no Chinook tables (neither invoice_line nor InvoiceLine); "
        "load the Chinook script for it first, or name the database that holds them in the URI");
}

void settle(Spelling spelling) {
    if (settled() && *settled() != spelling) {
        throw mercator::StateError(
            "the classes are already mapped to the other spelling, "
            "and a class is mapped once per process; use another process for this database");
    }
    settled() = spelling;
}

/// The price columns are numbers of the database's own, also where it has no exact decimals: others
/// write them too.
constexpr mercator::SqlType money = mercator::Numeric(10, 2, mercator::DecimalStorage::Number);

/// A Mapping that spells: every column is called as its member is, in the settled spelling.
template <class T>
class Spelled {
public:
    Spelled(mercator::Mapping<T>& mapping, std::string_view table) : mapping_(mapping) {
        mapping_.table(spelled(table));
    }
    template <auto Member>
    auto column() {
        return named<Member>(mapping_.template column<Member>());
    }
    template <auto Member>
    auto column(mercator::SqlType type) {
        return named<Member>(mapping_.template column<Member>(type));
    }
    /// Text of at most `length` characters.
    template <auto Member>
    auto text(std::uint32_t length) {
        return column<Member>(mercator::String(length));
    }

private:
    template <auto Member, class Column>
    static Column named(Column column) {
        column.name(spelled(mercator::member_name<Member>()));
        return column;
    }
    mercator::Mapping<T>& mapping_;
};

} // namespace

void map_onto(mercator::Database& db) {
    settle(find_spelling(db.engine()));
    db.map<Artist, Album, Genre, MediaType, Track, Employee, Customer, Invoice, InvoiceLine,
           Playlist, PlaylistTrack>();
}

std::string spelled(std::string_view snake_case) {
    if (!settled()) {
        throw mercator::StateError(
            "nobody has said how the tables are spelled; call chinook::map_onto first");
    }
    if (*settled() == Spelling::SnakeCase) return std::string(snake_case);
    std::string camel_case;
    bool starts_word = true;
    for (const char letter : snake_case) {
        if (letter == '_') {
            starts_word = true;
            continue;
        }
        camel_case += starts_word
                          ? static_cast<char>(std::toupper(static_cast<unsigned char>(letter)))
                          : letter;
        starts_word = false;
    }
    return camel_case;
}

void describe(mercator::Mapping<Artist>& mapping) {
    Spelled artist(mapping, "artist");
    artist.column<&Artist::artist_id>().primary_key();
    artist.text<&Artist::name>(120);
    mapping.relationship<&Artist::albums>().backref<&Album::artist>();
}

void describe(mercator::Mapping<Album>& mapping) {
    Spelled album(mapping, "album");
    album.column<&Album::album_id>().primary_key();
    album.text<&Album::title>(160);
    album.column<&Album::artist_id>().references<&Artist::artist_id>().index();
    mapping.relationship<&Album::tracks>().backref<&Track::album>();
}

void describe(mercator::Mapping<Genre>& mapping) {
    Spelled genre(mapping, "genre");
    genre.column<&Genre::genre_id>().primary_key();
    genre.text<&Genre::name>(120);
    mapping.relationship<&Genre::tracks>().backref<&Track::genre>();
}

void describe(mercator::Mapping<MediaType>& mapping) {
    Spelled media_type(mapping, "media_type");
    media_type.column<&MediaType::media_type_id>().primary_key();
    media_type.text<&MediaType::name>(120);
}

void describe(mercator::Mapping<Track>& mapping) {
    Spelled track(mapping, "track");
    track.column<&Track::track_id>().primary_key();
    track.text<&Track::name>(200);
    track.column<&Track::album_id>().references<&Album::album_id>().index();
    track.column<&Track::media_type_id>().references<&MediaType::media_type_id>().index();
    track.column<&Track::genre_id>().references<&Genre::genre_id>().index();
    track.text<&Track::composer>(220);
    track.column<&Track::milliseconds>();
    track.column<&Track::bytes>();
    track.column<&Track::unit_price>(money);
    mapping.relationship<&Track::media_type>();
    mapping.relationship<&Track::sales>().backref<&InvoiceLine::track>();
    mapping.relationship<&Track::playlists>().through<&Track::entries, &PlaylistTrack::playlist>();
}

void describe(mercator::Mapping<Employee>& mapping) {
    Spelled employee(mapping, "employee");
    employee.column<&Employee::employee_id>().primary_key();
    employee.text<&Employee::last_name>(20);
    employee.text<&Employee::first_name>(20);
    employee.text<&Employee::title>(30);
    employee.column<&Employee::reports_to>().references<&Employee::employee_id>().index();
    employee.column<&Employee::birth_date>();
    employee.column<&Employee::hire_date>();
    employee.text<&Employee::address>(70);
    employee.text<&Employee::city>(40);
    employee.text<&Employee::state>(40);
    employee.text<&Employee::country>(40);
    employee.text<&Employee::postal_code>(10);
    employee.text<&Employee::phone>(24);
    employee.text<&Employee::fax>(24);
    employee.text<&Employee::email>(60);
    mapping.relationship<&Employee::reports>()
        .backref<&Employee::manager>()
        .remote_side<&Employee::employee_id>();
    mapping.relationship<&Employee::customers>().backref<&Customer::support_rep>();
}

void describe(mercator::Mapping<Customer>& mapping) {
    Spelled customer(mapping, "customer");
    customer.column<&Customer::customer_id>().primary_key();
    customer.text<&Customer::first_name>(40);
    customer.text<&Customer::last_name>(20);
    customer.text<&Customer::company>(80);
    customer.text<&Customer::address>(70);
    customer.text<&Customer::city>(40);
    customer.text<&Customer::state>(40);
    customer.text<&Customer::country>(40);
    customer.text<&Customer::postal_code>(10);
    customer.text<&Customer::phone>(24);
    customer.text<&Customer::fax>(24);
    customer.text<&Customer::email>(60);
    customer.column<&Customer::support_rep_id>().references<&Employee::employee_id>().index();
    mapping.relationship<&Customer::invoices>().backref<&Invoice::customer>();
}

void describe(mercator::Mapping<Invoice>& mapping) {
    Spelled invoice(mapping, "invoice");
    invoice.column<&Invoice::invoice_id>().primary_key();
    invoice.column<&Invoice::customer_id>().references<&Customer::customer_id>().index();
    invoice.column<&Invoice::invoice_date>();
    invoice.text<&Invoice::billing_address>(70);
    invoice.text<&Invoice::billing_city>(40);
    invoice.text<&Invoice::billing_state>(40);
    invoice.text<&Invoice::billing_country>(40);
    invoice.text<&Invoice::billing_postal_code>(10);
    invoice.column<&Invoice::total>(money);
    mapping.relationship<&Invoice::lines>().backref<&InvoiceLine::invoice>();
}

void describe(mercator::Mapping<InvoiceLine>& mapping) {
    Spelled line(mapping, "invoice_line");
    line.column<&InvoiceLine::invoice_line_id>().primary_key();
    line.column<&InvoiceLine::invoice_id>().references<&Invoice::invoice_id>().index();
    line.column<&InvoiceLine::track_id>().references<&Track::track_id>().index();
    line.column<&InvoiceLine::unit_price>(money);
    line.column<&InvoiceLine::quantity>();
}

void describe(mercator::Mapping<Playlist>& mapping) {
    Spelled playlist(mapping, "playlist");
    playlist.column<&Playlist::playlist_id>().primary_key();
    playlist.text<&Playlist::name>(120);
    mapping.relationship<&Playlist::entries>().backref<&PlaylistTrack::playlist>();
    mapping.relationship<&Playlist::tracks>().through<&Playlist::entries, &PlaylistTrack::track>();
}

void describe(mercator::Mapping<PlaylistTrack>& mapping) {
    Spelled entry(mapping, "playlist_track");
    entry.column<&PlaylistTrack::playlist_id>().references<&Playlist::playlist_id>();
    entry.column<&PlaylistTrack::track_id>().references<&Track::track_id>();
    mapping.primary_key<&PlaylistTrack::playlist_id, &PlaylistTrack::track_id>();
    mapping.relationship<&PlaylistTrack::track>().backref<&Track::entries>();
}

} // namespace chinook
