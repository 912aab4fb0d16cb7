// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/session/session.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// The other engines of a session, on which classes with a `bind_key` live, and its connections to
/// them. Each is in a transaction from its first statement on, with the savepoints that the
/// session has.
class SessionBinds {
public:
    explicit SessionBinds(std::vector<EngineBind> binds);

    struct Bind {
        std::string key;
        Engine* engine;
        std::optional<Connection> connection;
    };
    [[nodiscard]] bool empty() const noexcept { return binds_.empty(); }
    /// nullptr for the session's own engine. StateError for a key that the session does not know.
    [[nodiscard]] Bind* of(const Table& table);
    /// CompileError when the statement reads tables of several engines.
    [[nodiscard]] Bind* of(const ast::Select& select);
    /// Of the table that an UPDATE, DELETE or INSERT writes.
    [[nodiscard]] Bind* of(const ast::Statement& statement);
    [[nodiscard]] Connection& connection(Bind& bind, TransactionMode mode,
                                         const SessionOptions& options,
                                         const std::vector<std::string>& savepoints);

    void savepoint(std::string_view name);
    void release_savepoint(std::string_view name);
    void rollback_to_savepoint(std::string_view name);
    /// One after the other, in their order. Returns the one that failed, with its error; those
    /// after it are not committed.
    struct Failure {
        const Bind* bind;
        std::string reason;
    };
    [[nodiscard]] std::optional<Failure> commit();
    /// Does a class with this key lie where `failed`, or one after it, is?
    [[nodiscard]] bool is_lost(const Bind& failed, const Table& table) const noexcept;
    void rollback() noexcept;
    void end() noexcept;

private:
    std::vector<Bind> binds_;
};

} // namespace mercator
