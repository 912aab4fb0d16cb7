// SPDX-License-Identifier: MIT
#include "address.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>

namespace mercator::sqlite {
namespace {

namespace fs = std::filesystem;

struct Choice {
    std::string_view option;
    std::string_view allowed; ///< words between blanks
};

constexpr Choice choices[] = {{"mode", " ro rw rwc memory "},
                              {"cache", " shared private "},
                              {"journal_mode", " delete truncate persist memory wal off "},
                              {"synchronous", " off normal full extra "},
                              {"uri", " true false "},
                              {"create_folder", " true false "}};

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional<Number>(value) : std::nullopt;
}

[[noreturn]] void refuse_option(const std::string& name, std::string_view expected) {
    throw ArgumentError(fmt::format("option '{}' of an sqlite address must be {}", name, expected),
                        name);
}

void check_option(const std::string& name, const std::string& value) {
    for (const Choice& choice : choices) {
        if (name != choice.option) continue;
        const std::string word = " " + lower(value) + " ";
        if (value.empty() || value.find(' ') != std::string::npos ||
            choice.allowed.find(word) == std::string_view::npos) {
            refuse_option(name, fmt::format("one of:{}",
                                            choice.allowed.substr(0, choice.allowed.size() - 1)));
        }
        return;
    }
    if (name == "timeout") {
        const auto seconds = parse_number<double>(value);
        if (!seconds || !(*seconds >= 0 && *seconds <= 2'000'000))
            refuse_option(name, "a number of seconds");
    } else if (name == "cache_size") {
        if (!parse_number<std::int32_t>(value))
            refuse_option(name, "a number of pages, or negative: of KiB");
    } else {
        throw ArgumentError(fmt::format("an sqlite address has no option '{}'; it knows mode, "
                                        "cache, timeout, journal_mode, synchronous, cache_size, "
                                        "create_folder and uri",
                                        name),
                            name);
    }
}

std::string option_or(const Url& url, const std::string& name, std::string_view otherwise) {
    return lower(url.option(name).value_or(std::string(otherwise)));
}

bool is_uri(const Url& url) {
    return option_or(url, "uri", "false") == "true";
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// As a path within "file:...".
std::string uri_path(std::string_view path) {
    std::string out;
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out;
}

// SQLite may be built to read "file:" as a URI whatever the flags say; as a relative path it is a
// plain name again.
std::string plain_file_name(const std::string& name) {
    return name.starts_with("file:") || name.starts_with(':') ? "./" + name : name;
}

fs::path absolute(const fs::path& file, const fs::path& base) {
    const fs::path folder = base.empty() ? fs::current_path() : fs::absolute(base);
    return (folder / file).lexically_normal();
}

} // namespace

void check_url(const Url& url) {
    if (!url.hosts.empty()) {
        throw ArgumentError("an sqlite address has no host: write sqlite:///relative/file.db, "
                            "sqlite:////absolute/file.db, or "
                            "sqlite:// for memory");
    }
    if (!url.user.empty() || url.password)
        throw ArgumentError("an sqlite address has no user and no password");
    if (has(url.database, std::string_view("\0", 1)))
        throw ArgumentError("a file name cannot hold a zero byte");
    for (const auto& [name, value] : url.options) check_option(name, value);
    if (is_uri(url) && !url.database.starts_with("file:"))
        throw ArgumentError("with uri=true the name begins with file:, as in "
                            "sqlite:///file:shop.db?uri=true",
                            "uri");
}

bool is_memory(const Url& url) {
    if (url.database.empty() || url.database == ":memory:") return true;
    if (option_or(url, "mode", "rwc") == "memory") return true;
    return is_uri(url) &&
           (has(url.database, "mode=memory") || url.database.starts_with("file::memory:"));
}

bool is_shared(const Url& url) {
    if (!is_memory(url)) return true;
    return option_or(url, "cache", "private") == "shared" ||
           (is_uri(url) && has(url.database, "cache=shared"));
}

Url located(const Url& url, const std::string& base) {
    constexpr std::string_view scheme = "file:";
    if (is_memory(url)) return url;
    Url result = url;
    if (!is_uri(url)) {
        if (!fs::path(url.database).is_absolute())
            result.database = absolute(url.database, base).string();
    } else if (const auto path = url.database.substr(scheme.size()); !path.starts_with('/')) {
        const std::string folder = absolute(".", base).string();
        result.database = std::string(scheme) + uri_path(folder) + path;
    }
    return result;
}

OpenArguments open_arguments(const Url& url) {
    const std::string mode = option_or(url, "mode", "rwc");
    const bool shared = option_or(url, "cache", "private") == "shared";
    OpenArguments result;
    result.flags = SQLITE_OPEN_NOMUTEX;
    result.flags |= mode == "ro" ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (mode == "rwc" || mode == "memory") result.flags |= SQLITE_OPEN_CREATE;
    if (url.option("cache"))
        result.flags |= shared ? SQLITE_OPEN_SHAREDCACHE : SQLITE_OPEN_PRIVATECACHE;
    const std::string name = url.database.empty() ? ":memory:" : url.database;
    if (is_uri(url)) {
        result.name = name;
        result.flags |= SQLITE_OPEN_URI;
        if (mode == "memory") result.flags |= SQLITE_OPEN_MEMORY;
    } else if (is_memory(url) && shared) {
        // SQLite shares memory by a URI only.
        result.name = fmt::format("file:{}?mode=memory&cache=shared", uri_path(name));
        result.flags |= SQLITE_OPEN_URI;
    } else {
        result.name = is_memory(url) ? ":memory:" : plain_file_name(name);
    }
    return result;
}

void create_folder(const Url& url) {
    if (is_memory(url) || is_uri(url) || option_or(url, "create_folder", "false") != "true") return;
    const fs::path folder = fs::path(url.database).parent_path();
    std::error_code error;
    if (!folder.empty()) fs::create_directories(folder, error);
    if (!error) return;
    DatabaseErrorInfo info;
    info.code = ErrorCode::Operational;
    info.message =
        fmt::format("the folder '{}' cannot be made: {}", folder.string(), error.message());
    throw_database_error(std::move(info));
}

std::string reason_of_no_open(const std::string& file) {
    std::error_code ignored;
    const fs::path path(file);
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (!fs::exists(folder, ignored))
        return fmt::format("the folder '{}' does not exist; create it first, or add "
                           "create_folder=true to the address",
                           folder.string());
    if (fs::is_directory(path, ignored)) return "it is a folder";
    if (!fs::exists(path, ignored))
        return "the file does not exist, and the mode, the folder's permissions or the number of "
               "files that this process may open forbid to create it";
    return "check the permissions of the file and its folder, and how many files this process may "
           "open";
}

int busy_timeout(const Url& url, const ConnectOptions& options) {
    if (const auto text = url.option("timeout"))
        return static_cast<int>(parse_number<double>(*text).value_or(5) * 1000);
    return static_cast<int>(
        std::min<std::chrono::milliseconds::rep>(options.busy_timeout.count(), 2'000'000'000));
}

std::string settings_script(const Url& url) {
    const bool writes_file = !is_memory(url) && option_or(url, "mode", "rwc") != "ro";
    // The words were checked to be among ours, so they can stand in the text.
    std::string script =
        "PRAGMA schema_version;"; // the first read: tells whether the file is a database
    if (writes_file || url.option("journal_mode"))
        script += fmt::format("PRAGMA journal_mode={};", option_or(url, "journal_mode", "wal"));
    if (writes_file || url.option("synchronous"))
        script += fmt::format("PRAGMA synchronous={};", option_or(url, "synchronous", "normal"));
    if (const auto size = url.option("cache_size"))
        script +=
            fmt::format("PRAGMA cache_size={};", parse_number<std::int32_t>(*size).value_or(-2000));
    return script;
}

bool changes_session(std::string_view sql) {
    std::string text(sql);
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (has(text, "ATTACH") || has(text, "TEMP")) return true;
    for (auto at = text.find("PRAGMA"); at != std::string::npos; at = text.find("PRAGMA", at + 1)) {
        const std::string pragma = text.substr(at, text.find(';', at) - at);
        const bool asks = has(pragma, "_INFO") || has(pragma, "_LIST") || has(pragma, "_CHECK");
        if (!asks && pragma.find_first_of("=(") != std::string::npos) return true;
    }
    return false;
}

} // namespace mercator::sqlite
