// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>
#include <mercator/ast/cache_key.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/plugin/loader.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace sqlite_test {

/// The dialect of this build, through the plugin door.
inline std::unique_ptr<mercator::Dialect> open_dialect() {
    static mercator::plugin::Loader loader({MERCATOR_BUILD_DIALECT_DIR});
    return std::unique_ptr<mercator::Dialect>(
        static_cast<mercator::Dialect*>(loader.create("dialect", "sqlite")));
}

/// A folder that is gone at the end of the case.
class Folder {
public:
    Folder() {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("mercator-sqlite-" + std::to_string(getpid()) + "-" + std::to_string(++count));
        std::filesystem::create_directory(path_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }

private:
    std::filesystem::path path_;
};

inline mercator::Url address(const std::string& file) {
    mercator::Url url;
    url.scheme = "sqlite";
    url.database = file;
    return url;
}

struct Link {
    std::unique_ptr<mercator::Dialect> dialect = open_dialect();
    std::unique_ptr<mercator::DriverConnection> connection;

    explicit Link(const mercator::Url& url = address("")) {
        mercator::ConnectOptions options;
        options.log = mercator::default_log_sink();
        options.busy_timeout = std::chrono::milliseconds(50);
        connection = dialect->connect(url, options);
        dialect->initialize(*connection);
    }

    std::unique_ptr<mercator::DriverStatement>
    prepare(const mercator::ast::Statement& statement) const {
        return connection->prepare(
            std::make_shared<const mercator::Compiled>(dialect->compile(statement)));
    }
    std::unique_ptr<mercator::DriverStatement>
    prepare_text(const std::string& sql, const std::vector<mercator::SqlType>& binds = {},
                 const std::vector<mercator::SqlType>& columns = {}) const {
        auto compiled = std::make_shared<mercator::Compiled>();
        compiled->sql = sql;
        for (const auto& type : binds) compiled->binds.push_back({type, 0});
        for (const auto& type : columns) compiled->columns.push_back({"c", type, true});
        return connection->prepare(compiled);
    }
    /// The first cell of a statement's result.
    mercator::Value cell(const std::string& sql, mercator::SqlType type = {}) const {
        return first(*prepare_text(sql, {}, {type}), {});
    }
    /// Runs a SELECT of a tree with the values of its binds.
    mercator::Value cell(const mercator::ast::Select& select) const {
        const auto compiled = dialect->compile(select);
        mercator::ast::CacheKey key;
        mercator::ast::append_cache_key(select, key);
        std::vector<mercator::Value> values;
        for (const auto& slot : compiled.binds) values.push_back(key.binds.at(slot.source)->value);
        return first(*connection->prepare(std::make_shared<const mercator::Compiled>(compiled)),
                     values);
    }

private:
    static mercator::Value first(mercator::DriverStatement& statement,
                                 const std::vector<mercator::Value>& values) {
        statement.execute(values);
        std::vector<mercator::Value> row;
        const bool found = statement.fetch(row);
        mercator::Value value = found ? row.at(0) : mercator::Value();
        statement.reset();
        return value;
    }
};

} // namespace sqlite_test
