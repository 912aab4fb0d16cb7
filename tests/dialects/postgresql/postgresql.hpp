// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/plugin/loader.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postgresql_test {

inline mercator::Dialect& dialect() {
    static const std::unique_ptr<mercator::Dialect> made = [] {
        mercator::plugin::Loader loader({MERCATOR_BUILD_DIALECT_DIR});
        return std::unique_ptr<mercator::Dialect>(
            static_cast<mercator::Dialect*>(loader.create("dialect", "postgresql")));
    }();
    return *made;
}

inline std::shared_ptr<const mercator::ast::TableRef> table(std::string name) {
    return std::make_shared<const mercator::ast::TableRef>(
        mercator::ast::TableRef{"", std::move(name), ""});
}

inline std::vector<mercator::TypeKind> kinds(const mercator::Compiled& compiled) {
    std::vector<mercator::TypeKind> result;
    for (const auto& slot : compiled.binds) result.push_back(slot.type.kind);
    return result;
}

/// The text of an expression as the only column of a SELECT from "t".
inline std::string spelled(const mercator::ast::ExpressionPtr& expression) {
    mercator::ast::Select select;
    select.columns = {expression};
    select.from = {table("t")};
    const std::string sql = dialect().compile(select).sql;
    const std::string start = "SELECT ";
    const std::string end = " FROM \"t\"";
    return sql.substr(start.size(), sql.rfind(end) - start.size());
}

/// The server's address, or nothing with a visible message.
inline std::optional<mercator::Url> server() {
    const char* uri = std::getenv("MERCATOR_TEST_POSTGRESQL");
    if (uri != nullptr && *uri != '\0') return mercator::Url::parse(uri);
    std::printf("SKIP: MERCATOR_TEST_POSTGRESQL names no server\n");
    return std::nullopt;
}

class SilentLog final : public mercator::LogSink {
public:
    void write(mercator::LogLevel, std::string_view message) override {
        messages.emplace_back(message);
    }
    std::vector<std::string> messages;
};

inline std::unique_ptr<mercator::DriverConnection> connect(const mercator::Url& url) {
    mercator::ConnectOptions options;
    options.log = std::make_shared<SilentLog>();
    return dialect().connect(url, options);
}

inline std::shared_ptr<mercator::Compiled> compiled(std::string sql,
                                                    std::vector<mercator::SqlType> binds = {}) {
    auto made = std::make_shared<mercator::Compiled>();
    made->sql = std::move(sql);
    for (const auto& type : binds) made->binds.push_back({type, 0});
    return made;
}

/// Runs a statement and gives all its rows.
inline std::vector<std::vector<mercator::Value>> rows_of(mercator::DriverConnection& connection,
                                                         const std::string& sql,
                                                         std::vector<mercator::SqlType> types = {},
                                                         std::vector<mercator::Value> values = {}) {
    const auto statement = connection.prepare(compiled(sql, std::move(types)));
    statement->execute(values);
    std::vector<std::vector<mercator::Value>> rows;
    for (std::vector<mercator::Value> row; statement->fetch(row);) rows.push_back(row);
    statement->reset();
    return rows;
}

inline mercator::Value value_of(mercator::DriverConnection& connection, const std::string& sql) {
    return rows_of(connection, sql).at(0).at(0);
}

template <class Action>
mercator::DatabaseErrorInfo failure_of(Action action) {
    try {
        action();
    } catch (const mercator::DatabaseError& error) {
        return error.info();
    }
    FAIL("nothing was thrown");
    return {};
}

} // namespace postgresql_test
