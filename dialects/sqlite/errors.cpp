// SPDX-License-Identifier: MIT
#include "errors.hpp"

#include "constraint_name.hpp"

#include <string>

namespace mercator::sqlite {
namespace {

ErrorCode classify_constraint(int extended_code) noexcept {
    switch (extended_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ErrorCode::UniqueViolation;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return ErrorCode::ForeignKeyViolation;
    case SQLITE_CONSTRAINT_NOTNULL:
        return ErrorCode::NotNullViolation;
    case SQLITE_CONSTRAINT_CHECK:
        return ErrorCode::CheckViolation;
    case SQLITE_CONSTRAINT_DATATYPE:
        return ErrorCode::Data;
    default:
        return ErrorCode::Integrity;
    }
}

/// "orders.number" -> table and column; of several columns only the table is told.
void take_column(DatabaseErrorInfo& info, std::string_view list) {
    const std::string_view first = list.substr(0, list.find(", "));
    const std::size_t dot = first.find('.');
    if (dot == std::string_view::npos) return;
    info.table = first.substr(0, dot);
    if (first.size() == list.size()) info.column = first.substr(dot + 1);
}

void take_names(DatabaseErrorInfo& info, sqlite3* database) {
    static constexpr std::string_view mark = " constraint failed: ";
    const std::string_view message = info.message;
    const std::size_t at = message.find(mark);
    if (at == std::string_view::npos) return;
    std::string_view subject = message.substr(at + mark.size());
    static constexpr std::string_view index = "index '";
    switch (info.code) {
    case ErrorCode::UniqueViolation:
        if (subject.substr(0, index.size()) == index) {
            info.constraint = subject.substr(index.size(), subject.size() - index.size() - 1);
            return;
        }
        take_column(info, subject);
        info.constraint = constraint_name(database, subject);
        if (info.constraint.empty()) info.constraint = subject;
        return;
    case ErrorCode::NotNullViolation:
        take_column(info, subject);
        return;
    case ErrorCode::CheckViolation:
        info.constraint = subject;
        return;
    default:
        return;
    }
}

bool loses_connection(int result_code) noexcept {
    switch (result_code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_IOERR:
        return true;
    default:
        return false;
    }
}

} // namespace

ErrorCode classify(int extended_code) noexcept {
    if (extended_code == SQLITE_BUSY_SNAPSHOT) return ErrorCode::Serialization;
    if (extended_code == SQLITE_LOCKED)
        return ErrorCode::Operational; // held by a statement of this very connection
    switch (extended_code & 0xff) {
    case SQLITE_CONSTRAINT:
        return classify_constraint(extended_code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return ErrorCode::Timeout;
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return ErrorCode::Data;
    case SQLITE_SCHEMA:
        return ErrorCode::StatementInvalidated;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
        return ErrorCode::Programming;
    case SQLITE_ABORT:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOLFS:
    case SQLITE_NOMEM:
    case SQLITE_NOTADB:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
        return ErrorCode::Operational;
    default:
        return ErrorCode::Database;
    }
}

DatabaseErrorInfo describe_error(sqlite3* database, int result_code, std::string_view statement) {
    DatabaseErrorInfo info;
    // A result code alone is short of detail when it comes from a function without the extended
    // code.
    const int extended = database != nullptr ? sqlite3_extended_errcode(database) : result_code;
    const bool same = (extended & 0xff) == (result_code & 0xff);
    info.native_code = same ? extended : result_code;
    info.code = classify(info.native_code);
    info.message =
        same && database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result_code);
    // RESTRICT and its kin are triggers inside SQLite, and this text is what tells them from a
    // trigger of the user's.
    if (info.native_code == SQLITE_CONSTRAINT_TRIGGER &&
        info.message == "FOREIGN KEY constraint failed")
        info.code = ErrorCode::ForeignKeyViolation;
    info.statement = statement;
    info.connection_lost = loses_connection(info.native_code);
    take_names(info, database);
    return info;
}

} // namespace mercator::sqlite
