// SPDX-License-Identifier: MIT
#include <mercator/engine/connection.hpp>

#include "pooled_connection.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/engine/engine_events.hpp>
#include <mercator/support/error.hpp>

#include <algorithm>
#include <utility>

namespace mercator {
namespace {

void require_reading(std::span<const PipelineRequest> requests) {
    const auto writes = [](const PipelineRequest& request) { return request.compiled->writes; };
    if (std::none_of(requests.begin(), requests.end(), writes)) return;
    throw StateError("only statements that read can be executed together; execute one that writes "
                     "by itself");
}

/// The request whose text the error names; the first, where it names none.
std::size_t failed_one(std::span<const PipelineRequest> requests, const DatabaseError& error) {
    const auto found =
        std::find_if(requests.begin(), requests.end(), [&](const PipelineRequest& request) {
            return request.compiled->sql == error.statement();
        });
    return found == requests.end() ? 0 : static_cast<std::size_t>(found - requests.begin());
}

} // namespace

std::vector<StatementLease>
Connection::execute_together(std::span<const PipelineRequest> requests) {
    require_reading(requests);
    PooledConnection& link = usable();
    // Listeners may change each of them.
    const bool rewrites = engine_->observed() && engine_->listens_to(EngineEvent::BeforeExecute);
    if (requests.size() > 1 && !rewrites && engine_->capabilities().pipeline)
        return pipeline(link, requests);
    std::vector<StatementLease> leases;
    leases.reserve(requests.size());
    for (const auto& request : requests)
        leases.push_back(execute(request.compiled, request.values));
    return leases;
}

std::vector<StatementLease> Connection::pipeline(PooledConnection& link,
                                                 std::span<const PipelineRequest> requests) {
    const PooledConnection::Use use(link);
    const auto rounds = [&] {
        auto leases = attempt_pipeline(link, requests, false);
        if (leases.empty()) {
            link.restart_transaction();
            leases = attempt_pipeline(link, requests, true);
        }
        return leases;
    };
    if (!engine_->observed()) return rounds();
    const auto start = std::chrono::steady_clock::now();
    const auto passed = [start] { return std::chrono::steady_clock::now() - start; };
    std::vector<StatementLease> leases;
    try {
        leases = rounds();
    } catch (const DatabaseError& error) {
        const std::size_t failed = failed_one(requests, error);
        tell_pipeline(requests, failed, passed());
        engine_->raise(error, requests[failed].compiled->sql, this);
        throw;
    }
    tell_pipeline(requests, requests.size(), passed());
    return leases;
}

// One round. No lease at all means that a statement was out of date and all may run again.
std::vector<StatementLease> Connection::attempt_pipeline(PooledConnection& link,
                                                         std::span<const PipelineRequest> requests,
                                                         bool last) {
    std::vector<StatementLease> leases;
    std::vector<DriverStatement*> statements;
    std::vector<std::span<const Value>> values;
    leases.reserve(requests.size());
    try {
        for (const auto& request : requests) {
            CachedStatement& entry = link.borrow(request.compiled);
            leases.push_back(StatementLease(link, entry));
            statements.push_back(entry.native);
            values.push_back(request.values);
        }
        link.count_statement(); // once: they succeed or fail together
        link.driver().execute_together(statements, values);
    } catch (const DatabaseError& error) {
        link.note(error);
        if (error.code() != ErrorCode::StatementInvalidated) throw;
        for (auto& lease : leases) link.forget(*lease.entry_);
        if (last || !link.may_run_again(*requests.front().compiled, 1)) throw;
        leases.clear();
        return leases;
    }
    for (std::size_t i = 0; i < requests.size(); ++i) link.count_execution();
    return leases;
}

void Connection::tell_pipeline(std::span<const PipelineRequest> requests, std::size_t failed,
                               std::chrono::nanoseconds duration) {
    for (std::size_t i = 0; i < requests.size() && i <= failed; ++i) {
        StatementEvent event{requests[i].compiled->sql, requests[i].values};
        event.compiled = requests[i].compiled.get();
        event.duration = duration;
        event.failed = i == failed;
        engine_->tell(event);
    }
}

} // namespace mercator
