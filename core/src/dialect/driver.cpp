// SPDX-License-Identifier: MIT
#include <mercator/dialect/driver.hpp>

#include <mercator/support/error.hpp>

namespace mercator {
inline namespace abi1 {

DriverStatement::~DriverStatement() = default;
DriverConnection::~DriverConnection() = default;

std::vector<std::string> DriverStatement::column_names() const {
    return {};
}

void DriverConnection::execute_together(std::span<DriverStatement* const> /*statements*/,
                                        std::span<const std::span<const Value>> /*values*/) {
    throw StateError("this driver has no pipelines; see Capabilities::pipeline");
}

bool DriverConnection::session_changed() const noexcept {
    return false;
}

void DriverConnection::accept_session() noexcept {}

std::string_view words_of(TransactionCommand command) noexcept {
    switch (command) {
    case TransactionCommand::Begin:
        return "BEGIN";
    case TransactionCommand::Commit:
        return "COMMIT";
    case TransactionCommand::Rollback:
        return "ROLLBACK";
    case TransactionCommand::Savepoint:
        return "SAVEPOINT";
    case TransactionCommand::RollbackToSavepoint:
        return "ROLLBACK TO SAVEPOINT";
    case TransactionCommand::ReleaseSavepoint:
        return "RELEASE SAVEPOINT";
    }
    return {};
}

std::string_view words_of(Isolation isolation) noexcept {
    switch (isolation) {
    case Isolation::ReadUncommitted:
        return "READ UNCOMMITTED";
    case Isolation::ReadCommitted:
        return "READ COMMITTED";
    case Isolation::RepeatableRead:
        return "REPEATABLE READ";
    case Isolation::Serializable:
        return "SERIALIZABLE";
    case Isolation::Default:
        break;
    }
    return {};
}

void DriverConnection::begin_isolated(TransactionMode /*mode*/, Isolation isolation) {
    throw UnsupportedError(
        "this driver cannot begin a transaction of an isolation level of its own: " +
        std::string(words_of(isolation)));
}

} // namespace abi1
} // namespace mercator
