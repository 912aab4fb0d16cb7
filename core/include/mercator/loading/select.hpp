// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/result.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/loading/statement.hpp>
#include <mercator/mapping/expression.hpp>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace mercator {

/// A member of any type in a result row, dynamic ones included.
template <class V>
[[nodiscard]] Field result_field(const ast::Expression& expression, std::uint32_t offset,
                                 std::string_view where) {
    Field field;
    field.offset = offset;
    field.type = expression.type;
    field.where = where;
    if constexpr (std::same_as<V, Value>) {
        static constexpr FieldCodec any{
            [](const void* member) { return *static_cast<const Value*>(member); },
            [](void* member, const Value& value, std::string_view) {
                *static_cast<Value*>(member) = value;
            }};
        field.kind = FieldKind::Codec;
        field.optional = true;
        field.codec = &any;
    } else {
        field.kind = TypeOf<V>::kind;
        field.optional = TypeOf<V>::optional;
        field.codec = TypeOf<V>::codec();
    }
    return field;
}

/// The name of a result column, for messages: its label or column name.
[[nodiscard]] MERCATOR_API std::string result_name(const ast::Expression& expression);

/// Completes the statement, flushes what it could miss, and runs it.
[[nodiscard]] MERCATOR_API RowReader open_rows(LoadContext& context, const SelectDraft& draft,
                                               const DecodePlan& plan);

/// What `select(...)` makes: a SELECT of expressions whose rows are tuples of their values. A
/// value: every call returns a changed copy (or, on a temporary, the changed object itself), so a
/// prefix can be kept and used many times.
template <class... Vs>
class TypedSelect<std::tuple<Vs...>> {
public:
    using row_type = std::tuple<Vs...>;

    explicit TypedSelect(const Expr<Vs>&... columns) {
        select_->columns.reserve(sizeof...(Vs));
        (select_->columns.push_back(columns.node()), ...);
    }

    template <class... Conditions>
    [[nodiscard]] TypedSelect where(const Conditions&... conditions) && {
        static_assert((std::convertible_to<Conditions, const Condition&> && ...),
                      "mercator: where() takes conditions, as in col(&User::age) > 18");
        select_->where.reserve(select_->where.size() + sizeof...(conditions));
        (select_->where.push_back(conditions.node()), ...);
        return std::move(*this);
    }
    template <class... Conditions>
    [[nodiscard]] TypedSelect where(const Conditions&... conditions) const& {
        return TypedSelect(*this).where(conditions...);
    }
    /// The class to read from, where the columns do not tell.
    template <class T>
    [[nodiscard]] TypedSelect select_from() && {
        select_->from = {mapper_of<T>().table_ref()};
        return std::move(*this);
    }
    template <class T>
    [[nodiscard]] TypedSelect select_from() const& {
        return TypedSelect(*this).template select_from<T>();
    }
    template <class T>
    [[nodiscard]] TypedSelect select_from(const Alias<T>& alias) && {
        select_->from = {alias.table()};
        return std::move(*this);
    }

    /// Along a relationship: `join<&Category::products>()`.
    template <auto Member>
    [[nodiscard]] TypedSelect join() && {
        return std::move(*this).template along<Member>(ast::JoinKind::Inner);
    }
    template <auto Member>
    [[nodiscard]] TypedSelect join() const& {
        return TypedSelect(*this).template join<Member>();
    }
    template <auto Member>
    [[nodiscard]] TypedSelect left_join() && {
        return std::move(*this).template along<Member>(ast::JoinKind::Left);
    }
    template <auto Member>
    [[nodiscard]] TypedSelect left_join() const& {
        return TypedSelect(*this).template left_join<Member>();
    }
    /// Along a relationship, to a second use of the target's table.
    template <auto Member, class T>
    [[nodiscard]] TypedSelect join(const Alias<T>& alias,
                                   ast::JoinKind kind = ast::JoinKind::Inner) && {
        using Class = typename MemberPointer<decltype(Member)>::class_type;
        const Mapper& owner = mapper_of<Class>();
        join_relationship(*select_, owner.relationship_at(member_offset<Class>(Member)), kind,
                          owner.table_ref(), alias.table());
        return std::move(*this);
    }
    template <auto Member, class T>
    [[nodiscard]] TypedSelect left_join(const Alias<T>& alias) && {
        return std::move(*this).template join<Member>(alias, ast::JoinKind::Left);
    }
    /// On a condition.
    template <class T>
    [[nodiscard]] TypedSelect join(const Condition& on,
                                   ast::JoinKind kind = ast::JoinKind::Inner) && {
        infer_from(*select_);
        select_->joins.push_back({kind, mapper_of<T>().table_ref(), on.node()});
        return std::move(*this);
    }
    template <class T>
    [[nodiscard]] TypedSelect join(const Alias<T>& alias, const Condition& on,
                                   ast::JoinKind kind = ast::JoinKind::Inner) && {
        infer_from(*select_);
        select_->joins.push_back({kind, alias.table(), on.node()});
        return std::move(*this);
    }
    /// By the one foreign key between T and what is already there.
    template <class T>
    [[nodiscard]] TypedSelect join(ast::JoinKind kind = ast::JoinKind::Inner) && {
        infer_from(*select_);
        join_by_foreign_key(*select_, mapper_of<T>(), kind);
        return std::move(*this);
    }

    template <class... Es>
    [[nodiscard]] TypedSelect group_by(const Es&... expressions) && {
        (select_->group_by.push_back(expressions.node()), ...);
        return std::move(*this);
    }
    [[nodiscard]] TypedSelect having(const Condition& condition) && {
        select_->having.push_back(condition.node());
        return std::move(*this);
    }
    template <class... Terms>
    [[nodiscard]] TypedSelect order_by(const Terms&... terms) && {
        select_->order_by.reserve(select_->order_by.size() + sizeof...(terms));
        (select_->order_by.push_back(terms.node()), ...);
        return std::move(*this);
    }
    template <class... Terms>
    [[nodiscard]] TypedSelect order_by(const Terms&... terms) const& {
        return TypedSelect(*this).order_by(terms...);
    }
    [[nodiscard]] TypedSelect limit(std::int64_t count) && {
        select_->limit = row_count(count, "limit");
        return std::move(*this);
    }
    [[nodiscard]] TypedSelect limit(std::int64_t count) const& {
        return TypedSelect(*this).limit(count);
    }
    [[nodiscard]] TypedSelect offset(std::int64_t count) && {
        select_->offset = row_count(count, "offset");
        return std::move(*this);
    }
    [[nodiscard]] TypedSelect offset(std::int64_t count) const& {
        return TypedSelect(*this).offset(count);
    }
    [[nodiscard]] TypedSelect distinct() && {
        select_->distinct = true;
        return std::move(*this);
    }

    /// The statement as a tree, FROM included.
    [[nodiscard]] ast::Select statement() const& { return TypedSelect(*this).statement(); }
    [[nodiscard]] ast::Select statement() && {
        infer_from(*select_);
        return std::move(*select_);
    }
    /// For use inside another statement.
    [[nodiscard]] ast::SelectPtr shared() const {
        return std::make_shared<const ast::Select>(statement());
    }

    /// Runs in the session and decodes straight into the tuples.
    [[nodiscard]] Result<row_type> run(LoadContext& context) const {
        std::vector<std::string> names;
        names.reserve(sizeof...(Vs));
        const DecodePlan plan = decode_plan(names, std::index_sequence_for<Vs...>());
        RowReader reader = open_rows(context, select_, plan);
        std::vector<row_type> rows;
        while (true) {
            rows.emplace_back();
            if (!reader.next(reinterpret_cast<std::byte*>(&rows.back()))) break;
        }
        rows.pop_back();
        return Result<row_type>(std::move(rows));
    }
    /// Rows as a user's aggregate, member by member in the order of the columns.
    template <class Aggregate>
    [[nodiscard]] Result<Aggregate> run_into(LoadContext& context) const {
        auto tuples = run(context).all();
        std::vector<Aggregate> rows;
        rows.reserve(tuples.size());
        for (auto& row : tuples) {
            rows.push_back(
                std::apply([](auto&... values) { return Aggregate{std::move(values)...}; }, row));
        }
        return Result<Aggregate>(std::move(rows));
    }

private:
    template <auto Member>
    [[nodiscard]] TypedSelect along(ast::JoinKind kind) && {
        using Class = typename MemberPointer<decltype(Member)>::class_type;
        const Mapper& owner = mapper_of<Class>();
        const Relationship& relationship = owner.relationship_at(member_offset<Class>(Member));
        join_relationship(*select_, relationship, kind, owner.table_ref(),
                          relationship.target->table_ref());
        return std::move(*this);
    }
    template <std::size_t... Index>
    [[nodiscard]] DecodePlan decode_plan(std::vector<std::string>& names,
                                         std::index_sequence<Index...>) const {
        static const row_type layout{};
        DecodePlan plan;
        plan.steps.reserve(sizeof...(Vs));
        const auto offset = [](const auto& element) {
            return static_cast<std::uint32_t>(reinterpret_cast<const std::byte*>(&element) -
                                              reinterpret_cast<const std::byte*>(&layout));
        };
        (names.push_back(result_name(*select_->columns[Index])), ...);
        (plan.steps.push_back(
             DecodeStep{static_cast<std::uint16_t>(Index), 0,
                        result_field<Vs>(*select_->columns[Index], offset(std::get<Index>(layout)),
                                         names[Index])}),
         ...);
        return plan;
    }

    SelectDraft select_;
};

/// `select(col(&Category::name), func::count(col(&Product::id)))`.
template <Expression... Es>
requires(sizeof...(Es) > 0) [[nodiscard]] auto select(const Es&... columns) {
    return TypedSelect<std::tuple<typename Es::value_type...>>(
        Expr<typename Es::value_type>(columns.node())...);
}

template <class V>
template <class Row>
Expr<bool> Expr<V>::in(const TypedSelect<Row>& select) const {
    return Expr<bool>(ast::in(node_, select.shared()));
}
template <class V>
template <class Row>
Expr<bool> Expr<V>::not_in(const TypedSelect<Row>& select) const {
    return Expr<bool>(ast::in(node_, select.shared(), true));
}
template <class Row>
Condition exists(const TypedSelect<Row>& select) {
    return Condition(ast::exists(select.shared()));
}

} // namespace mercator
