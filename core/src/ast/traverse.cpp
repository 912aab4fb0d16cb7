// SPDX-License-Identifier: MIT
#include <mercator/ast/traverse.hpp>

#include "ast/children.hpp"
#include "ast/from.hpp"
#include "ast/rebuild.hpp"

#include <mercator/ast/implied_join.hpp>

#include <algorithm>

namespace mercator::ast {
namespace {

class TableCollector {
public:
    void select(const Select& select) {
        for (const auto& item : select.from) from_item(item);
        for (const auto& join : select.joins) from_item(join.target);
        list(select.columns);
        for (const auto& join : select.joins) expression(join.on);
        list(select.where);
        list(select.group_by);
        list(select.having);
        list(select.order_by);
        expression(select.limit);
        expression(select.offset);
    }
    std::vector<std::string> take() { return std::move(names_); }

private:
    void from_item(const FromItem& item) {
        if (const auto* subquery = std::get_if<std::shared_ptr<const Subquery>>(&item)) {
            select(*(*subquery)->select);
            for (const auto& more : (*subquery)->and_all) select(*more);
            return;
        }
        table(std::get<std::shared_ptr<const TableRef>>(item)->name);
    }
    void table(const std::string& name) {
        if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
    }
    void list(const std::vector<ExpressionPtr>& list) {
        for (const auto& item : list) expression(item);
    }
    void expression(const ExpressionPtr& e) {
        if (e == nullptr) return;
        if (e->kind == NodeKind::ColumnRef) return column(as<ColumnRef>(*e));
        for_each_child(
            *e, [this](const ExpressionPtr& child) { expression(child); },
            [this](const Select& child) { select(child); });
    }
    void column(const ColumnRef& ref) {
        const TableRef* end = ref.table.get();
        for (; end != nullptr && end->implied != nullptr; end = end->implied->owner.get()) {
            table(end->name);
            expression(end->implied->on);
        }
    }

    std::vector<std::string> names_;
};

/// What a column list holds: an aggregate, and a column outside of all aggregates.
struct AggregateUse {
    bool aggregate = false;
    const ColumnRef* plain = nullptr;

    void look_at(const ExpressionPtr& e) {
        if (e == nullptr) return;
        if (e->kind == NodeKind::Function && is_aggregate(as<Function>(*e).id)) {
            aggregate = true;
            return;
        }
        if (e->kind == NodeKind::ColumnRef && plain == nullptr) plain = &as<ColumnRef>(*e);
        for_each_child(
            *e, [this](const ExpressionPtr& child) { look_at(child); }, [](const Select&) {});
    }
};

} // namespace

const ColumnRef* ungrouped_column(const Select& select) {
    if (!select.group_by.empty()) return nullptr;
    const bool only_columns =
        std::all_of(select.columns.begin(), select.columns.end(), [](const ExpressionPtr& column) {
            return column->kind == NodeKind::ColumnRef;
        });
    if (only_columns) return nullptr; // nearly every statement
    AggregateUse use;
    for (const auto& column : select.columns) use.look_at(column);
    return use.aggregate ? use.plain : nullptr;
}

void traverse(const ExpressionPtr& expression,
              const std::function<void(const Expression&)>& visit) {
    if (expression == nullptr) return;
    visit(*expression);
    for_each_child(
        *expression, [&visit](const ExpressionPtr& child) { traverse(child, visit); },
        [](const Select&) {});
}

namespace {

using TablePtr = std::shared_ptr<const TableRef>;

/// The path from a table of another name to the same end.
TablePtr path_from(const TablePtr& table, const std::string& start) {
    auto moved = std::make_shared<TableRef>(*table);
    if (table->implied == nullptr) {
        moved->alias = start == table->name ? std::string() : start;
        return moved;
    }
    moved->alias = path_alias(start, table->qualifier());
    auto join = std::make_shared<ImpliedJoin>(*table->implied);
    join->owner = path_from(table->implied->owner, start);
    join->on =
        requalify(requalify(join->on, table->implied->owner->qualifier(), join->owner->qualifier()),
                  table->qualifier(), moved->alias);
    moved->implied = std::move(join);
    return moved;
}

ExpressionPtr requalified(const ColumnRef& column, const std::string& from, const std::string& to) {
    if (column.qualifier == from)
        return std::make_shared<ColumnRef>(to, column.name, column.type, column.nullable);
    if (column.table == nullptr || column.table->implied == nullptr ||
        start_of_path(column.table)->qualifier() != from) {
        return nullptr;
    }
    const TablePtr table = path_from(column.table, to);
    auto moved =
        std::make_shared<ColumnRef>(table->qualifier(), column.name, column.type, column.nullable);
    moved->table = table;
    return moved;
}

} // namespace

ExpressionPtr requalify(const ExpressionPtr& expression, const std::string& from,
                        const std::string& to) {
    const auto replace = [&](const Expression& e) -> ExpressionPtr {
        return e.kind == NodeKind::ColumnRef ? requalified(as<ColumnRef>(e), from, to) : nullptr;
    };
    return Rebuild(replace, [&](const Select& select) { return !reads(select, from); })
        .expression(expression);
}

ExpressionPtr replace_columns(const ExpressionPtr& expression,
                              const std::function<ExpressionPtr(const ColumnRef&)>& replacement) {
    const auto replace = [&](const Expression& e) -> ExpressionPtr {
        return e.kind == NodeKind::ColumnRef ? replacement(as<ColumnRef>(e)) : nullptr;
    };
    return Rebuild(replace, [](const Select&) { return true; }).expression(expression);
}

ExpressionPtr replace_columns(const ExpressionPtr& expression, const std::string& qualifier,
                              const std::function<ExpressionPtr(const ColumnRef&)>& replacement) {
    const auto replace = [&](const Expression& e) -> ExpressionPtr {
        if (e.kind != NodeKind::ColumnRef) return nullptr;
        const auto& column = as<ColumnRef>(e);
        return column.qualifier == qualifier ? replacement(column) : nullptr;
    };
    // A subquery that reads a table of that name itself means its own.
    return Rebuild(replace, [&](const Select& select) { return !reads(select, qualifier); })
        .expression(expression);
}

ExpressionPtr replace_nodes(const ExpressionPtr& expression,
                            const std::function<ExpressionPtr(const Expression&)>& replacement) {
    return Rebuild(replacement, [](const Select&) { return false; }).expression(expression);
}

ExpressionPtr to_ddl(const ExpressionPtr& expression) {
    const auto spell_out = [](const Expression& e) -> ExpressionPtr {
        if (e.kind == NodeKind::Bind) {
            const auto& bind = as<Bind>(e);
            // The schema is made for any database, so such a conversion is told none.
            return std::make_shared<Literal>(
                bind.is_deferred
                    ? static_cast<const DeferredBind&>(bind).value_on(dialect_of_number(0))
                    : bind.value,
                e.type);
        }
        if (e.kind == NodeKind::ColumnRef && !as<ColumnRef>(e).qualifier.empty()) {
            return std::make_shared<ColumnRef>(std::string(), as<ColumnRef>(e).name, e.type,
                                               e.nullable);
        }
        return nullptr;
    };
    return Rebuild(spell_out, [](const Select&) { return false; }).expression(expression);
}

std::vector<std::string> tables_read(const Select& select) {
    TableCollector collector;
    collector.select(select);
    return collector.take();
}

} // namespace mercator::ast
