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

} // namespace mercator::mysql
