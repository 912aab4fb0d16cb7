// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

/// The untyped half of `RelationshipExpr`: a relationship, and the name under which a statement
/// reads its owner. A small value; the relationship is its mapper's.
class MERCATOR_API RelationshipInStatement {
public:
    using TablePtr = std::shared_ptr<const ast::TableRef>;
    using Object = std::shared_ptr<const void>;

    RelationshipInStatement(const Relationship& relationship, TablePtr owner) :
        relationship_(&relationship),
        owner_(std::move(owner)) {}

    /// Is there a related row for which all of this holds?
    [[nodiscard]] ast::ExpressionPtr
    exists(const std::vector<ast::ExpressionPtr>& conditions) const;
    [[nodiscard]] ast::ExpressionPtr is_empty() const;
    [[nodiscard]] ast::ExpressionPtr is_not_empty() const;
    /// Is this object the related one, or one of them? Nothing is, with an empty handle.
    [[nodiscard]] ast::ExpressionPtr holds(const Object& object) const;
    /// Is it another one, or none?
    [[nodiscard]] ast::ExpressionPtr lacks(const Object& object) const;
    [[nodiscard]] ast::ExpressionPtr holds_one_of(const std::vector<Object>& objects) const;
    /// The table that the relationship leads to, joined where a statement names its columns.
    [[nodiscard]] TablePtr target() const;

    /// Only related rows of a class that inherits the target.
    [[nodiscard]] RelationshipInStatement of_type(const Mapper& mapper) const;
    /// Only those for which this holds as well, over the target's own columns.
    [[nodiscard]] RelationshipInStatement
    narrowed(const std::vector<ast::ExpressionPtr>& conditions) const;
    /// The class of the rows that it leads to.
    [[nodiscard]] const Mapper& target_class() const noexcept;
    [[nodiscard]] const Relationship& relationship() const noexcept { return *relationship_; }
    [[nodiscard]] const TablePtr& owner() const noexcept { return owner_; }
    [[nodiscard]] const std::vector<ast::ExpressionPtr>& conditions() const noexcept {
        return also_;
    }

private:
    [[nodiscard]] bool by_foreign_key() const;
    [[nodiscard]] ast::ExpressionPtr owner_column(std::uint16_t index) const;
    [[nodiscard]] std::vector<ast::ExpressionPtr> missing() const;

    const Relationship* relationship_;
    TablePtr owner_;
    const Mapper* class_ = nullptr; ///< nullptr: the target's
    std::vector<ast::ExpressionPtr> also_;
};

/// Joins what it leads to, under the name of its table: what `Query::join(rel(...))` does.
MERCATOR_API void join_related(ast::Select& select, const RelationshipInStatement& related,
                               ast::JoinKind kind);

/// The value of a column at the end of a path, which leads to `mapper`.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr
column_on_path(const std::shared_ptr<const ast::TableRef>& table, const Mapper& mapper,
               const ColumnProperty& property);

/// The conditions of a question about related rows.
template <class... Conditions>
[[nodiscard]] std::vector<ast::ExpressionPtr> related_conditions(const Conditions&... conditions) {
    static_assert((std::convertible_to<Conditions, const Condition&> && ...),
                  "mercator: any(), has() and and_() take conditions on the related rows, as in "
                  "col(&Post::state) == \"open\"");
    return {conditions.node()...};
}

/// Some of what a relationship leads to: those of one class, those for which conditions hold. Made
/// by `of_type` and `and_`; for questions and for `Query::join`.
template <class Class, class Member, class Target>
class NarrowedRelationship {
public:
    using target_type = Target;
    explicit NarrowedRelationship(RelationshipInStatement inner) : inner_(std::move(inner)) {}

    /// Is there one among them, for which all of this holds? Of a collection.
    template <class... Conditions>
    [[nodiscard]] Condition any(const Conditions&... conditions) const {
        static_assert(std::derived_from<Member, RelatedMany>,
                      "mercator: any() is for collections; this relationship leads to one object, "
                      "so ask has()");
        return Condition(inner_.exists(related_conditions(conditions...)));
    }
    /// The same of a relationship to one object.
    template <class... Conditions>
    [[nodiscard]] Condition has(const Conditions&... conditions) const {
        static_assert(!std::derived_from<Member, RelatedMany>,
                      "mercator: has() is for relationships to one object; this one is a "
                      "collection, so ask any()");
        return Condition(inner_.exists(related_conditions(conditions...)));
    }
    template <class... Conditions>
    [[nodiscard]] NarrowedRelationship and_(const Conditions&... conditions) const {
        return NarrowedRelationship(inner_.narrowed(related_conditions(conditions...)));
    }
    [[nodiscard]] const RelationshipInStatement& in_statement() const noexcept { return inner_; }

private:
    RelationshipInStatement inner_;
};

/// A relationship in an expression, beside `col(&User::name)`: what is related to the rows of
/// `Class` that a statement reads. `Member` is the One<T> or Many<T>. Made by `rel`:
///
///     rel(&User::posts).any(col(&Post::state) == "open")
///     rel(&Post::author).has(col(&User::name) == "Ada")
///     rel(&Post::author) == ada
///     rel(&Post::author).rel(&User::country).col(&Country::name) == "Malta"
template <class Class, class Member>
class RelationshipExpr {
public:
    using target_type = typename Member::target_type;
    static constexpr bool is_collection = std::derived_from<Member, RelatedMany>;

    RelationshipExpr(const Relationship& relationship, std::shared_ptr<const ast::TableRef> owner) :
        inner_(relationship, std::move(owner)) {}

    /// Of a collection: is there a related row for which all conditions hold? They are over the
    /// target's own columns, whatever name its table has inside; without any, is there a related
    /// row at all? Conditions may be such questions themselves.
    template <class... Conditions>
    [[nodiscard]] Condition any(const Conditions&... conditions) const {
        static_assert(is_collection, "mercator: any() is for collections; this relationship leads "
                                     "to one object, so ask has()");
        return Condition(inner_.exists(related_conditions(conditions...)));
    }
    /// Of a relationship to one object: is there one, for which all conditions hold?
    template <class... Conditions>
    [[nodiscard]] Condition has(const Conditions&... conditions) const {
        static_assert(!is_collection, "mercator: has() is for relationships to one object; this "
                                      "one is a collection, so ask any()");
        return Condition(inner_.exists(related_conditions(conditions...)));
    }
    /// Of a collection: is this object in it? An object counts by its key, so it may be one of
    /// another session, or of one that has ended. A new one is flushed with its session, which
    /// makes its key; StateError where that cannot be (autoflush is off, or no session knows it).
    [[nodiscard]] Condition contains(const std::shared_ptr<const target_type>& object) const {
        static_assert(is_collection, "mercator: contains() is for collections; compare a "
                                     "relationship to one object with ==");
        return Condition(inner_.holds(object));
    }
    /// Nothing is related: by the foreign key where the owner has it, else there is no such row.
    [[nodiscard]] Condition is_null() const { return Condition(inner_.is_empty()); }
    [[nodiscard]] Condition is_not_null() const { return Condition(inner_.is_not_empty()); }

    /// Is one of these objects the related one? Of none of them, nothing is.
    template <IterableValues Handles>
    [[nodiscard]] Condition in(const Handles& handles) const {
        static_assert(!is_collection, "mercator: in() is for relationships to one object; ask a "
                                      "collection with any() or contains()");
        std::vector<std::shared_ptr<const void>> objects;
        for (const auto& handle : handles)
            objects.push_back(std::shared_ptr<const target_type>(handle));
        return Condition(inner_.holds_one_of(objects));
    }
    [[nodiscard]] Condition
    in(std::initializer_list<std::shared_ptr<const target_type>> handles) const {
        return in<std::initializer_list<std::shared_ptr<const target_type>>>(handles);
    }

    /// A column of the related row. The statement joins it, once for all uses of the same path: by
    /// an outer join where the relationship may be empty, so that no row is lost, and the value is
    /// NULL then.
    template <class V, class Base>
    [[nodiscard]] Expr<std::optional<value_of_t<V>>> col(V Base::*member) const {
        static_assert(!is_collection, "mercator: a path leads over relationships to one object; "
                                      "ask a collection with any(), or join it");
        const Mapper& mapper = mapper_of<target_type>();
        return Expr<std::optional<value_of_t<V>>>(column_on_path(
            inner_.target(), mapper, mapper.column_at(member_offset<target_type>(member))));
    }
    /// A relationship of the related row: the next step of a path.
    template <class Next, class Base>
    [[nodiscard]] RelationshipExpr<target_type, Next> rel(Next Base::*member) const {
        static_assert(!is_collection, "mercator: a path leads over relationships to one object; "
                                      "ask a collection with any(), or join it");
        return {mapper_of<target_type>().relationship_at(member_offset<target_type>(member)),
                inner_.target()};
    }

    /// Only related rows of a class that inherits the target:
    /// `rel(&Company::people).of_type<Employee>().any(col(&Employee::salary) > 1000)`,
    /// `query.join(rel(&Company::people).of_type<Employee>())`.
    template <class Subclass>
    [[nodiscard]] NarrowedRelationship<Class, Member, Subclass> of_type() const {
        static_assert(std::derived_from<Subclass, target_type>,
                      "mercator: of_type() names a class that inherits the relationship's target");
        return NarrowedRelationship<Class, Member, Subclass>(inner_.of_type(mapper_of<Subclass>()));
    }
    /// Only those for which this holds as well, which in a join stands in its ON.
    template <class... Conditions>
    [[nodiscard]] NarrowedRelationship<Class, Member, target_type>
    and_(const Conditions&... conditions) const {
        return NarrowedRelationship<Class, Member, target_type>(
            inner_.narrowed(related_conditions(conditions...)));
    }
    [[nodiscard]] const RelationshipInStatement& in_statement() const noexcept { return inner_; }

    /// Is this the related object? With an empty handle: is there none? A key of several columns is
    /// compared column by column. See `contains` for which objects can be compared.
    [[nodiscard]] Condition operator==(const std::shared_ptr<const target_type>& object) const {
        require_one();
        return Condition(object == nullptr ? inner_.is_empty() : inner_.holds(object));
    }
    /// Is it another object, or none?
    [[nodiscard]] Condition operator!=(const std::shared_ptr<const target_type>& object) const {
        require_one();
        return Condition(object == nullptr ? inner_.is_not_empty() : inner_.lacks(object));
    }
    template <std::same_as<One<target_type>> Other>
    [[nodiscard]] Condition operator==(const Other& object) const {
        return *this == std::shared_ptr<const target_type>(object.handle());
    }
    template <std::same_as<One<target_type>> Other>
    [[nodiscard]] Condition operator!=(const Other& object) const {
        return *this != std::shared_ptr<const target_type>(object.handle());
    }
    [[nodiscard]] Condition operator==(std::nullptr_t) const { return is_null(); }
    [[nodiscard]] Condition operator!=(std::nullptr_t) const { return is_not_null(); }

private:
    static void require_one() {
        static_assert(!is_collection, "mercator: a collection is not compared with an object; ask "
                                      "contains() or any()");
    }

    RelationshipInStatement inner_;
};

/// What a member that is a relationship is in an expression: `rel(&User::posts)`.
template <class Member, class Class>
[[nodiscard]] RelationshipExpr<Class, Member> rel(Member Class::*member) {
    const Mapper& mapper = mapper_of<Class>();
    return {mapper.relationship_at(member_offset<Class>(member)), mapper.table_ref()};
}
/// An inherited member: `rel<Product>(&Owned::owner)`.
template <class Class, class Member, class Base>
requires std::derived_from<Class, Base>
[[nodiscard]] RelationshipExpr<Class, Member> rel(Member Base::*member) {
    const Mapper& mapper = mapper_of<Class>();
    return {mapper.relationship_at(member_offset<Class>(member)), mapper.table_ref()};
}

template <class T>
template <class Member, class Base>
RelationshipExpr<T, Member> Alias<T>::rel(Member Base::*member) const {
    return {mapper_of<T>().relationship_at(member_offset<T>(member)), table_};
}

/// The members that a path chosen at run time names, the last one a column: "author.country.name".
/// MappingError that lists the names there are; one that tells to ask any() for collections.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr column_by_path(const Mapper& mapper,
                                                             std::string_view names);

/// A path chosen at run time, by names of members: `path<Post>("author.country.name")`. Its values
/// are `V`. As with `col_by_name`, text from outside can never become SQL.
template <class Class, class V = Value>
[[nodiscard]] Expr<V> path(std::string_view names) {
    return Expr<V>(column_by_path(mapper_of<Class>(), names));
}

/// What lies behind association objects, in an expression.
template <class Class, class Links, class Target>
class ThroughExpr {
public:
    using target_type = typename Target::target_type;

    ThroughExpr(RelationshipExpr<Class, Links> links,
                RelationshipExpr<typename Links::target_type, Target> target) :
        links_(std::move(links)),
        target_(std::move(target)) {}

    /// Is one of the objects behind them one for which all conditions hold?
    template <class... Conditions>
    [[nodiscard]] Condition any(const Conditions&... conditions) const {
        return links_.any(target_.has(conditions...));
    }
    /// Does an association object lead to this one?
    [[nodiscard]] Condition contains(const std::shared_ptr<const target_type>& object) const {
        return links_.any(target_ == object);
    }

private:
    RelationshipExpr<Class, Links> links_;
    RelationshipExpr<typename Links::target_type, Target> target_;
};

/// `rel_through<&Student::enrollments, &Enrollment::course>().contains(logic)`: the way of
/// `through` in SQL.
template <auto Links, auto Target>
[[nodiscard]] auto rel_through() {
    return ThroughExpr(rel(Links), rel(Target));
}

} // namespace mercator
