// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error_code.hpp>
#include <mercator/support/export.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// Root of everything that Mercator throws. `what()` says what happened, where, and what to do;
/// `code()` is for programs. `where()` names the thing it is about ("User.email", "orders", a
/// file), or is empty; `id()` names the kind for people and stays the same for ever: docs/errors.md
/// has a section of that name on each. Values of the user's data and passwords never appear in any
/// of them. Objects are immutable and may be passed between threads.
class MERCATOR_API Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message, std::string where = {});
    Error(const Error&) = default;
    Error& operator=(const Error&) = default;
    ~Error() override;

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] std::string_view id() const noexcept { return name(code_); }
    [[nodiscard]] const std::string& where() const noexcept { return where_; }

private:
    ErrorCode code_;
    std::string where_;
};

#define MERCATOR_ERROR_CLASS(Name, Base, Code)                                                     \
    class MERCATOR_API Name : public Base {                                                        \
    public:                                                                                        \
        explicit Name(const std::string& message, std::string where = {}) :                        \
            Name(ErrorCode::Code, message, std::move(where)) {}                                    \
        Name(const Name&) = default;                                                               \
        Name& operator=(const Name&) = default;                                                    \
        ~Name() override;                                                                          \
                                                                                                   \
    protected:                                                                                     \
        Name(ErrorCode code, const std::string& message, std::string where) :                      \
            Base(code, message, std::move(where)) {}                                               \
    }

/// A call that can never work: a malformed URI, an unknown option, an impossible limit.
MERCATOR_ERROR_CLASS(ArgumentError, Error, InvalidArgument);
/// A model that is wrong. Thrown when mappers are configured, before any SQL; names the struct, the
/// member and the way out.
MERCATOR_ERROR_CLASS(MappingError, Error, Mapping);
/// A statement that cannot be turned into SQL; names the column and the tables present.
MERCATOR_ERROR_CLASS(CompileError, Error, Compile);
/// A statement that this backend cannot run, although another could.
MERCATOR_ERROR_CLASS(UnsupportedError, CompileError, Unsupported);
/// A dialect that cannot be loaded; lists every path tried.
MERCATOR_ERROR_CLASS(PluginError, Error, Plugin);
/// A call at the wrong time: a session used after close, an object that belongs to another session.
MERCATOR_ERROR_CLASS(StateError, Error, InvalidState);
/// Something not yet loaded was touched on an object whose session has ended.
MERCATOR_ERROR_CLASS(DetachedError, StateError, Detached);
/// A relationship was loaded one by one for the objects of one result, and the session's settings
/// forbid that (`NPlusOne::raise`).
MERCATOR_ERROR_CLASS(NPlusOneError, StateError, NPlusOne);
/// An UPDATE or DELETE of an object matched no row: somebody else changed or removed it.
MERCATOR_ERROR_CLASS(StaleDataError, StateError, StaleData);
/// `one()` or `scalar_one()` found no row.
MERCATOR_ERROR_CLASS(NoResultFound, Error, NoResult);
/// `one()` or `one_or_none()` found more than one row.
MERCATOR_ERROR_CLASS(MultipleResultsFound, Error, MultipleResults);
#undef MERCATOR_ERROR_CLASS

/// One value that was refused, and why.
struct InvalidField {
    std::string path;   ///< "User.email"; of input "address.street", as the input calls it
    std::string reason; ///< for people
};

/// Values that a class does not accept: a validator refused them, or input from outside does not
/// fit. Nothing was sent. A validator throws it with its reason alone (or any other
/// std::exception); class and member are filled in for it.
class MERCATOR_API ValidationError : public Error {
public:
    explicit ValidationError(const std::string& reason);
    /// All that is wrong at once. `where()` is the first one's path.
    ValidationError(std::string class_name, std::vector<InvalidField> fields);
    ValidationError(const ValidationError&) = default;
    ValidationError& operator=(const ValidationError&) = default;
    ~ValidationError() override;

    /// Of the object; empty as long as a validator has said no more than its reason.
    [[nodiscard]] const std::string& class_name() const noexcept { return class_name_; }
    [[nodiscard]] const std::vector<InvalidField>& fields() const noexcept { return fields_; }

private:
    std::string class_name_;
    std::vector<InvalidField> fields_;
};

/// What a driver knows about a failure. Plain data, filled by `dialects/<v>/errors.cpp`; getters of
/// `DatabaseError` return it.
struct DatabaseErrorInfo {
    ErrorCode code = ErrorCode::Database;
    std::string message;  ///< the server's primary message, without details that repeat row values
    std::string sqlstate; ///< five characters, or empty
    int native_code = 0;  ///< the vendor's number, or 0
    std::string constraint; ///< name of the violated constraint, when the server tells
    std::string table;      ///< table concerned, when the server tells
    std::string column;     ///< column concerned, when the server tells
    std::vector<std::string>
        columns;                  ///< of the violated constraint, as far as server or model tell
    std::string statement;        ///< SQL text with placeholders, never values
    bool connection_lost = false; ///< the connection cannot be used any more
    bool transaction_aborted = false; ///< the database has ended or doomed the transaction
};

/// Root of all failures that a database, a file or a link reported.
class MERCATOR_API DatabaseError : public Error {
public:
    explicit DatabaseError(DatabaseErrorInfo info);
    DatabaseError(const DatabaseError&) = default;
    DatabaseError& operator=(const DatabaseError&) = default;
    ~DatabaseError() override;

    [[nodiscard]] const std::string& sqlstate() const noexcept { return info_.sqlstate; }
    [[nodiscard]] int native_code() const noexcept { return info_.native_code; }
    [[nodiscard]] const std::string& statement() const noexcept { return info_.statement; }
    [[nodiscard]] const std::string& constraint() const noexcept { return info_.constraint; }
    [[nodiscard]] const std::string& table() const noexcept { return info_.table; }
    [[nodiscard]] const std::string& column() const noexcept { return info_.column; }
    /// Columns of the violated constraint. Objects that are flushed know them from their table;
    /// statements by hand only what the server tells.
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return info_.columns; }
    [[nodiscard]] bool connection_lost() const noexcept { return info_.connection_lost; }
    [[nodiscard]] bool transaction_aborted() const noexcept { return info_.transaction_aborted; }
    [[nodiscard]] const DatabaseErrorInfo& info() const noexcept { return info_; }

private:
    DatabaseErrorInfo info_;
};

#define MERCATOR_DATABASE_ERROR_CLASS(Name, Base)                                                  \
    class MERCATOR_API Name : public Base {                                                        \
    public:                                                                                        \
        using Base::Base;                                                                          \
        Name(const Name&) = default;                                                               \
        Name& operator=(const Name&) = default;                                                    \
        ~Name() override;                                                                          \
    }

/// A constraint of the schema refused the data.
MERCATOR_DATABASE_ERROR_CLASS(IntegrityError, DatabaseError);
MERCATOR_DATABASE_ERROR_CLASS(UniqueViolation, IntegrityError);
MERCATOR_DATABASE_ERROR_CLASS(ForeignKeyViolation, IntegrityError);
MERCATOR_DATABASE_ERROR_CLASS(NotNullViolation, IntegrityError);
MERCATOR_DATABASE_ERROR_CLASS(CheckViolation, IntegrityError);
/// The server, the file or the link, not the statement.
MERCATOR_DATABASE_ERROR_CLASS(OperationalError, DatabaseError);
MERCATOR_DATABASE_ERROR_CLASS(DisconnectError, OperationalError);
MERCATOR_DATABASE_ERROR_CLASS(TimeoutError, OperationalError);
MERCATOR_DATABASE_ERROR_CLASS(DeadlockError, OperationalError);
MERCATOR_DATABASE_ERROR_CLASS(SerializationError, OperationalError);
/// The statement does not fit the schema: missing table or column, syntax.
MERCATOR_DATABASE_ERROR_CLASS(ProgrammingError, DatabaseError);
/// A value does not fit its column, or a column's value does not fit the member it is read into.
MERCATOR_DATABASE_ERROR_CLASS(DataError, DatabaseError);
#undef MERCATOR_DATABASE_ERROR_CLASS

/// Throws the class that belongs to `info.code`. Drivers use this and nothing else, so that a code
/// never changes its class.
[[noreturn]] MERCATOR_API void throw_database_error(DatabaseErrorInfo info);

/// A value that cannot be stored or read: `where` names the column or member, as "User.email".
[[noreturn]] MERCATOR_API void throw_data_error(std::string message, std::string where);

} // namespace mercator
