// SPDX-License-Identifier: MIT
#include <mercator/engine/config.hpp>

#include "setting.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <ostream>
#include <utility>

namespace mercator {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::string first_line_of_secret(const std::string& file) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0)
        throw ArgumentError(fmt::format("the password file '{}' cannot be read", file),
                            "password_file");
    constexpr mode_t others = S_IRWXG | S_IRWXO;
    if ((status.st_mode & others) != 0)
        throw ArgumentError(fmt::format("others than its owner may read the password file '{}'; "
                                        "take their permissions away: chmod 600",
                                        file),
                            "password_file");
    std::ifstream in(file);
    std::string line;
    if (!std::getline(in, line))
        throw ArgumentError(fmt::format("the password file '{}' cannot be read, or is empty", file),
                            "password_file");
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

// A variable whose name is close to one of ours, as MERCATOR_URL is.
void refuse_slip(const std::string& name, const std::string& key) {
    constexpr std::size_t least = 3; // shorter names are near to everything
    const std::string_view nearest = nearest_setting(name);
    if (name.size() < least || nearest.empty()) return;
    throw ArgumentError(fmt::format("there is no setting {}; did you mean {}?", key, nearest), key);
}

} // namespace

Config Config::from_env(std::string_view prefix) {
    Config config;
    config.apply_env(prefix);
    return config;
}

Config Config::from_file(const std::string& file, const ConfigFileOptions& options) {
    Config config;
    config.apply_file(file, options);
    return config;
}

Config Config::from_map(const std::map<std::string, std::string>& settings,
                        std::string_view prefix) {
    Config config;
    config.apply_map(settings, prefix);
    return config;
}

void Config::apply_env(std::string_view prefix) {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos || !text.starts_with(prefix)) continue;
        const std::string key(text.substr(0, equals));
        const std::string name = lower(std::string_view(key).substr(prefix.size()));
        const std::string value(text.substr(equals + 1));
        // The folders of dialects are the loader's to read: it leaves them alone in set-uid
        // programs.
        if (value.empty() || name == "dialect_path") continue;
        if (find_setting(name) != nullptr || !bind_key_in(name).empty()) {
            apply_setting(*this, name, value, key);
        } else if (!prefix.empty()) {
            refuse_slip(name, key);
        }
    }
}

void Config::apply_file(const std::string& file, const ConfigFileOptions& options) {
    for (const auto& [name, text] : read_settings_file(file, options))
        apply_setting(*this, name, text, name);
}

void Config::apply_map(const std::map<std::string, std::string>& settings,
                       std::string_view prefix) {
    for (const auto& [key, text] : settings)
        if (key.starts_with(prefix)) apply_setting(*this, key.substr(prefix.size()), text, key);
}

void Config::apply_arguments(int count, const char* const* arguments, std::string_view prefix) {
    for (int i = 1; i < count; ++i) {
        const std::string_view argument = arguments[i];
        if (!argument.starts_with(prefix)) continue;
        const auto equals = argument.find('=');
        const std::string key(argument.substr(0, equals));
        if (equals == std::string_view::npos)
            throw ArgumentError(fmt::format("{} needs a value: {}=value", key, key), key);
        std::string name = key.substr(prefix.size());
        std::replace(name.begin(), name.end(), '-', '_');
        apply_setting(*this, name, std::string(argument.substr(equals + 1)), key);
    }
}

Url Config::url() const {
    if (uri.empty())
        throw ArgumentError("no database address is configured: set uri (MERCATOR_URI, or uri in "
                            "the file's section)",
                            "uri");
    if (password && !password_file.empty())
        throw ArgumentError("password and password_file are both given; give one", "password_file");
    Url url = Url::parse(uri);
    if (password) url.password = *password;
    if (!password_file.empty()) url.password = first_line_of_secret(password_file);
    return url;
}

EngineOptions Config::engine_options() const {
    EngineOptions options;
    options.pool_size = pool_size;
    options.pool_timeout = pool_timeout;
    options.connect_timeout = connect_timeout;
    options.busy_timeout = busy_timeout;
    options.compile_cache_size = compile_cache_size;
    options.statement_cache_size = statement_cache_size;
    options.echo = echo;
    options.log = log;
    options.dialect_path = dialect_path;
    options.hide_parameters = hide_parameters;
    options.pool_max_idle = pool_max_idle;
    options.max_lifetime = max_lifetime;
    options.pre_ping = pre_ping;
    options.ping_window = ping_window;
    options.ping_timeout = ping_timeout;
    options.lease_warning = lease_warning;
    options.base_directory = base_directory;
    options.connect_args = connect_args;
    options.on_connect = on_connect;
    options.creator = creator;
    options.isolation = isolation;
    return options;
}

EngineOptions Config::bind_engine_options() const {
    EngineOptions options = engine_options();
    options.connect_args.clear();
    options.on_connect = nullptr;
    options.creator = nullptr;
    return options;
}

std::string Config::to_string() const {
    std::string text;
    const Config defaults;
    for (const Setting& setting : settings()) {
        const std::string value = setting.show(*this);
        if (value != setting.show(defaults)) text += fmt::format("{} = {}\n", setting.name, value);
    }
    for (const auto& [key, address] : binds)
        text += fmt::format("binds.{} = {}\n", key, shown_address(address));
    // An address knows which options are secret.
    Url arguments;
    arguments.options = connect_args;
    if (!connect_args.empty()) text += fmt::format("connect_args = {}\n", arguments.to_string());
    return text;
}

std::ostream& operator<<(std::ostream& out, const Config& config) {
    return out << config.to_string();
}

} // namespace mercator
