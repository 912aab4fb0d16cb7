// SPDX-License-Identifier: MIT
#include "chinook_data.hpp"

#include "chinook/mapping.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace mercator::test {

namespace {

std::filesystem::path data_folder() {
    return std::filesystem::path(MERCATOR_SOURCE_DIR) / ".." / "shared" / "data" / "chinook";
}

/// The script without what would leave the test's own database.
std::string script_for_this_database(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string script;
    for (std::string line; std::getline(file, line);) {
        const bool leaves = line.starts_with("DROP DATABASE") ||
                            line.starts_with("CREATE DATABASE") || line.starts_with("USE ") ||
                            line.starts_with("\\c ");
        if (!leaves) script += line + '\n';
    }
    return script;
}

} // namespace

bool load_chinook(Backend& backend) {
    static const std::map<std::string, std::string, std::less<>> files{
        {"sqlite", "chinook.sqlite"},
        {"postgresql", "chinook_postgresql.sql"},
        {"mysql", "chinook_mysql.sql"},
        {"mariadb", "chinook_mysql.sql"}};
    const auto& url = backend->engine().url();
    const auto file = files.find(url.scheme);
    if (file == files.end()) {
        skip("Chinook has no script for " + url.scheme);
        return false;
    }
    const auto path = data_folder() / file->second;
    if (!std::filesystem::exists(path)) {
        skip("the Chinook data (shared/data/chinook beside the checkout) is not there");
        return false;
    }
    if (path.extension() == ".sql") {
        backend->engine().connect().execute_script(script_for_this_database(path));
    } else {
        std::filesystem::copy_file(path, url.database);
        std::filesystem::permissions(url.database, std::filesystem::perms::owner_write,
                                     std::filesystem::perm_options::add);
    }
    chinook::map_onto(*backend);
    return true;
}

std::string spelled_sql(std::string_view text) {
    std::string sql;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '$') {
            sql += text[i++];
            continue;
        }
        const auto end =
            std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", i + 1), text.size());
        sql += chinook::spelled(text.substr(i + 1, end - i - 1));
        i = end;
    }
    return sql;
}

} // namespace mercator::test
