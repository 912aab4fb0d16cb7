// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/types/type_of.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// What may stand beside an expression, and as what it is bound: the types that SQL can compare,
/// and plain values as nodes of a statement.
namespace mercator {

template <class V>
class Expr;

/// The type without its std::optional.
template <class V>
struct ValueOf {
    using type = V;
    static constexpr bool optional = false;
};
template <class V>
struct ValueOf<std::optional<V>> {
    using type = V;
    static constexpr bool optional = true;
};
template <class V>
struct ValueOf<Deferred<V>> : ValueOf<V> {};
template <class V>
struct ValueOf<Attribute<V>> : ValueOf<V> {};
template <class V>
using value_of_t = typename ValueOf<std::remove_cvref_t<V>>::type;

template <class E>
concept Expression = requires(const E& e) {
    typename E::value_type;
    { e.node() } -> std::convertible_to<const ast::ExpressionPtr&>;
};

/// The C++ type that an operand stands for: the value type of an expression, the type itself of a
/// plain value.
template <class E>
struct OperandType {
    using type = std::conditional_t<std::convertible_to<E, std::string_view>, std::string,
                                    std::remove_cvref_t<E>>;
};
template <Expression E>
struct OperandType<E> {
    using type = typename E::value_type;
};
template <class E>
using operand_t = value_of_t<typename OperandType<std::remove_cvref_t<E>>::type>;

template <class T>
concept Number = (std::is_arithmetic_v<T> && !std::same_as<T, bool>) || std::same_as<T, Decimal>;
template <class T>
concept TimeOfDay = std::same_as<T, Time> || std::same_as<T, Time::Parts>;
template <class T>
concept NullLike =
    std::same_as<T, Null> || std::same_as<T, std::nullopt_t> || std::same_as<T, std::nullptr_t>;

/// How values of another type are compared with a column of type V; without it, only values of V
/// are. Specialise it with a function that makes a V of them, or a Value as V is stored:
///
///     template <> struct mercator::CompareRule<Money, int> {
///         static Money convert(int euros) { return Money{euros * 100}; }
///     };
template <class V, class Other>
struct CompareRule {};
template <class V, class Other>
concept ComparedByRule = requires(const Other& other) {
    CompareRule<V, Other>::convert(other);
};

/// May values of these two types be compared in SQL? Equal types, numbers among each other (a
/// Decimal never with a binary floating-point number), durations of any units, anything with NULL,
/// and what a CompareRule says.
// clang-format off
template <class A, class B>
concept Comparable =
    std::same_as<A, B> || NullLike<A> || NullLike<B> || std::same_as<A, Value> || std::same_as<B, Value> ||
    (StorableDuration<A> && StorableDuration<B>) || (TimeOfDay<A> && TimeOfDay<B>) ||
    (Number<A> && Number<B> && !(std::same_as<A, Decimal> && std::floating_point<B>) &&
     !(std::floating_point<A> && std::same_as<B, Decimal>)) ||
    ComparedByRule<A, B> || ComparedByRule<B, A>;
// clang-format on

/// Text, and decorated types that say that they are stored as such.
template <class V>
concept TextLike = std::same_as<V, std::string> || requires {
    TypeDecorator<V>::text_operators;
};

/// Anything that can be iterated over: std::ranges::input_range without <ranges>, which every file
/// of a user would pay for.
template <class R>
concept IterableValues = requires(const R& range) {
    { std::begin(range) } -> std::input_iterator;
    std::end(range);
};

/// A plain value of any mappable type as a Value; an empty optional as NULL.
template <class T>
[[nodiscard]] Value to_value(const T& value) {
    if constexpr (std::same_as<T, Value>) {
        return value;
    } else if constexpr (ValueOf<T>::optional) {
        return value ? to_value(*value) : Value();
    } else if constexpr (is_id<T>) {
        return Value(value.value);
    } else if constexpr (TypeOf<T>::kind == FieldKind::Codec) {
        return Conversion<T>::to_value(value);
    } else {
        return Value(value);
    }
}

/// A value whose conversion asks for the database: it is made when the statement runs.
template <class T>
[[nodiscard]] ast::ExpressionPtr deferred_node(const T& value) {
    return ast::deferred_bind(
        std::make_shared<T>(value),
        [](const void* object, const DialectInfo& dialect) {
            return Conversion<T>::to_value(*static_cast<const T*>(object), dialect);
        },
        TypeOf<T>::sql_type());
}

/// A plain value as a bind, as its own type says.
template <class T>
[[nodiscard]] ast::ExpressionPtr value_node(const T& value) {
    if constexpr (ValueOf<T>::optional) {
        return value ? value_node(*value) : ast::bind(Value(null));
    } else if constexpr (converts_by_dialect<T>()) {
        return deferred_node(value);
    } else {
        return ast::bind(to_value(value)); // its SQL type comes from the other side
    }
}

/// A plain value as a bind, an expression as its node.
template <class E>
[[nodiscard]] ast::ExpressionPtr operand_node(const E& operand) {
    if constexpr (Expression<E>) {
        return operand.node();
    } else if constexpr (NullLike<std::remove_cvref_t<E>>) {
        return ast::bind(Value(null));
    } else if constexpr (std::convertible_to<const E&, std::string_view>) {
        return ast::bind(Value(std::string_view(operand)));
    } else {
        return value_node(operand);
    }
}

/// The same beside something of type V, whose CompareRule may say what the value is.
template <class V, class E>
[[nodiscard]] ast::ExpressionPtr operand_beside(const E& operand) {
    using Other = operand_t<E>;
    if constexpr (!Expression<E> && ComparedByRule<V, Other>) {
        if constexpr (ValueOf<E>::optional) {
            return operand ? value_node(CompareRule<V, Other>::convert(*operand))
                           : ast::bind(Value(null));
        } else {
            return value_node(CompareRule<V, Other>::convert(Other(operand)));
        }
    } else {
        return operand_node(operand);
    }
}

} // namespace mercator
