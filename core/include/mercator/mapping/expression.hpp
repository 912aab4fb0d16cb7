// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/operand.hpp>
#include <mercator/types/type_of.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// The typed skin over the statement tree: it checks operand types and results, and forwards to
/// `ast/build.hpp`. There is no second tree; `Expr<V>` is a node plus the C++ type of its value.
namespace mercator {

/// A term of ORDER BY.
class OrderTerm {
public:
    explicit OrderTerm(ast::ExpressionPtr node) : node_(std::move(node)) {}
    [[nodiscard]] OrderTerm nulls_first() const { return with(ast::NullsOrder::First); }
    [[nodiscard]] OrderTerm nulls_last() const { return with(ast::NullsOrder::Last); }
    [[nodiscard]] const ast::ExpressionPtr& node() const noexcept { return node_; }

private:
    [[nodiscard]] OrderTerm with(ast::NullsOrder nulls) const {
        const auto& ordering = static_cast<const ast::Ordering&>(*node_);
        return OrderTerm(ast::order(ordering.operand, ordering.descending, nulls));
    }
    ast::ExpressionPtr node_;
};

/// Adds a term to an ORDER BY; one over several columns (see composite.hpp) adds a term for each.
template <class Term>
void add_order_term(std::vector<ast::ExpressionPtr>& order, const Term& term) {
    if constexpr (requires { term.nodes(); }) {
        for (const auto& node : term.nodes()) order.push_back(node);
    } else {
        order.push_back(term.node());
    }
}

template <class Row>
class TypedSelect;

/// `if`, `?:` and plain C++ `&&` would look at a value that the database alone knows.
template <class B>
inline constexpr bool formula_may_branch = false;

/// What expressions of a type can do beside what all can: JSON documents (mapping/json.hpp) and
/// arrays (mapping/array.hpp) have a specialisation. `Self` is the Expr that derives from it.
template <class V, class Self>
struct OwnOperations {};

/// An expression whose value is a V in C++ (std::optional<V> where it may be NULL). A small value;
/// copies share the tree.
template <class V>
class Expr : public OwnOperations<value_of_t<V>, Expr<V>> {
public:
    using value_type = V;

    explicit Expr(ast::ExpressionPtr node) noexcept : node_(std::move(node)) {}
    [[nodiscard]] const ast::ExpressionPtr& node() const noexcept { return node_; }
    operator const ast::ExpressionPtr&() const noexcept {
        return node_;
    } // NOLINT(google-explicit-constructor)

    /// `AS name` in the column list.
    [[nodiscard]] Expr label(std::string name) const {
        return Expr(ast::label(node_, std::move(name)));
    }
    [[nodiscard]] Expr<bool> is_null() const { return Expr<bool>(ast::is_null(node_)); }
    [[nodiscard]] Expr<bool> is_not_null() const { return Expr<bool>(ast::is_null(node_, true)); }
    /// Another value instead of NULL: COALESCE of two.
    template <class Other>
    [[nodiscard]] auto value_or(const Other& other) const {
        static_assert(Comparable<value_of_t<V>, operand_t<Other>>,
                      "mercator: value_or needs a value of the same type");
        constexpr bool optional = ValueOf<typename OperandType<Other>::type>::optional;
        using Result = std::conditional_t<optional, std::optional<value_of_t<V>>, value_of_t<V>>;
        return Expr<Result>(ast::function(ast::FunctionId::Coalesce, {node_, operand_node(other)},
                                          node_->type, optional));
    }

    /// IN over any range of values; an empty range matches nothing.
    template <IterableValues Range>
    [[nodiscard]] Expr<bool> in(const Range& values) const {
        return in_list(values, false);
    }
    [[nodiscard]] Expr<bool> in(std::initializer_list<value_of_t<V>> values) const {
        return in_list(values, false);
    }
    template <IterableValues Range>
    [[nodiscard]] Expr<bool> not_in(const Range& values) const {
        return in_list(values, true);
    }
    [[nodiscard]] Expr<bool> not_in(std::initializer_list<value_of_t<V>> values) const {
        return in_list(values, true);
    }
    template <class Row>
    [[nodiscard]] Expr<bool> in(const TypedSelect<Row>& select) const;
    template <class Row>
    [[nodiscard]] Expr<bool> not_in(const TypedSelect<Row>& select) const;

    /// LIKE with wildcards % and _ in the pattern.
    [[nodiscard]] Expr<bool> like(std::string_view pattern, char escape = 0) const {
        return matches(pattern, escape, false);
    }
    /// By a pattern that is made of columns: `other(&Folder::path).like(own(&Folder::path) + "%")`.
    template <class Pattern>
    requires std::same_as<operand_t<Pattern>, std::string> && requires(const Pattern& p) {
        p.node();
    }
    [[nodiscard]] Expr<bool> like(const Pattern& pattern, char escape = 0) const {
        static_assert(TextLike<value_of_t<V>>, "mercator: like needs text");
        return Expr<bool>(ast::like(node_, pattern.node(), escape));
    }
    /// LIKE without regard to case.
    [[nodiscard]] Expr<bool> ilike(std::string_view pattern, char escape = 0) const {
        return matches(pattern, escape, true);
    }
    /// These three match their argument literally: wildcards in it are escaped.
    [[nodiscard]] Expr<bool> startswith(std::string_view text) const {
        return match(ast::TextMatch::StartsWith, text);
    }
    [[nodiscard]] Expr<bool> endswith(std::string_view text) const {
        return match(ast::TextMatch::EndsWith, text);
    }
    [[nodiscard]] Expr<bool> contains(std::string_view text) const {
        return match(ast::TextMatch::Contains, text);
    }
    /// Of a document or an array: is all of `part` in it?
    template <class Part, class Own = OwnOperations<value_of_t<V>, Expr<V>>>
    requires requires(const Own& own, const Part& part) { own.contains_all(part); }
    [[nodiscard]] Expr<bool> contains(const Part& part) const { return this->contains_all(part); }

    template <class A, class B>
    [[nodiscard]] Expr<bool> between(const A& low, const B& high) const {
        static_assert(Comparable<value_of_t<V>, operand_t<A>> &&
                          Comparable<value_of_t<V>, operand_t<B>>,
                      "mercator: between needs bounds of the column's own type");
        return Expr<bool>(ast::between(node_, operand_beside<value_of_t<V>>(low),
                                       operand_beside<value_of_t<V>>(high)));
    }

    [[nodiscard]] OrderTerm asc() const { return OrderTerm(ast::order(node_)); }
    [[nodiscard]] OrderTerm desc() const { return OrderTerm(ast::order(node_, true)); }

    /// CAST to the SQL type of U.
    template <class U>
    [[nodiscard]] Expr<U> cast() const {
        return Expr<U>(ast::cast(node_, TypeOf<U>::sql_type()));
    }
    /// The same expression where an outer join may make it NULL.
    [[nodiscard]] Expr<std::optional<value_of_t<V>>> nullable() const {
        return Expr<std::optional<value_of_t<V>>>(node_);
    }

    template <std::same_as<bool> B>
    explicit operator B() const {
        static_assert(formula_may_branch<B>,
                      "mercator: C++ cannot branch on an expression, since the database computes "
                      "it; use if_else(condition, a, b), and && || ! on conditions");
        return false;
    }

private:
    template <class Range>
    [[nodiscard]] Expr<bool> in_list(const Range& values, bool negated) const {
        using Element = std::remove_cvref_t<decltype(*std::begin(values))>;
        static_assert(Comparable<value_of_t<V>, operand_t<Element>>,
                      "mercator: in() needs values of the column's own type");
        if constexpr (converts_by_dialect<value_of_t<V>>() ||
                      ComparedByRule<value_of_t<V>, operand_t<Element>>) {
            std::vector<ast::ExpressionPtr> nodes;
            for (const auto& value : values)
                nodes.push_back(operand_beside<value_of_t<V>, Element>(value));
            return Expr<bool>(ast::in_expressions(node_, std::move(nodes), negated));
        }
        std::vector<Value> list;
        for (const auto& value : values) {
            if constexpr (std::convertible_to<const Element&, std::string_view>) {
                list.emplace_back(std::string_view(value));
            } else {
                list.push_back(to_value(value));
            }
        }
        return Expr<bool>(ast::in(node_, std::move(list), negated));
    }
    [[nodiscard]] Expr<bool> matches(std::string_view pattern, char escape,
                                     bool case_insensitive) const {
        static_assert(TextLike<value_of_t<V>>, "mercator: like needs a text column");
        return Expr<bool>(ast::like(node_, ast::bind(Value(pattern)), escape, case_insensitive));
    }
    [[nodiscard]] Expr<bool> match(ast::TextMatch where, std::string_view text) const {
        static_assert(TextLike<value_of_t<V>>,
                      "mercator: startswith, endswith and contains need a text column");
        return Expr<bool>(ast::match(node_, where, text));
    }
    ast::ExpressionPtr node_;
};

/// A condition: what `where`, `having` and joins take. Conditions made at run time have this type
/// as well.
using Condition = Expr<bool>;

/// A mapped member in an expression.
template <class Class, class V>
class ColumnExpr : public Expr<stored_member_t<V>> {
public:
    using Base = Expr<stored_member_t<V>>;
    using Base::Base;
    using class_type = Class;
};

/// The column behind a member: `col(&User::name)`.
template <class V, class Class>
[[nodiscard]] ColumnExpr<Class, V> col(V Class::*member) {
    return ColumnExpr<Class, V>(declared_mapper<Class>().ref_at(member_offset<Class>(member)));
}
/// The column behind an inherited member: `col<Product>(&Product::created_at)`.
template <class Class, class V, class Base>
requires std::derived_from<Class, Base>
[[nodiscard]] ColumnExpr<Class, V> col(V Base::*member) {
    return ColumnExpr<Class, V>(declared_mapper<Class>().ref_at(member_offset<Class>(member)));
}

template <class T>
template <auto Member, class Maker>
ExpressionMapping Mapping<T>::column_property(Maker make) {
    using Pointer = MemberPointer<decltype(Member)>;
    using V = typename Pointer::member_type;
    using E = typename decltype(make())::value_type;
    static_assert(std::derived_from<T, typename Pointer::class_type>,
                  "mercator: column_property must name a member of the class that is described");
    static_assert(Comparable<value_of_t<V>, value_of_t<E>>,
                  "mercator: the member needs the type of the expression");
    static_assert(ValueOf<V>::optional || !ValueOf<E>::optional,
                  "mercator: the expression may be NULL, so the member must be a std::optional; or "
                  "give it a value for NULL, as in func::coalesce(expression, 0)");
    return ExpressionMapping(builder_.add_expression(
        __PRETTY_FUNCTION__, member_offset<T>(Member), member_facts<V>,
        [make = std::move(make)] { return ast::ExpressionPtr(make().node()); }));
}

template <class Class, class Member>
class RelationshipExpr; // loading/relationship_expression.hpp

/// A column of a class that is read under an alias.
[[nodiscard]] MERCATOR_API std::shared_ptr<const ast::ColumnRef>
aliased_column(const Mapper& mapper, const std::shared_ptr<const ast::TableRef>& table,
               std::uint32_t offset);

/// A second use of a table in one statement: `auto manager = alias<Employee>("manager");
/// manager.col(&Employee::name)`.
template <class T>
class Alias {
public:
    explicit Alias(std::string name) {
        auto table = std::make_shared<ast::TableRef>(*mapper_of<T>().table_ref());
        table->alias = std::move(name);
        table->implied = nullptr;
        table_ = std::move(table);
    }
    template <class V, class Base>
    [[nodiscard]] ColumnExpr<T, V> col(V Base::*member) const {
        return ColumnExpr<T, V>(aliased_column(mapper_of<T>(), table_, member_offset<T>(member)));
    }
    /// A relationship of its rows: `manager.rel(&Employee::reports).any()`.
    template <class Member, class Base>
    [[nodiscard]] RelationshipExpr<T, Member> rel(Member Base::*member) const;
    [[nodiscard]] const std::shared_ptr<const ast::TableRef>& table() const noexcept {
        return table_;
    }

private:
    std::shared_ptr<const ast::TableRef> table_;
};
template <class T>
[[nodiscard]] Alias<T> alias(std::string name) {
    return Alias<T>(std::move(name));
}

/// The column of a member under the name that a side of a relationship's join has (`side_name`).
[[nodiscard]] MERCATOR_API ast::ExpressionPtr
side_column_at(const Mapper& mapper, std::uint32_t offset, std::string_view side);

/// One side of a join while a relationship is described: `own(&User::id)` is the column of the
/// owner's row, whatever name its table has in the statement.
template <class T>
class JoinSide {
public:
    explicit JoinSide(std::string_view qualifier) : qualifier_(qualifier) {}
    template <class V, class Base>
    [[nodiscard]] ColumnExpr<T, V> operator()(V Base::*member) const {
        return ColumnExpr<T, V>(
            side_column_at(declared_mapper<T>(), member_offset<T>(member), qualifier_));
    }

private:
    std::string_view qualifier_;
};

/// The table between the two sides of a many-to-many relationship: `link("student_id")`. That the
/// table has such a column is checked when the relationship is configured.
class LinkSide {
public:
    explicit LinkSide(std::string_view qualifier) : qualifier_(qualifier) {}
    [[nodiscard]] Expr<Value> operator()(std::string_view column) const {
        return Expr<Value>(
            ast::column(std::string(qualifier_), std::string(column), SqlType(), true));
    }

private:
    std::string_view qualifier_;
};

/// What a join condition is told of the other side: `other(&Post::author_id)` is a column of the
/// related row, `other("user_id")` one of the table between.
template <class T>
class JoinOther : public JoinSide<T>, public LinkSide {
public:
    using Link = LinkSide;
    JoinOther(std::string_view target, std::string_view link) :
        JoinSide<T>(target),
        LinkSide(link) {}
    using JoinSide<T>::operator();
    using LinkSide::operator();
};

/// A column chosen at run time, by member or column name; its values are `V`. Throws MappingError
/// that lists the names there are, so text from outside can never become SQL.
template <class Class, class V = Value>
[[nodiscard]] Expr<V> col_by_name(std::string_view name) {
    return Expr<V>(column_by_name(mapper_of<Class>(), name));
}
[[nodiscard]] MERCATOR_API ast::ExpressionPtr column_by_name(const Mapper& mapper,
                                                             std::string_view name);

template <class A, class B>
[[nodiscard]] Expr<bool> compare(ast::Operator op, const A& left, const B& right) {
    static_assert(Comparable<operand_t<A>, operand_t<B>>,
                  "mercator: these two types cannot be compared in SQL; compare a column with a "
                  "value of its own type");
    return Expr<bool>(
        ast::binary(op, operand_beside<operand_t<B>>(left), operand_beside<operand_t<A>>(right)));
}

/// Result of arithmetic on the values of two types.
template <class A, class B>
struct ArithmeticResult {
    using type = std::conditional_t<
        std::same_as<A, Decimal> || std::same_as<B, Decimal>, Decimal,
        std::conditional_t<std::floating_point<A> || std::floating_point<B>, double, std::int64_t>>;
};

template <class A, class B>
[[nodiscard]] auto calculate(ast::Operator op, const A& left, const B& right) {
    using L = operand_t<A>;
    using R = operand_t<B>;
    static_assert(Number<L> && Number<R>, "mercator: SQL arithmetic needs numbers on both sides");
    static_assert(Comparable<L, R>, "mercator: a Decimal is exact and does not mix with float or "
                                    "double; convert one of them first");
    using Plain = typename ArithmeticResult<L, R>::type;
    constexpr bool optional = ValueOf<typename OperandType<A>::type>::optional ||
                              ValueOf<typename OperandType<B>::type>::optional;
    using Result = std::conditional_t<optional, std::optional<Plain>, Plain>;
    return Expr<Result>(ast::binary(op, operand_node(left), operand_node(right)));
}

// Comparisons, logic, arithmetic: at least one side is an expression.
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] Expr<bool> operator==(const A& a,
                                                                             const B& b) {
    return compare(ast::Operator::Equal, a, b);
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] Expr<bool> operator!=(const A& a,
                                                                             const B& b) {
    return compare(ast::Operator::NotEqual, a, b);
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] Expr<bool> operator<(const A& a,
                                                                            const B& b) {
    return compare(ast::Operator::Less, a, b);
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] Expr<bool> operator<=(const A& a,
                                                                             const B& b) {
    return compare(ast::Operator::LessEqual, a, b);
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] Expr<bool> operator>(const A& a,
                                                                            const B& b) {
    return compare(ast::Operator::Greater, a, b);
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] Expr<bool> operator>=(const A& a,
                                                                             const B& b) {
    return compare(ast::Operator::GreaterEqual, a, b);
}

[[nodiscard]] inline Condition operator&&(const Condition& a, const Condition& b) {
    return Condition(ast::and_({a.node(), b.node()}));
}
[[nodiscard]] inline Condition operator||(const Condition& a, const Condition& b) {
    return Condition(ast::or_({a.node(), b.node()}));
}
[[nodiscard]] inline Condition operator!(const Condition& a) {
    return Condition(ast::not_(a.node()));
}

/// AND over any number of conditions, also from a list made at run time; none at all is true.
template <class... Conditions>
[[nodiscard]] Condition and_(const Conditions&... conditions) {
    return Condition(ast::and_({conditions.node()...}));
}
template <class... Conditions>
[[nodiscard]] Condition or_(const Conditions&... conditions) {
    return Condition(ast::or_({conditions.node()...}));
}
[[nodiscard]] inline Condition not_(const Condition& condition) {
    return !condition;
}
[[nodiscard]] MERCATOR_API Condition all_of(const std::vector<Condition>& conditions);
[[nodiscard]] MERCATOR_API Condition any_of(const std::vector<Condition>& conditions);

template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] auto operator+(const A& a, const B& b) {
    if constexpr (std::same_as<operand_t<A>, std::string> &&
                  std::same_as<operand_t<B>, std::string>) {
        constexpr bool optional = ValueOf<typename OperandType<A>::type>::optional ||
                                  ValueOf<typename OperandType<B>::type>::optional;
        using Result = std::conditional_t<optional, std::optional<std::string>, std::string>;
        return Expr<Result>(ast::binary(ast::Operator::Concat, operand_node(a), operand_node(b)));
    } else {
        return calculate(ast::Operator::Add, a, b);
    }
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] auto operator-(const A& a, const B& b) {
    return calculate(ast::Operator::Subtract, a, b);
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] auto operator*(const A& a, const B& b) {
    return calculate(ast::Operator::Multiply, a, b);
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] auto operator/(const A& a, const B& b) {
    return calculate(ast::Operator::Divide, a, b);
}
template <class A, class B>
requires(Expression<A> || Expression<B>) [[nodiscard]] auto operator%(const A& a, const B& b) {
    return calculate(ast::Operator::Modulo, a, b);
}
template <Expression E>
[[nodiscard]] auto operator-(const E& e) {
    using V = typename E::value_type;
    using Plain = typename ArithmeticResult<value_of_t<V>, value_of_t<V>>::type;
    static_assert(Number<value_of_t<V>>, "mercator: SQL arithmetic needs a number");
    using Result = std::conditional_t<ValueOf<V>::optional, std::optional<Plain>, Plain>;
    return Expr<Result>(ast::negate(e.node()));
}

/// `EXISTS (SELECT …)`.
template <class Row>
[[nodiscard]] Condition exists(const TypedSelect<Row>& select);

} // namespace mercator
