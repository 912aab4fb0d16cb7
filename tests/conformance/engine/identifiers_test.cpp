// SPDX-License-Identifier: MIT
// Property test: whatever a name looks like, it names what it was given to, and nothing else
// happens.
#include "support/backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace mercator;
using test::Backend;

namespace {

constexpr std::uint32_t seed = 20'240'614;
constexpr int tables = 36; // of three names each: 108 names

constexpr const char* reserved[] = {
    "select", "FROM", "Where", "order", "group", "user",  "table",  "index", "key",  "primary",
    "check",  "NULL", "and",   "or",    "limit", "rowid", "values", "desc",  "case", "returning"};
constexpr const char* pieces[] = {
    "a", "Z",  "0",  "_",      "name",       "\"", "'", "`",  "\"\"", "``",          "''",
    "%", "%s", "?",  "$1",     ":x",         "@p", ".", ";",  "--",   "/*",          "*/",
    "[", "]",  "\\", " ",      "{}",         "(",  ")", ",",  "=",    "\n",          "\t",
    "!", "#",  "~",  "select", "DROP TABLE", "é",  "ß", "名", "Ω",    "\xE2\x80\x99"};
constexpr const char* emoji[] = {"\U0001F600", "\U0001F1E9\U0001F1EA",
                                 "\U0001F468\u200D\U0001F469"};

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// Names of all kinds; no two are equal but for case, because some backends do not tell such
/// columns apart.
class Names {
public:
    explicit Names(bool with_emoji) : with_emoji_(with_emoji) {}
    std::string next() {
        while (true) {
            std::string name = made();
            if (used_.insert(lower(name)).second) return name;
        }
    }

private:
    std::string made() {
        if (pick(4) == 0) return reserved[pick(std::size(reserved))];
        std::string name;
        for (std::size_t length = 1 + pick(7); length > 0; --length) {
            name += with_emoji_ && pick(8) == 0 ? emoji[pick(std::size(emoji))]
                                                : pieces[pick(std::size(pieces))];
        }
        // A blank at an end is cut or refused by some, so it has something beside it.
        if (name.back() == ' ' || name.back() == '\n' || name.back() == '\t') name += '.';
        return name.size() > 50 ? made() : name;
    }
    std::size_t pick(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
    }

    std::mt19937 random_{seed};
    std::set<std::string> used_{"witness"};
    bool with_emoji_;
};

bool takes_emoji(const Backend& backend) {
    const auto database = backend.another();
    database->add(Table{emoji[0], Column("id", Integer()).primary_key()});
    try {
        database->create_all<>();
        database->drop_all<>();
        return true;
    } catch (const Error& error) { // ours or the server's, and nothing made
        CHECK((error.code() == ErrorCode::Compile ||
               dynamic_cast<const DatabaseError*>(&error) != nullptr));
        return false;
    }
}

struct Named {
    std::string table;
    std::string key;
    std::string text;

    [[nodiscard]] Table described() const {
        return Table{table, Column(key, Integer()).primary_key().autoincrement(false),
                     Column(text, String(40)).nullable(false).unique()};
    }
    [[nodiscard]] std::shared_ptr<const ast::TableRef> ref() const {
        return std::make_shared<ast::TableRef>(ast::TableRef{"", table, ""});
    }
    [[nodiscard]] ast::ExpressionPtr key_column() const {
        return ast::column(table, key, Integer(), false);
    }
    [[nodiscard]] ast::ExpressionPtr text_column() const {
        return ast::column(table, text, String(40), false);
    }
    [[nodiscard]] ast::ExpressionPtr has_key(int value) const {
        return ast::binary(ast::Operator::Equal, key_column(), ast::bind(Value(value)));
    }
};

std::uint64_t insert(Connection& connection, const Named& named, int key, const std::string& text) {
    ast::Insert statement;
    statement.table = named.ref();
    statement.columns = {{named.key, Integer(), false}, {named.text, String(40), false}};
    statement.values = {ast::bind(Value(key), Integer()), ast::bind(Value(text), String(40))};
    return connection.execute(statement);
}

ValueRows read(Connection& connection, const Named& named) {
    ast::Select statement;
    statement.columns = {named.key_column(), ast::label(named.text_column(), named.table)};
    statement.from = {named.ref()};
    statement.where = {ast::is_null(named.text_column(), true)};
    statement.order_by = {ast::order(named.text_column(), true)};
    return connection.fetch_all(statement);
}

void check_life(Connection& connection, const Named& named) {
    CAPTURE(named.table);
    CAPTURE(named.key);
    CAPTURE(named.text);
    CHECK(insert(connection, named, 1, named.table) == 1);
    CHECK(insert(connection, named, 2, "~~") == 1);
    const Value first(named.table);
    CHECK_THROWS_AS(static_cast<void>(insert(connection, named, 3, named.table)), UniqueViolation);

    ast::Update update;
    update.table = named.ref();
    update.assignments = {
        {{named.text, String(40), false}, ast::bind(Value("changed"), String(40))}};
    update.where = {named.has_key(2)};
    CHECK(connection.execute(update) == 1);
    auto rows = read(connection, named);
    REQUIRE(rows.size() == 2);
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return *a.at(0).template get_if<std::int64_t>() < *b.at(0).template get_if<std::int64_t>();
    });
    CHECK(rows.at(0).at(1) == first);
    CHECK(rows.at(1).at(1) == Value("changed"));

    ast::Delete remove;
    remove.table = named.ref();
    remove.where = {named.has_key(1)};
    CHECK(connection.execute(remove) == 1);
    CHECK(read(connection, named).size() == 1);
}

} // namespace

TEST_CASE("DIA-14 a hundred random names are created, used in every statement, and dropped") {
    Backend backend;
    const bool with_emoji = takes_emoji(backend);
    backend.run("CREATE TABLE witness (id INTEGER PRIMARY KEY)");
    backend.run("INSERT INTO witness (id) VALUES (1)");
    Names names(with_emoji);
    std::vector<Named> all;
    for (int i = 0; i < tables; ++i) {
        all.push_back({names.next(), names.next(), names.next()});
        backend->add(all.back().described());
    }
    backend->create_all<>();
    {
        Connection connection = backend->engine().connect();
        const auto inspector = backend->engine().dialect().inspector(connection.driver());
        for (const Named& named : all) {
            CAPTURE(named.table);
            CHECK(inspector->has_table(named.table));
            const auto columns = inspector->columns(named.table);
            REQUIRE(columns.size() == 2);
            CHECK(columns.at(0).name == named.key);
            CHECK(columns.at(1).name == named.text);
        }
        CHECK(inspector->table_names().size() == std::size_t(tables) + 1);
        for (const Named& named : all) check_life(connection, named);
    }
    backend->drop_all<>();
    Connection connection = backend->engine().connect();
    CHECK(backend->engine().dialect().inspector(connection.driver())->table_names() ==
          std::vector<std::string>{"witness"});
    CHECK(backend.rows("SELECT id FROM witness").size() == 1);
}
