// SPDX-License-Identifier: MIT
// Several statements at once: in one round trip where the backend can, one after the other
// elsewhere, with the same results and the same errors.
#include "support/backend.hpp"
#include "support/fault_proxy.hpp"
#include "support/sql_log.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/log.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace mercator;
using test::Backend;
using test::FaultProxy;
using test::SqlLog;

namespace {

using CompiledPtr = std::shared_ptr<const Compiled>;

struct Numbers : Backend {
    Numbers() {
        run("CREATE TABLE numbers (n BIGINT NOT NULL PRIMARY KEY, word VARCHAR(40) NOT NULL)");
        const char* words[] = {"one", "two", "three", "four", "five"};
        for (int i = 1; i <= 5; ++i)
            run("INSERT INTO numbers VALUES (" + std::to_string(i) + ", '" + words[i - 1] + "')");
    }

    /// The words of the numbers that `op` holds for, in order.
    [[nodiscard]] CompiledPtr words(ast::Operator op) const {
        const auto n = ast::column("numbers", "n", BigInteger(), false);
        ast::Select select;
        select.columns = {ast::column("numbers", "word", String(40), false)};
        select.from = {std::make_shared<ast::TableRef>(ast::TableRef{{}, "numbers", {}})};
        select.where = {ast::binary(op, n, ast::bind(std::int64_t{0}))};
        select.order_by = {n};
        return std::make_shared<const Compiled>(engine().dialect().compile(select));
    }
    [[nodiscard]] static CompiledPtr text(std::string sql) {
        auto compiled = std::make_shared<Compiled>();
        compiled->sql = std::move(sql);
        return compiled;
    }
    [[nodiscard]] Engine& engine() const { return const_cast<Numbers&>(*this)->engine(); }
};

std::string words_of(StatementLease& lease) {
    std::string words;
    for (std::vector<Value> row; lease->fetch(row);)
        words += (words.empty() ? "" : " ") + *row.at(0).get_if<std::string>();
    return words;
}

struct Lines final : LogSink {
    std::string text;
    void write(LogLevel /*level*/, std::string_view message) override {
        text.append(message).append("\n");
    }
};

/// The code of the error, and the statement that it names.
std::pair<ErrorCode, std::string> failure_of(Connection& connection,
                                             std::span<const PipelineRequest> requests) {
    try {
        static_cast<void>(connection.execute_together(requests));
    } catch (const DatabaseError& error) {
        return {error.code(), error.statement()};
    }
    return {ErrorCode::Mapping, "no error"};
}

const Value one(std::int64_t{1});
const Value three(std::int64_t{3});
const Value four(std::int64_t{4});

std::span<const Value> with(const Value& value) {
    return std::span(&value, 1);
}

} // namespace

TEST_CASE("statements that are executed together give their rows in any order") {
    Numbers numbers;
    Connection connection = numbers.engine().connect();
    const auto less = numbers.words(ast::Operator::Less);
    const auto equal = numbers.words(ast::Operator::Equal);
    const auto greater = numbers.words(ast::Operator::Greater);
    const auto not_equal = numbers.words(ast::Operator::NotEqual);
    const auto all = Numbers::text("SELECT word FROM numbers ORDER BY n");
    // Twice: prepared with their first execution, and then known.
    for (int round = 0; round < 2; ++round) {
        CHECK(connection.execute_together({}).empty());

        const PipelineRequest single[] = {{less, with(three)}};
        auto leases = connection.execute_together(single);
        REQUIRE(leases.size() == 1);
        CHECK(words_of(leases[0]) == "one two");
        leases.clear();

        const PipelineRequest two[] = {{greater, with(three)}, {less, with(three)}};
        leases = connection.execute_together(two);
        REQUIRE(leases.size() == 2);
        CHECK(words_of(leases[1]) == "one two");
        CHECK(words_of(leases[0]) == "four five");
        leases.clear();

        const PipelineRequest five[] = {{less, with(three)},
                                        {equal, with(four)},
                                        {greater, with(four)},
                                        {not_equal, with(one)},
                                        {all, {}}};
        leases = connection.execute_together(five);
        REQUIRE(leases.size() == 5);
        CHECK(words_of(leases[4]) == "one two three four five");
        CHECK(words_of(leases[0]) == "one two");
        CHECK(words_of(leases[3]) == "two three four five");
        CHECK(words_of(leases[1]) == "four");
        CHECK(words_of(leases[2]) == "five");
    }
    CHECK(connection.prepared_statements() == 5);
    CHECK(connection.fetch_all("SELECT n FROM numbers").size() == 5);
}

TEST_CASE("rows of statements that were executed together may be read by turns") {
    Numbers numbers;
    Connection connection = numbers.engine().connect();
    const PipelineRequest requests[] = {
        {Numbers::text("SELECT word FROM numbers ORDER BY n"), {}},
        {Numbers::text("SELECT word FROM numbers ORDER BY n DESC"), {}}};
    auto leases = connection.execute_together(requests);
    std::string words;
    std::vector<Value> row;
    while (leases[0]->fetch(row)) {
        words += *row.at(0).get_if<std::string>() + '-';
        REQUIRE(leases[1]->fetch(row));
        words += *row.at(0).get_if<std::string>() + ' ';
    }
    CHECK(words == "one-five two-four three-three four-two five-one ");
}

TEST_CASE("one statement may be executed together with itself") {
    Numbers numbers;
    Connection connection = numbers.engine().connect();
    const auto less = numbers.words(ast::Operator::Less);
    for (int round = 0; round < 2; ++round) {
        const PipelineRequest requests[] = {
            {less, with(four)}, {less, with(three)}, {less, with(one)}};
        auto leases = connection.execute_together(requests);
        REQUIRE(leases.size() == 3);
        CHECK(words_of(leases[0]) == "one two three");
        CHECK(words_of(leases[1]) == "one two");
        CHECK(words_of(leases[2]).empty());
    }
    CHECK(connection.prepared_statements() == 1); // the others were for once
}

TEST_CASE("an error among statements that are executed together is that of its statement") {
    Numbers numbers;
    Connection connection = numbers.engine().connect();
    const auto less = numbers.words(ast::Operator::Less);
    const auto greater = numbers.words(ast::Operator::Greater);
    const auto wrong = Numbers::text("SELECT word FROM no_such_table");
    const PipelineRequest requests[] = {{less, with(three)}, {wrong, {}}, {greater, with(three)}};
    connection.begin();
    SqlLog log(numbers.engine());
    auto [code, statement] = failure_of(connection, requests);
    CHECK(code == ErrorCode::Programming);
    CHECK(statement == wrong->sql);
    connection.rollback();

    const auto told = log.statements();
    REQUIRE(told.size() == 2);
    CHECK(told[0].sql == less->sql);
    CHECK_FALSE(told[0].failed);
    CHECK(told[0].parameters == std::vector<Value>{three});
    CHECK(told[1].sql == wrong->sql);
    CHECK(told[1].failed);

    // Without a transaction; and the good ones go on to work.
    CHECK(failure_of(connection, requests).second == wrong->sql);
    const PipelineRequest good[] = {{less, with(three)}, {greater, with(three)}};
    log.clear();
    auto leases = connection.execute_together(good);
    CHECK(words_of(leases[0]) == "one two");
    CHECK(words_of(leases[1]) == "four five");
    CHECK(log.count() == 2);

    if (!numbers.can().pipeline) return;
    const auto divide = Numbers::text("SELECT n / (n - n) FROM numbers");
    const PipelineRequest failing[] = {{greater, with(three)}, {divide, {}}, {less, with(three)}};
    leases.clear();
    std::tie(code, statement) = failure_of(connection, failing);
    CHECK(code == ErrorCode::Data);
    CHECK(statement == divide->sql);
    leases = connection.execute_together(good);
    CHECK(words_of(leases[1]) == "four five");
}

TEST_CASE("values that cannot be sent are told before anything is") {
    Numbers numbers;
    if (!numbers.can().pipeline || numbers.can().nul_in_text)
        return test::skip("no pipelines, or every text can be sent");
    Connection connection = numbers.engine().connect();
    const auto less = numbers.words(ast::Operator::Less);
    const auto word = ast::column("numbers", "word", String(40), false);
    ast::Select select;
    select.columns = {word};
    select.from = {std::make_shared<ast::TableRef>(ast::TableRef{{}, "numbers", {}})};
    select.where = {ast::binary(ast::Operator::Equal, word, ast::bind("x"))};
    const auto by_word =
        std::make_shared<const Compiled>(numbers.engine().dialect().compile(select));
    const Value zero(std::string("a\0b", 3));
    const PipelineRequest requests[] = {{less, with(three)}, {by_word, with(zero)}};
    CHECK_THROWS_AS(static_cast<void>(connection.execute_together(requests)), DataError);
    const PipelineRequest good[] = {{less, with(three)}, {less, with(four)}};
    auto leases = connection.execute_together(good);
    CHECK(words_of(leases[1]) == "one two three");
}

TEST_CASE("statements that are executed together take one round trip where there are pipelines") {
    Numbers numbers;
    if (Url::parse(numbers.uri()).hosts.empty()) return test::skip("this database has no wire");
    FaultProxy proxy(Url::parse(numbers.uri()));
    Engine engine(proxy.url());
    Connection connection = engine.connect();
    connection.begin();
    const auto all = Numbers::text("SELECT word FROM numbers ORDER BY n");
    const PipelineRequest requests[] = {{numbers.words(ast::Operator::Less), with(three)},
                                        {numbers.words(ast::Operator::Equal), with(four)},
                                        {numbers.words(ast::Operator::Greater), with(four)},
                                        {all, {}},
                                        {all, {}}};
    for (int round = 0; round < 2; ++round) {
        const int before = proxy.round_trips();
        auto leases = connection.execute_together(requests);
        CHECK(words_of(leases[4]) == "one two three four five");
        const int trips = proxy.round_trips() - before;
        CHECK(numbers.can().pipeline == (trips == 1));
        if (!numbers.can().pipeline) CHECK(trips >= 5);
    }
    connection.rollback();
}

TEST_CASE("a link that is lost under statements that are executed together is a DisconnectError") {
    Numbers numbers;
    if (Url::parse(numbers.uri()).hosts.empty()) return test::skip("this database has no wire");
    FaultProxy proxy(Url::parse(numbers.uri()));
    Engine engine(proxy.url());
    Connection connection = engine.connect();
    const auto less = numbers.words(ast::Operator::Less);
    const PipelineRequest requests[] = {{less, with(three)}, {less, with(four)}};
    static_cast<void>(connection.execute_together(requests));
    proxy.cut();
    CHECK_THROWS_AS(static_cast<void>(connection.execute_together(requests)), DisconnectError);
    CHECK_THROWS_AS(static_cast<void>(connection.execute_together(requests)), StateError);
}

TEST_CASE("a silent server under statements that are executed together is given up in time") {
    Numbers numbers;
    Url url = Url::parse(numbers.uri());
    if (url.hosts.empty()) return test::skip("this database has no wire");
    url.options["read_timeout"] = "1";
    FaultProxy proxy(url);
    Engine engine(proxy.url());
    Connection connection = engine.connect();
    const auto less = numbers.words(ast::Operator::Less);
    const PipelineRequest requests[] = {{less, with(three)}, {less, with(four)}};
    static_cast<void>(connection.execute_together(requests));
    proxy.swallow();
    CHECK_THROWS_AS(static_cast<void>(connection.execute_together(requests)), OperationalError);
    CHECK_THROWS_AS(static_cast<void>(connection.execute_together(requests)), StateError);
}

TEST_CASE("B30 statements that a change of the schema has put out of date run again together") {
    Numbers numbers;
    Connection connection = numbers.engine().connect();
    const PipelineRequest requests[] = {{numbers.words(ast::Operator::Less), with(three)},
                                        {Numbers::text("SELECT * FROM numbers ORDER BY n"), {}}};
    static_cast<void>(connection.execute_together(requests));
    numbers.run("ALTER TABLE numbers ADD COLUMN roman VARCHAR(10)");
    const auto columns = [&] {
        auto leases = connection.execute_together(requests);
        CHECK(words_of(leases[0]) == "one two");
        std::vector<Value> row;
        REQUIRE(leases[1]->fetch(row));
        return row.size();
    };
    CHECK(columns() == 3);
    numbers.run("ALTER TABLE numbers ADD COLUMN arabic VARCHAR(10)");
    // At the beginning of a transaction nothing is lost by it; one after the other, the second may
    // be too late.
    if (!numbers.can().pipeline) return;
    connection.begin();
    CHECK(columns() == 4);
    connection.commit();
    connection.begin();
    static_cast<void>(connection.fetch_all("SELECT 1"));
    numbers.run("ALTER TABLE numbers ADD COLUMN egyptian VARCHAR(10)");
    CHECK(failure_of(connection, requests).first == ErrorCode::StatementInvalidated);
    connection.rollback();
    CHECK(columns() == 5);
}

TEST_CASE("the log shows each of the statements that are executed together, and its rows") {
    Numbers numbers;
    const auto sink = std::make_shared<Lines>();
    EngineOptions options;
    options.echo = Echo::Rows;
    options.log = sink;
    Engine engine(Url::parse(numbers.uri()), options);
    Connection connection = engine.connect();
    const auto less = numbers.words(ast::Operator::Less);
    const auto all = Numbers::text("SELECT word FROM numbers ORDER BY n DESC");
    const PipelineRequest requests[] = {{less, with(three)}, {all, {}}};
    auto leases = connection.execute_together(requests);
    CHECK(words_of(leases[1]) == "five four three two one");
    CHECK(words_of(leases[0]) == "one two");
    CHECK(sink->text.find(less->sql) != std::string::npos);
    CHECK(sink->text.find(all->sql) != std::string::npos);
    CHECK(sink->text.find("row 1: 'five'") != std::string::npos);
    CHECK(sink->text.find("row 2: 'two'") != std::string::npos);
}

TEST_CASE("statements that write are not executed together") {
    Numbers numbers;
    Connection connection = numbers.engine().connect();
    auto write = std::make_shared<Compiled>();
    write->sql = "DELETE FROM numbers";
    write->writes = true;
    const PipelineRequest requests[] = {{numbers.words(ast::Operator::Less), with(three)},
                                        {write, {}}};
    CHECK_THROWS_AS(static_cast<void>(connection.execute_together(requests)), StateError);
    CHECK(numbers.rows("SELECT n FROM numbers").size() == 5);
}
