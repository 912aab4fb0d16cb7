// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/foreign_key.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::sqlite {

/// What only the text of a CREATE TABLE tells: SQLite's catalogue keeps neither the names of
/// constraints nor the conditions of checks.
struct TableText {
    struct Key {
        std::string name;
        std::vector<std::string> columns;
    };
    struct Check {
        std::string name;
        std::string condition;
    };
    struct Reference {
        std::string name;
        std::vector<std::string> columns;
        Deferrable deferrable = Deferrable::No;
    };

    Key primary_key;
    std::vector<Key> uniques;
    std::vector<Check> checks;
    std::vector<Reference> references;
    std::map<std::string, std::string> collations; ///< by column
    std::map<std::string, std::string> computed;   ///< by column
    std::set<std::string> documents; ///< columns that a check of their own keeps to JSON
    bool autoincrement = false;
    bool strict = false;
    bool without_rowid = false;

    /// Reads the text of a CREATE TABLE that SQLite has accepted.
    [[nodiscard]] static TableText parse(std::string_view sql);
};

/// What only the text of a CREATE INDEX tells.
struct IndexText {
    std::vector<std::string> terms; ///< as written, columns and expressions
    std::string condition;          ///< of a partial index

    [[nodiscard]] static IndexText parse(std::string_view sql);
};

} // namespace mercator::sqlite
