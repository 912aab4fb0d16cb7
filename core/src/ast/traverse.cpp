// SPDX-License-Identifier: MIT
#include <mercator/ast/traverse.hpp>

#include "ast/children.hpp"
#include "ast/from.hpp"

#include <mercator/ast/implied_join.hpp>

#include <algorithm>

namespace mercator::ast {
namespace {

/// Copies what `replace_leaf` changes and the path above it, and shares the rest. `replace_leaf`
/// returns nothing for a node that stays. `Select`s are entered when `enter_select` allows.
template <class ReplaceLeaf, class EnterSelect>
class Rebuild {
public:
    Rebuild(ReplaceLeaf replace_leaf, EnterSelect enter_select) :
        replace_leaf_(std::move(replace_leaf)),
        enter_select_(std::move(enter_select)) {}

    ExpressionPtr expression(const ExpressionPtr& e) {
        if (e == nullptr) return e;
        if (auto replaced = replace_leaf_(*e)) return replaced;
        switch (e->kind) {
        case NodeKind::Unary:
            return copy<Unary>(e, [this](Unary& n) { return change(n.operand); });
        case NodeKind::Binary:
            return copy<Binary>(e, [this](Binary& n) { return change_all(n.left, n.right); });
        case NodeKind::Logical:
            return copy<Logical>(e, [this](Logical& n) { return change(n.operands); });
        case NodeKind::NullTest:
            return copy<NullTest>(e, [this](NullTest& n) { return change(n.operand); });
        case NodeKind::In:
            return copy<In>(e, [this](In& n) { return change_all(n.operand, n.values); });
        case NodeKind::InSubquery:
            return copy<InSubquery>(
                e, [this](InSubquery& n) { return change_all(n.operand, n.select); });
        case NodeKind::Like:
            return copy<Like>(e, [this](Like& n) { return change_all(n.operand, n.pattern); });
        case NodeKind::Between:
            return copy<Between>(
                e, [this](Between& n) { return change_all(n.operand, n.low, n.high); });
        case NodeKind::Function:
            return copy<Function>(e, [this](Function& n) { return change(n.arguments); });
        case NodeKind::Case:
            return copy<Case>(e, [this](Case& n) { return change_case(n); });
        case NodeKind::Cast:
            return copy<Cast>(e, [this](Cast& n) { return change(n.operand); });
        case NodeKind::Label:
            return copy<Label>(e, [this](Label& n) { return change(n.operand); });
        case NodeKind::Exists:
            return copy<Exists>(e, [this](Exists& n) { return change(n.select); });
        case NodeKind::ScalarSubquery:
            return copy<ScalarSubquery>(e, [this](ScalarSubquery& n) { return change(n.select); });
        case NodeKind::Over:
            return copy<Over>(
                e, [this](Over& n) { return change_all(n.function, n.partition_by, n.order_by); });
        case NodeKind::Ordering:
            return copy<Ordering>(e, [this](Ordering& n) { return change(n.operand); });
        case NodeKind::Text:
            return copy<Text>(e, [this](Text& n) { return change(n.values); });
        case NodeKind::Extension:
            return copy<Extension>(e, [this](Extension& n) { return change(n.arguments); });
        case NodeKind::JsonPath:
            return copy<JsonPath>(e, [this](JsonPath& n) { return change(n.document); });
        case NodeKind::Containment:
            return copy<Containment>(
                e, [this](Containment& n) { return change_all(n.whole, n.part); });
        default:
            return e;
        }
    }

private:
    template <class Node, class Change>
    static ExpressionPtr copy(const ExpressionPtr& e, Change change) {
        auto node = std::make_shared<Node>(as<Node>(*e));
        if (!change(*node)) return e;
        return node;
    }

    template <class... Operands>
    bool change_all(Operands&... operands) {
        bool changed = false;
        ((changed = change(operands) || changed), ...);
        return changed;
    }
    bool change(ExpressionPtr& operand) {
        auto replaced = expression(operand);
        if (replaced == operand) return false;
        operand = std::move(replaced);
        return true;
    }
    bool change(std::vector<ExpressionPtr>& list) {
        bool changed = false;
        for (auto& item : list) changed = change(item) || changed;
        return changed;
    }
    bool change_case(Case& node) {
        bool changed = change(node.otherwise);
        for (auto& branch : node.branches) {
            changed = change(branch.condition) || changed;
            changed = change(branch.result) || changed;
        }
        return changed;
    }
    bool change(FromItem& item) {
        auto* subquery = std::get_if<std::shared_ptr<const Subquery>>(&item);
        if (subquery == nullptr) return false;
        auto copied = std::make_shared<Subquery>(**subquery);
        bool changed = change(copied->select);
        for (auto& more : copied->and_all) changed = change(more) || changed;
        if (changed) *subquery = std::move(copied);
        return changed;
    }
    bool change(SelectPtr& select) {
        if (!enter_select_(*select)) return false;
        auto copied = std::make_shared<Select>(*select);
        bool changed = change(copied->columns);
        for (auto& item : copied->from) changed = change(item) || changed;
        for (auto& join : copied->joins) {
            changed = change(join.target) || changed;
            changed = change(join.on) || changed;
        }
        changed = change(copied->where) || changed;
        changed = change(copied->group_by) || changed;
        changed = change(copied->having) || changed;
        changed = change(copied->order_by) || changed;
        changed = change(copied->limit) || changed;
        changed = change(copied->offset) || changed;
        if (changed) select = std::move(copied);
        return changed;
    }

    ReplaceLeaf replace_leaf_;
    EnterSelect enter_select_;
};

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
                bind.is_deferred ? static_cast<const DeferredBind&>(bind).value_on(dialect_of_number(0))
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
