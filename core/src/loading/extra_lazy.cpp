// SPDX-License-Identifier: MIT
#include <mercator/loading/extra_lazy.hpp>

#include "related_select.hpp"
#include "waived_criteria.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/loading/statement.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace mercator {

namespace {

/// Could the table between have two rows for the same two objects?
bool may_repeat(const Relationship& relationship) {
    if (relationship.secondary == nullptr) return false;
    std::vector<std::string> columns;
    for (const auto& link : relationship.owner_links)
        columns.push_back(relationship.secondary->columns[link.link].name);
    for (const auto& link : relationship.target_links)
        columns.push_back(relationship.secondary->columns[link.link].name);
    return !relationship.secondary->has_unique(std::move(columns));
}

/// Flushes what the relationship could miss; a new owner gets its key by it.
void flush_for(LoadContext& context, const InstanceState& owner, const Relationship& relationship) {
    ast::Select read;
    if (owner.status == ObjectStatus::Pending)
        read.from.emplace_back(relationship.owner->table_ref());
    read.from.emplace_back(relationship.target->table_ref());
    if (relationship.secondary_ref != nullptr) read.from.emplace_back(relationship.secondary_ref);
    context.autoflush(read);
}

bool has_rows(const InstanceState& owner, const Relationship& relationship) {
    return owner.status != ObjectStatus::Pending && owner.status != ObjectStatus::Transient &&
           owner_key(owner, relationship, owner_columns(relationship)).has_value();
}

ast::Select members_of(const InstanceState& owner, const Relationship& relationship) {
    const LoadStep step{.relationship = &relationship};
    ast::Select select = related_rows(step, owner);
    if (may_repeat(relationship)) select.distinct = true;
    return select;
}

std::size_t counted(LoadContext& context, const InstanceState& owner,
                    const Relationship& relationship) {
    if (!has_rows(owner, relationship)) return 0;
    ast::Select select = members_of(owner, relationship);
    if (!select.limit) select.order_by.clear();
    const StatementLease lease = context.run(count_of(select));
    std::vector<Value> row;
    if (!lease->fetch(row)) return 0;
    const auto* count = row.front().get_if<std::int64_t>();
    return count == nullptr ? 0 : static_cast<std::size_t>(*count);
}

/// Does the row of a changed child still refer to the owner?
bool row_refers_to(const InstanceState& child, const InstanceState& owner,
                   const Relationship& relationship) {
    if (!child.is_tracked() || !owner.is_tracked() || child.status == ObjectStatus::Pending)
        return false;
    return std::all_of(relationship.pairs.begin(), relationship.pairs.end(), [&](const auto& pair) {
        return snapshot_value(*child.mapper, child.snapshot, pair.second) ==
               snapshot_value(*owner.mapper, owner.snapshot, pair.first);
    });
}

/// By how much changes that could not be flushed move the number of members.
std::ptrdiff_t unwritten(Graph& graph, InstanceState& owner, const Relationship& relationship) {
    std::ptrdiff_t more = 0;
    if (relationship.direction == Direction::ManyToMany) {
        graph.associations().for_each_of(owner, [&](const Association& change) {
            if (change.relationship == &recorded_side(relationship)) more += change.added ? 1 : -1;
        });
        return more;
    }
    for (const Link& link : graph.links()) {
        if (!link.child->mapper->is_a(*relationship.target) ||
            !same_foreign_key(*link.relationship, relationship)) {
            continue;
        }
        more += (link.parent == &owner ? 1 : 0) -
                (row_refers_to(*link.child, owner, relationship) ? 1 : 0);
    }
    return more;
}

} // namespace

std::size_t count_related(LoadContext& context, InstanceState& owner,
                          const Relationship& relationship) {
    const LoadContext::Use use(context);
    const CriteriaPause waived = waived_criteria(context, owner);
    flush_for(context, owner, relationship);
    const auto rows = static_cast<std::ptrdiff_t>(counted(context, owner, relationship));
    if (relationship.view_only) return static_cast<std::size_t>(rows);
    const std::ptrdiff_t all = rows + unwritten(*context.graph(), owner, relationship);
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(all, 0));
}

namespace {

bool finds_a_row(LoadContext& context, ast::Select select) {
    select.columns = {ast::bind(Value(std::int64_t{1}), BigInteger())};
    select.distinct = false;
    select.order_by.clear();
    select.limit = row_count(1, "limit");
    const StatementLease lease = context.run(select);
    std::vector<Value> row;
    return lease->fetch(row);
}

} // namespace

bool has_related(LoadContext& context, InstanceState& owner, const Relationship& relationship) {
    const LoadContext::Use use(context);
    const CriteriaPause waived = waived_criteria(context, owner);
    flush_for(context, owner, relationship);
    if (!relationship.view_only && unwritten(*context.graph(), owner, relationship) != 0)
        return count_related(context, owner, relationship) != 0;
    return has_rows(owner, relationship) && finds_a_row(context, members_of(owner, relationship));
}

bool is_related(LoadContext& context, InstanceState& owner, const Relationship& relationship,
                InstanceState& target) {
    const LoadContext::Use use(context);
    const CriteriaPause waived = waived_criteria(context, owner);
    if (!has_rows(owner, relationship)) return false;
    ast::Select select = members_of(owner, relationship);
    for (const auto index : target.mapper->primary_key()) {
        const ColumnProperty& key = target.mapper->columns()[index];
        select.where.push_back(
            ast::binary(ast::Operator::Equal, key.ref,
                        ast::bind(load(key.field, target.object()), key.field.type)));
    }
    return finds_a_row(context, std::move(select));
}

namespace {

/// A part of what the relationship itself may have limited already.
void cut_out(ast::Select& select, const Relationship& relationship, std::size_t offset,
             std::size_t limit) {
    constexpr auto all = std::numeric_limits<std::size_t>::max();
    if (relationship.limit != 0) {
        const std::size_t left =
            relationship.limit - std::min<std::size_t>(offset, relationship.limit);
        limit = std::min(limit, left);
    }
    if (limit != all) select.limit = row_count(static_cast<std::int64_t>(limit), "limit");
    if (offset != 0) select.offset = row_count(static_cast<std::int64_t>(offset), "offset");
}

} // namespace

std::vector<InstanceState*> slice_related(LoadContext& context, InstanceState& owner,
                                          const Relationship& relationship, std::size_t offset,
                                          std::size_t limit) {
    const LoadContext::Use use(context);
    const CriteriaPause waived = waived_criteria(context, owner);
    flush_for(context, owner, relationship);
    std::vector<InstanceState*> members;
    if (!has_rows(owner, relationship)) return members;
    if (offset > std::size_t{std::numeric_limits<std::int64_t>::max()}) return members;
    ast::Select select = members_of(owner, relationship);
    cut_out(select, relationship, offset, limit);
    load_entities(context, LoadRequest{.mapper = relationship.target}, select, members);
    return members;
}

} // namespace mercator
