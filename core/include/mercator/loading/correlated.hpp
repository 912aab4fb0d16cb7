// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_option.hpp>
#include <mercator/loading/select.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/mapping/function.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

/// A value made of the rows that a row of the relationship's owner is related to: a subquery of one
/// value for each owner, which the statement around it reads under its own name. `function` is an
/// aggregate over the target's columns, the conditions are over them as well.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr
related_value(const Relationship& relationship, const ast::ExpressionPtr& function,
              const std::vector<ast::ExpressionPtr>& conditions);

/// The relationship behind a member.
template <auto Member>
[[nodiscard]] const Relationship& relationship_of() {
    using Class = typename RelationshipMember<Member>::Class;
    return mapper_of<Class>().relationship_at(member_offset<Class>(Member));
}

template <auto Member, class V, class... Conditions>
[[nodiscard]] Expr<V> aggregate_of(const Expr<V>& function, const Conditions&... conditions) {
    static_assert((std::convertible_to<Conditions, const Condition&> && ...),
                  "mercator: these take conditions on the related rows, as in col(&Post::state) == "
                  "\"open\"");
    return Expr<V>(
        related_value(relationship_of<Member>(), function.node(), {conditions.node()...}));
}

/// How many objects each owner is related to, of those for which the conditions hold: for select,
/// where and order_by of a query that reads the owner's table:
/// `session.query<User>().where(count_of<&User::posts>() > 3)`.
template <auto Member, class... Conditions>
[[nodiscard]] Expr<std::int64_t> count_of(const Conditions&... conditions) {
    return aggregate_of<Member>(func::count(), conditions...);
}
/// Sum, average, least and greatest value of a column of the related rows; NULL over none.
template <auto Member, Expression E, class... Conditions>
[[nodiscard]] auto sum_of(const E& column, const Conditions&... conditions) {
    return aggregate_of<Member>(func::sum(column), conditions...);
}
template <auto Member, Expression E, class... Conditions>
[[nodiscard]] auto avg_of(const E& column, const Conditions&... conditions) {
    return aggregate_of<Member>(func::avg(column), conditions...);
}
template <auto Member, Expression E, class... Conditions>
[[nodiscard]] auto min_of(const E& column, const Conditions&... conditions) {
    return aggregate_of<Member>(func::min(column), conditions...);
}
template <auto Member, Expression E, class... Conditions>
[[nodiscard]] auto max_of(const E& column, const Conditions&... conditions) {
    return aggregate_of<Member>(func::max(column), conditions...);
}

/// A node that puts the value of an expression into a member. ArgumentError for a member that is a
/// column.
[[nodiscard]] MERCATOR_API std::shared_ptr<const LoadNode>
expression_node(const Mapper& mapper, Field field, ast::ExpressionPtr expression);

template <class Class, class V, class E>
[[nodiscard]] LoaderOption<Class> expression_into(V Class::*member, const Expr<E>& expression) {
    static_assert(Comparable<value_of_t<V>, value_of_t<E>>,
                  "mercator: the member needs the type of the expression");
    static_assert(ValueOf<V>::optional || !ValueOf<E>::optional,
                  "mercator: the expression may be NULL, so the member must be a std::optional; or "
                  "give it a value for NULL, as in func::coalesce(expression, 0)");
    Field field = result_field<V>(*expression.node(), member_offset<Class>(member), {});
    return LoaderOption<Class>(expression_node(mapper_of<Class>(), field, expression.node()));
}

/// Fills a member that is no column with the value of an expression, for this query only
/// (SQLAlchemy's query_expression): `options(with_expression<&User::age_group>(case_(...)))`.
/// Without the option the member is as the class makes it. It is never written, and read again
/// whenever an object comes by a query that says so.
template <auto Member, class E>
[[nodiscard]] auto with_expression(const Expr<E>& expression) {
    return expression_into(Member, expression);
}
/// The number of related objects, into a member that is no column:
/// `options(with_count<&User::posts>(&User::post_count))`. Conditions say which of them count.
template <auto Member, class V, class Class, class... Conditions>
[[nodiscard]] auto with_count(V Class::*member, const Conditions&... conditions) {
    return expression_into(member, count_of<Member>(conditions...));
}
/// The sum of a column of the related objects: `with_sum<&Order::items>(col(&Item::price),
/// &Order::total)`. Over none it is empty, or 0 where the member is no std::optional.
template <auto Member, Expression E, class V, class Class, class... Conditions>
[[nodiscard]] auto with_sum(const E& column, V Class::*member, const Conditions&... conditions) {
    const auto sum = sum_of<Member>(column, conditions...);
    if constexpr (ValueOf<V>::optional) {
        return expression_into(member, sum);
    } else {
        using Number = value_of_t<typename std::remove_cvref_t<decltype(sum)>::value_type>;
        return expression_into(member, func::coalesce(sum, Number(0)));
    }
}
template <auto Member, Expression E, class V, class Class, class... Conditions>
[[nodiscard]] auto with_avg(const E& column, V Class::*member, const Conditions&... conditions) {
    return expression_into(member, avg_of<Member>(column, conditions...));
}
template <auto Member, Expression E, class V, class Class, class... Conditions>
[[nodiscard]] auto with_min(const E& column, V Class::*member, const Conditions&... conditions) {
    return expression_into(member, min_of<Member>(column, conditions...));
}
template <auto Member, Expression E, class V, class Class, class... Conditions>
[[nodiscard]] auto with_max(const E& column, V Class::*member, const Conditions&... conditions) {
    return expression_into(member, max_of<Member>(column, conditions...));
}

} // namespace mercator
