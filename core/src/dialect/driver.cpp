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

} // namespace abi1
} // namespace mercator
