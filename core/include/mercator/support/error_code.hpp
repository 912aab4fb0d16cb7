// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstdint>
#include <string_view>

namespace mercator {

/// What kind of thing went wrong, independent of the database and of the text of the message.
/// Each code belongs to exactly one exception class (see `error.hpp`); `explain` has a paragraph on
/// each.
enum class ErrorCode : std::uint16_t {
    InvalidArgument, ///< a call that can never work: bad URI, bad option          -> ArgumentError
    Mapping,         ///< a model that is wrong                                    -> MappingError
    Compile,         ///< a statement that cannot be spelled                       -> CompileError
    Unsupported,  ///< a statement that this backend cannot run                 -> UnsupportedError
    Plugin,       ///< a dialect that cannot be loaded                          -> PluginError
    InvalidState, ///< a call at the wrong time                                 -> StateError
    Detached,     ///< an unloaded attribute of an object without a session     -> DetachedError
    StaleData,    ///< a row that should have been written was not there        -> StaleDataError
    NoResult,     ///< one() found nothing                                      -> NoResultFound
    MultipleResults, ///< one() found more than one row                            ->
                     ///< MultipleResultsFound
    Database,        ///< the driver reported something that fits nowhere else     -> DatabaseError
    Integrity,       ///< a constraint, not known which                            -> IntegrityError
    UniqueViolation, ///<                                                          ->
                     ///<                                                          UniqueViolation
    ForeignKeyViolation, ///<                                                       ->
                         ///<                                                       ForeignKeyViolation
    NotNullViolation, ///<                                                          ->
                      ///<                                                          NotNullViolation
    CheckViolation, ///<                                                          -> CheckViolation
    Operational,   ///< the server or the file: permission, disk, shutdown       -> OperationalError
    Disconnected,  ///< the link is gone or never came up                        -> DisconnectError
    Timeout,       ///< a lock, statement, connect or pool deadline passed       -> TimeoutError
    Deadlock,      ///< chosen as the victim of a deadlock                       -> DeadlockError
    Serialization, ///< the transaction must be repeated                         ->
                   ///< SerializationError
    Programming,   ///< missing table or column, syntax                          -> ProgrammingError
    StatementInvalidated, ///< a prepared statement no longer fits the schema       ->
                          ///< ProgrammingError
    Data,                 ///< a value that does not fit: range, NULL, encoding         -> DataError
    NPlusOne, ///< a relationship was loaded one by one                    -> NPlusOneError
    Validation, ///< values that a class does not accept                     -> ValidationError
};

/// A paragraph for people: what the code means and what to do about it. Never empty.
[[nodiscard]] MERCATOR_API std::string_view explain(ErrorCode code) noexcept;

/// The enumerator's name, as in `UniqueViolation`.
[[nodiscard]] MERCATOR_API std::string_view name(ErrorCode code) noexcept;

} // namespace mercator
