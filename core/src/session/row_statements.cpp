// SPDX-License-Identifier: MIT
#include "row_statements.hpp"

#include <mercator/mapping/version_rule.hpp>

#include <cstddef>
#include <utility>

namespace mercator {

std::vector<ast::TargetColumn>
RowStatements::targets(const TablePart& part, const ColumnSet& columns, BindPlan* plan) const {
    std::vector<ast::TargetColumn> list;
    for (std::size_t i = part.first_column; i < part.end_column; ++i) {
        if (!columns.contains(i)) continue;
        const auto& property = mapper_.columns()[i];
        list.push_back({property.ref->name, property.field.type, property.field.optional});
        if (plan != nullptr) plan->fields.push_back(property.field);
    }
    return list;
}

std::vector<ast::TargetColumn> RowStatements::keys(const TablePart& part, BindPlan& plan) const {
    std::vector<ast::TargetColumn> list;
    for (const auto index : mapper_.primary_key()) {
        const auto& property = mapper_.columns()[index];
        list.push_back({part.key_names[list.size()], property.field.type, false});
        plan.fields.push_back(property.field);
    }
    return list;
}

bool RowStatements::has_version(const TablePart& part) const {
    return version_.is_checked() && mapper_.version()->column >= part.first_column &&
           mapper_.version()->column < part.end_column;
}

ast::Insert RowStatements::insert(const TablePart& part, const ColumnSet& written,
                                  BindPlan& plan) const {
    ast::Insert insert;
    insert.table = part.ref;
    if (&part != &mapper_.parts().front()) insert.columns = keys(part, plan);
    for (auto& target : targets(part, written, &plan)) insert.columns.push_back(std::move(target));
    return insert;
}

ast::Update RowStatements::update(const TablePart& part, const ColumnSet& changed,
                                  BindPlan& plan) const {
    ast::Update update;
    update.table = part.ref;
    update.columns = targets(part, changed, &plan);
    if (update.columns.empty() && mapper_.parts().size() > 1) {
        if (!has_version(part)) return update;
        update.columns = keys(part, plan); // so that the database makes a new version
    }
    update.keys = keys(part, plan);
    if (has_version(part)) version_.add_key(update.keys, plan);
    return update;
}

ast::Delete RowStatements::removal(const TablePart& part, BindPlan& plan) const {
    ast::Delete removal;
    removal.table = part.ref;
    removal.keys = keys(part, plan);
    if (has_version(part)) version_.add_key(removal.keys, plan);
    return removal;
}

} // namespace mercator
