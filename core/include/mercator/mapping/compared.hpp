// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/function.hpp>
#include <mercator/mapping/in_memory.hpp>

#include <concepts>
#include <initializer_list>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

template <class Comparator, class Operand>
class Compared;

template <class T>
inline constexpr bool is_compared = false;
template <class C, class E>
inline constexpr bool is_compared<Compared<C, E>> = true;
template <class C, class V>
inline constexpr bool is_in_memory<Compared<C, InMemory<V>>> = true;
template <class C, class V>
struct OperandType<Compared<C, InMemory<V>>> {
    using type = V;
};

/// A value of a formula that compares by a rule of its own (SQLAlchemy's Comparator), in memory and
/// in SQL: `compared_by<CaseInsensitive>(e(&User::nick))`. It is selected as it is; `== != < <= >
/// >=`, `in`, `asc` and `desc` go by the rule. A rule says what is compared instead of the
/// operands:
///
///     struct CaseInsensitive {
///         static auto key(const auto& text) { return lower(text); }
///     };
///
/// and may say more exactly what equality is: `static auto equal(const auto& a, const auto& b)`.
template <class Comparator, class Operand>
class Compared : public Operand {
public:
    using comparator = Comparator;

    explicit Compared(Operand operand) : Operand(std::move(operand)) {}

    template <class Other>
    [[nodiscard]] auto equals(const Other& other) const {
        const auto right = operand(other);
        if constexpr (requires { Comparator::equal(plain(), right); }) {
            return Comparator::equal(plain(), right);
        } else {
            return key() == Comparator::key(right);
        }
    }
    [[nodiscard]] auto key() const { return Comparator::key(plain()); }
    /// Another operand of a comparison as the rule sees it.
    template <class Other>
    [[nodiscard]] static auto key_of(const Other& other) {
        return Comparator::key(operand(other));
    }

    [[nodiscard]] auto
    in(std::initializer_list<value_of_t<typename Operand::value_type>> values) const {
        return in<std::initializer_list<value_of_t<typename Operand::value_type>>>(values);
    }
    template <IterableValues Range>
    [[nodiscard]] auto in(const Range& values) const {
        if constexpr (Expression<Operand>) {
            std::vector<Condition> choices;
            for (const auto& value : values) choices.push_back(equals(value));
            return any_of(choices);
        } else {
            InMemory<std::optional<bool>> found(false);
            for (const auto& value : values) found = found || equals(value);
            return found;
        }
    }
    [[nodiscard]] OrderTerm asc() const { return key().asc(); }
    [[nodiscard]] OrderTerm desc() const { return key().desc(); }

private:
    [[nodiscard]] const Operand& plain() const noexcept { return *this; }
    template <class Other>
    [[nodiscard]] static auto operand(const Other& other) {
        using V = operand_t<Other>;
        if constexpr (is_compared<Other>) {
            return typename Other::operand_type(other);
        } else if constexpr (Expression<Other> || MemoryOperand<Other>) {
            return other;
        } else if constexpr (Expression<Operand>) {
            return Expr<V>(operand_node(other));
        } else {
            return InMemory<V>(V(held(other)));
        }
    }

public:
    using operand_type = Operand;
};

template <class Comparator, class E>
[[nodiscard]] auto compared_by(const E& operand) {
    if constexpr (Expression<E>) {
        using Plain = Expr<typename E::value_type>;
        return Compared<Comparator, Plain>(Plain(operand.node()));
    } else {
        return Compared<Comparator, E>(operand);
    }
}

/// On both forms of a comparison stands a condition, so that compilers find none of them better
/// than the other with its sides exchanged.
template <class T>
concept RightSide = is_compared<T> || !is_compared<T>;

template <class C, class E, RightSide B>
[[nodiscard]] auto operator==(const Compared<C, E>& a, const B& b) {
    return a.equals(b);
}
template <class A, class C, class E>
requires(!is_compared<A>) [[nodiscard]] auto operator==(const A& a, const Compared<C, E>& b) {
    return b.equals(a);
}
template <class C, class E, RightSide B>
[[nodiscard]] auto operator!=(const Compared<C, E>& a, const B& b) {
    return !a.equals(b);
}
template <class A, class C, class E>
requires(!is_compared<A>) [[nodiscard]] auto operator!=(const A& a, const Compared<C, E>& b) {
    return !b.equals(a);
}
template <class C, class E, class B>
[[nodiscard]] auto operator<(const Compared<C, E>& a, const B& b) {
    return a.key() < Compared<C, E>::key_of(b);
}
template <class A, class C, class E>
requires(!is_compared<A>) [[nodiscard]] auto operator<(const A& a, const Compared<C, E>& b) {
    return Compared<C, E>::key_of(a) < b.key();
}
template <class C, class E, class B>
[[nodiscard]] auto operator>(const Compared<C, E>& a, const B& b) {
    return a.key() > Compared<C, E>::key_of(b);
}
template <class A, class C, class E>
requires(!is_compared<A>) [[nodiscard]] auto operator>(const A& a, const Compared<C, E>& b) {
    return Compared<C, E>::key_of(a) > b.key();
}
template <class C, class E, class B>
[[nodiscard]] auto operator<=(const Compared<C, E>& a, const B& b) {
    return a.key() <= Compared<C, E>::key_of(b);
}
template <class A, class C, class E>
requires(!is_compared<A>) [[nodiscard]] auto operator<=(const A& a, const Compared<C, E>& b) {
    return Compared<C, E>::key_of(a) <= b.key();
}
template <class C, class E, class B>
[[nodiscard]] auto operator>=(const Compared<C, E>& a, const B& b) {
    return a.key() >= Compared<C, E>::key_of(b);
}
template <class A, class C, class E>
requires(!is_compared<A>) [[nodiscard]] auto operator>=(const A& a, const Compared<C, E>& b) {
    return Compared<C, E>::key_of(a) >= b.key();
}

/// Texts are equal, and ordered, without regard to case.
struct CaseInsensitive {
    template <class Text>
    [[nodiscard]] static auto key(const Text& text) {
        return func::lower(text);
    }
};
template <class E>
[[nodiscard]] auto case_insensitive(const E& text) {
    return compared_by<CaseInsensitive>(text);
}

} // namespace mercator
