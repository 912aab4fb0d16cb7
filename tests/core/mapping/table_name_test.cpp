// SPDX-License-Identifier: MIT
#include <mercator/mapping/describe.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace mercator;

TEST_CASE("MOD-05 the table name follows from the class name") {
    struct Row {
        std::string_view class_name;
        std::string_view table;
    };
    constexpr Row rows[] = {
        {"User", "user"},
        {"user", "user"},
        {"USER", "user"},
        {"UserProfile", "user_profile"},
        {"userProfile", "user_profile"},
        {"user_profile", "user_profile"},
        {"User_Profile", "user_profile"},
        {"HTTPServer", "http_server"},
        {"HTTPSServer", "https_server"},
        {"MyHTTPServer", "my_http_server"},
        {"ServerHTTP", "server_http"},
        {"HTTP", "http"},
        {"HTTPServerID", "http_server_id"},
        {"XMLHttpRequest", "xml_http_request"},
        {"IPAddress", "ip_address"},
        {"IPv4Address", "i_pv4_address"}, // a small letter ends the run of capitals before its last
        {"OAuth2Token", "o_auth2_token"},
        {"OAuthToken", "o_auth_token"},
        {"Sha256Digest", "sha256_digest"},
        {"SHA256Digest", "sha256_digest"},
        {"Md5", "md5"},
        {"MD5Sum", "md5_sum"},
        {"Address2", "address2"},
        {"Address2Line", "address2_line"},
        {"A", "a"},
        {"AB", "ab"},
        {"ABc", "a_bc"},
        {"Ab", "ab"},
        {"aB", "a_b"},
        {"ABTest", "ab_test"},
        {"OrderLineItem", "order_line_item"},
        {"CSVFileV2", "csv_file_v2"},
        {"X509Certificate", "x509_certificate"},
        {"T1T2", "t1_t2"},
        {"_Hidden", "_hidden"},
        {"Trailing_", "trailing_"},
        {"", ""},
    };
    static_assert(std::size(rows) >= 30);
    for (const Row& row : rows) {
        CAPTURE(row.class_name);
        CHECK(snake_case(row.class_name) == row.table);
    }
}

namespace shop {

struct OrderLine {
    std::int64_t id{};
};
struct Named {
    std::int64_t id{};
};
void describe(Mapping<OrderLine>& line) {
    line.column<&OrderLine::id>().primary_key();
}
void describe(Mapping<Named>& named) {
    named.table("as_it_is_called");
    named.column<&Named::id>().primary_key();
}

/// The rule of this namespace.
template <class T>
std::string table_name(ClassName<T> model) {
    return "shop_" + snake_case(model.name) + "s";
}

} // namespace shop

namespace {

struct OrderLine {
    std::int64_t id{};
};
void describe(Mapping<OrderLine>& line) {
    line.column<&OrderLine::id>().primary_key();
}

template <class T>
struct Versioned {
    std::int64_t id{};
};
void describe(Mapping<Versioned<shop::Named>>& versioned) {
    versioned.table("versions");
    versioned.column<&Versioned<shop::Named>::id>().primary_key();
}

/// A base without a table of its own: it cannot be made by itself.
struct Stamped {
    virtual ~Stamped() = default;
    [[nodiscard]] virtual std::string shown() const = 0;
    int version{};
};
void describe(Mapping<Stamped>& stamped) {
    stamped.column<&Stamped::version>();
}
struct Ticket : Stamped {
    std::int64_t id{};
    [[nodiscard]] std::string shown() const override { return "ticket"; }
};
void describe(Mapping<Ticket>& ticket) {
    ticket.column<&Ticket::id>().primary_key();
    ticket.include<Stamped>();
}

} // namespace

TEST_CASE("MOD-05 a namespace may have a rule of its own; a name that is given wins over it") {
    CHECK(mapper_of<shop::OrderLine>().table().name == "shop_order_lines");
    CHECK(mapper_of<shop::OrderLine>().table_ref()->name == "shop_order_lines");
    CHECK(mapper_of<shop::Named>().table().name == "as_it_is_called");
    CHECK(mapper_of<OrderLine>().table().name == "order_line");
    CHECK(mapper_of<Versioned<shop::Named>>().table().name == "versions");
}

TEST_CASE("MOD-05 an abstract class gives columns and has no table") {
    const Mapper& ticket = mapper_of<Ticket>();
    CHECK(ticket.table().name == "ticket");
    REQUIRE(ticket.columns().size() == 2);
    CHECK(ticket.columns()[1].where == "Ticket.version");
    CHECK(ticket.find_column("version") != nullptr);
    CHECK_THROWS_AS(static_cast<void>(mapper_by_name("Stamped", "here")), MappingError);
}
