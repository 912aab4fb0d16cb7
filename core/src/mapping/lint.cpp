// SPDX-License-Identifier: MIT
#include <mercator/mapping/lint.hpp>

#include <mercator/mapping/mapper.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace mercator {

namespace {

bool is_lower(char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0;
}
bool is_upper(char c) {
    return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool is_snake_case(std::string_view name) {
    const auto fits = [](char c) { return is_lower(c) || is_digit(c) || c == '_'; };
    return !name.empty() && is_lower(name.front()) && name.back() != '_' &&
           name.find("__") == std::string_view::npos && std::all_of(name.begin(), name.end(), fits);
}

bool is_camel_case(std::string_view name) {
    const auto fits = [](char c) { return is_lower(c) || is_upper(c) || is_digit(c); };
    return !name.empty() && is_upper(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

/// English, as far as an ending tells: `Users` and `Addresses`, and not `Address`, `Status`,
/// `Basis`.
bool looks_plural(std::string_view name) {
    if (name.size() < 3 || name.back() != 's') return false;
    if (name.ends_with("sses")) return true;
    const char before = name[name.size() - 2];
    return before != 's' && before != 'u' && before != 'i' && !is_upper(before);
}

class Linter {
public:
    Linter(const MetaData& metadata, const std::vector<std::string>& ignored) :
        metadata_(metadata),
        ignored_(ignored) {}

    void look_at(const Table& table) {
        if (const Mapper* mapper = mapper_of_table(ast::TableRef{table.schema, table.name, {}}))
            look_at_class(std::string(mapper->class_name()));
        if (!is_snake_case(table.name))
            note("table-case", table.name, "write it in small letters with underscores");
        for (const auto& column : table.columns) {
            if (!is_snake_case(column.name)) {
                note("column-case", fmt::format("{}.{}", table.name, column.name),
                     "write it in small letters with underscores");
            }
        }
        for (const auto& key : table.foreign_keys) look_at_key(table, key);
    }
    [[nodiscard]] std::vector<LintFinding> take() { return std::move(findings_); }

private:
    void look_at_class(const std::string& name) {
        if (!is_camel_case(name))
            note("class-case", name, "begin each word with a capital, without underscores");
        if (looks_plural(name)) note("class-singular", name, "name it after one row");
    }

    void look_at_key(const Table& table, const ForeignKey& key) {
        if (key.columns.size() != 1) return;
        std::string target;
        if (!key.target_columns.empty()) {
            target = key.target_columns.front();
        } else if (const Table* other = metadata_.find(key.target_table)) {
            const auto columns = other->primary_key();
            if (columns.size() == 1) target = columns.front()->name;
        }
        const std::string& name = key.columns.front();
        if (target.empty() || name == target || name.ends_with("_" + target)) return;
        note("foreign-key-name", fmt::format("{}.{}", table.name, name),
             fmt::format("end it in what it refers to: {}_{}", key.target_table, target));
    }

    void note(std::string_view rule, std::string where, std::string advice) {
        const auto is_ignored = [&](const std::string& what) {
            return what == rule || what == where;
        };
        if (std::any_of(ignored_.begin(), ignored_.end(), is_ignored)) return;
        findings_.push_back({rule, std::move(where), std::move(advice)});
    }

    const MetaData& metadata_;
    const std::vector<std::string>& ignored_;
    std::vector<LintFinding> findings_;
};

} // namespace

std::vector<LintFinding> lint(const MetaData& metadata, const std::vector<std::string>& ignored) {
    Linter linter(metadata, ignored);
    for (const auto& table : metadata.tables()) linter.look_at(*table);
    return linter.take();
}

} // namespace mercator
