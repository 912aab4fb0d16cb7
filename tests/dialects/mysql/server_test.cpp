// SPDX-License-Identifier: MIT
// What each product can do in each version, by the greeting alone.
#include "mysql/server.hpp"

#include <mercator/dialect/capabilities.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using mercator::Capabilities;
using mercator::mysql::Server;

namespace {

Capabilities after_meeting(std::string_view greeting) {
    Capabilities can;
    Server::parse(greeting).describe(can);
    return can;
}

struct Flag {
    const char* name;
    bool Capabilities::*flag;
};

constexpr Flag flags[] = {
    {"insert_returning", &Capabilities::insert_returning},
    {"update_returning", &Capabilities::update_returning},
    {"delete_returning", &Capabilities::delete_returning},
    {"cte", &Capabilities::common_table_expressions},
    {"window", &Capabilities::window_functions},
    {"check", &Capabilities::check_constraints},
    {"expression_defaults", &Capabilities::expression_defaults},
    {"descending", &Capabilities::descending_indexes},
    {"blanks", &Capabilities::trailing_blanks},
    {"negative_zero", &Capabilities::negative_zero},
    {"uuid", &Capabilities::uuid_type},
    {"json", &Capabilities::json_type},
    {"look_into_json", &Capabilities::json_functions},
    {"sequences", &Capabilities::sequences},
};

std::string what_it_can(std::string_view greeting) {
    const Capabilities can = after_meeting(greeting);
    std::string text;
    for (const auto& [name, flag] : flags) {
        if (can.*flag) text.append(text.empty() ? "" : " ").append(name);
    }
    return text;
}

} // namespace

TEST_CASE("DIA-11 capabilities of MySQL follow the version in its greeting") {
    CHECK(what_it_can("5.6.24") == "negative_zero");
    CHECK(what_it_can("5.6.24-log") == "negative_zero");
    CHECK(what_it_can("5.7.44") == "negative_zero json look_into_json");
    CHECK(what_it_can("8.0.11") == "cte window descending negative_zero json look_into_json");
    CHECK(what_it_can("8.0.13") == "cte window expression_defaults descending negative_zero json look_into_json");
    CHECK(what_it_can("8.0.16") ==
          "cte window check expression_defaults descending negative_zero json look_into_json");
    const std::string modern =
        "cte window check expression_defaults descending blanks negative_zero json look_into_json";
    CHECK(what_it_can("8.0.21-0ubuntu0.20.04.4") == modern);
    CHECK(what_it_can("8.4.3") == modern);
    CHECK(what_it_can("9.1.0-commercial") == modern);
}

TEST_CASE("DIA-11 DIA-12 capabilities of MariaDB follow the version in its greeting") {
    CHECK(what_it_can("5.5.5-10.1.48-MariaDB-0+deb9u2") == "delete_returning");
    CHECK(what_it_can("5.5.5-10.2.44-MariaDB") ==
          "delete_returning cte window check expression_defaults blanks");
    CHECK(what_it_can("5.5.5-10.4.32-MariaDB-log") ==
          "delete_returning cte window check expression_defaults blanks look_into_json sequences");
    CHECK(what_it_can("5.5.5-10.5.23-MariaDB") ==
          "insert_returning delete_returning cte window check expression_defaults blanks "
          "look_into_json sequences");
    CHECK(what_it_can("10.7.8-MariaDB-1:10.7.8+maria~ubu2004") ==
          "insert_returning delete_returning cte window check expression_defaults blanks uuid "
          "look_into_json sequences");
    const std::string modern = "insert_returning delete_returning cte window check "
                               "expression_defaults descending blanks uuid look_into_json sequences";
    CHECK(what_it_can("5.5.5-10.11.6-MariaDB-0+deb12u1") == modern);
    CHECK(what_it_can("11.4.2-MariaDB-ubu2404") == modern);
    CHECK(what_it_can("11.8.1-MariaDB") == modern);
}

TEST_CASE("DIA-12 MariaDB is a product of its own, whatever number it puts in front") {
    CHECK(after_meeting("5.5.5-10.11.6-MariaDB").product == "MariaDB");
    CHECK(after_meeting("5.5.5-10.11.6-MariaDB").version == "5.5.5-10.11.6-MariaDB");
    CHECK(after_meeting("8.0.36").product == "MySQL");
    // A MySQL of that very version is no MariaDB.
    CHECK(Server::parse("5.5.5").version == Server::Version{5, 5, 5});
    CHECK(Server::parse("5.5.5-10.4.32-MariaDB").version == Server::Version{10, 4, 32});
}

TEST_CASE("DIA-11 key limits and collations follow the version") {
    struct Row {
        const char* greeting;
        bool large_keys;
        bool setting;
        const char* collation;
    };
    for (const Row& row :
         {Row{"5.5.8", false, false, "utf8mb4_bin"}, Row{"5.6.24", false, true, "utf8mb4_bin"},
          Row{"5.7.44", true, false, "utf8mb4_bin"}, Row{"8.0.16", true, false, "utf8mb4_bin"},
          Row{"8.0.21", true, false, "utf8mb4_0900_bin"},
          Row{"5.5.5-10.1.48-MariaDB", false, true, "utf8mb4_bin"},
          Row{"5.5.5-10.2.44-MariaDB", true, false, "utf8mb4_nopad_bin"},
          Row{"11.4.2-MariaDB", true, false, "utf8mb4_nopad_bin"}}) {
        CAPTURE(row.greeting);
        const Server server = Server::parse(row.greeting);
        CHECK(server.has_large_keys() == row.large_keys);
        CHECK(server.has_large_prefix_setting() == row.setting);
        CHECK(server.exact_collation() == row.collation);
    }
}

TEST_CASE("DIA-11 a greeting that says nothing is taken for the oldest server") {
    CHECK(what_it_can("") == "negative_zero");
    CHECK(what_it_can("unknown") == "negative_zero");
}
