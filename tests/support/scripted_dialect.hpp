// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::testing {

/// What a database without a database does: notes every call of the driver and lets the test fail
/// or delay it. Shared by the test and all links; thread-safe once `on_call` is set.
class Script {
public:
    /// Called with "connect", "prepare orders", "execute orders", "commit" … on the calling thread;
    /// what it throws is what the driver throws.
    std::function<void(const std::string& call)> on_call;
    bool commit_failure_keeps_transaction = false;
    bool cacheable = true;
    bool shares_database = true;
    std::atomic<bool> session_changed{false}; ///< as the links say

    std::atomic<int> open_links{0};
    std::atomic<int> most_open_links{0};
    std::atomic<int> live_statements{0};
    std::atomic<int> most_live_statements{0};

    void call(const std::string& what);
    [[nodiscard]] std::vector<std::string> calls() const;
    [[nodiscard]] std::size_t count(std::string_view what) const;
    void clear();

private:
    mutable std::mutex mutex_;
    std::vector<std::string> calls_;
};

/// Compiles `scripted_select("orders", 7)` to the text "orders ?" and answers with one row: the
/// values it was given.
[[nodiscard]] std::unique_ptr<Dialect> make_scripted_dialect(std::shared_ptr<Script> script);

/// An engine over a scripted dialect.
[[nodiscard]] std::unique_ptr<Engine> make_scripted_engine(const std::shared_ptr<Script>& script,
                                                           EngineOptions options = {});

[[nodiscard]] ast::SelectPtr scripted_select(const std::string& table, Value value = Value(1));

/// Throws the class of the code, as a driver does.
[[noreturn]] void scripted_error(ErrorCode code, bool connection_lost = false,
                                 bool transaction_aborted = false);

/// A sink that keeps what is written.
class RecordingSink final : public LogSink {
public:
    void write(LogLevel level, std::string_view message) override;
    [[nodiscard]] std::vector<std::string> lines() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

} // namespace mercator::testing
