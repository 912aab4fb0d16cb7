// SPDX-License-Identifier: MIT
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>

namespace mercator {
namespace {

// A statement of a large batch would bury the message; statement() still has all of it.
constexpr std::size_t longest_shown_statement = 2000;

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Looks for whole words: the column "id" is not named by "invalid".
bool mentions(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const auto end = at + word.size();
        const bool starts = at == 0 || !is_word_character(text[at - 1]);
        if (starts && (end == text.size() || !is_word_character(text[end]))) return true;
    }
    return false;
}

std::string with_place(const std::string& message, const std::string& where) {
    if (where.empty() || mentions(message, where)) return message;
    return where + ": " + message;
}

std::string place_of(const DatabaseErrorInfo& info) {
    if (!info.table.empty() && !info.column.empty()) return info.table + "." + info.column;
    if (!info.column.empty()) return info.column;
    if (!info.constraint.empty()) return info.constraint;
    return info.table;
}

void append_codes(std::string& text, const DatabaseErrorInfo& info) {
    if (info.sqlstate.empty() && info.native_code == 0) return;
    auto out = std::back_inserter(text);
    fmt::format_to(out, " [{}", name(info.code));
    if (!info.sqlstate.empty()) fmt::format_to(out, ", SQLSTATE {}", info.sqlstate);
    if (info.native_code != 0) fmt::format_to(out, ", native code {}", info.native_code);
    text += ']';
}

void append_statement(std::string& text, const std::string& statement) {
    if (statement.empty()) return;
    text += "\n  in: ";
    text.append(statement, 0, longest_shown_statement);
    if (statement.size() > longest_shown_statement) text += " ...";
}

std::string text_of(const DatabaseErrorInfo& info) {
    std::string text = info.message;
    if (text.empty()) text = "the database reported a failure without a message";
    append_codes(text, info);
    append_statement(text, info.statement);
    return text;
}

} // namespace

namespace {

std::string text_of(const std::vector<InvalidField>& fields) {
    std::string text;
    for (const auto& field : fields)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", field.path, field.reason);
    return text + " (nothing was sent)";
}

std::string first_path(const std::vector<InvalidField>& fields) {
    return fields.empty() ? std::string() : fields.front().path;
}

} // namespace

ValidationError::ValidationError(const std::string& reason) :
    Error(ErrorCode::Validation, reason),
    fields_{{{}, reason}} {}
ValidationError::ValidationError(std::string class_name, std::vector<InvalidField> fields) :
    Error(ErrorCode::Validation, text_of(fields), first_path(fields)),
    class_name_(std::move(class_name)),
    fields_(std::move(fields)) {}
ValidationError::~ValidationError() = default;

Error::Error(ErrorCode code, const std::string& message, std::string where) :
    std::runtime_error(with_place(message, where)),
    code_(code),
    where_(std::move(where)) {}
Error::~Error() = default;

DatabaseError::DatabaseError(DatabaseErrorInfo info) :
    Error(info.code, text_of(info), place_of(info)),
    info_(std::move(info)) {
    if (info_.columns.empty() && !info_.column.empty()) info_.columns = {info_.column};
}
DatabaseError::~DatabaseError() = default;

// Destructors live here so that each class has one vtable and one type information in the process.
ArgumentError::~ArgumentError() = default;
MappingError::~MappingError() = default;
CompileError::~CompileError() = default;
UnsupportedError::~UnsupportedError() = default;
PluginError::~PluginError() = default;
StateError::~StateError() = default;
DetachedError::~DetachedError() = default;
NPlusOneError::~NPlusOneError() = default;
StaleDataError::~StaleDataError() = default;
NoResultFound::~NoResultFound() = default;
MultipleResultsFound::~MultipleResultsFound() = default;
IntegrityError::~IntegrityError() = default;
UniqueViolation::~UniqueViolation() = default;
ForeignKeyViolation::~ForeignKeyViolation() = default;
NotNullViolation::~NotNullViolation() = default;
CheckViolation::~CheckViolation() = default;
OperationalError::~OperationalError() = default;
DisconnectError::~DisconnectError() = default;
TimeoutError::~TimeoutError() = default;
DeadlockError::~DeadlockError() = default;
SerializationError::~SerializationError() = default;
ProgrammingError::~ProgrammingError() = default;
DataError::~DataError() = default;

void throw_database_error(DatabaseErrorInfo info) {
    switch (info.code) {
    case ErrorCode::InvalidArgument:
        throw ArgumentError(info.message, place_of(info));
    case ErrorCode::Mapping:
        throw MappingError(info.message, place_of(info));
    case ErrorCode::Compile:
        throw CompileError(info.message, place_of(info));
    case ErrorCode::Unsupported:
        throw UnsupportedError(info.message, place_of(info));
    case ErrorCode::Plugin:
        throw PluginError(info.message, place_of(info));
    case ErrorCode::InvalidState:
        throw StateError(info.message, place_of(info));
    case ErrorCode::Detached:
        throw DetachedError(info.message, place_of(info));
    case ErrorCode::NPlusOne:
        throw NPlusOneError(info.message, place_of(info));
    case ErrorCode::Validation:
        throw ValidationError(info.message);
    case ErrorCode::StaleData:
        throw StaleDataError(info.message, place_of(info));
    case ErrorCode::NoResult:
        throw NoResultFound(info.message, place_of(info));
    case ErrorCode::MultipleResults:
        throw MultipleResultsFound(info.message, place_of(info));
    case ErrorCode::Database:
        break;
    case ErrorCode::Integrity:
        throw IntegrityError(std::move(info));
    case ErrorCode::UniqueViolation:
        throw UniqueViolation(std::move(info));
    case ErrorCode::ForeignKeyViolation:
        throw ForeignKeyViolation(std::move(info));
    case ErrorCode::NotNullViolation:
        throw NotNullViolation(std::move(info));
    case ErrorCode::CheckViolation:
        throw CheckViolation(std::move(info));
    case ErrorCode::Operational:
        throw OperationalError(std::move(info));
    case ErrorCode::Disconnected:
        throw DisconnectError(std::move(info));
    case ErrorCode::Timeout:
        throw TimeoutError(std::move(info));
    case ErrorCode::Deadlock:
        throw DeadlockError(std::move(info));
    case ErrorCode::Serialization:
        throw SerializationError(std::move(info));
    case ErrorCode::Programming:
    case ErrorCode::StatementInvalidated:
        throw ProgrammingError(std::move(info));
    case ErrorCode::Data:
        throw DataError(std::move(info));
    }
    throw DatabaseError(std::move(info));
}

void throw_data_error(std::string message, std::string where) {
    DatabaseErrorInfo info;
    info.code = ErrorCode::Data;
    info.message = std::move(message);
    const auto dot = where.rfind('.');
    if (dot == std::string::npos) {
        info.column = std::move(where);
    } else {
        info.table = where.substr(0, dot);
        info.column = where.substr(dot + 1);
    }
    throw DataError(std::move(info));
}

} // namespace mercator
