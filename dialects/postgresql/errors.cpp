// SPDX-License-Identifier: MIT
#include "errors.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace mercator::postgresql {
namespace {

using Row = std::pair<std::string_view, ErrorCode>;

constexpr std::array exact{
    Row{"23505", ErrorCode::UniqueViolation},
    Row{"23503", ErrorCode::ForeignKeyViolation},
    Row{"23001", ErrorCode::ForeignKeyViolation}, // RESTRICT
    Row{"23502", ErrorCode::NotNullViolation},
    Row{"23514", ErrorCode::CheckViolation},
    Row{"44000", ErrorCode::CheckViolation}, // WITH CHECK OPTION
    Row{"40P01", ErrorCode::Deadlock},
    Row{"42501", ErrorCode::Operational},  // no permission
    Row{"57014", ErrorCode::Timeout},      // statement_timeout or a cancel request
    Row{"55P03", ErrorCode::Timeout},      // lock_timeout or NOWAIT
    Row{"25P03", ErrorCode::Disconnected}, // idle in transaction for too long
    Row{"26000", ErrorCode::StatementInvalidated},
    Row{"57P01", ErrorCode::Disconnected},
    Row{"57P02", ErrorCode::Disconnected},
    Row{"57P03", ErrorCode::Disconnected},
    Row{"57P04", ErrorCode::Disconnected},
    Row{"57P05", ErrorCode::Disconnected},
};

constexpr std::array by_class{
    Row{"08", ErrorCode::Disconnected}, Row{"0A", ErrorCode::Programming},
    Row{"21", ErrorCode::Programming},  Row{"22", ErrorCode::Data},
    Row{"23", ErrorCode::Integrity},    Row{"25", ErrorCode::Operational},
    Row{"28", ErrorCode::Operational},  Row{"3D", ErrorCode::Operational},
    Row{"3F", ErrorCode::Programming},  Row{"40", ErrorCode::Serialization},
    Row{"42", ErrorCode::Programming},  Row{"53", ErrorCode::Operational},
    Row{"54", ErrorCode::Operational},  Row{"55", ErrorCode::Operational},
    Row{"57", ErrorCode::Operational},  Row{"58", ErrorCode::Operational},
    Row{"XX", ErrorCode::Operational},
};

std::string field(const PGresult* result, int which) {
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, which);
    return text == nullptr ? std::string{} : std::string(text);
}

/// Conversion errors quote the text that could not be converted; that is the user's data. A server
/// that speaks another language quotes with other signs.
std::string without_values(std::string message, std::string_view sqlstate) {
    if (!sqlstate.starts_with("22")) return message;
    const auto first = message.find('"');
    const auto last = message.rfind('"');
    if (first != std::string::npos && last > first + 1)
        message.replace(first + 1, last - first - 1, "...");
    const auto is_foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    if (std::any_of(message.begin(), message.end(), is_foreign))
        return "a value does not fit its column or operator";
    return message;
}

DatabaseErrorInfo lost_link(std::string_view statement) {
    DatabaseErrorInfo info;
    info.code = ErrorCode::Disconnected;
    info.message = "the connection to the server was lost while a command was under way";
    info.statement = statement;
    info.connection_lost = true;
    info.transaction_aborted = true;
    return info;
}

/// "cached plan must not change result type" shares its SQLSTATE with everything unsupported; where
/// it was raised tells.
bool is_stale_plan(const PGresult* result, std::string_view sqlstate) {
    return sqlstate == "0A000" && field(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
}

} // namespace

ErrorCode code_of(std::string_view sqlstate) noexcept {
    for (const auto& [state, code] : exact)
        if (state == sqlstate) return code;
    for (const auto& [start, code] : by_class)
        if (sqlstate.starts_with(start)) return code;
    return ErrorCode::Database;
}

DatabaseErrorInfo describe_failure(const PGconn* connection, const PGresult* result,
                                   std::string_view statement) {
    const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
    if (sqlstate.empty()) return lost_link(statement);
    DatabaseErrorInfo info;
    info.sqlstate = sqlstate;
    info.code =
        is_stale_plan(result, sqlstate) ? ErrorCode::StatementInvalidated : code_of(sqlstate);
    info.message = without_values(field(result, PG_DIAG_MESSAGE_PRIMARY), sqlstate);
    info.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    info.table = field(result, PG_DIAG_TABLE_NAME);
    info.column = field(result, PG_DIAG_COLUMN_NAME);
    info.statement = statement;
    const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    info.connection_lost = severity == "FATAL" || severity == "PANIC" ||
                           info.code == ErrorCode::Disconnected ||
                           PQstatus(connection) == CONNECTION_BAD;
    const auto transaction = PQtransactionStatus(connection);
    info.transaction_aborted = info.connection_lost || transaction == PQTRANS_INERROR;
    return info;
}

std::string sqlstate_in(std::string_view verbose_message) {
    // "FATAL:  28P01: password authentication failed": the severity is translated, the mark ":  "
    // and the state are not.
    constexpr std::string_view mark = ":  ";
    constexpr std::size_t state_length = 5;
    for (auto at = verbose_message.rfind(mark); at != std::string_view::npos && at != 0;
         at = verbose_message.rfind(mark, at - 1)) {
        const auto state = verbose_message.substr(at + mark.size(), state_length);
        const auto after = at + mark.size() + state_length;
        const bool ended = after == verbose_message.size() || verbose_message[after] == ':' ||
                           verbose_message[after] == '\n';
        const bool spelled = std::all_of(state.begin(), state.end(), [](unsigned char c) {
            return std::isdigit(c) != 0 || (std::isupper(c) != 0 && c < 128);
        });
        if (state.size() == state_length && ended && spelled) return std::string(state);
    }
    return {};
}

} // namespace mercator::postgresql
