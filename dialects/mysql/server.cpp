// SPDX-License-Identifier: MIT
#include "server.hpp"

#include <charconv>

namespace mercator::mysql {
namespace {

int read_number(std::string_view& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && text.front() == '.') text.remove_prefix(1);
    return error == std::errc{} ? number : 0;
}

} // namespace

Server Server::parse(std::string_view greeting) {
    Server server;
    server.text = greeting;
    server.is_mariadb = greeting.find("MariaDB") != std::string_view::npos;
    // MariaDB puts this in front so that old replicas accept it.
    constexpr std::string_view replication_prefix = "5.5.5-";
    if (server.is_mariadb && greeting.starts_with(replication_prefix))
        greeting.remove_prefix(replication_prefix.size());
    server.version.major = read_number(greeting);
    server.version.minor = read_number(greeting);
    server.version.patch = read_number(greeting);
    return server;
}

void Server::describe(Capabilities& can) const {
    const auto since = [this](Version mariadb, Version mysql) {
        return version >= (is_mariadb ? mariadb : mysql);
    };
    const Version never{999, 0, 0};
    can.product = is_mariadb ? "MariaDB" : "MySQL";
    can.version = text;
    can.insert_returning = has_returning();
    can.delete_returning = since({10, 0, 5}, never);
    can.common_table_expressions = since({10, 2, 2}, {8, 0, 1});
    can.window_functions = since({10, 2, 0}, {8, 0, 2});
    can.check_constraints = enforces_checks();
    can.fractional_seconds = since({5, 3, 0}, {5, 6, 4});
    can.expression_defaults = since({10, 2, 1}, {8, 0, 13});
    can.descending_indexes = since({10, 8, 1}, {8, 0, 1});
    can.trailing_blanks = exact_collation() != "utf8mb4_bin";
    can.negative_zero = !is_mariadb;
    can.uuid_type = has_uuid();
    can.json_type = since(never, {5, 7, 8}); // MariaDB's JSON is another name of LONGTEXT
    can.json_functions = has_json();
    can.stored_columns = since({10, 2, 1}, {5, 7, 6});
    can.virtual_columns = since({10, 2, 1}, {5, 7, 6});
    can.sequences = since({10, 3, 0}, never);
}

} // namespace mercator::mysql
