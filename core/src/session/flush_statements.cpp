// SPDX-License-Identifier: MIT
#include "flush_statements.hpp"

#include <mercator/mapping/version_rule.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <cstddef>

namespace mercator {

Value known_value(const InstanceState& state, std::size_t column) {
    const ColumnProperty& property = state.mapper->columns()[column];
    const bool is_to_come = state.status == ObjectStatus::Pending && property.generated &&
                            property.is_unset(state.object() + property.field.offset);
    return is_to_come ? Value() : load(property.field, state.object());
}

std::string FlushStatements::sql(const ast::Statement& statement) {
    return engine_.compile(statement, key_)->sql;
}

/// Foreign keys go by their links, whatever the members say.
Value FlushStatements::written(const InstanceState& state, std::size_t column) const {
    const VersionRule* version = state.mapper->version();
    if (version != nullptr && version->column == column && version->next && state.is_tracked())
        return version->next(RowVersion::loaded(state));
    Value value = known_value(state, column);
    links_.for_each_of(state, [&](const Link& link) {
        for (std::size_t pair = 0; pair < link.relationship->pairs.size(); ++pair) {
            if (child_column(*link.relationship, pair) != column) continue;
            value = link.parent == nullptr
                        ? Value()
                        : known_value(*link.parent, parent_column(*link.relationship, pair));
        }
    });
    return value;
}

/// Columns that are written, then the key of the row.
std::vector<Value> FlushStatements::binds(const InstanceState& state, const BindPlan& plan,
                                          const std::vector<std::size_t>& columns,
                                          bool is_row) const {
    const auto& key = state.mapper->primary_key();
    std::vector<std::size_t> sources = columns;
    const auto keys = is_row ? sources.end() : sources.begin();
    if (plan.fields.size() > columns.size()) sources.insert(keys, key.begin(), key.end());
    std::vector<Value> values;
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
        const Field& field = plan.fields[i];
        if (field.type.sensitive) {
            values.emplace_back("***");
        } else if (i >= sources.size()) { // the version
            values.push_back(load(field, state.object()));
        } else if (is_row && i >= columns.size() && state.is_tracked()) {
            values.push_back(snapshot_value(*state.mapper, state.snapshot, sources[i]));
        } else {
            values.push_back(written(state, sources[i]));
        }
    }
    return values;
}

std::vector<FlushStep::Statement> FlushStatements::of(FlushStep::Action action,
                                                      const Mapper& mapper,
                                                      const ColumnSet& columns,
                                                      const std::vector<InstanceState*>& states) {
    const RowStatements statements(mapper);
    std::vector<FlushStep::Statement> list;
    const auto add = [&](const ast::Statement& statement, const TablePart& part,
                         const BindPlan& plan) {
        std::vector<std::size_t> written;
        for (std::size_t i = part.first_column; i < part.end_column; ++i) {
            if (columns.contains(i)) written.push_back(i);
        }
        FlushStep::Statement& made = list.emplace_back();
        made.sql = sql(statement);
        for (const InstanceState* state : states) {
            made.binds.push_back(binds(*state, plan, written, action != FlushStep::Action::Insert));
        }
    };
    for (const auto& part : mapper.parts()) {
        BindPlan plan;
        switch (action) {
        case FlushStep::Action::Insert:
            add(statements.insert(part, columns, plan), part, plan);
            break;
        case FlushStep::Action::Update:
            if (const auto update = statements.update(part, columns, plan); !update.columns.empty())
                add(update, part, plan);
            break;
        case FlushStep::Action::Delete:
            add(statements.removal(part, plan), part, plan);
            break;
        }
    }
    if (action == FlushStep::Action::Delete) std::reverse(list.begin(), list.end());
    return list;
}

} // namespace mercator
