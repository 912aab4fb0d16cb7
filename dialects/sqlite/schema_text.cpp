// SPDX-License-Identifier: MIT
#include "schema_text.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>

namespace mercator::sqlite {
namespace {

struct Token {
    std::string text; ///< of a name: without its quotes
    bool quoted = false;
    std::size_t begin = 0; ///< where it stands in the text
    std::size_t end = 0;
};

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// Splits text that SQLite has accepted into words, names and signs.
class Scanner {
public:
    explicit Scanner(std::string_view sql) : sql_(sql) {}

    [[nodiscard]] std::vector<Token> tokens() {
        std::vector<Token> result;
        for (skip_blanks(); at_ < sql_.size(); skip_blanks()) {
            const std::size_t begin = at_;
            result.push_back(next());
            result.back().begin = begin;
            result.back().end = std::min(at_, sql_.size());
        }
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
        return {std::string(sql_.substr(start, at_ - start))};
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

bool is_one_of(const Token& token, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&token](std::string_view word) { return is_word(token, word); });
}

using Tokens = std::span<const Token>;

/// The place of the bracket that closes the one at `open`.
std::size_t closing(Tokens tokens, std::size_t open) {
    std::size_t depth = 0;
    for (std::size_t i = open; i < tokens.size(); ++i) {
        if (is_word(tokens[i], "(")) ++depth;
        if (is_word(tokens[i], ")") && --depth == 0) return i;
    }
    return tokens.size();
}

/// What stands between the commas of the brackets at `open`.
std::vector<Tokens> items(Tokens tokens, std::size_t open) {
    std::vector<Tokens> result;
    const std::size_t end = closing(tokens, open);
    std::size_t begin = open + 1;
    for (std::size_t i = begin; i < end; ++i) {
        if (is_word(tokens[i], "(")) i = closing(tokens, i);
        if (i >= end || !is_word(tokens[i], ",")) continue;
        result.push_back(tokens.subspan(begin, i - begin));
        begin = i + 1;
    }
    if (begin < end) result.push_back(tokens.subspan(begin, end - begin));
    return result;
}

std::size_t find_bracket(Tokens tokens, std::size_t from) {
    while (from < tokens.size() && !is_word(tokens[from], "(")) ++from;
    return from;
}

std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) text.append(c == '"' ? 2 : 1, c);
    return text + '"';
}

/// Reads one column or one constraint of a table.
class ItemReader {
public:
    ItemReader(TableText& table, std::string_view sql, Tokens item) :
        table_(table),
        sql_(sql),
        item_(item) {}

    void read() {
        if (item_.empty()) return;
        is_column_ = !is_one_of(item_[0], {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"});
        if (is_column_) column_ = item_[0].text;
        for (at_ = is_column_ ? 1 : 0; at_ < item_.size(); ++at_) read_word();
    }

private:
    void read_word() {
        const Token& token = item_[at_];
        if (is_word(token, "(")) {
            at_ = closing(item_, at_);
        } else if (is_word(token, "CONSTRAINT") && at_ + 1 < item_.size()) {
            name_ = item_[++at_].text;
        } else if (is_word(token, "DEFAULT")) {
            skip_default();
        } else if (is_word(token, "PRIMARY")) {
            table_.primary_key = {taken_name(), key_columns()};
        } else if (is_word(token, "UNIQUE")) {
            table_.uniques.push_back({taken_name(), key_columns()});
        } else if (is_word(token, "CHECK")) {
            read_check();
        } else if (is_word(token, "AS") && is_column_) {
            read_computed();
        } else if (is_word(token, "FOREIGN")) {
            foreign_ = key_columns();
        } else if (is_word(token, "REFERENCES")) {
            table_.references.push_back(
                {taken_name(), is_column_ ? std::vector<std::string>{column_} : foreign_});
        } else if (is_word(token, "DEFERRABLE") && !is_word(item_[at_ - 1], "NOT")) {
            read_deferral();
        } else if (is_word(token, "AUTOINCREMENT")) {
            table_.autoincrement = true;
        } else if (is_word(token, "COLLATE") && is_column_ && at_ + 1 < item_.size()) {
            table_.collations[column_] = item_[++at_].text;
        }
    }

    std::string taken_name() {
        std::string name;
        name.swap(name_);
        return name;
    }

    /// Stands at UNIQUE, PRIMARY or FOREIGN; stays there, as the brackets are skipped later.
    std::vector<std::string> key_columns() const {
        if (is_column_) return {column_};
        std::vector<std::string> names;
        for (const Tokens term : items(item_, find_bracket(item_, at_))) {
            if (!term.empty()) names.push_back(term[0].text);
        }
        return names;
    }

    std::string bracketed() const {
        const std::size_t open = find_bracket(item_, at_);
        const std::size_t close = closing(item_, open);
        if (close >= item_.size()) return {};
        return std::string(sql_.substr(item_[open].end, item_[close].begin - item_[open].end));
    }

    /// A column of JSON is text with a check that has no name.
    void read_check() {
        std::string condition = bracketed();
        if (is_column_ && name_.empty() && condition == "json_valid(" + quoted(column_) + ')') {
            table_.documents.insert(column_);
        } else {
            table_.checks.push_back({taken_name(), std::move(condition)});
        }
    }

    void read_computed() {
        std::string text = '(' + bracketed() + ')';
        const std::size_t close = closing(item_, find_bracket(item_, at_));
        const bool stored = close + 1 < item_.size() && is_word(item_[close + 1], "STORED");
        table_.computed[column_] = text + (stored ? " STORED" : " VIRTUAL");
    }

    void read_deferral() {
        if (table_.references.empty()) return;
        const bool deferred = at_ + 2 < item_.size() && is_word(item_[at_ + 1], "INITIALLY") &&
                              is_word(item_[at_ + 2], "DEFERRED");
        table_.references.back().deferrable =
            deferred ? Deferrable::InitiallyDeferred : Deferrable::InitiallyImmediate;
    }

    void skip_default() {
        ++at_;
        if (at_ < item_.size() && is_word(item_[at_], "(")) at_ = closing(item_, at_);
    }

    TableText& table_;
    std::string_view sql_;
    Tokens item_;
    std::size_t at_ = 0;
    bool is_column_ = false;
    std::string column_;
    std::string name_;
    std::vector<std::string> foreign_;
};

} // namespace

TableText TableText::parse(std::string_view sql) {
    TableText table;
    const auto tokens = Scanner(sql).tokens();
    const std::size_t open = find_bracket(tokens, 0);
    for (const Tokens item : items(tokens, open)) ItemReader(table, sql, item).read();
    for (std::size_t i = closing(tokens, open); i < tokens.size(); ++i) {
        table.strict = table.strict || is_word(tokens[i], "STRICT");
        table.without_rowid = table.without_rowid || is_word(tokens[i], "ROWID");
    }
    return table;
}

IndexText IndexText::parse(std::string_view sql) {
    IndexText index;
    const auto tokens = Scanner(sql).tokens();
    const std::size_t open = find_bracket(tokens, 0);
    for (const Tokens term : items(tokens, open)) {
        if (term.empty()) continue;
        index.terms.emplace_back(
            sql.substr(term.front().begin, term.back().end - term.front().begin));
    }
    const std::size_t close = closing(tokens, open);
    if (close + 2 < tokens.size() && is_word(tokens[close + 1], "WHERE"))
        index.condition = sql.substr(tokens[close + 2].begin);
    return index;
}

} // namespace mercator::sqlite
