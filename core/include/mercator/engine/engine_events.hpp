// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/dialect/inspector.hpp>
#include <mercator/engine/event.hpp>
#include <mercator/support/code_place.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/listener.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {

class Connection;
class Engine;

enum class EngineEvent : std::uint8_t {
    BeforeExecute,
    Failure,
    Transaction,
    Connect,
    Checkout,
    Checkin,
    Reset,
    Invalidate,
    ColumnReflect
};

/// A statement that is about to be sent; listeners may change its text and its parameters, whose
/// number and order belong to the text. What changes its columns breaks who reads them. Parameters
/// of sensitive columns are there as they are: do not log them (`compiled->binds` says which).
struct StatementDraft {
    Connection& connection;
    std::string sql;
    std::vector<Value> parameters;      ///< empty for batches of objects and for scripts
    std::size_t rows = 1;               ///< rows of a batch
    const Compiled* compiled = nullptr; ///< as it was; nullptr for scripts
};

/// A statement, a COMMIT or an attempt to connect that failed.
class MERCATOR_API EngineFailure {
public:
    EngineFailure(const DatabaseError& failed, std::string_view text, Connection* link) noexcept :
        error(failed),
        sql(text),
        connection(link),
        is_disconnect(failed.connection_lost()) {}

    const DatabaseError& error;
    std::string_view sql;   ///< empty for COMMIT and its kin
    Connection* connection; ///< nullptr when there is none yet; it is busy, do not use it
    /// Set it where the error means that the link is gone although the dialect does not know that:
    /// the connection is discarded, and the error becomes a DisconnectError. A link that is known
    /// to be lost stays so.
    bool is_disconnect;
    /// After a disconnect, links that were opened before are replaced when they are next used.
    bool invalidates_pool = true;

    /// Is thrown instead.
    template <class Exception>
    void replace_by(Exception exception) {
        replacement_ = std::make_exception_ptr(std::move(exception));
    }
    [[nodiscard]] const std::exception_ptr& replacement() const noexcept { return replacement_; }

private:
    std::exception_ptr replacement_;
};

/// BEGIN, COMMIT and their kin, after they ran.
struct TransactionEvent {
    TransactionCommand command;
    std::string_view savepoint;
    std::chrono::nanoseconds duration{};
    bool failed = false;
};

/// Why a link was closed instead of being kept.
struct Invalidation {
    bool lost = false; ///< by the server, the file or the wire; else given up, or not to be reset
};

/// Events of an engine: what `engine.on()` gives. Listeners stay as long as the engine unless the
/// Subscription says otherwise, and are called on whatever thread does what they listen to.
/// Register them before the engine is used by several threads.
class MERCATOR_API EngineEvents {
public:
    using OfConnection = std::function<void(Connection&)>;

    EngineEvents(Engine& engine, std::shared_ptr<ListenerRegistry> registry) noexcept;
    ~EngineEvents();

    /// Before a statement is sent. What is thrown leaves it unsent.
    Subscription before_execute(std::function<void(StatementDraft&)> listener,
                                CodePlace place = CodePlace::here()) const;
    // After it: `Engine::on_statement`, with the time that it took.

    /// A failure: see EngineFailure. Of several listeners each sees what those before it decided.
    Subscription handle_error(std::function<void(EngineFailure&)> listener,
                              CodePlace place = CodePlace::here()) const;
    /// After BEGIN, COMMIT, ROLLBACK and savepoints. What is thrown is logged and dropped.
    Subscription transaction(std::function<void(const TransactionEvent&)> listener,
                             CodePlace place = CodePlace::here()) const;

    // The pool. Where one of these throws, the connection is closed instead of being kept.

    /// A new link, before anybody else sees it: for settings of the session. As
    /// EngineOptions::on_connect, which comes first.
    Subscription connect(OfConnection listener, CodePlace place = CodePlace::here()) const;
    /// It is about to be handed out. What is thrown goes to who asked for it; after a
    /// DisconnectError another one is tried, twice at most.
    Subscription checkout(OfConnection listener, CodePlace place = CodePlace::here()) const;
    /// It was given back, and is not reset yet.
    Subscription checkin(OfConnection listener, CodePlace place = CodePlace::here()) const;
    /// It is as new, and about to be kept.
    Subscription reset(OfConnection listener, CodePlace place = CodePlace::here()) const;
    /// A link is closed because it is of no use any more.
    Subscription invalidate(std::function<void(const Invalidation&)> listener,
                            CodePlace place = CodePlace::here()) const;

    /// A column was read from the database by `inspect`, and may be changed: its type, its name.
    Subscription column_reflect(std::function<void(const TableName&, ReflectedColumn&)> listener,
                                CodePlace place = CodePlace::here()) const;

private:
    Subscription add(EngineEvent event, CodePlace place, std::function<void(void*)> call) const;

    Engine& engine_;
    std::shared_ptr<ListenerRegistry> registry_;
};

} // namespace mercator
