// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/statement.hpp>
#include <mercator/mapping/expression.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

namespace mercator {

/// The clauses of a SELECT of expressions, for `TypedSelect` in its two forms (`Self`). A value:
/// every call returns a changed copy (or, on a temporary, the changed object itself), so a prefix
/// can be kept and used many times.
template <class Self>
class SelectBuilder {
public:
    template <class... Conditions>
    [[nodiscard]] Self where(const Conditions&... conditions) && {
        static_assert((std::convertible_to<Conditions, const Condition&> && ...),
                      "mercator: where() takes conditions, as in col(&User::age) > 18");
        select_->where.reserve(select_->where.size() + sizeof...(conditions));
        (select_->where.push_back(conditions.node()), ...);
        return std::move(self());
    }
    template <class... Conditions>
    [[nodiscard]] Self where(const Conditions&... conditions) const& {
        return Self(self()).where(conditions...);
    }
    /// The class to read from, where the columns do not tell.
    template <class T>
    [[nodiscard]] Self select_from() && {
        read_from(*select_, mapper_of<T>(), mapper_of<T>().table_ref());
        return std::move(self());
    }
    template <class T>
    [[nodiscard]] Self select_from() const& {
        return Self(self()).template select_from<T>();
    }
    template <class T>
    [[nodiscard]] Self select_from(const Alias<T>& alias) && {
        read_from(*select_, mapper_of<T>(), alias.table());
        return std::move(self());
    }

    /// Along a relationship: `join<&Category::products>()`.
    template <auto Member>
    [[nodiscard]] Self join() && {
        return std::move(*this).template along<Member>(ast::JoinKind::Inner);
    }
    template <auto Member>
    [[nodiscard]] Self join() const& {
        return Self(self()).template join<Member>();
    }
    template <auto Member>
    [[nodiscard]] Self left_join() && {
        return std::move(*this).template along<Member>(ast::JoinKind::Left);
    }
    template <auto Member>
    [[nodiscard]] Self left_join() const& {
        return Self(self()).template left_join<Member>();
    }
    /// Along a relationship, to those of the related rows for which more conditions hold.
    template <auto Member>
    [[nodiscard]] Self join(const Condition& also, ast::JoinKind kind = ast::JoinKind::Inner) && {
        Self joined = std::move(*this).template along<Member>(kind);
        narrow_last_join(*joined.select_, also.node());
        return joined;
    }
    template <auto Member>
    [[nodiscard]] Self left_join(const Condition& also) && {
        return std::move(*this).template join<Member>(also, ast::JoinKind::Left);
    }
    /// Along a relationship, to a second use of the target's table.
    template <auto Member, class T>
    [[nodiscard]] Self join(const Alias<T>& alias, ast::JoinKind kind = ast::JoinKind::Inner) && {
        using Class = typename MemberPointer<decltype(Member)>::class_type;
        const Mapper& owner = mapper_of<Class>();
        join_relationship(*select_, owner.relationship_at(member_offset<Class>(Member)), kind,
                          owner.table_ref(), alias.table());
        return std::move(self());
    }
    template <auto Member, class T>
    [[nodiscard]] Self left_join(const Alias<T>& alias) && {
        return std::move(self()).template join<Member>(alias, ast::JoinKind::Left);
    }
    /// On a condition.
    template <class T>
    [[nodiscard]] Self join(const Condition& on, ast::JoinKind kind = ast::JoinKind::Inner) && {
        infer_from(*select_);
        join_on(*select_, mapper_of<T>(), mapper_of<T>().table_ref(), kind, on.node());
        return std::move(self());
    }
    template <class T>
    [[nodiscard]] Self join(const Alias<T>& alias, const Condition& on,
                            ast::JoinKind kind = ast::JoinKind::Inner) && {
        infer_from(*select_);
        join_on(*select_, mapper_of<T>(), alias.table(), kind, on.node());
        return std::move(self());
    }
    /// By the one foreign key between T and what is already there.
    template <class T>
    [[nodiscard]] Self join(ast::JoinKind kind = ast::JoinKind::Inner) && {
        infer_from(*select_);
        join_by_foreign_key(*select_, mapper_of<T>(), kind);
        return std::move(self());
    }

    template <class... Es>
    [[nodiscard]] Self group_by(const Es&... expressions) && {
        (select_->group_by.push_back(expressions.node()), ...);
        return std::move(self());
    }
    [[nodiscard]] Self having(const Condition& condition) && {
        select_->having.push_back(condition.node());
        return std::move(self());
    }
    template <class... Terms>
    [[nodiscard]] Self order_by(const Terms&... terms) && {
        select_->order_by.reserve(select_->order_by.size() + sizeof...(terms));
        (add_order_term(select_->order_by, terms), ...);
        return std::move(self());
    }
    template <class... Terms>
    [[nodiscard]] Self order_by(const Terms&... terms) const& {
        return Self(self()).order_by(terms...);
    }
    [[nodiscard]] Self limit(std::int64_t count) && {
        select_->limit = row_count(count, "limit");
        return std::move(self());
    }
    [[nodiscard]] Self limit(std::int64_t count) const& { return Self(self()).limit(count); }
    [[nodiscard]] Self offset(std::int64_t count) && {
        select_->offset = row_count(count, "offset");
        return std::move(self());
    }
    [[nodiscard]] Self offset(std::int64_t count) const& { return Self(self()).offset(count); }
    [[nodiscard]] Self distinct() && {
        select_->distinct = true;
        return std::move(self());
    }

    /// The statement as a tree, FROM included.
    [[nodiscard]] ast::Select statement() const& { return Self(self()).statement(); }
    [[nodiscard]] ast::Select statement() && {
        infer_from(*select_);
        return std::move(*select_);
    }
    /// For use inside another statement.
    [[nodiscard]] ast::SelectPtr shared() const {
        return std::make_shared<const ast::Select>(statement());
    }

protected:
    SelectBuilder() = default;

    SelectDraft select_;

private:
    template <auto Member>
    [[nodiscard]] Self along(ast::JoinKind kind) && {
        using Class = typename MemberPointer<decltype(Member)>::class_type;
        const Mapper& owner = mapper_of<Class>();
        const Relationship& relationship = owner.relationship_at(member_offset<Class>(Member));
        join_relationship(*select_, relationship, kind, owner.table_ref(),
                          relationship.target->table_ref());
        return std::move(self());
    }
    [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }
    [[nodiscard]] const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

} // namespace mercator
