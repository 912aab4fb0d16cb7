// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <memory>
#include <span>

namespace mercator {

/// What a loader needs of a session: somewhere to run a statement, and the graph that objects go
/// to. `Session` implements it, so loading never includes the session. Belongs to the session's
/// thread.
class MERCATOR_API LoadContext : public GraphClient {
public:
    /// Throws StateError when the session is closed.
    [[nodiscard]] virtual Engine& engine() = 0;
    [[nodiscard]] virtual const std::shared_ptr<Graph>& graph() = 0;
    /// Compiles and runs on the session's own connection, in its transaction, which begins if it
    /// has not.
    [[nodiscard]] virtual StatementLease run(const ast::Select& select) = 0;
    [[nodiscard]] virtual StatementLease run(const std::shared_ptr<const Compiled>& compiled,
                                             std::span<const Value> values) = 0;
    /// Runs an UPDATE or DELETE by condition; returns the number of rows it met.
    virtual std::uint64_t write(const ast::Statement& statement) = 0;
    /// Called before a query of the user (not before lazy loads): flushes what the query could
    /// miss.
    virtual void autoflush(const ast::Select& select) = 0;
    /// The session's running transaction: objects read in an older one are refreshed when their row
    /// is read again.
    [[nodiscard]] virtual std::uint32_t transaction_number() const = 0;
    /// The SELECT by primary key of a class, compiled, kept for the session's life.
    [[nodiscard]] virtual const std::shared_ptr<const Compiled>&
    compiled_by_key(const Mapper& mapper) = 0;
};

} // namespace mercator
