// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>
#include <mercator/support/url.hpp>

#include <string>
#include <string_view>

namespace mercator::sqlite {

/// Checks the options of an address; ArgumentError that names the one that is wrong.
void check_url(const Url& url);
/// The database is in memory and ends with its last connection.
[[nodiscard]] bool is_memory(const Url& url);
/// A second connection sees the same database.
[[nodiscard]] bool is_shared(const Url& url);
/// A relative file made absolute.
[[nodiscard]] Url located(const Url& url, const std::string& base);

/// What SQLite is given to open.
struct OpenArguments {
    std::string name;
    int flags = 0;
};
[[nodiscard]] OpenArguments open_arguments(const Url& url);

/// Makes the file's folder if the address asks for that.
void create_folder(const Url& url);
/// Why the file could not be opened, in words that SQLite does not have.
[[nodiscard]] std::string reason_of_no_open(const std::string& file);
/// Milliseconds to wait for another writer.
[[nodiscard]] int busy_timeout(const Url& url, const ConnectOptions& options);
/// The pragmas for a new connection.
[[nodiscard]] std::string settings_script(const Url& url);

/// Does the text change what later statements of the connection see or do: a pragma, an attached
/// file, a temporary table?
[[nodiscard]] bool changes_session(std::string_view sql);

} // namespace mercator::sqlite
