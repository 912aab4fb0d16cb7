// SPDX-License-Identifier: MIT
#include "errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace mercator::mysql {
namespace {

/// What a number says beside its class.
enum class Effect : std::uint8_t { None, LinkLost, TransactionLost };

struct Entry {
    int number;
    ErrorCode code;
    Effect effect = Effect::None;
};

// Server numbers are below 2000 or above 3000, the client library's lie between. Sorted by number.
constexpr std::array entries{
    Entry{1020, ErrorCode::Serialization, Effect::TransactionLost}, // MariaDB's snapshot isolation
    Entry{1022, ErrorCode::UniqueViolation},
    Entry{1036, ErrorCode::Operational},
    Entry{1040, ErrorCode::Operational},
    Entry{1043, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1044, ErrorCode::Operational},
    Entry{1045, ErrorCode::Operational},
    Entry{1046, ErrorCode::Programming},
    Entry{1047, ErrorCode::Operational}, // Galera's "not ready" says 08S01 on a link that lives
    Entry{1048, ErrorCode::NotNullViolation},
    Entry{1049, ErrorCode::Operational},
    Entry{1050, ErrorCode::Programming},
    Entry{1051, ErrorCode::Programming},
    Entry{1052, ErrorCode::Programming},
    Entry{1053, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1054, ErrorCode::Programming},
    Entry{1062, ErrorCode::UniqueViolation},
    Entry{1064, ErrorCode::Programming},
    Entry{1079, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1080, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1093, ErrorCode::Programming},
    Entry{1114, ErrorCode::Operational},
    Entry{1129, ErrorCode::Operational},
    Entry{1130, ErrorCode::Operational},
    Entry{1136, ErrorCode::Programming},
    Entry{1142, ErrorCode::Operational},
    Entry{1143, ErrorCode::Operational},
    Entry{1146, ErrorCode::Programming},
    Entry{1152, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1153, ErrorCode::Data},
    Entry{1158, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1159, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1160, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1161, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1169, ErrorCode::UniqueViolation},
    Entry{1203, ErrorCode::Operational},
    // Only the statement is rolled back. Half a transaction must not be committed by who overlooks
    // the error, so it counts as doomed.
    Entry{1205, ErrorCode::Timeout, Effect::TransactionLost},
    Entry{1206, ErrorCode::Operational},
    Entry{1213, ErrorCode::Deadlock, Effect::TransactionLost},
    Entry{1216, ErrorCode::ForeignKeyViolation},
    Entry{1217, ErrorCode::ForeignKeyViolation},
    Entry{1226, ErrorCode::Operational},
    Entry{1227, ErrorCode::Operational},
    Entry{1235, ErrorCode::Programming},
    Entry{1243, ErrorCode::StatementInvalidated},
    Entry{1264, ErrorCode::Data},
    Entry{1265, ErrorCode::Data},
    Entry{1290, ErrorCode::Operational},
    Entry{1292, ErrorCode::Data},
    Entry{1300, ErrorCode::Data}, // bytes that are no text of the column's character set
    Entry{1305, ErrorCode::Programming},
    Entry{1317, ErrorCode::Timeout},
    Entry{1364, ErrorCode::NotNullViolation},
    Entry{1365, ErrorCode::Data},
    Entry{1366, ErrorCode::Data},
    Entry{1367, ErrorCode::Data},
    Entry{1390, ErrorCode::Programming},
    Entry{1406, ErrorCode::Data},
    Entry{1411, ErrorCode::Data},
    Entry{1412, ErrorCode::Serialization}, // the table was altered after the transaction's
                                           // snapshot: begin it anew
    Entry{1451, ErrorCode::ForeignKeyViolation},
    Entry{1452, ErrorCode::ForeignKeyViolation},
    Entry{1525, ErrorCode::Data},
    Entry{1526, ErrorCode::Data}, // no partition takes the value
    Entry{1557, ErrorCode::ForeignKeyViolation},
    Entry{1586, ErrorCode::UniqueViolation},
    Entry{1615, ErrorCode::StatementInvalidated},
    Entry{1690, ErrorCode::Data},
    Entry{1761, ErrorCode::UniqueViolation},
    Entry{1762, ErrorCode::UniqueViolation},
    Entry{1792, ErrorCode::Operational},
    Entry{1836, ErrorCode::Operational},
    Entry{1859, ErrorCode::UniqueViolation},
    Entry{1927, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{1969, ErrorCode::Timeout},
    Entry{1977, ErrorCode::Data},
    Entry{2000, ErrorCode::Operational, Effect::LinkLost},
    Entry{2001, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2002, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2003, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2004, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2005, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2006, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2012, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2013, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2014, ErrorCode::Operational, Effect::LinkLost},
    Entry{2020, ErrorCode::Data, Effect::LinkLost},
    Entry{2026, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2027, ErrorCode::Operational, Effect::LinkLost},
    Entry{2048, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2055, ErrorCode::Disconnected, Effect::LinkLost},
    Entry{2056, ErrorCode::StatementInvalidated},
    Entry{2057, ErrorCode::StatementInvalidated},
    Entry{3024, ErrorCode::Timeout},
    Entry{3140, ErrorCode::Data},
    Entry{3572, ErrorCode::Timeout},
    Entry{3819, ErrorCode::CheckViolation},
    Entry{4025, ErrorCode::CheckViolation},
    Entry{4031, ErrorCode::Disconnected, Effect::LinkLost},
};
static_assert(std::ranges::is_sorted(entries, {}, &Entry::number));

Entry by_sqlstate(std::string_view state, int number) {
    if (number == 0) {
        // Without number and state the connector reports a protocol that is out of step.
        const bool lost = state.empty() || state == "00000";
        return {0, ErrorCode::Operational, lost ? Effect::LinkLost : Effect::None};
    }
    const std::string_view family = state.substr(0, 2);
    if (family == "08") return {number, ErrorCode::Disconnected, Effect::LinkLost};
    if (family == "22") return {number, ErrorCode::Data};
    if (family == "23") return {number, ErrorCode::Integrity};
    if (family == "40") return {number, ErrorCode::Serialization, Effect::TransactionLost};
    if (family == "42") return {number, ErrorCode::Programming};
    return {number, ErrorCode::Database};
}

Entry classify(int number, std::string_view state) {
    const auto* found = std::ranges::lower_bound(entries, number, {}, &Entry::number);
    if (found != entries.end() && found->number == number) return *found;
    return by_sqlstate(state, number);
}

/// Number `index` of the texts between two `quote` characters, or nothing.
std::string_view quoted(std::string_view text, char quote, int index) {
    for (;; --index) {
        const auto open = text.find(quote);
        if (open == std::string_view::npos) return {};
        const auto close = text.find(quote, open + 1);
        if (close == std::string_view::npos) return {};
        if (index == 0) return text.substr(open + 1, close - open - 1);
        text.remove_prefix(close + 1);
    }
}

/// The key's name stands last in the message, whatever quotes the value before it holds.
std::string_view last_quoted(std::string_view text) {
    const auto close = text.rfind('\'');
    if (close == std::string_view::npos || close == 0) return {};
    static constexpr std::string_view mark = " for key '"; // then quotes within the name do no harm
    if (const auto at = text.rfind(mark);
        at != std::string_view::npos && at + mark.size() <= close) {
        return text.substr(at + mark.size(), close - at - mark.size());
    }
    const auto open = text.rfind('\'', close - 1);
    return open == std::string_view::npos ? std::string_view{}
                                          : text.substr(open + 1, close - open - 1);
}

/// The table that a statement writes. The compiler quotes every name; whoever writes SQL by hand
/// and does not is told no table.
std::string written_table(std::string_view statement) {
    for (const std::string_view start : {"INSERT INTO ", "UPDATE "}) {
        if (!statement.starts_with(start)) continue;
        std::string_view rest = statement.substr(start.size());
        // Rows to update stand in front of the table.
        constexpr std::string_view join = " STRAIGHT_JOIN ";
        if (rest.starts_with('(')) rest.remove_prefix(std::min(rest.find(join), rest.size()));
        if (rest.starts_with(join)) rest.remove_prefix(join.size());
        return rest.starts_with('`') ? std::string(quoted(rest, '`', 0)) : std::string();
    }
    return {};
}

void describe_unique(DatabaseErrorInfo& info, std::string_view text) {
    std::string_view key = last_quoted(text);
    if (const auto dot = key.find('.'); dot != std::string_view::npos) { // MySQL 8: table.key
        info.table = key.substr(0, dot);
        key.remove_prefix(dot + 1);
    }
    if (info.table.empty()) info.table = written_table(info.statement);
    info.constraint = key;
    info.message = fmt::format("a row with the same value exists already (key \"{}\")", key);
}

void describe_foreign_key(DatabaseErrorInfo& info, std::string_view text) {
    info.table = quoted(text, '`', 1);
    const auto at = text.find("CONSTRAINT `");
    if (at != std::string_view::npos) info.constraint = quoted(text.substr(at), '`', 0);
    info.message =
        info.native_code == 1451 || info.native_code == 1217
            ? fmt::format("the row is still referred to (foreign key \"{}\")", info.constraint)
            : fmt::format("the row that is referred to does not exist (foreign key \"{}\")",
                          info.constraint);
}

void describe_check(DatabaseErrorInfo& info, std::string_view text) {
    info.constraint = info.native_code == 4025 ? quoted(text, '`', 0) : quoted(text, '\'', 0);
    if (info.native_code == 4025) info.table = quoted(text, '`', 2);
    info.message = fmt::format("the check \"{}\" does not hold", info.constraint);
}

void describe_not_null(DatabaseErrorInfo& info, std::string_view text) {
    info.table = written_table(info.statement);
    info.column = quoted(text, '\'', 0);
    info.message = fmt::format("column \"{}\" must have a value", info.column);
}

void describe_data(DatabaseErrorInfo& info, std::string_view text) {
    switch (info.native_code) {
    case 1153:
    case 2020:
        info.message =
            "a value is larger than the server's max_allowed_packet; raise it or store less";
        return;
    case 1264:
    case 1265:
    case 1406: // these messages name the column and no value
        info.column = quoted(text, '\'', 0);
        info.message = text;
        return;
    case 1365:
        info.message = "division by zero";
        return;
    case 1366: {
        const auto at = text.rfind("for column ");
        if (at != std::string_view::npos) info.column = quoted(text.substr(at), '`', 2);
        break;
    }
    default:
        break;
    }
    info.message = info.column.empty()
                       ? "a value does not fit its column or operator"
                       : fmt::format("a value does not fit column \"{}\"", info.column);
}

void describe_text(DatabaseErrorInfo& info, std::string_view text) {
    switch (info.code) {
    case ErrorCode::UniqueViolation:
        return describe_unique(info, text);
    case ErrorCode::ForeignKeyViolation:
        return describe_foreign_key(info, text);
    case ErrorCode::CheckViolation:
        return describe_check(info, text);
    case ErrorCode::NotNullViolation:
        return describe_not_null(info, text);
    case ErrorCode::Data:
        return describe_data(info, text);
    case ErrorCode::Integrity:
        info.message = "a constraint refused the data";
        return;
    default:
        break;
    }
    info.message = text.empty() ? std::string("the client library lost step with the server")
                                : std::string(text);
}

} // namespace

DatabaseErrorInfo describe(const NativeError& error, std::string_view statement) {
    const Entry entry = classify(error.number, error.sqlstate);
    DatabaseErrorInfo info;
    info.code = entry.code;
    info.native_code = error.number;
    info.sqlstate = error.sqlstate;
    info.statement = statement;
    info.connection_lost = entry.effect == Effect::LinkLost;
    info.transaction_aborted = entry.effect != Effect::None;
    describe_text(info, error.text);
    return info;
}

} // namespace mercator::mysql
