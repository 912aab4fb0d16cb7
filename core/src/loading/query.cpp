// SPDX-License-Identifier: MIT
#include <mercator/loading/query.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

void throw_no_result(const char* function) {
    throw NoResultFound(fmt::format("{} found no row; use first() or one_or_none() where absence is normal", function));
}

void throw_multiple_results(const char* function) {
    throw MultipleResultsFound(
        fmt::format("{} found more than one row; narrow the condition, or use first() or all()", function));
}

std::string result_name(const ast::Expression& expression) {
    if (expression.kind == ast::NodeKind::Label) return static_cast<const ast::Label&>(expression).name;
    if (expression.kind == ast::NodeKind::ColumnRef) {
        const auto& column = static_cast<const ast::ColumnRef&>(expression);
        return column.qualifier.empty() ? column.name : column.qualifier + "." + column.name;
    }
    return "an expression of the select";
}

QueryState::QueryState(const Mapper& for_mapper) : mapper(&for_mapper) {
    select.from.emplace_back(for_mapper.table_ref());
}

ast::Select QueryState::statement() const {
    ast::Select copy = select;
    copy.columns = entity_plan(*mapper).columns;
    return copy;
}

LoadContext& QueryState::running_context() const {
    if (context == nullptr) {
        throw StateError("this query belongs to no session; start it with session.query<T>() or give it to session.execute()");
    }
    return *context;
}

void QueryState::load(bool read_only, std::vector<InstanceState*>& objects) const {
    LoadContext& running = running_context();
    ast::Select full = statement();
    running.autoflush(full);
    load_entities(running, *mapper, full, read_only, objects);
}

std::int64_t QueryState::count() const {
    LoadContext& running = running_context();
    const ast::Select counting = count_of(statement());
    running.autoflush(counting);
    StatementLease lease = running.run(counting);
    std::vector<Value> row;
    if (!lease->fetch(row)) return 0;
    const auto* count = row.front().get_if<std::int64_t>();
    return count == nullptr ? 0 : *count;
}

bool QueryState::exists() const {
    LoadContext& running = running_context();
    ast::Select probe = select;
    probe.order_by.clear();
    probe.columns = {ast::bind(Value(std::int64_t{1}), BigInteger())};
    probe.limit = row_count(1, "limit");
    running.autoflush(probe);
    StatementLease lease = running.run(probe);
    std::vector<Value> row;
    return lease->fetch(row);
}

void QueryState::restrict_to(RelationshipOwner& owner, std::uint16_t index) {
    auto& state = static_cast<InstanceState&>(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    auto* client = static_cast<Graph*>(owner.host)->client();
    if (client == nullptr) {
        throw DetachedError(fmt::format("{} cannot be queried, because its session has ended", relationship.where),
                            relationship.where);
    }
    context = static_cast<LoadContext*>(client);
    for (const auto& [own, theirs] : relationship.pairs) {
        const Field& key = relationship.owner->columns()[own].field;
        select.where.push_back(ast::binary(ast::Operator::Equal, relationship.target->columns()[theirs].ref,
                                           ast::bind(mercator::load(key, state.object()), key.type)));
    }
}

}  // namespace mercator
