// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/expression.hpp>

#include <string>
#include <string_view>
#include <vector>

/// SQL's functions, portable ones by name and type, all others through `call`.
namespace mercator::func {

/// May the operand be NULL, as far as its tree tells?
template <class E>
[[nodiscard]] bool is_nullable(const E& operand) {
    if constexpr (Expression<E>) {
        return operand.node()->nullable;
    } else {
        return ValueOf<E>::optional;
    }
}

[[nodiscard]] inline Expr<std::int64_t> count() {
    return Expr<std::int64_t>(ast::function(ast::FunctionId::CountStar, {}, BigInteger(), false));
}
template <Expression E>
[[nodiscard]] Expr<std::int64_t> count(const E& e) {
    return Expr<std::int64_t>(
        ast::function(ast::FunctionId::Count, {e.node()}, BigInteger(), false));
}
template <Expression E>
[[nodiscard]] Expr<std::int64_t> count_distinct(const E& e) {
    return Expr<std::int64_t>(
        ast::function(ast::FunctionId::Count, {e.node()}, BigInteger(), false, true));
}

/// Sum; NULL over no rows. Integers add up in 64 bits, decimals exactly.
template <Expression E>
[[nodiscard]] auto sum(const E& e) {
    using V = operand_t<E>;
    static_assert(Number<V>, "mercator: sum needs a number");
    using S = std::conditional_t<std::same_as<V, Decimal>, Decimal,
                                 std::conditional_t<std::floating_point<V>, double, std::int64_t>>;
    SqlType type = e.node()->type;
    if constexpr (std::integral<V>) type = BigInteger();
    if constexpr (std::floating_point<V>) type = Double();
    return Expr<std::optional<S>>(ast::function(ast::FunctionId::Sum, {e.node()}, type));
}
/// Average; NULL over no rows. Of decimals: a decimal with four more digits; of other numbers: a
/// double.
template <Expression E>
[[nodiscard]] auto avg(const E& e) {
    using V = operand_t<E>;
    static_assert(Number<V>, "mercator: avg needs a number");
    if constexpr (std::same_as<V, Decimal>) {
        SqlType type = e.node()->type;
        type.precision = static_cast<std::uint8_t>(type.precision > 34 ? 38 : type.precision + 4);
        type.scale = static_cast<std::uint8_t>(type.scale + 4);
        return Expr<std::optional<Decimal>>(ast::function(ast::FunctionId::Avg, {e.node()}, type));
    } else {
        return Expr<std::optional<double>>(
            ast::function(ast::FunctionId::Avg, {e.node()}, Double()));
    }
}
template <Expression E>
[[nodiscard]] auto min(const E& e) {
    return Expr<std::optional<operand_t<E>>>(
        ast::function(ast::FunctionId::Min, {e.node()}, e.node()->type));
}
template <Expression E>
[[nodiscard]] auto max(const E& e) {
    return Expr<std::optional<operand_t<E>>>(
        ast::function(ast::FunctionId::Max, {e.node()}, e.node()->type));
}

template <Expression E>
[[nodiscard]] auto lower(const E& e) {
    static_assert(std::same_as<operand_t<E>, std::string>, "mercator: lower needs text");
    return Expr<typename E::value_type>(
        ast::function(ast::FunctionId::Lower, {e.node()}, Text(), e.node()->nullable));
}
template <Expression E>
[[nodiscard]] auto upper(const E& e) {
    static_assert(std::same_as<operand_t<E>, std::string>, "mercator: upper needs text");
    return Expr<typename E::value_type>(
        ast::function(ast::FunctionId::Upper, {e.node()}, Text(), e.node()->nullable));
}
template <Expression E>
[[nodiscard]] auto trim(const E& e) {
    static_assert(std::same_as<operand_t<E>, std::string>, "mercator: trim needs text");
    return Expr<typename E::value_type>(
        ast::function(ast::FunctionId::Trim, {e.node()}, Text(), e.node()->nullable));
}
/// Number of characters.
template <Expression E>
[[nodiscard]] auto length(const E& e) {
    static_assert(std::same_as<operand_t<E>, std::string>, "mercator: length needs text");
    using V = std::conditional_t<ValueOf<typename E::value_type>::optional,
                                 std::optional<std::int64_t>, std::int64_t>;
    return Expr<V>(
        ast::function(ast::FunctionId::Length, {e.node()}, BigInteger(), e.node()->nullable));
}
/// `count` characters from position `start`, which counts from 1.
template <Expression E>
[[nodiscard]] auto substr(const E& e, std::int64_t start, std::int64_t count) {
    static_assert(std::same_as<operand_t<E>, std::string>, "mercator: substr needs text");
    return Expr<typename E::value_type>(ast::function(
        ast::FunctionId::Substring,
        {e.node(), ast::bind(Value(start), Integer()), ast::bind(Value(count), Integer())}, Text(),
        e.node()->nullable));
}
/// The texts one after the other; NULL if one of them is.
template <class... Texts>
requires(Expression<Texts> || ...) [[nodiscard]] auto concat(const Texts&... texts) {
    static_assert(
        ((std::same_as<operand_t<Texts>, std::string> || std::same_as<operand_t<Texts>, Value>)&&...),
        "mercator: concat needs texts; numbers do not become texts by themselves");
    constexpr bool optional = (ValueOf<typename OperandType<Texts>::type>::optional || ...);
    using V = std::conditional_t<optional, std::optional<std::string>, std::string>;
    return Expr<V>(ast::function(ast::FunctionId::Concat, {operand_node(texts)...}, Text(),
                                 (is_nullable(texts) || ...)));
}
/// The first argument that is not NULL. It may be NULL only where the last one may.
template <Expression E, class... Rest>
[[nodiscard]] auto coalesce(const E& first, const Rest&... rest) {
    static_assert(sizeof...(Rest) > 0, "mercator: coalesce needs at least two arguments");
    static_assert((Comparable<operand_t<E>, operand_t<Rest>> && ...),
                  "mercator: coalesce needs arguments of one type");
    constexpr bool optional = (ValueOf<typename OperandType<Rest>::type>::optional && ...);
    using V = std::conditional_t<optional, std::optional<operand_t<E>>, operand_t<E>>;
    return Expr<V>(ast::function(ast::FunctionId::Coalesce, {first.node(), operand_node(rest)...},
                                 first.node()->type, optional));
}
/// NULL where the two are equal, the first otherwise: `price / nullif(stock, 0)`.
template <Expression E, class Other>
[[nodiscard]] auto nullif(const E& e, const Other& other) {
    static_assert(Comparable<operand_t<E>, operand_t<Other>>,
                  "mercator: nullif needs arguments of one type");
    return Expr<std::optional<operand_t<E>>>(ast::function(
        ast::FunctionId::NullIf, {e.node(), operand_node(other)}, e.node()->type, true));
}
/// Every occurrence of `from` in the text becomes `to`.
template <Expression E>
[[nodiscard]] auto replace(const E& e, std::string_view from, std::string_view to) {
    static_assert(std::same_as<operand_t<E>, std::string>, "mercator: replace needs text");
    return Expr<typename E::value_type>(
        ast::function(ast::FunctionId::Replace,
                      {e.node(), ast::bind(Value(from), Text()), ast::bind(Value(to), Text())},
                      Text(), e.node()->nullable));
}
template <Expression E>
[[nodiscard]] auto abs(const E& e) {
    return Expr<typename E::value_type>(
        ast::function(ast::FunctionId::Abs, {e.node()}, e.node()->type, e.node()->nullable));
}

/// The database's clock, UTC.
[[nodiscard]] inline Expr<DateTime> now() {
    return Expr<DateTime>(
        ast::function(ast::FunctionId::Now, {}, SqlType(TypeKind::DateTime), false));
}
[[nodiscard]] inline Expr<Date> current_date() {
    return Expr<Date>(
        ast::function(ast::FunctionId::CurrentDate, {}, SqlType(TypeKind::Date), false));
}
template <Expression E>
[[nodiscard]] Expr<int> year(const E& e) {
    return Expr<int>(
        ast::function(ast::FunctionId::Year, {e.node()}, Integer(), e.node()->nullable));
}
template <Expression E>
[[nodiscard]] Expr<int> month(const E& e) {
    return Expr<int>(
        ast::function(ast::FunctionId::Month, {e.node()}, Integer(), e.node()->nullable));
}
template <Expression E>
[[nodiscard]] Expr<int> day(const E& e) {
    return Expr<int>(
        ast::function(ast::FunctionId::Day, {e.node()}, Integer(), e.node()->nullable));
}

/// Any function by its SQL name: `func::call<std::string>("soundex", col(&User::name))`. The name
/// must be a plain identifier.
template <class V, class... Arguments>
[[nodiscard]] Expr<V> call(std::string name, const Arguments&... arguments) {
    return Expr<V>(
        ast::function(std::move(name), {operand_node(arguments)...}, TypeOf<V>::sql_type()));
}

} // namespace mercator::func
