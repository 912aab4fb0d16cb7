// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/relationship_expression.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/mapping/function.hpp>
#include <mercator/mapping/in_memory.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

/// What a hybrid's formula reads by its argument `e`: the members of an object, or the columns of a
/// row; what is related to them, and other hybrids.
namespace mercator {

template <class H>
concept AnyHybrid = requires {
    typename H::hybrid_class;
};
template <class H, class Class>
concept HybridOf = AnyHybrid<H> && std::derived_from<Class, typename H::hybrid_class>;

// In memory
// ---------------------------------------------------------------------------------------------------------------------

/// As the column holds it: 5 in a Numeric(10, 2) is 5.00.
[[nodiscard]] MERCATOR_API Decimal as_stored(const Decimal& value, const Mapper& mapper,
                                             std::uint32_t offset);
[[noreturn]] MERCATOR_API void throw_missing_related(const Mapper& mapper, std::uint32_t offset);

template <class Class>
class ObjectMembers;

/// The object on the other side of a relationship, or none.
template <class Class, bool required>
class RelatedMembers {
public:
    explicit RelatedMembers(const Class* object) : object_(object) {}

    /// A member of it, empty where there is no object; a relationship of it; a hybrid.
    template <class Asked, class... Arguments>
    [[nodiscard]] auto operator()(const Asked& asked, const Arguments&... arguments) const {
        using Result = decltype(std::declval<const ObjectMembers<Class>&>()(asked, arguments...));
        if constexpr (!MemoryOperand<Result>) {
            return object_ != nullptr ? ObjectMembers<Class>(*object_)(asked, arguments...)
                                      : Result(nullptr);
        } else if constexpr (required) {
            return ObjectMembers<Class>(*object_)(asked, arguments...);
        } else {
            using V = std::optional<value_of_t<typename Result::value_type>>;
            if (object_ == nullptr) return InMemory<V>(V());
            return InMemory<V>(V(ObjectMembers<Class>(*object_)(asked, arguments...).value()));
        }
    }
    [[nodiscard]] InMemory<bool> is_null() const { return InMemory<bool>(object_ == nullptr); }
    [[nodiscard]] InMemory<bool> is_not_null() const { return InMemory<bool>(object_ != nullptr); }

private:
    const Class* object_;
};

namespace formula {
/// The objects of a collection.
template <class Class>
class MemberRows {
public:
    using formula_row = Class;

    explicit MemberRows(const Many<Class>* many) : many_(many) {}

    template <class Term>
    [[nodiscard]] auto sum(const Term& term) const {
        using V = operand_t<term_t<Term>>;
        static_assert(Number<V>, "mercator: sum needs a number");
        using S =
            std::conditional_t<std::same_as<V, Decimal>, Decimal,
                               std::conditional_t<std::floating_point<V>, double, std::int64_t>>;
        S total = 0;
        each_known(term, [&](const V& value) {
            total = static_cast<S>(MemoryArithmetic::add(total, value));
        });
        return InMemory<S>(total);
    }
    template <class Term>
    [[nodiscard]] auto avg(const Term& term) const {
        using V = operand_t<term_t<Term>>;
        static_assert(Number<V>, "mercator: avg needs a number");
        using S = std::conditional_t<std::same_as<V, Decimal>, Decimal, double>;
        S total = 0;
        std::int64_t count = 0;
        each_known(term, [&](const V& value) {
            total = total + static_cast<S>(value);
            ++count;
        });
        using Result = std::optional<S>;
        if (count == 0) return InMemory<Result>(Result());
        if constexpr (std::same_as<S, Decimal>) {
            return InMemory<Result>(average(total, count));
        } else {
            return InMemory<Result>(total / static_cast<double>(count));
        }
    }
    template <class Term>
    [[nodiscard]] auto min(const Term& term) const {
        return extreme(term, -1);
    }
    template <class Term>
    [[nodiscard]] auto max(const Term& term) const {
        return extreme(term, 1);
    }
    [[nodiscard]] InMemory<std::int64_t> count() const {
        return InMemory<std::int64_t>(many_ == nullptr ? 0
                                                       : static_cast<std::int64_t>(many_->size()));
    }
    template <class Test>
    [[nodiscard]] InMemory<std::int64_t> count(const Test& test) const {
        std::int64_t count = 0;
        each([&](const auto& row) { count += holds(test(row)) ? 1 : 0; });
        return InMemory<std::int64_t>(count);
    }
    [[nodiscard]] InMemory<bool> any() const {
        return InMemory<bool>(many_ != nullptr && !many_->empty());
    }
    template <class Test>
    [[nodiscard]] InMemory<bool> any(const Test& test) const {
        return InMemory<bool>(count(test).value() != 0);
    }
    template <class Test>
    [[nodiscard]] InMemory<bool> all(const Test& test) const {
        return InMemory<bool>(count(test).value() == count().value());
    }

private:
    template <class Term>
    using term_t = std::remove_cvref_t<decltype(std::declval<const Term&>()(
        std::declval<const ObjectMembers<Class>&>()))>;

    template <class Act>
    void each(const Act& act) const {
        if (many_ == nullptr) return;
        for (const auto& object : *many_) act(ObjectMembers<Class>(*object));
    }
    template <class Term, class Act>
    void each_known(const Term& term, const Act& act) const {
        each([&](const auto& row) {
            const auto result = term(row);
            const auto& value = held(result);
            if (is_known(value)) act(known(value));
        });
    }
    template <class Term>
    [[nodiscard]] auto extreme(const Term& term, int side) const {
        using V = operand_t<term_t<Term>>;
        std::optional<V> found;
        each_known(term, [&](const V& value) {
            if (!found || order_of(value, *found) == side) found = value;
        });
        return InMemory<std::optional<V>>(found);
    }
    const Many<Class>* many_;
};
} // namespace formula
using formula::MemberRows;

/// How a formula reads an object: `e(&Employee::hourly_rate)` is the member.
template <class Class>
class ObjectMembers {
public:
    explicit ObjectMembers(const Class& object) noexcept : object_(object) {}
    [[nodiscard]] const Class& object() const noexcept { return object_; }

    template <class V, class Base>
    [[nodiscard]] auto operator()(V Base::*member) const {
        if constexpr (std::derived_from<V, RelatedOne>) {
            return RelatedMembers<typename V::target_type, false>((object_.*member).get());
        } else if constexpr (std::derived_from<V, RelatedMany>) {
            using Target = typename V::target_type;
            static_assert(std::derived_from<V, Many<Target>>,
                          "mercator: a formula reads collections that are a Many<T>");
            return MemberRows<Target>(&(object_.*member));
        } else {
            return plain(member);
        }
    }
    /// Of a relationship that is never empty; a StateError where it is.
    template <class V, class Base>
    [[nodiscard]] auto required(V Base::*member) const {
        static_assert(std::derived_from<V, RelatedOne>,
                      "mercator: required() is for relationships to one object");
        const auto* related = (object_.*member).get();
        if (related == nullptr)
            throw_missing_related(mapper_of<Class>(), member_offset<Class>(member));
        return RelatedMembers<typename V::target_type, true>(related);
    }
    template <HybridOf<Class> H, class... Arguments>
    [[nodiscard]] auto operator()(const H& hybrid, const Arguments&... arguments) const {
        return hybrid.in_members(*this, arguments...);
    }

private:
    template <class V, class Base>
    [[nodiscard]] auto plain(V Base::*member) const {
        using Stored = stored_member_t<V>;
        const Stored& value = object_.*member;
        if constexpr (std::same_as<Stored, Decimal>) {
            return InMemory<Decimal>(
                as_stored(value, declared_mapper<Class>(), member_offset<Class>(member)));
        } else if constexpr (std::same_as<Stored, std::optional<Decimal>>) {
            if (!value) return InMemory<Stored>(value);
            return InMemory<Stored>(
                as_stored(*value, declared_mapper<Class>(), member_offset<Class>(member)));
        } else {
            return InMemory<Stored>(value);
        }
    }
    const Class& object_;
};

// In SQL
// ------------------------------------------------------------------------------------------------------------------------

/// A table as a formula reads it, with those of the statements around it, whose names its
/// subqueries must not take.
struct RowScope {
    std::shared_ptr<const ast::TableRef> table;
    std::shared_ptr<const RowScope> outer; ///< may be empty
};
using RowScopePtr = std::shared_ptr<const RowScope>;

/// The rows that a row is related to, for a subquery within the statement that reads the row.
[[nodiscard]] MERCATOR_API RowScopePtr related_rows(const Relationship& relationship,
                                                    const RowScopePtr& owner);
/// The row that a path leads to.
[[nodiscard]] MERCATOR_API RowScopePtr row_on_path(const Relationship& relationship,
                                                   const RowScopePtr& owner);
/// `(SELECT function FROM rows WHERE they are related)`.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr value_of_rows(const Relationship& relationship,
                                                            const RowScopePtr& rows,
                                                            const ast::ExpressionPtr& function,
                                                            const ast::ExpressionPtr& condition);
[[nodiscard]] MERCATOR_API ast::ExpressionPtr existence_of_rows(const Relationship& relationship,
                                                                const RowScopePtr& rows,
                                                                const ast::ExpressionPtr& condition,
                                                                bool negated);
/// Does it not hold: is it false or unknown?
[[nodiscard]] MERCATOR_API ast::ExpressionPtr fails(const ast::ExpressionPtr& condition);
[[nodiscard]] MERCATOR_API ast::ExpressionPtr
column_of_row(const Mapper& mapper, const RowScopePtr& row, std::uint32_t offset);

template <class Class>
class RowColumns;

/// The row on the other side of a relationship. The statement joins it, by an outer join where
/// there may be none.
template <class Class, bool required>
class RelatedColumns {
public:
    RelatedColumns(const Relationship& relationship, const RowScopePtr& owner) :
        relationship_(&relationship),
        owner_(owner->table),
        row_(row_on_path(relationship, owner)) {}

    template <class Asked, class... Arguments>
    [[nodiscard]] auto operator()(const Asked& asked, const Arguments&... arguments) const {
        auto result = row_(asked, arguments...);
        if constexpr (!Expression<decltype(result)>) {
            return result;
        } else {
            using V = typename decltype(result)::value_type;
            constexpr bool is_condition = std::same_as<V, bool> && AnyHybrid<Asked>;
            if constexpr (required || is_condition) {
                return Expr<V>(result.node());
            } else {
                return Expr<std::optional<value_of_t<V>>>(result.node());
            }
        }
    }
    [[nodiscard]] Condition is_null() const {
        return Condition(RelationshipInStatement(*relationship_, owner_).is_empty());
    }
    [[nodiscard]] Condition is_not_null() const {
        return Condition(RelationshipInStatement(*relationship_, owner_).is_not_empty());
    }

private:
    const Relationship* relationship_;
    std::shared_ptr<const ast::TableRef> owner_;
    RowColumns<Class> row_;
};

namespace formula {
/// The rows of a collection: what is made of them is a subquery.
template <class Class>
class CollectionColumns {
public:
    using formula_row = Class;

    CollectionColumns(const Relationship& relationship, const RowScopePtr& owner) :
        relationship_(&relationship),
        rows_(related_rows(relationship, owner)) {}

    template <class Term>
    [[nodiscard]] auto sum(const Term& term) const {
        const auto total = func::sum(of_each(term));
        using S = value_of_t<typename std::remove_cvref_t<decltype(total)>::value_type>;
        return value(total).value_or(S(0));
    }
    template <class Term>
    [[nodiscard]] auto avg(const Term& term) const {
        return value(func::avg(of_each(term)));
    }
    template <class Term>
    [[nodiscard]] auto min(const Term& term) const {
        return value(func::min(of_each(term)));
    }
    template <class Term>
    [[nodiscard]] auto max(const Term& term) const {
        return value(func::max(of_each(term)));
    }
    [[nodiscard]] Expr<std::int64_t> count() const { return value(func::count()); }
    template <class Test>
    [[nodiscard]] Expr<std::int64_t> count(const Test& test) const {
        return value(func::count(), condition(test));
    }
    [[nodiscard]] Condition any() const { return exists(nullptr, false); }
    template <class Test>
    [[nodiscard]] Condition any(const Test& test) const {
        return exists(condition(test), false);
    }
    template <class Test>
    [[nodiscard]] Condition all(const Test& test) const {
        return exists(fails(condition(test)), true);
    }

private:
    template <class Term>
    [[nodiscard]] auto of_each(const Term& term) const {
        auto result = term(RowColumns<Class>(rows_));
        static_assert(Expression<decltype(result)>,
                      "mercator: what is computed of the rows of a collection must read them, as "
                      "in i(&Item::price)");
        return Expr<typename decltype(result)::value_type>(result.node());
    }
    template <class Test>
    [[nodiscard]] ast::ExpressionPtr condition(const Test& test) const {
        const auto result = test(RowColumns<Class>(rows_));
        static_assert(std::same_as<operand_t<decltype(result)>, bool>,
                      "mercator: this needs a condition, as in i(&Item::price) > 5");
        return operand_node(result);
    }
    template <class V>
    [[nodiscard]] Expr<V> value(const Expr<V>& function,
                                const ast::ExpressionPtr& condition = nullptr) const {
        return Expr<V>(value_of_rows(*relationship_, rows_, function.node(), condition));
    }
    [[nodiscard]] Condition exists(const ast::ExpressionPtr& condition, bool negated) const {
        return Condition(existence_of_rows(*relationship_, rows_, condition, negated));
    }
    const Relationship* relationship_;
    RowScopePtr rows_;
};
} // namespace formula
using formula::CollectionColumns;

/// How a formula reads a row: `e(&Employee::hourly_rate)` is the column.
template <class Class>
class RowColumns {
public:
    /// The row of the class's own table.
    RowColumns() = default;
    explicit RowColumns(const Alias<Class>& alias) :
        row_(std::make_shared<RowScope>(RowScope{alias.table(), nullptr})) {}
    explicit RowColumns(RowScopePtr row) : row_(std::move(row)) {}

    template <class V, class Base>
    [[nodiscard]] auto operator()(V Base::*member) const {
        if constexpr (std::derived_from<V, RelatedOne>) {
            return RelatedColumns<typename V::target_type, false>(relationship(member), scope());
        } else if constexpr (std::derived_from<V, RelatedMany>) {
            return CollectionColumns<typename V::target_type>(relationship(member), scope());
        } else if (row_ == nullptr) {
            return mercator::col<Class>(static_cast<V Class::*>(member));
        } else {
            return ColumnExpr<Class, V>(
                column_of_row(mapper_of<Class>(), row_, member_offset<Class>(member)));
        }
    }
    template <class V, class Base>
    [[nodiscard]] auto required(V Base::*member) const {
        static_assert(std::derived_from<V, RelatedOne>,
                      "mercator: required() is for relationships to one object");
        return RelatedColumns<typename V::target_type, true>(relationship(member), scope());
    }
    template <HybridOf<Class> H, class... Arguments>
    [[nodiscard]] auto operator()(const H& hybrid, const Arguments&... arguments) const {
        return hybrid.in_row(*this, arguments...);
    }

private:
    template <class V, class Base>
    [[nodiscard]] static const Relationship& relationship(V Base::*member) {
        return mapper_of<Class>().relationship_at(member_offset<Class>(member));
    }
    [[nodiscard]] RowScopePtr scope() const {
        if (row_ != nullptr) return row_;
        return std::make_shared<RowScope>(RowScope{mapper_of<Class>().table_ref(), nullptr});
    }
    RowScopePtr row_; ///< empty for the class's own table
};

// Over collections, in both worlds
// ------------------------------------------------------------------------------------------------------

// In a namespace of their own, the collections' own, they are found where collections are their
// arguments, and are in nobody's way elsewhere: `using namespace mercator` must not bring a
// `count`.
namespace formula {

/// A collection as a formula reads it.
template <class R>
concept RowsOfFormula = requires {
    typename R::formula_row;
};

/// `sum(e(&Order::items), [](auto i) { return i(&Item::price) * i(&Item::quantity); })`: a loop in
/// memory, a subquery in SQL. 0 over none; what is NULL is left out.
template <RowsOfFormula R, class Term>
[[nodiscard]] auto sum(const R& rows, const Term& term) {
    return rows.sum(term);
}
/// These are empty over none.
template <RowsOfFormula R, class Term>
[[nodiscard]] auto avg(const R& rows, const Term& term) {
    return rows.avg(term);
}
template <RowsOfFormula R, class Term>
[[nodiscard]] auto min(const R& rows, const Term& term) {
    return rows.min(term);
}
template <RowsOfFormula R, class Term>
[[nodiscard]] auto max(const R& rows, const Term& term) {
    return rows.max(term);
}
/// How many there are, for which a condition holds.
template <RowsOfFormula R, class... Test>
requires(sizeof...(Test) <= 1) [[nodiscard]] auto count(const R& rows, const Test&... test) {
    return rows.count(test...);
}
/// Is there one, for which the condition holds?
template <RowsOfFormula R, class... Test>
requires(sizeof...(Test) <= 1) [[nodiscard]] auto any(const R& rows, const Test&... test) {
    return rows.any(test...);
}
template <RowsOfFormula R, class... Test>
requires(sizeof...(Test) <= 1) [[nodiscard]] auto exists(const R& rows, const Test&... test) {
    return rows.any(test...);
}
/// Does the condition hold for each of them? Of none, yes.
template <RowsOfFormula R, class Test>
[[nodiscard]] auto all(const R& rows, const Test& test) {
    return rows.all(test);
}

} // namespace formula

} // namespace mercator
