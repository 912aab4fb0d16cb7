// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace mercator {

/// More or fewer statements were sent than expected; the message lists them.
class MERCATOR_API StatementCountError : public StateError {
public:
    explicit StatementCountError(const std::string& message);
    StatementCountError(const StatementCountError&) = default;
    StatementCountError& operator=(const StatementCountError&) = default;
    ~StatementCountError() override;
};

/// What holds an `engine()`, as a Database does.
template <class T>
concept HasEngine = requires(T& holder) {
    { holder.engine() } -> std::same_as<Engine&>;
};

/// For tests: watches over the statements that an engine sends in a scope. A batch of rows is one
/// statement; BEGIN, COMMIT and the like do not count.
///
///     ExpectStatements expected(db.engine(), 2);
///     for (const auto& user : session.query<User>().all()) show(user->posts);
///     expected.check(); // or at the end of the scope
///
/// Statements of all sessions of the engine count, so use it where no other thread works.
class MERCATOR_API ExpectStatements {
public:
    ExpectStatements(Engine& engine, std::size_t count);
    ExpectStatements(const ExpectStatements&) = delete;
    ExpectStatements& operator=(const ExpectStatements&) = delete;
    /// Checks, unless that was done or an exception is under way.
    ~ExpectStatements() noexcept(false);
    /// Ends the watch. Throws StatementCountError, with the text of each statement, if another
    /// number was sent.
    void check();

private:
    struct Record;
    Engine& engine_;
    std::size_t count_;
    std::shared_ptr<Record> record_;
    std::uint64_t listener_; ///< 0 once it was checked
    int exceptions_ = std::uncaught_exceptions();
};

/// The same for a piece of work: `expect_statements(db, 2, [&] { show_page(session); });`. Returns
/// what it returns.
template <std::invocable Work>
decltype(auto) expect_statements(Engine& engine, std::size_t count, Work&& work) {
    ExpectStatements expected(engine, count);
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
        std::forward<Work>(work)();
        expected.check();
    } else {
        decltype(auto) result = std::forward<Work>(work)();
        expected.check();
        return result;
    }
}
template <HasEngine Holder, std::invocable Work>
decltype(auto) expect_statements(Holder& holder, std::size_t count, Work&& work) {
    return expect_statements(holder.engine(), count, std::forward<Work>(work));
}

} // namespace mercator
