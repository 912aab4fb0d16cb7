// SPDX-License-Identifier: MIT
// What the log says about statements, transactions and rows, and what it must not say.
#include <mercator/engine/engine.hpp>

#include "scripted_dialect.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mercator;
using namespace mercator::testing;

namespace {

struct Row {
    std::int64_t id = 0;
    std::string text;
};

BindPlan plan_of_row(bool sensitive_text) {
    Field id{offsetof(Row, id),        FieldKind::Int64, false,
             SqlType(TypeKind::Int64), nullptr,          "Row.id"};
    Field text{offsetof(Row, text),       FieldKind::String, false,
               SqlType(TypeKind::String), nullptr,           "Row.text"};
    text.type.sensitive = sensitive_text;
    return BindPlan{{id, text}};
}

struct Logged {
    std::shared_ptr<RecordingSink> log = std::make_shared<RecordingSink>();
    std::shared_ptr<Script> script = std::make_shared<Script>();
    std::unique_ptr<Engine> engine;

    explicit Logged(Echo echo, bool hide = false) {
        EngineOptions options;
        options.echo = echo;
        options.hide_parameters = hide;
        options.log = log;
        engine = make_scripted_engine(script, options);
    }
    [[nodiscard]] std::string text() const {
        std::string all;
        for (const auto& line : log->lines()) all += line + '\n';
        return all;
    }
    void run_batch(std::size_t rows, bool sensitive = false) {
        const auto compiled = std::make_shared<Compiled>();
        compiled->sql = "insert";
        std::vector<Row> objects(rows);
        std::vector<const std::byte*> addresses;
        for (std::size_t i = 0; i < rows; ++i) {
            objects[i] = {static_cast<std::int64_t>(i), "text " + std::to_string(i)};
            addresses.push_back(reinterpret_cast<const std::byte*>(&objects[i]));
        }
        const BindPlan plan = plan_of_row(sensitive);
        Connection connection = engine->connect();
        static_cast<void>(connection.execute(compiled, plan, addresses));
    }
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("LOG-01 the log tells of transactions and savepoints, with their time and failure") {
    Logged logged(Echo::Statements);
    {
        Connection connection = logged.engine->connect();
        connection.begin();
        connection.savepoint("a");
        connection.rollback_to_savepoint("a");
        connection.release_savepoint("a");
        connection.commit();
        connection.begin();
        connection.rollback();
        connection.begin();
        logged.script->on_call = [](const std::string& call) {
            if (call == "commit") scripted_error(ErrorCode::Operational);
        };
        CHECK_THROWS_AS(connection.commit(), OperationalError);
        connection.begin();
    } // given back in a transaction
    std::vector<std::string> words;
    for (const std::string& line : logged.log->lines()) {
        CHECK(line.front() == '[');
        words.push_back(line.substr(line.find("] ") + 2));
    }
    CHECK(words == std::vector<std::string>{"BEGIN", "SAVEPOINT a", "ROLLBACK TO SAVEPOINT a",
                                            "RELEASE SAVEPOINT a", "COMMIT", "BEGIN", "ROLLBACK",
                                            "BEGIN", "COMMIT (failed)", "BEGIN", "ROLLBACK"});
}

TEST_CASE("LOG-01 listeners hear of statements only, not of transactions") {
    Logged logged(Echo::Statements);
    int heard = 0;
    logged.engine->on_statement([&heard](const StatementEvent&) { ++heard; });
    Connection connection = logged.engine->connect();
    connection.begin();
    connection.fetch_all("one");
    connection.commit();
    CHECK(heard == 1);
}

TEST_CASE("LOG-01 batches show the values of their first rows") {
    Logged logged(Echo::Parameters);
    logged.run_batch(2);
    CHECK(has(logged.text(), "insert (2 rows) [0, 'text 0'] [1, 'text 1']\n"));
    logged.run_batch(50);
    CHECK(has(logged.text(), "[9, 'text 9'] ...\n"));
    CHECK_FALSE(has(logged.text(), "text 10"));
}

TEST_CASE("LOG-01 rows are shown at their own level only, the first ones of each result") {
    for (const Echo echo : {Echo::Statements, Echo::Parameters, Echo::Rows}) {
        Logged logged(echo);
        logged.engine->connect().fetch_all(*scripted_select("orders", Value("blue")));
        CHECK(has(logged.text(), "row 1: 'blue'") == (echo == Echo::Rows));
    }
}

TEST_CASE("LOG-02 hidden parameters are in no line of the log and in no message") {
    for (const Echo echo : {Echo::Statements, Echo::Parameters, Echo::Rows}) {
        Logged logged(echo, true);
        logged.run_batch(3);
        logged.engine->connect().fetch_all(*scripted_select("orders", Value("s3cr3t")));
        logged.script->on_call = [](const std::string& call) {
            if (call.starts_with("execute")) scripted_error(ErrorCode::UniqueViolation);
        };
        try {
            logged.engine->connect().fetch_all(*scripted_select("orders", Value("s3cr3t")));
            FAIL("did not fail");
        } catch (const UniqueViolation& error) {
            CHECK_FALSE(has(error.what(), "s3cr3t"));
        }
        const std::string text = logged.text();
        CHECK(has(text, "orders ?"));
        CHECK_FALSE(has(text, "s3cr3t"));
        CHECK_FALSE(has(text, "text 0"));
        CHECK(has(text, "[6 parameters hidden]") == (echo != Echo::Statements));
    }
}

TEST_CASE("LOG-02 values of sensitive columns are hidden at every level") {
    Logged logged(Echo::Rows);
    logged.run_batch(2, true);
    CHECK(has(logged.text(), "[0, ***] [1, ***]"));
    CHECK_FALSE(has(logged.text(), "text 0"));
}

TEST_CASE("LOG-01 neither values nor statements can forge a line or drive a terminal") {
    Logged logged(Echo::Rows);
    const std::string evil = "x\n[0.00 ms] DROP\r\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\xff";
    logged.engine->connect().fetch_all(*scripted_select("orders", Value(evil)));
    logged.engine->connect().execute_script("a script\n-- " + evil);
    for (const std::string& line : logged.log->lines()) {
        CAPTURE(line);
        for (const char* bad : {"\x1b", "\r", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xff"})
            CHECK_FALSE(has(line, bad));
        for (auto at = line.find('\n'); at != std::string::npos; at = line.find('\n', at + 1))
            CHECK(line.compare(at, 5, "\n    ") == 0);
    }
}

TEST_CASE("LOG-01 a sink that throws fails no statement and no commit") {
    class Throwing final : public LogSink {
        void write(LogLevel, std::string_view) override { throw std::runtime_error("disk full"); }
    };
    EngineOptions options;
    options.echo = Echo::Parameters;
    options.log = std::make_shared<Throwing>();
    const auto engine = make_scripted_engine(std::make_shared<Script>(), options);
    Connection connection = engine->connect();
    connection.begin();
    CHECK(connection.fetch_all("one").size() == 1);
    CHECK_NOTHROW(connection.commit());
}
