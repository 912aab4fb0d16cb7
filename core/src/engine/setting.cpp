// SPDX-License-Identifier: MIT
#include "setting.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

namespace mercator {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr std::string_view arguments_table = "connect_args.";

[[noreturn]] void refuse(const std::string& key, const std::string& text, std::string_view use) {
    throw ArgumentError(fmt::format("{} is \"{}\"; use {}", key, text, use), key);
}

// The number at the front of a text; what follows it is left in `text`.
bool take_number(std::string_view& text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

std::size_t read_size(const std::string& text, const std::string& key, std::size_t least) {
    std::string_view rest = text;
    std::uint64_t number = 0;
    if (!take_number(rest, number) || !rest.empty() || number < least)
        refuse(key, text, fmt::format("a whole number from {}", least));
    return number;
}

Milliseconds read_duration(const std::string& text, const std::string& key) {
    constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> units{
        {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
    constexpr std::uint64_t longest = 1'000ULL * 60 * 60 * 24 * 365 * 100;
    std::string_view rest = text;
    std::uint64_t number = 0;
    if (text == "0") return Milliseconds(0);
    if (take_number(rest, number)) {
        for (const auto& [unit, factor] : units) {
            if (unit == rest && number <= longest / factor)
                return Milliseconds(static_cast<std::int64_t>(number * factor));
        }
    }
    refuse(key, text, "a duration with its unit, as 30s, 250ms, 5m or 1h");
}

bool read_switch(const std::string& text, const std::string& key) {
    for (const char* yes : {"true", "on", "yes", "1"})
        if (text == yes) return true;
    for (const char* no : {"false", "off", "no", "0"})
        if (text == no) return false;
    refuse(key, text, "true or false");
}

constexpr std::array<std::pair<std::string_view, Echo>, 12> echo_words{{
    {"off", Echo::Off},
    {"statements", Echo::Statements},
    {"parameters", Echo::Parameters},
    {"rows", Echo::Rows},
    {"0", Echo::Off},
    {"false", Echo::Off},
    {"1", Echo::Statements},
    {"on", Echo::Statements},
    {"true", Echo::Statements},
    {"2", Echo::Parameters},
    {"3", Echo::Rows},
    {"no", Echo::Off},
}};

Echo read_echo(const std::string& text, const std::string& key) {
    for (const auto& [word, echo] : echo_words)
        if (word == text) return echo;
    refuse(key, text, "off, statements, parameters or rows");
}

std::string show_echo(Echo echo) {
    return std::string(echo_words.at(static_cast<std::size_t>(echo)).first);
}

std::vector<std::string> read_list(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto colon = std::min(text.find(':'), text.size());
        if (colon > 0) parts.emplace_back(text.substr(0, colon));
        text.remove_prefix(std::min(colon + 1, text.size()));
    }
    return parts;
}

std::string show_uri(const Config& config) {
    return shown_address(config.uri);
}

constexpr std::array<std::pair<std::string_view, Isolation>, 5> isolation_words{{
    {"default", Isolation::Default},
    {"read_uncommitted", Isolation::ReadUncommitted},
    {"read_committed", Isolation::ReadCommitted},
    {"repeatable_read", Isolation::RepeatableRead},
    {"serializable", Isolation::Serializable},
}};

void read_isolation(Config& config, const std::string& text, const std::string& key) {
    for (const auto& [word, isolation] : isolation_words) {
        if (word == text) {
            config.isolation = isolation;
            return;
        }
    }
    refuse(key, text, "default, read_uncommitted, read_committed, repeatable_read or serializable");
}

std::string show_isolation(const Config& config) {
    return std::string(isolation_words.at(static_cast<std::size_t>(config.isolation)).first);
}

// Readers and printers of members by their type.

template <auto Member>
void read_member(Config& config, const std::string& text, const std::string& key) {
    auto& member = config.*Member;
    using Type = std::remove_reference_t<decltype(member)>;
    if constexpr (std::is_same_v<Type, Milliseconds>) {
        member = read_duration(text, key);
    } else if constexpr (std::is_same_v<Type, bool>) {
        member = read_switch(text, key);
    } else if constexpr (std::is_same_v<Type, std::size_t>) {
        member = read_size(text, key, 0);
    } else {
        member = text;
    }
}

template <auto Member>
std::string show_member(const Config& config) {
    const auto& member = config.*Member;
    using Type = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Type, Milliseconds>) {
        return fmt::format("{}ms", member.count());
    } else if constexpr (std::is_same_v<Type, std::size_t>) {
        return member == std::numeric_limits<std::size_t>::max() ? "all" : fmt::to_string(member);
    } else {
        return fmt::format("{}", member);
    }
}

template <auto Member>
constexpr Setting setting(std::string_view name) {
    return {name, &read_member<Member>, &show_member<Member>};
}

constexpr std::array all_settings{
    Setting{"uri", &read_member<&Config::uri>, &show_uri},
    Setting{
        "password",
        [](Config& config, const std::string& text, const std::string&) { config.password = text; },
        [](const Config& config) { return std::string(config.password ? "***" : ""); }},
    setting<&Config::password_file>("password_file"),
    setting<&Config::base_directory>("base_directory"),
    Setting{"echo",
            [](Config& config, const std::string& text, const std::string& key) {
                config.echo = read_echo(text, key);
            },
            [](const Config& config) { return show_echo(config.echo); }},
    setting<&Config::hide_parameters>("hide_parameters"),
    Setting{"pool_size",
            [](Config& config, const std::string& text, const std::string& key) {
                config.pool_size = read_size(text, key, 1);
            },
            &show_member<&Config::pool_size>},
    setting<&Config::pool_max_idle>("pool_max_idle"),
    setting<&Config::pool_timeout>("pool_timeout"),
    setting<&Config::max_lifetime>("max_lifetime"),
    setting<&Config::pre_ping>("pre_ping"),
    setting<&Config::ping_window>("ping_window"),
    setting<&Config::ping_timeout>("ping_timeout"),
    setting<&Config::lease_warning>("lease_warning"),
    setting<&Config::connect_timeout>("connect_timeout"),
    setting<&Config::busy_timeout>("busy_timeout"),
    setting<&Config::compile_cache_size>("compile_cache_size"),
    setting<&Config::statement_cache_size>("statement_cache_size"),
    Setting{"isolation", &read_isolation, &show_isolation},
    setting<&Config::lazy>("lazy"),
    Setting{"batch_size",
            [](Config& config, const std::string& text, const std::string& key) {
                config.batch_size = read_size(text, key, 1);
            },
            &show_member<&Config::batch_size>},
    setting<&Config::n_plus_one>("n_plus_one"),
    setting<&Config::track_modifications>("track_modifications"),
    Setting{"dialect_path",
            [](Config& config, const std::string& text, const std::string&) {
                config.dialect_path = read_list(text);
            },
            [](const Config& config) {
                return fmt::format("{}", fmt::join(config.dialect_path, ":"));
            }},
};

// How many letters must be changed, added or left out to get from one to the other.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t k = 0; k < to.size(); ++k) {
            const std::size_t changed = diagonal + (from[i] == to[k] ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({changed, row[k] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

std::span<const Setting> settings() noexcept {
    return all_settings;
}

const Setting* find_setting(std::string_view name) noexcept {
    const auto* found = std::find_if(all_settings.begin(), all_settings.end(),
                                     [&](const Setting& known) { return known.name == name; });
    return found == all_settings.end() ? nullptr : found;
}

std::string_view bind_key_in(std::string_view name) noexcept {
    constexpr std::string_view table = "binds";
    if (!name.starts_with(table)) return {};
    name.remove_prefix(table.size());
    return name.starts_with('.') || name.starts_with('_') ? name.substr(1) : std::string_view();
}

std::string shown_address(const std::string& uri) {
    try {
        return uri.empty() ? std::string() : Url::parse(uri).to_string();
    } catch (const ArgumentError&) { // whatever it is, it may hold a password
        return "***";
    }
}

std::string_view nearest_setting(std::string_view name) {
    constexpr std::size_t longest = 64; // nobody mistypes more; and the search takes its time
    if (name.size() > longest) return {};
    std::string_view nearest;
    std::size_t least = std::max<std::size_t>(3, name.size() / 3 + 1);
    for (const Setting& known : all_settings) {
        const std::size_t away = distance(name, known.name);
        if (away >= least) continue;
        least = away;
        nearest = known.name;
    }
    return nearest;
}

void apply_setting(Config& config, const std::string& name, const std::string& text,
                   const std::string& key) {
    if (const Setting* known = find_setting(name)) return known->read(config, text, key);
    if (name.starts_with(arguments_table) && name.size() > arguments_table.size()) {
        config.connect_args.insert_or_assign(name.substr(arguments_table.size()), text);
        return;
    }
    if (const auto bind = bind_key_in(name); !bind.empty()) {
        config.binds.insert_or_assign(std::string(bind), text);
        return;
    }
    const std::string_view nearest = nearest_setting(name);
    throw ArgumentError(
        nearest.empty()
            ? fmt::format("there is no setting {}; docs/configuration.md lists them", key)
            : fmt::format("there is no setting {}; did you mean {}?", key, nearest),
        key);
}

} // namespace mercator
