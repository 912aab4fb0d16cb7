// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>
#include <mercator/plugin/loader.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mysql_test {

/// The dialect as an application gets it: through the door.
inline std::unique_ptr<mercator::Dialect> load_dialect() {
    mercator::plugin::Loader loader({MERCATOR_BUILD_DIALECT_DIR},
                                    mercator::plugin::StandardFolders::Ignore);
    return std::unique_ptr<mercator::Dialect>(
        static_cast<mercator::Dialect*>(loader.create("dialect", "mariadb")));
}

/// A dialect that has met the test server, and a link to it.
struct Server {
    std::unique_ptr<mercator::Dialect> dialect = load_dialect();
    mercator::Url url;
    std::unique_ptr<mercator::DriverConnection> link;

    explicit Server(const std::string& uri, std::string driver) : url(mercator::Url::parse(uri)) {
        url.driver = std::move(driver);
        link = connect();
        dialect->initialize(*link);
    }

    [[nodiscard]] std::unique_ptr<mercator::DriverConnection> connect() const {
        mercator::ConnectOptions options;
        options.log = mercator::default_log_sink();
        return dialect->connect(url, options);
    }

    using Rows = std::vector<std::vector<mercator::Value>>;

    static Rows run(mercator::DriverConnection& connection, std::string_view sql,
                    const std::vector<mercator::Value>& values = {}) {
        auto compiled = std::make_shared<mercator::Compiled>();
        compiled->sql = sql;
        compiled->binds.resize(values.size());
        const auto statement = connection.prepare(std::move(compiled));
        statement->execute(values);
        Rows rows;
        for (std::vector<mercator::Value> row; statement->fetch(row);) rows.push_back(row);
        statement->reset();
        return rows;
    }
    Rows run(std::string_view sql, const std::vector<mercator::Value>& values = {}) {
        return run(*link, sql, values);
    }

    [[nodiscard]] std::unique_ptr<mercator::DriverStatement>
    prepare(const mercator::ast::Statement& statement) {
        return link->prepare(
            std::make_shared<const mercator::Compiled>(dialect->compile(statement)));
    }
};

/// What `server` takes: every case runs once for each product and driver.
struct MariaDbByConnector {
    static constexpr const char* variable = "MERCATOR_TEST_MARIADB";
    static constexpr const char* driver = "connectorcpp";
};
struct MariaDbByC {
    static constexpr const char* variable = "MERCATOR_TEST_MARIADB";
    static constexpr const char* driver = "c";
};
struct MySqlByConnector {
    static constexpr const char* variable = "MERCATOR_TEST_MYSQL";
    static constexpr const char* driver = "connectorcpp";
};
struct MySqlByC {
    static constexpr const char* variable = "MERCATOR_TEST_MYSQL";
    static constexpr const char* driver = "c";
};

/// The case cannot run here: for the test run's list of skips.
inline void skip_without(const char* variable) {
    std::printf("SKIP: %s names no server\n", variable);
}

/// The server of the test run, through a driver; nothing, and the case is skipped, when there is
/// none.
template <class Link>
std::optional<Server> server() {
    const char* uri = std::getenv(Link::variable);
    if (uri == nullptr) {
        skip_without(Link::variable);
        return std::nullopt;
    }
    return std::make_optional<Server>(uri, Link::driver);
}

/// Throws away what `action` throws if it is of class E, and returns it.
template <class E, class Action>
E caught(Action action) {
    try {
        action();
    } catch (const E& error) {
        return error;
    }
    FAIL("nothing was thrown");
    throw std::logic_error("unreachable");
}

inline std::shared_ptr<const mercator::ast::TableRef> table(std::string name) {
    return std::make_shared<const mercator::ast::TableRef>(
        mercator::ast::TableRef{{}, std::move(name), {}});
}

} // namespace mysql_test

/// For TEST_CASE_TEMPLATE.
#define MYSQL_DRIVERS                                                                              \
    mysql_test::MariaDbByConnector, mysql_test::MariaDbByC, mysql_test::MySqlByConnector,          \
        mysql_test::MySqlByC
