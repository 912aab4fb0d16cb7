// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include <mercator/dialect/inspector.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/url.hpp>

#include <fmt/core.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace mercator::test {

namespace {

Url place_under_test() {
    const char* uri = std::getenv("MERCATOR_TEST_URI");
    return Url::parse(uri == nullptr || *uri == '\0' ? "sqlite:///" : uri);
}

std::filesystem::path fresh_folder() {
    static std::atomic<int> count{0};
    auto folder = std::filesystem::temp_directory_path() /
                  fmt::format("mercator-test-{}-{}", getpid(), ++count);
    std::filesystem::create_directories(folder);
    return folder;
}

} // namespace

Backend::Backend(Config base) : config_(std::move(base)) {
    Url url = place_under_test();
    if (url.hosts.empty()) { // a file, not a server
        folder_ = fresh_folder();
        url.database = (folder_ / "test.db").string();
    }
    config_.uri = url.to_string(true);
    if (folder_.empty()) drop_everything();
    database_ = std::make_unique<Database>(config_);
}

Backend::~Backend() {
    database_.reset();
    if (folder_.empty()) {
        try {
            drop_everything();
        } catch (const Error& error) {
            fmt::print("the database could not be emptied after this case: {}\n", error.what());
        }
    } else {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
}

void Backend::drop_everything() const {
    Engine engine(config_.uri);
    Connection connection = engine.connect();
    const auto names = engine.dialect().inspector(connection.driver())->table_names();
    if (names.empty()) return;
    try {
        // Tables that refer to each other go in any order: by this where it is known, by CASCADE
        // elsewhere.
        connection.execute_script("SET FOREIGN_KEY_CHECKS = 0");
    } catch (const DatabaseError&) {
    }
    for (const auto& name : names)
        connection.execute_script("DROP TABLE " + quoted(name) + " CASCADE");
    connection.invalidate();
}

std::unique_ptr<Database> Backend::another() const {
    return std::make_unique<Database>(config_);
}

void Backend::run(std::string_view sql) {
    Connection connection = database_->engine().connect();
    Transaction transaction(connection);
    connection.execute_script(sql);
    transaction.commit();
}

ValueRows Backend::rows(std::string_view sql) {
    return database_->engine().connect().fetch_all(sql);
}

std::string Backend::quoted(std::string_view name) const {
    static const Engine engine(place_under_test());
    return engine.dialect().identifiers().quote(name);
}

namespace {

void print_line(std::string_view word, std::string_view text) {
    fmt::print("{}: {}\n", word, text);
    std::fflush(stdout);
}

} // namespace

void cannot(std::string_view feature_id, std::string_view reason) {
    print_line(fmt::format("CANNOT {}", feature_id), reason);
}

void skip(std::string_view reason) {
    print_line("SKIP", reason);
}

} // namespace mercator::test
