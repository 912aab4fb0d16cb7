// SPDX-License-Identifier: MIT
#include <mercator/engine/engine_events.hpp>

#include "pooled_connection.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/engine/pool.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

namespace {

constexpr std::uint8_t number(EngineEvent event) noexcept {
    return static_cast<std::uint8_t>(event);
}
constexpr std::uint32_t bit(EngineEvent event) noexcept {
    return std::uint32_t{1} << number(event);
}

struct ReflectCall {
    const TableName& table;
    ReflectedColumn& column;
};

} // namespace

// Registering
// ---------------------------------------------------------------------------------------------------------

EngineEvents::EngineEvents(Engine& engine, std::shared_ptr<ListenerRegistry> registry) noexcept :
    engine_(engine),
    registry_(std::move(registry)) {}
EngineEvents::~EngineEvents() = default;

Subscription EngineEvents::add(EngineEvent event, CodePlace place,
                               std::function<void(void*)> call) const {
    ListenerEntry entry;
    entry.kind = number(event);
    entry.place = place;
    entry.call = std::move(call);
    auto subscription = registry_->add(std::move(entry));
    engine_.observed_ = true;
    return subscription;
}

Subscription EngineEvents::before_execute(std::function<void(StatementDraft&)> listener,
                                          CodePlace place) const {
    return add(EngineEvent::BeforeExecute, place, [listener = std::move(listener)](void* call) {
        listener(*static_cast<StatementDraft*>(call));
    });
}
Subscription EngineEvents::handle_error(std::function<void(EngineFailure&)> listener,
                                        CodePlace place) const {
    return add(EngineEvent::Failure, place, [listener = std::move(listener)](void* call) {
        listener(*static_cast<EngineFailure*>(call));
    });
}
Subscription EngineEvents::transaction(std::function<void(const TransactionEvent&)> listener,
                                       CodePlace place) const {
    return add(EngineEvent::Transaction, place, [listener = std::move(listener)](void* call) {
        listener(*static_cast<const TransactionEvent*>(call));
    });
}

namespace {

std::function<void(void*)> with_connection(EngineEvents::OfConnection listener) {
    return
        [listener = std::move(listener)](void* call) { listener(*static_cast<Connection*>(call)); };
}

} // namespace

Subscription EngineEvents::connect(OfConnection listener, CodePlace place) const {
    return add(EngineEvent::Connect, place, with_connection(std::move(listener)));
}
Subscription EngineEvents::checkout(OfConnection listener, CodePlace place) const {
    return add(EngineEvent::Checkout, place, with_connection(std::move(listener)));
}
Subscription EngineEvents::checkin(OfConnection listener, CodePlace place) const {
    return add(EngineEvent::Checkin, place, with_connection(std::move(listener)));
}
Subscription EngineEvents::reset(OfConnection listener, CodePlace place) const {
    return add(EngineEvent::Reset, place, with_connection(std::move(listener)));
}
Subscription EngineEvents::invalidate(std::function<void(const Invalidation&)> listener,
                                      CodePlace place) const {
    return add(EngineEvent::Invalidate, place, [listener = std::move(listener)](void* call) {
        listener(*static_cast<const Invalidation*>(call));
    });
}
Subscription
EngineEvents::column_reflect(std::function<void(const TableName&, ReflectedColumn&)> listener,
                             CodePlace place) const {
    return add(EngineEvent::ColumnReflect, place, [listener = std::move(listener)](void* call) {
        const auto& now = *static_cast<const ReflectCall*>(call);
        listener(now.table, now.column);
    });
}

// Telling
// ------------------------------------------------------------------------------------------------------------

EngineEvents Engine::on() {
    return {*this, events_};
}

bool Engine::listens_to(EngineEvent event) const noexcept {
    return events_->any_of(bit(event));
}

void Engine::tell(EngineEvent event, void* call) const {
    events_->tell(number(event), call);
}

void Engine::tell_quietly(EngineEvent event, void* call) const noexcept {
    try {
        tell(event, call);
    } catch (const std::exception& error) {
        warn_of_listener(error.what());
    } catch (...) {
        warn_of_listener("something that is no std::exception");
    }
}

/// What is told of has happened all the same.
void Engine::warn_of_listener(const char* words) const noexcept {
    try {
        log_->write(LogLevel::Warning,
                    fmt::format("a listener threw after the event, which is dropped: {}", words));
    } catch (...) { // a warning is not worth a failure
    }
}

void Engine::tell_reflected(const TableName& table, std::vector<ReflectedColumn>& columns) const {
    if (!listens_to(EngineEvent::ColumnReflect)) return;
    for (auto& column : columns) {
        ReflectCall call{table, column};
        tell(EngineEvent::ColumnReflect, &call);
    }
}

void Engine::raise(const DatabaseError& error, std::string_view sql, Connection* connection) const {
    if (!listens_to(EngineEvent::Failure)) return;
    EngineFailure failure(error, sql, connection);
    tell(EngineEvent::Failure, &failure);
    const bool is_lost = failure.is_disconnect && !error.connection_lost();
    if (is_lost && connection != nullptr) connection->give_up(failure.invalidates_pool);
    if (failure.replacement()) std::rethrow_exception(failure.replacement());
    if (!is_lost) return;
    DatabaseErrorInfo info = error.info();
    info.code = ErrorCode::Disconnected;
    info.connection_lost = true;
    throw_database_error(std::move(info));
}

Connection Engine::connect_observed(CodePlace where) {
    constexpr int tries = 3;
    for (int left = tries;;) {
        --left;
        try {
            Connection connection(*this, pool_->take(where));
            try {
                if (listens_to(EngineEvent::Checkout)) tell(EngineEvent::Checkout, &connection);
            } catch (...) {
                connection.invalidate();
                throw;
            }
            return connection;
        } catch (const DisconnectError& error) {
            if (left == 0 || !listens_to(EngineEvent::Checkout)) {
                raise(error, {}, nullptr);
                throw;
            }
        } catch (const DatabaseError& error) {
            raise(error, {}, nullptr);
            throw;
        }
    }
}

void Connection::give_up(bool is_lost) noexcept {
    if (link_ == nullptr) return;
    if (is_lost) {
        link_->mark_lost();
    } else {
        link_->mark_broken();
    }
}

} // namespace mercator
