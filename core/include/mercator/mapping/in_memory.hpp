// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// What a hybrid's formula computes with while it runs on an object: values that follow SQL's
/// rules, so that the result is what the database computes. An operation with an empty value is
/// empty; a comparison with one is neither true nor false.
namespace mercator {

/// A value in memory with the operators of `Expr<V>`. Small; lives while a formula runs.
template <class V>
class InMemory;

template <class T>
inline constexpr bool is_in_memory = false;
template <class V>
inline constexpr bool is_in_memory<InMemory<V>> = true;
template <class T>
concept MemoryOperand = is_in_memory<std::remove_cvref_t<T>>;

template <class V>
struct OperandType<InMemory<V>> {
    using type = V;
};

[[noreturn]] MERCATOR_API void throw_formula_overflow();
[[noreturn]] MERCATOR_API void throw_formula_division();
/// Quotient with the digits that the same division has in SQL.
[[nodiscard]] MERCATOR_API Decimal quotient(const Decimal& dividend, const Decimal& divisor);
/// The average of numbers of one scale, with four digits more, as `func::avg` says.
[[nodiscard]] MERCATOR_API Decimal average(const Decimal& sum, std::int64_t count);
/// Letters of ASCII; others stay as they are.
[[nodiscard]] MERCATOR_API std::string lower_text(std::string text);
[[nodiscard]] MERCATOR_API std::string upper_text(std::string text);
[[nodiscard]] MERCATOR_API std::string trimmed_text(const std::string& text);
[[nodiscard]] MERCATOR_API std::int64_t character_count(std::string_view text);

/// What an operand holds: the value of a formula, or a plain one as it is.
template <class T>
[[nodiscard]] decltype(auto) held(const T& operand) {
    if constexpr (MemoryOperand<T>) {
        return operand.value();
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        return std::string(std::string_view(operand));
    } else if constexpr (NullLike<T>) {
        return std::optional<bool>();
    } else {
        return operand;
    }
}

/// May the operand be empty?
template <class T>
inline constexpr bool may_be_empty =
    NullLike<T> || ValueOf<typename OperandType<std::remove_cvref_t<T>>::type>::optional;

template <class V>
[[nodiscard]] bool is_known(const V& value) {
    if constexpr (ValueOf<V>::optional) {
        return value.has_value();
    } else {
        return true;
    }
}
template <class V>
[[nodiscard]] const value_of_t<V>& known(const V& value) {
    if constexpr (ValueOf<V>::optional) {
        return *value;
    } else {
        return value;
    }
}

/// `function` of the values; empty where one of them is.
template <class Function, class... Operands>
[[nodiscard]] auto lifted(const Function& function, const Operands&... operands) {
    using Plain =
        std::remove_cvref_t<decltype(function(std::declval<const operand_t<Operands>&>()...))>;
    if constexpr ((may_be_empty<Operands> || ...)) {
        using Result = InMemory<std::optional<Plain>>;
        const auto apply = [&](const auto&... values) {
            if (!(is_known(values) && ...)) return Result(std::nullopt);
            return Result(std::optional<Plain>(function(known(values)...)));
        };
        return apply(held(operands)...);
    } else {
        return InMemory<Plain>(function(held(operands)...));
    }
}

/// Computes as the database does: whole numbers in 64 bits, with an error where they do not fit.
struct MemoryArithmetic {
    template <class A, class B>
    [[nodiscard]] static auto add(const A& a, const B& b) {
        return compute(
            a, b, [](const auto& x, const auto& y) { return x + y; },
            [](auto x, auto y, auto* sum) { return __builtin_add_overflow(x, y, sum); });
    }
    template <class A, class B>
    [[nodiscard]] static auto subtract(const A& a, const B& b) {
        return compute(
            a, b, [](const auto& x, const auto& y) { return x - y; },
            [](auto x, auto y, auto* rest) { return __builtin_sub_overflow(x, y, rest); });
    }
    template <class A, class B>
    [[nodiscard]] static auto multiply(const A& a, const B& b) {
        return compute(
            a, b, [](const auto& x, const auto& y) { return x * y; },
            [](auto x, auto y, auto* product) { return __builtin_mul_overflow(x, y, product); });
    }
    template <class A, class B>
    [[nodiscard]] static auto divide(const A& a, const B& b) {
        using Result = typename ArithmeticResult<A, B>::type;
        if (b == B(0)) throw_formula_division();
        if constexpr (std::same_as<Result, Decimal>) {
            return quotient(Decimal(a), Decimal(b));
        } else if constexpr (std::same_as<Result, std::int64_t>) {
            const std::int64_t divisor = whole(b);
            return divisor == -1 ? subtract(0, a) : whole(a) / divisor;
        } else {
            return static_cast<Result>(a) / static_cast<Result>(b);
        }
    }
    template <class A, class B>
    [[nodiscard]] static std::int64_t remainder(const A& a, const B& b) {
        if (b == B(0)) throw_formula_division();
        const std::int64_t divisor = whole(b);
        return divisor == -1 ? 0 : whole(a) % divisor;
    }

private:
    /// A number of any type in 64 bits with a sign, in which databases compute.
    template <class Number>
    [[nodiscard]] static std::int64_t whole(Number number) {
        if constexpr (std::same_as<Number, std::uint64_t>) {
            if (!std::in_range<std::int64_t>(number)) throw_formula_overflow();
        }
        return static_cast<std::int64_t>(number);
    }
    template <class A, class B, class Plain, class Checked>
    [[nodiscard]] static auto compute(const A& a, const B& b, const Plain& plain,
                                      const Checked& overflows) {
        using Result = typename ArithmeticResult<A, B>::type;
        if constexpr (std::same_as<Result, std::int64_t>) {
            std::int64_t result = 0;
            if (overflows(a, b, &result)) throw_formula_overflow();
            return result;
        } else if constexpr (std::same_as<Result, Decimal>) {
            return plain(Decimal(a), Decimal(b));
        } else {
            return plain(static_cast<double>(a), static_cast<double>(b));
        }
    }
};

/// The day of a day or of a moment.
[[nodiscard]] inline Date day_of(const Date& day) {
    return day;
}
[[nodiscard]] inline Date day_of(const DateTime& moment) {
    return Date(std::chrono::floor<std::chrono::days>(moment));
}

/// -1, 0 or 1. Numbers by value, whatever their types.
template <class A, class B>
[[nodiscard]] int order_of(const A& a, const B& b) {
    if constexpr (StorableInteger<A> && StorableInteger<B> && !std::same_as<A, char> &&
                  !std::same_as<B, char>) {
        return std::cmp_less(a, b) ? -1 : std::cmp_less(b, a) ? 1 : 0;
    } else if constexpr (std::same_as<A, Decimal> || std::same_as<B, Decimal>) {
        return Decimal(a) < Decimal(b) ? -1 : Decimal(b) < Decimal(a) ? 1 : 0;
    } else {
        return a < b ? -1 : b < a ? 1 : 0;
    }
}
template <class A, class B>
[[nodiscard]] bool are_equal(const A& a, const B& b) {
    if constexpr (std::is_arithmetic_v<A> && std::is_arithmetic_v<B>) {
        return order_of(a, b) == 0;
    } else {
        return a == b;
    }
}

/// True only: what is unknown does not hold.
template <class C>
[[nodiscard]] bool holds(const C& condition) {
    static_assert(std::same_as<operand_t<C>, bool>, "mercator: this is no condition; compare it "
                                                    "with something");
    const auto& value = held(condition);
    return is_known(value) && known(value);
}

template <class V>
class InMemory {
public:
    using value_type = V;
    using plain_type = value_of_t<V>;

    explicit InMemory(V value) : value_(std::move(value)) {}
    [[nodiscard]] const V& value() const noexcept { return value_; }

    [[nodiscard]] InMemory<bool> is_null() const { return InMemory<bool>(!is_known(value_)); }
    [[nodiscard]] InMemory<bool> is_not_null() const { return InMemory<bool>(is_known(value_)); }
    /// Another value instead of NULL.
    template <class Other>
    [[nodiscard]] auto value_or(const Other& other) const;
    [[nodiscard]] auto in(std::initializer_list<plain_type> values) const {
        return in<std::initializer_list<plain_type>>(values);
    }
    template <IterableValues Range>
    [[nodiscard]] auto in(const Range& values) const {
        return lifted(
            [&](const plain_type& own) {
                for (const auto& value : values) {
                    if (are_equal(own, value)) return true;
                }
                return false;
            },
            *this);
    }
    template <class A, class B>
    [[nodiscard]] auto between(const A& low, const B& high) const {
        return lifted(
            [](const auto& own, const auto& from, const auto& to) {
                return order_of(own, from) >= 0 && order_of(own, to) <= 0;
            },
            *this, low, high);
    }
    [[nodiscard]] auto startswith(std::string_view text) const {
        return lifted([&](const plain_type& own) { return own.starts_with(text); }, *this);
    }
    [[nodiscard]] auto endswith(std::string_view text) const {
        return lifted([&](const plain_type& own) { return own.ends_with(text); }, *this);
    }
    [[nodiscard]] auto contains(std::string_view text) const {
        return lifted([&](const plain_type& own) { return own.find(text) != own.npos; }, *this);
    }

    template <std::same_as<bool> B>
    explicit operator B() const {
        static_assert(formula_may_branch<B>,
                      "mercator: a formula cannot branch in C++, since the database computes it as "
                      "well; use if_else(condition, a, b), and && || ! on conditions");
        return false;
    }

private:
    V value_;
};

/// One side is a value of a formula, the other one another or a plain value.
template <class A, class B>
concept MemoryOperation = (MemoryOperand<A> || MemoryOperand<B>)&&!Expression<A> && !Expression<B>;

template <class A, class B>
constexpr void require_numbers() {
    static_assert(Number<operand_t<A>> && Number<operand_t<B>>,
                  "mercator: SQL arithmetic needs numbers on both sides");
    static_assert(Comparable<operand_t<A>, operand_t<B>>,
                  "mercator: a Decimal is exact and does not mix with float or double; convert one "
                  "of them first");
}

template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator+(const A& a, const B& b) {
    if constexpr (std::same_as<operand_t<A>, std::string> &&
                  std::same_as<operand_t<B>, std::string>) {
        return lifted([](const std::string& x, const std::string& y) { return x + y; }, a, b);
    } else {
        require_numbers<A, B>();
        return lifted([](const auto& x, const auto& y) { return MemoryArithmetic::add(x, y); }, a,
                      b);
    }
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator-(const A& a, const B& b) {
    require_numbers<A, B>();
    return lifted([](const auto& x, const auto& y) { return MemoryArithmetic::subtract(x, y); }, a,
                  b);
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator*(const A& a, const B& b) {
    require_numbers<A, B>();
    return lifted([](const auto& x, const auto& y) { return MemoryArithmetic::multiply(x, y); }, a,
                  b);
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator/(const A& a, const B& b) {
    require_numbers<A, B>();
    return lifted([](const auto& x, const auto& y) { return MemoryArithmetic::divide(x, y); }, a,
                  b);
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator%(const A& a, const B& b) {
    static_assert(std::integral<operand_t<A>> && std::integral<operand_t<B>>,
                  "mercator: a formula takes the remainder of whole numbers only");
    return lifted([](const auto& x, const auto& y) { return MemoryArithmetic::remainder(x, y); }, a,
                  b);
}
template <class V>
[[nodiscard]] auto operator-(const InMemory<V>& operand) {
    return 0 - operand;
}

template <class A, class B, class Test>
[[nodiscard]] auto compare_in_memory(const A& a, const B& b, const Test& test) {
    static_assert(Comparable<operand_t<A>, operand_t<B>>,
                  "mercator: these two types cannot be compared in SQL; compare a column with a "
                  "value of its own type");
    return lifted(test, a, b);
}

/// As in SQL, `== null` (or an empty std::optional beside a value of the formula) is the null test.
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator==(const A& a, const B& b) {
    if constexpr (NullLike<B>) {
        return a.is_null();
    } else if constexpr (NullLike<A>) {
        return b.is_null();
    } else {
        auto result =
            compare_in_memory(a, b, [](const auto& x, const auto& y) { return are_equal(x, y); });
        if constexpr (may_be_empty<A> && !MemoryOperand<A>) {
            if (!is_known(a)) return decltype(result)(b.is_null().value());
        } else if constexpr (may_be_empty<B> && !MemoryOperand<B>) {
            if (!is_known(b)) return decltype(result)(a.is_null().value());
        }
        return result;
    }
}
template <class V>
[[nodiscard]] auto operator!(const InMemory<V>& condition) {
    static_assert(std::same_as<value_of_t<V>, bool>, "mercator: ! needs a condition");
    return lifted([](bool value) { return !value; }, condition);
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator!=(const A& a, const B& b) {
    return !(a == b);
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator<(const A& a, const B& b) {
    return compare_in_memory(a, b, [](const auto& x, const auto& y) { return order_of(x, y) < 0; });
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator<=(const A& a, const B& b) {
    return compare_in_memory(a, b,
                             [](const auto& x, const auto& y) { return order_of(x, y) <= 0; });
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator>(const A& a, const B& b) {
    return b < a;
}
template <class A, class B>
requires MemoryOperation<A, B>
[[nodiscard]] auto operator>=(const A& a, const B& b) {
    return b <= a;
}

/// What is unknown stays so, unless the other side decides.
template <class A, class B>
[[nodiscard]] InMemory<std::optional<bool>> operator&&(const InMemory<A>& a, const InMemory<B>& b) {
    static_assert(std::same_as<value_of_t<A>, bool> && std::same_as<value_of_t<B>, bool>,
                  "mercator: && needs conditions on both sides");
    const bool is_false =
        (is_known(a.value()) && !known(a.value())) || (is_known(b.value()) && !known(b.value()));
    if (is_false) return InMemory<std::optional<bool>>(false);
    if (holds(a) && holds(b)) return InMemory<std::optional<bool>>(true);
    return InMemory<std::optional<bool>>(std::nullopt);
}
template <class A, class B>
[[nodiscard]] InMemory<std::optional<bool>> operator||(const InMemory<A>& a, const InMemory<B>& b) {
    return !(!a && !b);
}

template <class V>
template <class Other>
auto InMemory<V>::value_or(const Other& other) const {
    static_assert(Comparable<plain_type, operand_t<Other>>,
                  "mercator: value_or needs a value of the same type");
    using Result = std::conditional_t<may_be_empty<Other>, std::optional<plain_type>, plain_type>;
    if (is_known(value_)) return InMemory<Result>(Result(known(value_)));
    return InMemory<Result>(Result(held(other)));
}

/// `if_else(e(&Product::stock) > 0, "in stock", "sold out")`: the first value where the condition
/// holds, else the second. A CASE in SQL.
template <MemoryOperand C, class A, class B>
[[nodiscard]] auto if_else(const C& condition, const A& a, const B& b) {
    static_assert(std::same_as<operand_t<A>, operand_t<B>> || NullLike<B>,
                  "mercator: both results of an if_else must have one type");
    static_assert(!NullLike<A>,
                  "mercator: the first result of an if_else must have a type; NULL has none");
    using Plain = operand_t<A>;
    using Result =
        std::conditional_t<may_be_empty<A> || may_be_empty<B>, std::optional<Plain>, Plain>;
    if (holds(condition)) return InMemory<Result>(Result(held(a)));
    if constexpr (NullLike<B>) {
        return InMemory<Result>(std::nullopt);
    } else {
        return InMemory<Result>(Result(held(b)));
    }
}

namespace func {

template <class... Texts>
requires(MemoryOperand<Texts> || ...) [[nodiscard]] auto concat(const Texts&... texts) {
    static_assert((std::same_as<operand_t<Texts>, std::string> && ...),
                  "mercator: concat needs texts; numbers do not become texts by themselves");
    return lifted(
        [](const auto&... parts) {
            std::string joined;
            (joined.append(parts), ...);
            return joined;
        },
        texts...);
}
template <MemoryOperand T>
[[nodiscard]] auto lower(const T& text) {
    static_assert(std::same_as<operand_t<T>, std::string>, "mercator: lower needs text");
    return lifted([](const std::string& value) { return lower_text(value); }, text);
}
template <MemoryOperand T>
[[nodiscard]] auto upper(const T& text) {
    static_assert(std::same_as<operand_t<T>, std::string>, "mercator: upper needs text");
    return lifted([](const std::string& value) { return upper_text(value); }, text);
}
template <MemoryOperand T>
[[nodiscard]] auto trim(const T& text) {
    static_assert(std::same_as<operand_t<T>, std::string>, "mercator: trim needs text");
    return lifted([](const std::string& value) { return trimmed_text(value); }, text);
}
template <MemoryOperand T>
[[nodiscard]] auto length(const T& text) {
    static_assert(std::same_as<operand_t<T>, std::string>, "mercator: length needs text");
    return lifted([](const std::string& value) { return character_count(value); }, text);
}
template <MemoryOperand T>
[[nodiscard]] auto abs(const T& number) {
    static_assert(Number<operand_t<T>>, "mercator: abs needs a number");
    return lifted(
        [](const operand_t<T>& value) {
            if (!(value < 0)) return value;
            return static_cast<operand_t<T>>(MemoryArithmetic::subtract(0, value));
        },
        number);
}
template <MemoryOperand T, class... Rest>
[[nodiscard]] auto coalesce(const T& first, const Rest&... rest) {
    static_assert(sizeof...(Rest) > 0, "mercator: coalesce needs at least two arguments");
    if constexpr (sizeof...(Rest) == 1) {
        return (first.value_or(rest), ...);
    } else {
        const auto next = [&](const auto& second, const auto&... others) {
            return coalesce(first.value_or(second), others...);
        };
        return next(rest...);
    }
}
template <MemoryOperand T, class Other>
[[nodiscard]] auto nullif(const T& value, const Other& other) {
    static_assert(Comparable<operand_t<T>, operand_t<Other>>,
                  "mercator: nullif needs arguments of one type");
    using Result = std::optional<operand_t<T>>;
    if (holds(value == other)) return InMemory<Result>(std::nullopt);
    return InMemory<Result>(Result(value.value()));
}
template <MemoryOperand T>
[[nodiscard]] auto year(const T& moment) {
    return lifted([](const auto& value) { return static_cast<int>(day_of(value).year()); }, moment);
}
template <MemoryOperand T>
[[nodiscard]] auto month(const T& moment) {
    return lifted(
        [](const auto& value) {
            return static_cast<int>(static_cast<unsigned>(day_of(value).month()));
        },
        moment);
}
template <MemoryOperand T>
[[nodiscard]] auto day(const T& moment) {
    return lifted(
        [](const auto& value) {
            return static_cast<int>(static_cast<unsigned>(day_of(value).day()));
        },
        moment);
}

} // namespace func

} // namespace mercator
