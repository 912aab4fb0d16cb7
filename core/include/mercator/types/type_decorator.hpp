// SPDX-License-Identifier: MIT
#pragma once

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
/// `storage` is any type that is itself mapped (see `type_of.hpp`), but not a std::optional: an
/// empty std::optional<Preferences> is NULL without `bind` being asked. The column gets the storage
/// type's SQL type, unless the specialisation has `static constexpr SqlType sql_type()`.
///
/// The conversion takes no dialect, on purpose: what is stored is the same on every database, so
/// that data can move between them, and each dialect already decides how it keeps the storage type.
/// An exception that `result` throws becomes a DataError naming the member. The specialisation must
/// be visible before the first use of the type in a model. `bind` and `result` may be called from
/// several threads at once.
template <class T>
struct TypeDecorator;

/// True for types with a TypeDecorator.
template <class T>
concept Decorated = requires(const T& value, typename TypeDecorator<T>::storage stored) {
    { TypeDecorator<T>::bind(value) } -> std::convertible_to<typename TypeDecorator<T>::storage>;
    { TypeDecorator<T>::result(static_cast<decltype(stored)&&>(stored)) } -> std::convertible_to<T>;
};

} // namespace mercator
