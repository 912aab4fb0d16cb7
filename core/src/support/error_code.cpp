// SPDX-License-Identifier: MIT
#include <mercator/support/error_code.hpp>

namespace mercator {

std::string_view explain(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::InvalidArgument:
        return "The call can never work, whatever the database holds: an address that cannot "
               "be "
               "read, an option that does not exist, a limit that makes no sense. Nothing was "
               "sent to a database. Correct the argument that the message names.";
    case ErrorCode::Mapping:
        return "A model is wrong: a member without an SQL type, a relationship without a "
               "foreign "
               "key, a class without a primary key. Models are checked once, before the first "
               "statement. The message names the struct and the member and says what would "
               "make "
               "it right.";
    case ErrorCode::Compile:
        return "The statement cannot be turned into SQL: it uses a column of a table that it "
               "does "
               "not select from, or combines parts that do not belong together. The message "
               "names the column and the tables present; add a join, or take the column of the "
               "table that is there.";
    case ErrorCode::Unsupported:
        return "The statement is right, but this database has no way to run it. Look at the "
               "capabilities of the dialect, write the query in another way for this database, "
               "or use one that has the feature.";
    case ErrorCode::Plugin:
        return "No dialect could be loaded for the scheme of the address. The message lists "
               "every "
               "file that was tried and why it was refused. Install the dialect's package, set "
               "MERCATOR_DIALECT_PATH to the folder that holds it, or rebuild it with the same "
               "version of Mercator as the program.";
    case ErrorCode::InvalidState:
        return "The call came at the wrong time: a session or connection was used after it was "
               "closed, inside a transaction that has already failed, or with an object that "
               "belongs to another session. Roll back or open a new session first, and keep "
               "each session in one thread.";
    case ErrorCode::Detached:
        return "Something not yet loaded was touched on an object whose session has ended, so "
               "it "
               "can no longer be fetched. Load it beforehand, for instance with a loading "
               "option "
               "of the query, or use the object while its session lives.";
    case ErrorCode::NPlusOne:
        return "The objects of one result had the same relationship loaded one by one, a statement "
               "for each, and the session's settings forbid that. Add the loading option that the "
               "message names to the query, or map the relationship with Lazy::batch.";
    case ErrorCode::Validation:
        return "An object holds, or was to be given, values that its class does not accept: a "
               "validator refused them, or input from outside names members that may not be set or "
               "values of the wrong type. Nothing was sent. fields() lists each of them with the "
               "reason; correct the values and repeat the call, the session goes on.";
    case ErrorCode::StaleData:
        return "An update or delete of an object matched no row: another transaction changed "
               "or "
               "removed it after it was read. Roll back, read the object again, decide whether "
               "the change still makes sense, and repeat it.";
    case ErrorCode::NoResult:
        return "The query had to return exactly one row and returned none. If that is an "
               "ordinary "
               "outcome, ask with one_or_none() or first() and handle the empty answer.";
    case ErrorCode::MultipleResults:
        return "The query had to return at most one row and returned more. Narrow its "
               "condition, "
               "or take first() with an order that says which row is meant. A unique "
               "constraint "
               "may be missing.";
    case ErrorCode::Database:
        return "The driver reported a failure that fits no other category. sqlstate() and "
               "native_code() hold the database's own numbers; its manual explains them.";
    case ErrorCode::Integrity:
        return "A constraint of the schema refused the data, and the database did not tell "
               "which "
               "kind of constraint. The transaction has to be rolled back, in whole or to a "
               "savepoint, before the session goes on.";
    case ErrorCode::UniqueViolation:
        return "A row with the same value already exists in a column, or group of columns, "
               "that "
               "must be unique. constraint() names it where the database tells. Look the "
               "existing row up, or choose another value; checking first without a lock does "
               "not help, because another transaction can be faster.";
    case ErrorCode::ForeignKeyViolation:
        return "A row refers to another that does not exist, or a row that others still refer "
               "to "
               "was to be deleted. Add the missing parent first, or delete or detach the "
               "children; a cascade on the relationship or on the foreign key does it "
               "automatically.";
    case ErrorCode::NotNullViolation:
        return "A column that must have a value got NULL. Give the member a value before the "
               "flush, give the column a default, or declare the member std::optional and the "
               "column nullable.";
    case ErrorCode::CheckViolation:
        return "A CHECK constraint of the table refused the row. constraint() names it where "
               "the "
               "database tells; compare its condition with the values of the object.";
    case ErrorCode::Operational:
        return "The server, the file or the system failed, not the statement: no permission, a "
               "full disk, a server that shuts down, too many connections. Repair the cause; "
               "the "
               "same statement may work afterwards.";
    case ErrorCode::Disconnected:
        return "The link to the database is gone or never came up. Whether the last "
               "transaction "
               "was committed is not known if the link broke during the commit. Check host, "
               "port "
               "and network; the pool replaces the broken connection, so a repeated unit of "
               "work "
               "runs on a new one.";
    case ErrorCode::Timeout:
        return "A deadline passed: waiting for a lock, for a statement to finish, for a "
               "connection to open or for the pool to have one free. Repeat the unit of work, "
               "raise the limit, or find out who holds the lock or the connections.";
    case ErrorCode::Deadlock:
        return "Two transactions waited for each other and the database ended this one. Repeat "
               "the whole unit of work from its start. Deadlocks become rare when all "
               "transactions touch the same tables and rows in the same order.";
    case ErrorCode::Serialization:
        return "The transaction could not be put in order with others that ran at the same "
               "time. "
               "This is normal at strict isolation levels: repeat the whole unit of work from "
               "its start, including everything it has read.";
    case ErrorCode::Programming:
        return "The statement does not fit the database: a table or column is missing, or "
               "the syntax is refused. Compare the model "
               "with the schema; a migration may not have been run.";
    case ErrorCode::StatementInvalidated:
        return "A prepared statement no longer fits the schema, because a table was changed "
               "after "
               "it was prepared. Repeat the unit of work; the statement is prepared anew.";
    case ErrorCode::Data:
        return "A value does not fit: a number out of range, text that is too long, a day that "
               "does not exist, NULL for a member that cannot be empty, or a stored value of "
               "another type than the member's. where() names the column or member. Nothing is "
               "ever cut or rounded silently.";
    }
    return "An unknown code: the text of the error itself says what happened. It was probably made "
           "by a newer dialect; bring the program and its dialects to the same version.";
}

std::string_view name(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::InvalidArgument:
        return "InvalidArgument";
    case ErrorCode::Mapping:
        return "Mapping";
    case ErrorCode::Compile:
        return "Compile";
    case ErrorCode::Unsupported:
        return "Unsupported";
    case ErrorCode::Plugin:
        return "Plugin";
    case ErrorCode::InvalidState:
        return "InvalidState";
    case ErrorCode::Detached:
        return "Detached";
    case ErrorCode::NPlusOne:
        return "NPlusOne";
    case ErrorCode::Validation:
        return "Validation";
    case ErrorCode::StaleData:
        return "StaleData";
    case ErrorCode::NoResult:
        return "NoResult";
    case ErrorCode::MultipleResults:
        return "MultipleResults";
    case ErrorCode::Database:
        return "Database";
    case ErrorCode::Integrity:
        return "Integrity";
    case ErrorCode::UniqueViolation:
        return "UniqueViolation";
    case ErrorCode::ForeignKeyViolation:
        return "ForeignKeyViolation";
    case ErrorCode::NotNullViolation:
        return "NotNullViolation";
    case ErrorCode::CheckViolation:
        return "CheckViolation";
    case ErrorCode::Operational:
        return "Operational";
    case ErrorCode::Disconnected:
        return "Disconnected";
    case ErrorCode::Timeout:
        return "Timeout";
    case ErrorCode::Deadlock:
        return "Deadlock";
    case ErrorCode::Serialization:
        return "Serialization";
    case ErrorCode::Programming:
        return "Programming";
    case ErrorCode::StatementInvalidated:
        return "StatementInvalidated";
    case ErrorCode::Data:
        return "Data";
    }
    return "Unknown";
}

} // namespace mercator
