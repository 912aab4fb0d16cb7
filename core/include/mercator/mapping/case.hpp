// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/expression.hpp>

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

/// SQL's CASE: `case_when(col(&User::age) < 18, "child").when(col(&User::age) < 65,
/// "adult").else_("pensioner")`. The first condition that holds decides. An expression like any
/// other; without `else_` its value is NULL where no condition holds, so it is a std::optional.
/// A value: `when` and `else_` give a new one.
template <class V, bool MayBeNull>
class CaseExpr : public Expr<std::optional<V>> {
public:
    explicit CaseExpr(std::vector<ast::Case::Branch> branches) :
        Expr<std::optional<V>>(ast::case_(branches)),
        branches_(std::move(branches)) {}

    template <class E>
    [[nodiscard]] auto when(const Condition& condition, const E& result) const {
        check<E>();
        auto branches = branches_;
        branches.push_back({condition.node(), operand_node(result)});
        return CaseExpr < V, MayBeNull || is_optional < E >> (std::move(branches));
    }
    /// What holds when no condition does.
    template <class E>
    [[nodiscard]] auto else_(const E& result) const {
        check<E>();
        using Result = std::conditional_t<MayBeNull || is_optional<E>, std::optional<V>, V>;
        return Expr<Result>(ast::case_(branches_, operand_node(result)));
    }

    template <class E>
    static constexpr bool is_optional =
        NullLike<std::remove_cvref_t<E>> || ValueOf<typename OperandType<E>::type>::optional;

private:
    template <class E>
    static constexpr void check() {
        static_assert(NullLike<std::remove_cvref_t<E>> || std::same_as<V, operand_t<E>>,
                      "mercator: all results of a case_when must have one type");
    }
    std::vector<ast::Case::Branch> branches_;
};

template <class E>
[[nodiscard]] auto case_when(const Condition& condition, const E& result) {
    static_assert(!NullLike<std::remove_cvref_t<E>>,
                  "mercator: the first result of a case_when must have a type; NULL has none");
    constexpr bool optional = ValueOf<typename OperandType<E>::type>::optional;
    return CaseExpr<operand_t<E>, optional>({{condition.node(), operand_node(result)}});
}

/// The first value where the condition holds, else the second: a CASE of one branch. Hybrids run
/// the same on objects.
template <class A, class B>
[[nodiscard]] auto if_else(const Condition& condition, const A& a, const B& b) {
    return case_when(condition, a).else_(b);
}

} // namespace mercator
