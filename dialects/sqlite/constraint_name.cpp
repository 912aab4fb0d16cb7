// SPDX-License-Identifier: MIT
#include "constraint_name.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace mercator::sqlite {
namespace {

struct Token {
    std::string text; ///< of a name: without its quotes
    bool quoted = false;
};

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// Splits the text of a CREATE TABLE that SQLite has accepted into words, names and signs.
class Scanner {
public:
    explicit Scanner(std::string_view sql) : sql_(sql) {}

    [[nodiscard]] std::vector<Token> tokens() {
        std::vector<Token> result;
        for (skip_blanks(); at_ < sql_.size(); skip_blanks()) result.push_back(next());
        return result;
    }

private:
    void skip_blanks() {
        while (at_ < sql_.size()) {
            if (sql_.substr(at_, 2) == "--") {
                at_ = std::min(sql_.find('\n', at_), sql_.size());
            } else if (sql_.substr(at_, 2) == "/*") {
                const auto end = sql_.find("*/", at_ + 2);
                at_ = end == std::string_view::npos ? sql_.size() : end + 2;
            } else if (sql_[at_] == ' ' || (sql_[at_] >= '\t' && sql_[at_] <= '\r')) {
                ++at_;
            } else {
                return;
            }
        }
    }

    Token next() {
        const char c = sql_[at_];
        if (c == '"' || c == '`' || c == '\'') return quoted(c);
        if (c == '[') return quoted(']');
        const std::size_t start = at_++;
        if (is_letter(c)) {
            while (at_ < sql_.size() && is_letter(sql_[at_])) ++at_;
        }
        return {std::string(sql_.substr(start, at_ - start)), false};
    }

    Token quoted(char close) {
        Token token{{}, true};
        for (++at_; at_ < sql_.size(); ++at_) {
            if (sql_[at_] == close) {
                if (close == ']' || sql_.substr(at_ + 1, 1) != std::string_view(&close, 1)) break;
                ++at_; // doubled: the sign itself
            }
            token.text += sql_[at_];
        }
        ++at_;
        return token;
    }

    std::string_view sql_;
    std::size_t at_ = 0;
};

bool is_word(const Token& token, std::string_view word) {
    return !token.quoted && token.text.size() == word.size() &&
           std::equal(word.begin(), word.end(), token.text.begin(), [](char a, char b) {
               return a == (b >= 'a' && b <= 'z' ? static_cast<char>(b - 'a' + 'A') : b);
           });
}

/// From behind the opening bracket: "t.a, t.b". Words behind a name (COLLATE, ASC) do not count.
std::string column_list(const std::vector<Token>& tokens, std::size_t at,
                        const std::string& table) {
    std::string list;
    for (bool first_of_item = true; at < tokens.size() && !is_word(tokens[at], ")"); ++at) {
        if (is_word(tokens[at], ",")) {
            first_of_item = true;
        } else if (first_of_item) {
            list.append(list.empty() ? "" : ", ").append(table).append(".").append(tokens[at].text);
            first_of_item = false;
        }
    }
    return list;
}

/// CONSTRAINT name UNIQUE (...) or CONSTRAINT name PRIMARY KEY (...).
std::string name_in_table(std::string_view sql, const std::string& table,
                          std::string_view columns) {
    const auto tokens = Scanner(sql).tokens();
    for (std::size_t i = 0; i + 4 < tokens.size(); ++i) {
        if (!is_word(tokens[i], "CONSTRAINT")) continue;
        std::size_t at = i + 2;
        if (is_word(tokens[at], "UNIQUE")) {
            ++at;
        } else if (is_word(tokens[at], "PRIMARY") && is_word(tokens[at + 1], "KEY")) {
            at += 2;
        } else {
            continue;
        }
        if (is_word(tokens[at], "(") && column_list(tokens, at + 1, table) == columns)
            return tokens[i + 1].text;
    }
    return {};
}

struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

std::string text(sqlite3_stmt* statement, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    return bytes == nullptr
               ? std::string()
               : std::string(bytes,
                             static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

// What CREATE UNIQUE INDEX made has its name in the catalogue; what a table's constraint made is
// nameless there.
constexpr const char* candidates =
    "SELECT m.type, m.name, m.sql FROM sqlite_master AS m WHERE m.sql IS NOT NULL "
    "AND substr(?1, 1, length(m.tbl_name) + 1) = m.tbl_name || '.' AND (m.type = 'table' OR "
    "(m.type = 'index' "
    "AND EXISTS (SELECT 1 FROM pragma_index_list(m.tbl_name) AS l WHERE l.name = m.name AND "
    "l.\"unique\") "
    "AND ?1 = (SELECT group_concat(m.tbl_name || '.' || c.name, ', ') FROM "
    "pragma_index_info(m.name) AS c))) "
    "ORDER BY m.type DESC";

std::string look_up(sqlite3* database, std::string_view columns) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database, candidates, -1, &prepared, nullptr) != SQLITE_OK) return {};
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(prepared);
    sqlite3_bind_text(prepared, 1, columns.data(), static_cast<int>(columns.size()), SQLITE_STATIC);
    while (sqlite3_step(prepared) == SQLITE_ROW) {
        const std::string name = text(prepared, 1);
        if (text(prepared, 0) == "index") return name;
        if (std::string found = name_in_table(text(prepared, 2), name, columns); !found.empty())
            return found;
    }
    return {};
}

} // namespace

std::string constraint_name(sqlite3* database, std::string_view columns) noexcept {
    try {
        return look_up(database, columns);
    } catch (...) { // out of memory: the error is told without the name
        return {};
    }
}

} // namespace mercator::sqlite
