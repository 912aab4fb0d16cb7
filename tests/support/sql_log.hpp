// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/engine.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::test {

/// One statement as it was sent.
struct LoggedStatement {
    std::string sql;
    std::size_t rows = 1;          ///< rows of a batch
    std::vector<Value> parameters; ///< empty for batches
    bool failed = false;
};

/// Writes down what an engine sends from now on, so that a test can count and read statements.
/// Transaction control is left out. May die before the engine; any thread.
class SqlLog {
public:
    explicit SqlLog(Engine& engine);

    void clear();
    [[nodiscard]] std::vector<LoggedStatement> statements() const;
    [[nodiscard]] std::size_t count() const { return statements().size(); }
    /// How many statements begin with this word: count("INSERT").
    [[nodiscard]] std::size_t count(std::string_view first_word) const;
    /// Rows that statements beginning with this word were sent for, batches counted in full.
    [[nodiscard]] std::size_t rows(std::string_view first_word) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view first_word = {}) const;
    /// All texts, one per line: for the message of an assertion.
    [[nodiscard]] std::string dump() const;

private:
    struct Record {
        std::mutex mutex;
        std::vector<LoggedStatement> statements;
    };
    std::shared_ptr<Record> record_;
};

} // namespace mercator::test
