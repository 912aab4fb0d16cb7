// SPDX-License-Identifier: MIT
#include "related_select.hpp"

#include "class_tables.hpp"
#include "concrete_rows.hpp"
#include "correlated_select.hpp"
#include "key_list.hpp"
#include "page_select.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/cache_key.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/statement.hpp>
#include <mercator/state/snapshot.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <string>
#include <utility>

namespace mercator {

namespace {

using TablePtr = std::shared_ptr<const ast::TableRef>;

/// The owner's table in a statement of its related rows. Not its own name, which the target's table
/// may have, or the user's conditions.
constexpr const char* owner_alias = "owner_0";
/// Rows with their places among those of their owner.
constexpr const char* ranked_alias = "ranked";

bool by_link(const Relationship& relationship) {
    return relationship.secondary != nullptr;
}

/// The condition in the names that its tables have in a statement of related rows.
ast::ExpressionPtr in_statement(const Relationship& relationship, const Mapper& target,
                                const ast::ExpressionPtr& condition) {
    auto named = side_in_names(condition, Relationship::target_side, target, target.table_ref());
    if (!by_link(relationship)) return named;
    return ast::requalify(named, std::string(Relationship::link_side),
                          relationship.secondary_ref->qualifier());
}

ast::ExpressionPtr link_column(const Relationship& relationship, std::uint16_t link) {
    const Column& column = relationship.secondary->columns[link];
    return ast::column(relationship.secondary_ref->qualifier(), column.name, column.type,
                       column.accepts_null());
}

/// Target, and the table between if there is one.
ast::Select target_rows(const LoadStep& step) {
    const Relationship& relationship = *step.relationship;
    const Mapper& target = step.target();
    ast::Select select;
    select.columns = entity_plan(target).columns;
    read_all_of(select, target);
    if (by_link(relationship)) {
        select.joins.push_back(
            {ast::JoinKind::Inner, relationship.secondary_ref,
             in_statement(relationship, target, relationship.secondary_condition)});
    }
    return select;
}

/// What holds of the targets whoever asks for them.
void add_restrictions(ast::Select& select, const LoadStep& step) {
    const Relationship& relationship = *step.relationship;
    for (const auto& discriminator : relationship.discriminators) {
        if (discriminator.on_owner || !goes_by_columns(relationship)) continue; // in the condition
        const auto& property = step.target().columns()[discriminator.column];
        select.where.push_back(ast::binary(ast::Operator::Equal, property.ref,
                                           ast::bind(discriminator.value, property.field.type)));
    }
    if (step.branch == nullptr) return;
    select.where.insert(select.where.end(), step.branch->criteria.begin(),
                        step.branch->criteria.end());
}

/// The order of the collection, ended by the key so that it is the same each time.
std::vector<ast::ExpressionPtr> order_of(const LoadStep& step) {
    const Relationship& relationship = *step.relationship;
    std::vector<ast::ExpressionPtr> order;
    if (step.branch != nullptr && !step.branch->order_by.empty()) {
        order = step.branch->order_by;
    } else {
        for (const auto& term : relationship.order_by)
            order.push_back(in_statement(relationship, step.target(), term));
    }
    if (!relationship.is_collection && order.empty() &&
        relationship.direction == Direction::ManyToOne) {
        return order;
    }
    for (const auto key : relationship.target->primary_key())
        order.push_back(ast::order(step.target().columns()[key].ref));
    return order;
}

ast::ExpressionPtr bound(const Relationship& relationship, std::uint16_t column,
                         const Value& value) {
    return ast::bind(value, relationship.owner->columns()[column].field.type);
}

} // namespace

bool goes_by_columns(const Relationship& relationship) {
    if (relationship.is_simple) return true;
    if (by_link(relationship) || relationship.pairs.empty() ||
        relationship.discriminators.empty() ||
        relationship.condition->kind != ast::NodeKind::Logical) {
        return false;
    }
    // Every pair and every discriminator is one of its operands.
    const auto& condition = static_cast<const ast::Logical&>(*relationship.condition);
    return condition.is_and && condition.operands.size() ==
                                   relationship.pairs.size() + relationship.discriminators.size();
}

std::vector<std::uint16_t> owner_columns(const Relationship& relationship) {
    if (!goes_by_columns(relationship)) return relationship.owner->primary_key();
    std::vector<std::uint16_t> columns;
    if (by_link(relationship)) {
        for (const auto& pair : relationship.owner_links) columns.push_back(pair.column);
    } else {
        for (const auto& pair : relationship.pairs) columns.push_back(pair.first);
    }
    return columns;
}

namespace {

Value owner_value(const InstanceState& owner, const Relationship& relationship,
                  std::uint16_t column) {
    if (relationship.direction != Direction::ManyToOne && owner.is_tracked())
        return snapshot_value(*owner.mapper, owner.snapshot, column);
    return load(owner.mapper->columns()[column].field, owner.object());
}

} // namespace

std::optional<OwnerKey> owner_key(const InstanceState& owner, const Relationship& relationship,
                                  const std::vector<std::uint16_t>& columns) {
    OwnerKey key;
    key.reserve(columns.size());
    for (const auto column : columns) {
        key.push_back(owner_value(owner, relationship, column));
        if (key.back().is_null()) return std::nullopt;
    }
    return key;
}

namespace {

TablePtr owners_of(const Relationship& relationship) {
    auto owners = std::make_shared<ast::TableRef>(*relationship.owner->table_ref());
    owners->alias = owner_alias;
    owners->implied = nullptr;
    return owners;
}

/// The columns of a statement of related rows that hold what `owner_columns` hold; the owner's own
/// where a condition decides, which must then be joined.
std::vector<ast::ExpressionPtr> whose_columns(const LoadStep& step) {
    const Relationship& relationship = *step.relationship;
    std::vector<ast::ExpressionPtr> columns;
    if (!goes_by_columns(relationship)) {
        const Mapper& owner = *relationship.owner;
        const TablePtr owners = owners_of(relationship);
        for (const auto key : owner.primary_key())
            columns.push_back(class_column(owner, owners, *owner.columns()[key].ref));
    } else if (by_link(relationship)) {
        for (const auto& pair : relationship.owner_links)
            columns.push_back(link_column(relationship, pair.link));
    } else {
        for (const auto& pair : relationship.pairs)
            columns.push_back(step.target().columns()[pair.second].ref);
    }
    return columns;
}

} // namespace

ast::ExpressionPtr with_values_of(const InstanceState& owner, const Relationship& relationship,
                                  const ast::ExpressionPtr& condition) {
    const Mapper& mapper = *relationship.owner;
    ast::ExpressionPtr result = condition;
    for (std::size_t part = 0; part < mapper.parts().size(); ++part) {
        const Table& table = *mapper.parts()[part].table;
        const auto value = [&](const ast::ColumnRef& column) -> ast::ExpressionPtr {
            const auto index = mapper.column_in(table, column.name).value();
            return bound(relationship, index, owner_value(owner, relationship, index));
        };
        result = ast::replace_columns(result, side_name(Relationship::owner_side, part), value);
    }
    return result;
}

namespace {

/// That the row is the owner's.
void belong_to(ast::Select& select, const LoadStep& step, const InstanceState& owner) {
    const Relationship& relationship = *step.relationship;
    if (!goes_by_columns(relationship)) {
        select.where.push_back(
            with_values_of(owner, relationship,
                           in_statement(relationship, step.target(), relationship.condition)));
        return;
    }
    const auto columns = owner_columns(relationship);
    const auto whose = whose_columns(step);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        select.where.push_back(ast::binary(
            ast::Operator::Equal, whose[i],
            bound(relationship, columns[i], owner_value(owner, relationship, columns[i]))));
    }
}

/// A target that a table between refers to several times counts once, so it is looked for instead
/// of joined.
void look_for_link(ast::Select& select, std::size_t first_condition) {
    auto link = std::make_shared<ast::Select>();
    link->from.emplace_back(select.joins.back().target);
    link->where = {select.joins.back().on};
    const auto begin = select.where.begin() + static_cast<std::ptrdiff_t>(first_condition);
    link->where.insert(link->where.end(), begin, select.where.end());
    select.where.erase(begin, select.where.end());
    select.joins.pop_back(); // the target's own tables stay
    select.where.push_back(ast::exists(std::move(link)));
}

} // namespace

ast::Select related_rows(const LoadStep& step, const InstanceState& owner) {
    const Relationship& relationship = *step.relationship;
    ast::Select select = target_rows(step);
    const std::size_t own_conditions = select.where.size();
    belong_to(select, step, owner);
    if (relationship.limit != 0) {
        if (by_link(relationship)) look_for_link(select, own_conditions);
        select.limit = row_count(relationship.limit, "limit");
    }
    add_restrictions(select, step);
    select.order_by = order_of(step);
    return select;
}

ast::ExpressionPtr among(const std::vector<ast::ExpressionPtr>& whose,
                         std::span<const OwnerKey* const> keys) {
    if (whose.size() == 1) {
        std::vector<Value> values;
        values.reserve(keys.size());
        for (const OwnerKey* key : keys) values.push_back(key->front());
        return ast::in(whose.front(), std::move(values));
    }
    std::vector<ast::ExpressionPtr> rows;
    for (const OwnerKey* key : keys) {
        std::vector<ast::ExpressionPtr> parts;
        for (std::size_t i = 0; i < whose.size(); ++i) {
            parts.push_back(
                ast::binary(ast::Operator::Equal, whose[i], ast::bind((*key)[i], whose[i]->type)));
        }
        rows.push_back(ast::and_(std::move(parts)));
    }
    // Rounded up, so that chunks of all sizes need few statements.
    if (rows.size() > 4) rows.resize(std::bit_ceil(rows.size()), rows.back());
    return ast::or_(std::move(rows));
}

namespace {

/// All rows of the owners with these keys, without an order.
ast::Select rows_of_all(const LoadStep& step, const std::vector<ast::ExpressionPtr>& whose,
                        std::span<const OwnerKey* const> keys) {
    const Relationship& relationship = *step.relationship;
    ast::Select select = target_rows(step);
    if (!goes_by_columns(relationship)) {
        const TablePtr owners = owners_of(relationship);
        join_class(select, ast::JoinKind::Inner, *relationship.owner, owners,
                   side_in_names(in_statement(relationship, step.target(), relationship.condition),
                                 Relationship::owner_side, *relationship.owner, owners));
    }
    select.where.push_back(among(whose, keys));
    add_restrictions(select, step);
    return select;
}

/// Only the first of each owner. The rows are ranked by their keys in a subquery that the target's
/// table is joined with, so it keeps its own name for whatever else is joined.
RelatedRows first_of_each(const LoadStep& step, std::vector<ast::ExpressionPtr> whose,
                          ast::Select all) {
    const Relationship& relationship = *step.relationship;
    const Mapper& target = step.target();
    RelatedRows rows;
    rows.select.columns = std::exchange(all.columns, {});
    read_all_of(rows.select, target);
    std::vector<ast::ExpressionPtr> same_row;
    const auto from_ranked = [&](const ast::ExpressionPtr& column, const std::string& name) {
        all.columns.push_back(ast::label(column, name));
        return ast::column(ranked_alias, name, column->type, column->nullable);
    };
    for (const auto key : target.primary_key()) {
        const auto& own = target.columns()[key].ref;
        same_row.push_back(
            ast::binary(ast::Operator::Equal, own,
                        from_ranked(own, fmt::format("key_{}", all.columns.size() + 1))));
    }
    for (std::size_t i = 0; i < whose.size(); ++i)
        rows.whose.push_back(from_ranked(whose[i], fmt::format("owner_{}", i + 1)));
    // What stands there twice has one rank.
    const auto rank =
        by_link(relationship) ? ast::FunctionId::DenseRank : ast::FunctionId::RowNumber;
    const auto place = from_ranked(ast::over(rank, std::move(whose), order_of(step)), "place");
    same_row.push_back(
        ast::binary(ast::Operator::LessEqual, place,
                    ast::bind(Value(static_cast<std::int64_t>(relationship.limit)), BigInteger())));
    auto ranked = std::make_shared<ast::Subquery>();
    ranked->select = std::make_shared<const ast::Select>(std::move(all));
    ranked->alias = ranked_alias;
    rows.select.joins.push_back({ast::JoinKind::Inner,
                                 std::shared_ptr<const ast::Subquery>(std::move(ranked)),
                                 ast::and_(std::move(same_row))});
    rows.select.order_by = {ast::order(place)};
    return rows;
}

} // namespace

RelatedRows related_rows(const LoadStep& step, std::span<const OwnerKey* const> keys) {
    auto whose = whose_columns(step);
    ast::Select select = rows_of_all(step, whose, keys);
    if (step.relationship->limit != 0)
        return first_of_each(step, std::move(whose), std::move(select));
    select.order_by = order_of(step);
    return {std::move(select), std::move(whose)};
}

namespace {

/// The owners' columns in a query for them.
class EmbeddedOwners {
public:
    EmbeddedOwners(const Mapper& owner, const ast::Select& query) :
        owner_(owner),
        query_(query),
        page_(keys_only(query), owner_alias) {
        // Rows that a LIMIT counts stay apart, whatever of them is selected.
        if (!query.limit && !query.offset) return;
        for (const auto key : owner.primary_key()) static_cast<void>(column(key));
    }

    ast::ExpressionPtr column(std::uint16_t index) {
        const auto& own = *owner_.columns()[index].ref;
        return named(own, own.qualifier);
    }
    /// `qualifier` is the plain name of the owner's table that has it.
    ast::ExpressionPtr named(const ast::ColumnRef& wanted, const std::string& qualifier) {
        for (const auto& column : query_.columns) {
            if (column->kind != ast::NodeKind::ColumnRef) continue;
            const auto& selected = static_cast<const ast::ColumnRef&>(*column);
            if (selected.name == wanted.name && is_of(selected, qualifier))
                return page_.outer(column);
        }
        return page_.outer(ast::column(qualifier, wanted.name, wanted.type, wanted.nullable));
    }
    /// A condition of the relationship, with the owner's columns by their names here.
    ast::ExpressionPtr condition(ast::ExpressionPtr named_target) {
        for (std::size_t part = 0; part < owner_.parts().size(); ++part) {
            named_target = ast::replace_columns(
                named_target, side_name(Relationship::owner_side, part),
                [&](const ast::ColumnRef& column) {
                    return named(column, owner_.parts()[part].ref->qualifier());
                });
        }
        return named_target;
    }
    ast::FromItem finish() {
        static_cast<void>(page_.take_order());
        return std::move(page_).finish();
    }

private:
    /// A query may read the owner's only table under another name.
    [[nodiscard]] bool is_of(const ast::ColumnRef& selected, const std::string& qualifier) const {
        return owner_.parts().size() == 1 || selected.qualifier == qualifier;
    }
    static ast::Select keys_only(ast::Select query) {
        query.for_update = false;
        if (!query.limit && !query.offset) query.distinct = true;
        return query;
    }

    const Mapper& owner_;
    const ast::Select& query_;
    PageSelect page_;
};

} // namespace

RelatedRows related_rows(const LoadStep& step, const ast::Select& query) {
    const Relationship& relationship = *step.relationship;
    EmbeddedOwners owners(*relationship.owner, query);
    RelatedRows rows{target_rows(step), {}};
    for (const auto column : owner_columns(relationship))
        rows.whose.push_back(owners.column(column));
    auto condition =
        owners.condition(in_statement(relationship, step.target(), relationship.condition));
    rows.select.joins.push_back({ast::JoinKind::Inner, owners.finish(), std::move(condition)});
    add_restrictions(rows.select, step);
    if (relationship.limit != 0)
        return first_of_each(step, std::move(rows.whose), std::move(rows.select));
    rows.select.order_by = order_of(step);
    return rows;
}

std::size_t owners_per_statement(const LoadStep& step, const LoadSettings& settings,
                                 const Capabilities& capabilities, const OwnerKey& example) {
    const Relationship& relationship = *step.relationship;
    if (relationship.limit != 0 && !capabilities.window_functions) return 1;
    std::size_t owners =
        relationship.batch_size != 0 ? relationship.batch_size : settings.batch_size;
    const auto columns = owner_columns(relationship);
    const std::size_t width = std::max<std::size_t>(columns.size(), 1);
    if (width > 1) owners = std::min(owners, most_composite_keys);
    const OwnerKey* const keys[] = {&example};
    std::vector<const ast::Bind*> binds;
    const RelatedRows one = related_rows(step, keys);
    ast::append_binds(one.select, binds);
    const std::size_t others = binds.size() - std::min(binds.size(), width);
    const std::size_t room = capabilities.max_binds > others ? capabilities.max_binds - others : 0;
    return keys_that_fit(owners, width, room);
}

} // namespace mercator
