// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/dynamic_row.hpp>
#include <mercator/loading/entity_rows.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/result.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/loading/select_builder.hpp>
#include <mercator/mapping/expression.hpp>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace mercator {

/// A condition that may be unknown is false where it is not true, as in a WHERE; nullptr for what is
/// no condition, or always known.
[[nodiscard]] MERCATOR_API const FieldCodec* unknown_as_false(const ast::Expression& expression);

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
        if (field.type.rules != nullptr) convert_as_column(field);
        if constexpr (std::same_as<V, bool>) {
            if (const FieldCodec* codec = unknown_as_false(expression)) {
                field.kind = FieldKind::Codec;
                field.optional = true;
                field.codec = codec;
            }
        }
    }
    return field;
}

/// The name of a result column, for messages: its label or column name.
[[nodiscard]] MERCATOR_API std::string result_name(const ast::Expression& expression);

/// Completes the statement, flushes what it could miss, and runs it.
[[nodiscard]] MERCATOR_API RowReader open_rows(LoadContext& context, const SelectDraft& draft,
                                               const DecodePlan& plan);

/// What `select(...)` makes: a SELECT of expressions whose rows are tuples of their values.
template <class... Vs>
class TypedSelect<std::tuple<Vs...>> : public SelectBuilder<TypedSelect<std::tuple<Vs...>>> {
public:
    using row_type = std::tuple<Vs...>;

    explicit TypedSelect(const Expr<Vs>&... columns) {
        this->select_->columns.reserve(sizeof...(Vs));
        (this->select_->columns.push_back(columns.node()), ...);
    }

    /// Runs in the session and decodes straight into the tuples.
    [[nodiscard]] Result<row_type> run(LoadContext& context) const {
        std::vector<std::string> names;
        names.reserve(sizeof...(Vs));
        const DecodePlan plan = decode_plan(names, std::index_sequence_for<Vs...>());
        if constexpr ((EntityOf<Vs>::is_entity || ...)) {
            return with_objects(context, plan);
        } else {
            RowReader reader = open_rows(context, this->select_, plan);
            return read([&](std::byte* row) { return reader.next(row); });
        }
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
    template <class Next>
    [[nodiscard]] static Result<row_type> read(const Next& next) {
        std::vector<row_type> rows;
        while (true) {
            rows.emplace_back();
            if (!next(reinterpret_cast<std::byte*>(&rows.back()))) break;
        }
        rows.pop_back();
        return Result<row_type>(std::move(rows));
    }
    [[nodiscard]] Result<row_type> with_objects(LoadContext& context,
                                                const DecodePlan& plan) const {
        EntityRows reader(context, this->select_, entity_columns(std::index_sequence_for<Vs...>()),
                          plan);
        return read([&](std::byte* row) {
            if (!reader.next(row)) return false;
            std::size_t entity = 0;
            std::apply([&](auto&... values) { (take_object(reader, entity, values), ...); },
                       *reinterpret_cast<row_type*>(row));
            return true;
        });
    }
    template <class V>
    static void take_object(const EntityRows& reader, std::size_t& entity, V& value) {
        if constexpr (EntityOf<V>::is_entity)
            value = std::static_pointer_cast<typename EntityOf<V>::type>(reader.object(entity++));
    }
    template <std::size_t... Index>
    [[nodiscard]] static std::vector<EntityColumn> entity_columns(std::index_sequence<Index...>) {
        std::vector<EntityColumn> columns;
        (add_entity<Vs>(columns, Index), ...);
        return columns;
    }
    template <class V>
    static void add_entity(std::vector<EntityColumn>& columns, std::size_t column) {
        if constexpr (EntityOf<V>::is_entity) {
            using T = typename EntityOf<V>::type;
            columns.push_back({column, &mapper_of<std::remove_const_t<T>>(), std::is_const_v<T>});
        }
    }
    template <class V>
    void add_step(DecodePlan& plan, std::size_t column, std::uint32_t offset,
                  const std::string& name) const {
        if constexpr (!EntityOf<V>::is_entity) {
            plan.steps.push_back(
                DecodeStep{static_cast<std::uint16_t>(column), 0,
                           result_field<V>(*this->select_->columns[column], offset, name)});
        }
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
        (names.push_back(result_name(*this->select_->columns[Index])), ...);
        (add_step<Vs>(plan, Index, offset(std::get<Index>(layout)), names[Index]), ...);
        return plan;
    }
};

/// Runs the statement and reads its rows by name.
[[nodiscard]] MERCATOR_API Result<DynamicRow> read_dynamic(LoadContext& context,
                                                           const SelectDraft& draft);

/// A SELECT whose columns are chosen at run time: `select(columns)` with a list of expressions, or
/// `DynamicSelect().column(...)` one by one. Its rows know their values by name.
template <>
class TypedSelect<DynamicRow> : public SelectBuilder<TypedSelect<DynamicRow>> {
public:
    using row_type = DynamicRow;

    TypedSelect() = default;
    explicit TypedSelect(std::vector<ast::ExpressionPtr> columns) {
        select_->columns = std::move(columns);
    }
    /// One more column; `label` names it.
    template <Expression E>
    [[nodiscard]] TypedSelect column(const E& expression) && {
        select_->columns.push_back(expression.node());
        return std::move(*this);
    }
    template <Expression E>
    [[nodiscard]] TypedSelect column(const E& expression) const& {
        return TypedSelect(*this).column(expression);
    }
    [[nodiscard]] Result<DynamicRow> run(LoadContext& context) const {
        return read_dynamic(context, select_);
    }
};
using DynamicSelect = TypedSelect<DynamicRow>;

/// `select(columns)` where `columns` is a list made at run time, as in
/// `std::vector<ast::ExpressionPtr>{col(&User::name), col_by_name<User>(asked_for)}`.
[[nodiscard]] inline DynamicSelect select(std::vector<ast::ExpressionPtr> columns) {
    return DynamicSelect(std::move(columns));
}

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
