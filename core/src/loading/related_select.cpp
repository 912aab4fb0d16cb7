// SPDX-License-Identifier: MIT
#include "related_select.hpp"

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
/// Databases refuse expressions that are nested deeper, and each key of several columns is one more
/// operand of an OR.
constexpr std::size_t most_composite_keys = 512;

bool by_link(const Relationship& relationship) {
    return relationship.secondary != nullptr;
}

/// The condition in the names that its tables have in a statement of related rows.
ast::ExpressionPtr in_statement(const Relationship& relationship,
                                const ast::ExpressionPtr& condition) {
    auto named = ast::requalify(condition, std::string(Relationship::target_side),
                                relationship.target->table_ref()->qualifier());
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
ast::Select target_rows(const Relationship& relationship) {
    ast::Select select;
    select.columns = entity_plan(*relationship.target).columns;
    select.from.emplace_back(relationship.target->table_ref());
    if (by_link(relationship)) {
        select.joins.push_back({ast::JoinKind::Inner, relationship.secondary_ref,
                                in_statement(relationship, relationship.secondary_condition)});
    }
    return select;
}

/// What holds of the targets whoever asks for them.
void add_restrictions(ast::Select& select, const LoadStep& step) {
    const Relationship& relationship = *step.relationship;
    for (const auto& discriminator : relationship.discriminators) {
        if (discriminator.on_owner || !goes_by_columns(relationship)) continue; // in the condition
        const auto& property = relationship.target->columns()[discriminator.column];
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
            order.push_back(in_statement(relationship, term));
    }
    if (!relationship.is_collection && order.empty() &&
        relationship.direction == Direction::ManyToOne) {
        return order;
    }
    for (const auto key : relationship.target->primary_key())
        order.push_back(ast::order(relationship.target->columns()[key].ref));
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

/// The columns of a statement of related rows that hold what `owner_columns` hold; the owner's own
/// where a condition decides, which must then be joined.
std::vector<ast::ExpressionPtr> whose_columns(const Relationship& relationship) {
    std::vector<ast::ExpressionPtr> columns;
    if (!goes_by_columns(relationship)) {
        for (const auto key : relationship.owner->primary_key()) {
            const auto& own = *relationship.owner->columns()[key].ref;
            columns.push_back(ast::column(owner_alias, own.name, own.type, own.nullable));
        }
    } else if (by_link(relationship)) {
        for (const auto& pair : relationship.owner_links)
            columns.push_back(link_column(relationship, pair.link));
    } else {
        for (const auto& pair : relationship.pairs)
            columns.push_back(relationship.target->columns()[pair.second].ref);
    }
    return columns;
}

} // namespace

ast::ExpressionPtr with_values_of(const InstanceState& owner, const Relationship& relationship,
                                  const ast::ExpressionPtr& condition) {
    const auto& columns = relationship.owner->columns();
    const auto value = [&](const ast::ColumnRef& column) -> ast::ExpressionPtr {
        const auto own =
            std::find_if(columns.begin(), columns.end(), [&](const ColumnProperty& property) {
                return property.ref->name == column.name;
            });
        const auto index = static_cast<std::uint16_t>(own - columns.begin());
        return bound(relationship, index, owner_value(owner, relationship, index));
    };
    return ast::replace_columns(condition, std::string(Relationship::owner_side), value);
}

namespace {

/// That the row is the owner's.
void belong_to(ast::Select& select, const Relationship& relationship, const InstanceState& owner) {
    if (!goes_by_columns(relationship)) {
        select.where.push_back(with_values_of(owner, relationship,
                                              in_statement(relationship, relationship.condition)));
        return;
    }
    const auto columns = owner_columns(relationship);
    const auto whose = whose_columns(relationship);
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
    link->from.emplace_back(select.joins.front().target);
    link->where = {select.joins.front().on};
    const auto begin = select.where.begin() + static_cast<std::ptrdiff_t>(first_condition);
    link->where.insert(link->where.end(), begin, select.where.end());
    select.where.erase(begin, select.where.end());
    select.joins.clear();
    select.where.push_back(ast::exists(std::move(link)));
}

} // namespace

ast::Select related_rows(const LoadStep& step, const InstanceState& owner) {
    const Relationship& relationship = *step.relationship;
    ast::Select select = target_rows(relationship);
    belong_to(select, relationship, owner);
    if (relationship.limit != 0) {
        if (by_link(relationship)) look_for_link(select, 0);
        select.limit = row_count(relationship.limit, "limit");
    }
    add_restrictions(select, step);
    select.order_by = order_of(step);
    return select;
}

namespace {

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

/// All rows of the owners with these keys, without an order.
ast::Select rows_of_all(const LoadStep& step, const std::vector<ast::ExpressionPtr>& whose,
                        std::span<const OwnerKey* const> keys) {
    const Relationship& relationship = *step.relationship;
    ast::Select select = target_rows(relationship);
    if (!goes_by_columns(relationship)) {
        auto owners = std::make_shared<ast::TableRef>(*relationship.owner->table_ref());
        owners->alias = owner_alias;
        select.joins.push_back(
            {ast::JoinKind::Inner, TablePtr(std::move(owners)),
             ast::requalify(in_statement(relationship, relationship.condition),
                            std::string(Relationship::owner_side), owner_alias)});
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
    const Mapper& target = *relationship.target;
    RelatedRows rows;
    rows.select.columns = std::exchange(all.columns, {});
    rows.select.from.emplace_back(target.table_ref());
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
    auto whose = whose_columns(*step.relationship);
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

    ast::ExpressionPtr column(std::uint16_t index) { return named(*owner_.columns()[index].ref); }
    ast::ExpressionPtr named(const ast::ColumnRef& wanted) {
        for (const auto& column : query_.columns) {
            if (column->kind == ast::NodeKind::ColumnRef &&
                static_cast<const ast::ColumnRef&>(*column).name == wanted.name)
                return page_.outer(column);
        }
        return page_.outer(ast::column(owner_.table_ref()->qualifier(), wanted.name, wanted.type,
                                       wanted.nullable));
    }
    ast::FromItem finish() {
        static_cast<void>(page_.take_order());
        return std::move(page_).finish();
    }

private:
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
    RelatedRows rows{target_rows(relationship), {}};
    for (const auto column : owner_columns(relationship))
        rows.whose.push_back(owners.column(column));
    auto condition = ast::replace_columns(
        in_statement(relationship, relationship.condition), std::string(Relationship::owner_side),
        [&](const ast::ColumnRef& column) { return owners.named(column); });
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
