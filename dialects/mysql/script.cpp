// SPDX-License-Identifier: MIT
#include "script.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mercator::mysql {
namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/// Walks over SQL text in the server's tokens: words, semicolons; all else is passed over.
class Scanner {
public:
    enum class Token : std::uint8_t { Word, Semicolon, Other, End };

    explicit Scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] std::size_t token_start() const { return start_; }
    /// The last word in capitals.
    [[nodiscard]] const std::string& word() const { return word_; }

    Token next() {
        skip_blanks_and_comments();
        start_ = at_;
        if (at_ >= text_.size()) return Token::End;
        const char c = text_[at_];
        if (c == '\'' || c == '"' || c == '`') return quoted(c);
        if (is_word(c)) return read_word();
        ++at_;
        return c == ';' ? Token::Semicolon : Token::Other;
    }

private:
    [[nodiscard]] char peek(std::size_t ahead) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    bool at_line_comment() const {
        if (peek(0) == '#') return true;
        const char after = peek(2);
        return peek(0) == '-' && peek(1) == '-' && (after == '\0' || is_blank(after));
    }

    void skip_to(std::string_view end) {
        const auto found = text_.find(end, at_);
        at_ = found == std::string_view::npos ? text_.size() : found + end.size();
    }

    void skip_blanks_and_comments() {
        for (;;) {
            while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
            if (at_line_comment()) {
                skip_to("\n");
            } else if (peek(0) == '/' && peek(1) == '*' && peek(2) != '!' &&
                       !(peek(2) == 'M' && peek(3) == '!')) {
                at_ += 2;
                skip_to("*/");
            } else {
                return;
            }
        }
    }

    Token quoted(char quote) {
        ++at_;
        for (;;) {
            const auto close = text_.find(quote, at_);
            if (close == std::string_view::npos) {
                at_ = text_.size();
                return Token::Other;
            }
            at_ = close + 1;
            if (peek(0) != quote) return Token::Other;
            ++at_;
        }
    }

    Token read_word() {
        word_.clear();
        for (; at_ < text_.size() && is_word(text_[at_]); ++at_) {
            const char c = text_[at_];
            word_.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
        }
        return Token::Word;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
    std::string word_;
};

using Token = Scanner::Token;

template <std::size_t N>
bool one_of(const std::string& word, const std::array<std::string_view, N>& words) {
    return std::ranges::find(words, std::string_view(word)) != words.end();
}

constexpr std::array<std::string_view, 5> routine_words{"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT",
                                                        "PACKAGE"};
constexpr std::array<std::string_view, 5> loop_words{"IF", "LOOP", "WHILE", "REPEAT", "FOR"};

/// Follows the nesting of BEGIN and CASE in the body of a routine; semicolons inside do not end the
/// statement.
class RoutineNesting {
public:
    void see(const std::string& word) {
        if (words_++ == 0) creates_ = word == "CREATE";
        if (creates_ && !routine_ && one_of(word, routine_words)) routine_ = true;
        if (!routine_) return;
        if (after_end_) {
            after_end_ = false;
            if (one_of(word, loop_words)) ++depth_; // END IF closes what BEGIN did not open
            if (one_of(word, loop_words) || word == "CASE") return;
        }
        if (word == "BEGIN" || word == "CASE") ++depth_;
        if (word == "END") {
            --depth_;
            after_end_ = true;
        }
    }
    void see_other() { after_end_ = false; }
    [[nodiscard]] bool inside() const { return depth_ > 0; }

private:
    int words_ = 0;
    int depth_ = 0;
    bool creates_ = false;
    bool routine_ = false;
    bool after_end_ = false;
};

constexpr std::array<std::string_view, 15> committing_words{
    "ALTER",    "DROP",   "RENAME",  "TRUNCATE",  "GRANT", "REVOKE", "ANALYZE", "CHECK",
    "OPTIMIZE", "REPAIR", "INSTALL", "UNINSTALL", "LOCK",  "FLUSH",  "CACHE"};

/// `SELECT ... INTO @name`.
bool sets_variables(std::string_view text) {
    for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
        std::string_view before = text.substr(0, at);
        while (!before.empty() && is_blank(before.back())) before.remove_suffix(1);
        if (before.size() == at || before.size() < 4) continue;
        const std::string_view word = before.substr(before.size() - 4);
        if (word == "INTO" || word == "into" || word == "Into") return true;
    }
    return false;
}

/// Variables and locks that rows of a query or of a change leave behind.
bool leaves_traces(std::string_view text) {
    constexpr std::string_view lock = "GET_LOCK";
    const auto same = [](char a, char b) {
        return a == b || (a >= 'a' && a <= 'z' && a - 32 == b);
    };
    return text.find(":=") != std::string_view::npos || sets_variables(text) ||
           std::search(text.begin(), text.end(), lock.begin(), lock.end(), same) != text.end();
}

constexpr std::array<std::string_view, 8> session_words{"SET",     "USE",     "CALL",    "DO",
                                                        "PREPARE", "EXECUTE", "HANDLER", "XA"};

constexpr std::array<std::string_view, 6> row_words{"INSERT", "UPDATE", "DELETE",
                                                    "SELECT", "WITH",   "REPLACE"};

/// The rest of COMMIT and ROLLBACK. AND CHAIN ends one transaction and begins another.
TransactionEffect effect_of_end(Scanner& scanner, TransactionEffect effect) {
    bool negated = false;
    while (scanner.next() == Token::Word) {
        if (scanner.word() == "TO") return TransactionEffect::None;
        if (scanner.word() == "CHAIN" && !negated) return TransactionEffect::Begin;
        negated = scanner.word() == "NO";
    }
    return effect;
}

/// CREATE [OR REPLACE] TEMPORARY ends no transaction.
TransactionEffect effect_of_create(Scanner& scanner) {
    while (scanner.next() == Token::Word) {
        if (scanner.word() == "TEMPORARY") return TransactionEffect::Session;
        if (scanner.word() != "OR" && scanner.word() != "REPLACE") break;
    }
    return TransactionEffect::ImplicitCommit;
}

/// What the server runs although it looks like a comment, in dumps above all: `/*!40101 SET ...
/// */`.
bool is_conditional(std::string_view statement, std::size_t start) {
    const std::string_view text = statement.substr(start);
    return text.starts_with("/*!") || text.starts_with("/*M!");
}

} // namespace

std::vector<std::string_view> split_script(std::string_view script) {
    std::vector<std::string_view> statements;
    Scanner scanner(script);
    RoutineNesting nesting;
    constexpr auto none = std::string_view::npos;
    std::size_t begin = none;
    for (;;) {
        const Token token = scanner.next();
        const bool ends = token == Token::End || (token == Token::Semicolon && !nesting.inside());
        if (ends) {
            if (begin != none)
                statements.push_back(script.substr(begin, scanner.token_start() - begin));
            if (token == Token::End) return statements;
            begin = none;
            nesting = {};
            continue;
        }
        if (begin == none) begin = scanner.token_start();
        if (token == Token::Word)
            nesting.see(scanner.word());
        else
            nesting.see_other();
    }
}

TransactionEffect transaction_effect(std::string_view statement) {
    Scanner scanner(statement);
    if (scanner.next() != Token::Word)
        return is_conditional(statement, scanner.token_start()) ? TransactionEffect::Session
                                                                : TransactionEffect::None;
    const std::string first = scanner.word();
    if (one_of(first, row_words))
        return leaves_traces(statement) ? TransactionEffect::Session : TransactionEffect::None;
    if (first == "BEGIN") return TransactionEffect::Begin;
    if (first == "COMMIT") return effect_of_end(scanner, TransactionEffect::Commit);
    if (first == "ROLLBACK") return effect_of_end(scanner, TransactionEffect::Rollback);
    if (first == "CREATE") return effect_of_create(scanner);
    if (one_of(first, session_words)) return TransactionEffect::Session;
    const std::string second = scanner.next() == Token::Word ? scanner.word() : std::string();
    if (first == "START")
        return second == "TRANSACTION" ? TransactionEffect::Begin : TransactionEffect::None;
    if (second == "TEMPORARY") return TransactionEffect::None; // DROP TEMPORARY
    if (first == "LOCK" || first == "FLUSH") return TransactionEffect::ImplicitCommitAndSession;
    return one_of(first, committing_words) ? TransactionEffect::ImplicitCommit
                                           : TransactionEffect::None;
}

} // namespace mercator::mysql
