// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/dialect_info.hpp>

#include <concepts>

namespace mercator {

/// How a type of yours is stored: specialise it, and members of the type become columns.
///
///     template <> struct mercator::TypeDecorator<Preferences> {     // JSON text in, JSON text out
///         using storage = std::string;
///         static storage     bind(const Preferences&);
///         static Preferences result(storage);
///     };
///
/// `storage` is any type that is itself mapped (see `type_of.hpp`), another decorated one as well.
/// The column gets the storage type's SQL type, unless the specialisation has
/// `static constexpr SqlType sql_type()`.
///
/// NULL passes by: an empty std::optional<Preferences> is NULL without `bind` being asked. Where
/// `storage` is a std::optional, the conversions see NULL too: `bind` may return an empty one, and
/// `result` is given one.
///
/// What is stored should be the same on every database, so that data can move between them, and
/// each dialect decides how it keeps the storage type. A conversion that must know the database
/// takes a DialectInfo as its last argument: `bind(const Preferences&, const DialectInfo&)`. It is
/// called with none (`if (!dialect)`) where values are only compared or shown.
///
/// More that a specialisation may say, each by a static constexpr member:
///     std::string_view read_sql  = "ST_AsText({})";       // around the column in a SELECT
///     std::string_view write_sql = "ST_GeomFromText({})"; // around every value that is sent
///     std::string_view native_name = "geometry";          // see native_type()
///     bool cacheable = false;  // compile statements with such values anew each time
///     bool text_operators = true; // stored as text: like(), startswith() and their kin make sense
///
/// A change is found by comparing what `bind` makes of the member with what it made when the object
/// was loaded or written. So a member that is changed in place is seen without being told, at any
/// depth. Where one value has several stored forms, say which are equal, and no UPDATE is sent for
/// another form of the same: `static bool equal(const Preferences&, const Preferences&)`.
///
/// An exception that `bind` or `result` throws becomes a DataError naming the member. The specialisation must
/// be visible before the first use of the type in a model. `bind` and `result` may be called from
/// several threads at once.
template <class T>
struct TypeDecorator;

/// Does the conversion ask which database it is?
template <class T>
concept BindsByDialect = requires(const T& value, const DialectInfo& dialect) {
    { TypeDecorator<T>::bind(value, dialect) } ->
        std::convertible_to<typename TypeDecorator<T>::storage>;
};
template <class T>
concept ReadsByDialect =
    requires(typename TypeDecorator<T>::storage stored, const DialectInfo& dialect) {
        { TypeDecorator<T>::result(static_cast<decltype(stored)&&>(stored), dialect) } ->
            std::convertible_to<T>;
    };
template <class T>
concept BindsPlainly = requires(const T& value) {
    { TypeDecorator<T>::bind(value) } -> std::convertible_to<typename TypeDecorator<T>::storage>;
};
template <class T>
concept ReadsPlainly = requires(typename TypeDecorator<T>::storage stored) {
    { TypeDecorator<T>::result(static_cast<decltype(stored)&&>(stored)) } -> std::convertible_to<T>;
};

/// True for types with a TypeDecorator.
template <class T>
concept Decorated = (BindsPlainly<T> || BindsByDialect<T>) && (ReadsPlainly<T> || ReadsByDialect<T>);

/// The SQL type of a C++ type in all models, where a column says no other: specialise it with
/// `static constexpr SqlType value = Numeric(12, 2);`. Visible before the first use in a model.
template <class T>
struct SqlTypeOf {};

} // namespace mercator
