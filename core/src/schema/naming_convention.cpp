// SPDX-License-Identifier: MIT
#include <mercator/schema/naming_convention.hpp>

#include "support/fitted_name.hpp"

#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>

namespace mercator {
namespace {

/// What a pattern may speak of; a kind of constraint leaves out what it does not have.
struct Named {
    std::string_view table{};
    const std::vector<std::string>* columns = nullptr;
    std::string_view referred_table{};
    const std::vector<std::string>* referred_columns = nullptr;
    std::string_view given{};
    std::optional<std::size_t> number{};
};

const std::vector<std::string> one_column{"c"};

/// What every kind of constraint has, for the validation of its pattern.
Named example(bool has_columns, bool is_foreign_key, bool is_check) {
    Named named{.table = "t", .given = "n"};
    if (has_columns) named.columns = &one_column;
    if (is_foreign_key) {
        named.referred_table = "r";
        named.referred_columns = &one_column;
    }
    if (is_check) named.number = 1;
    return named;
}

/// The k of "column_k_name", or none.
std::optional<std::size_t> position(std::string_view token, std::string_view prefix) {
    constexpr std::string_view suffix = "_name";
    if (!token.starts_with(prefix) || !token.ends_with(suffix) ||
        token.size() <= prefix.size() + suffix.size())
        return std::nullopt;
    token.remove_prefix(prefix.size());
    token.remove_suffix(suffix.size());
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
    if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
    return number;
}

std::string listed(const std::vector<std::string>& columns, std::size_t at) {
    return at < columns.size() ? columns[at] : std::string();
}

/// The token's text; none for a token that this kind does not have.
std::optional<std::string> text_of(std::string_view token, const Named& named) {
    if (token == "table_name") return std::string(named.table);
    if (token == "number" && named.number) return fmt::format("{}", *named.number);
    if (token == "constraint_name") {
        if (named.given.empty() && named.number) return fmt::format("{}", *named.number);
        return std::string(named.given);
    }
    if (token == "column_0_N_name" && named.columns != nullptr)
        return fmt::format("{}", fmt::join(*named.columns, "_"));
    if (token == "referred_table_name" && named.referred_columns != nullptr)
        return std::string(named.referred_table);
    if (const auto at = position(token, "column_"); at && named.columns != nullptr)
        return listed(*named.columns, *at);
    if (const auto at = position(token, "referred_column_");
        at && named.referred_columns != nullptr)
        return listed(*named.referred_columns, *at);
    return std::nullopt;
}

[[noreturn]] void refuse(std::string_view pattern, std::string_view why) {
    throw ArgumentError(fmt::format("the naming pattern \"{}\" {}", pattern, why),
                        std::string(pattern));
}

std::string filled(std::string_view pattern, const Named& named) {
    std::string name;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] != '{') {
            name.push_back(pattern[at++]);
            continue;
        }
        const auto close = pattern.find('}', at);
        if (close == std::string_view::npos) refuse(pattern, "has a brace that is not closed");
        const auto token = pattern.substr(at + 1, close - at - 1);
        const auto text = text_of(token, named);
        if (!text) {
            refuse(pattern,
                   fmt::format("has the token \"{}\", which does not exist for its kind; see "
                               "NamingConvention for those that do",
                               token));
        }
        name += *text;
        at = close + 1;
    }
    return name;
}

bool uses_given_name(std::string_view pattern) {
    return pattern.find("{constraint_name}") != std::string_view::npos;
}

/// Names things of one table by one convention, unless they have a name of their own.
class Namer {
public:
    Namer(const NamingConvention& convention, const NamingConvention& before) :
        convention_(convention),
        before_(before) {}

    void name(std::string& name, const std::string& pattern, const std::string& pattern_before,
              Named named) const {
        const bool is_given = !name.empty() && name != fitted_name(filled(pattern_before, named),
                                                                   before_.longest_name);
        if (is_given && !uses_given_name(pattern)) return;
        const std::string given = is_given ? name : std::string();
        named.given = given;
        name = fitted_name(filled(pattern, named), convention_.longest_name);
    }

private:
    const NamingConvention& convention_;
    const NamingConvention& before_;
};

} // namespace

void NamingConvention::validate() const {
    if (longest_name < 16)
        throw ArgumentError("a naming convention needs room for names of at least 16 bytes",
                            "longest_name");
    static_cast<void>(filled(primary_key, example(true, false, false)));
    static_cast<void>(filled(unique, example(true, false, false)));
    static_cast<void>(filled(index, example(true, false, false)));
    static_cast<void>(filled(foreign_key, example(true, true, false)));
    static_cast<void>(filled(check, example(false, false, true)));
}

void NamingConvention::apply(Table& table, const NamingConvention& before) const {
    const Namer namer(*this, before);
    std::vector<std::string> key;
    for (const Column* column : table.primary_key()) key.push_back(column->name);
    namer.name(table.primary_key_name, primary_key, before.primary_key,
               {.table = table.name, .columns = &key});
    for (auto& item : table.uniques)
        namer.name(item.name, unique, before.unique,
                   {.table = table.name, .columns = &item.columns});
    for (auto& item : table.indexes)
        namer.name(item.name, index, before.index, {.table = table.name, .columns = &item.columns});
    for (auto& item : table.foreign_keys) {
        namer.name(item.name, foreign_key, before.foreign_key,
                   {.table = table.name,
                    .columns = &item.columns,
                    .referred_table = item.target_table,
                    .referred_columns = &item.target_columns});
    }
    std::size_t number = 0;
    for (auto& item : table.checks) {
        ++number;
        namer.name(item.name, check, before.check, {.table = table.name, .number = number});
    }
}

namespace schema {
namespace {

const NamingConvention& convention() {
    static const NamingConvention standard;
    return standard;
}

std::string standard_name(const std::string& pattern, const Named& named) {
    return fitted_name(filled(pattern, named), convention().longest_name);
}

} // namespace

std::string primary_key_name(std::string_view table) {
    return standard_name(convention().primary_key, {.table = table});
}

std::string unique_name(std::string_view table, const std::vector<std::string>& columns) {
    return standard_name(convention().unique, {.table = table, .columns = &columns});
}

std::string index_name(std::string_view table, const std::vector<std::string>& columns) {
    return standard_name(convention().index, {.table = table, .columns = &columns});
}

std::string foreign_key_name(std::string_view table, const std::vector<std::string>& columns,
                             std::string_view target_table) {
    return standard_name(convention().foreign_key, {.table = table,
                                                    .columns = &columns,
                                                    .referred_table = target_table,
                                                    .referred_columns = &columns});
}

std::string check_name(std::string_view table, std::size_t number) {
    return standard_name(convention().check, {.table = table, .number = number});
}

} // namespace schema
} // namespace mercator
