// SPDX-License-Identifier: MIT
#pragma once

#include "ast/children.hpp"

#include <mercator/ast/expression.hpp>
#include <mercator/ast/select.hpp>

#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace mercator::ast {

struct SameTable {
    const std::shared_ptr<const TableRef>&
    operator()(const std::shared_ptr<const TableRef>& table) const noexcept {
        return table;
    }
};

/// Copies what `replace_leaf` changes and the path above it, and shares the rest. `replace_leaf`
/// returns nothing for a node that stays. `Select`s are entered when `enter_select` allows.
/// `replace_table` gives what a FROM reads instead of a table.
template <class ReplaceLeaf, class EnterSelect, class ReplaceTable = SameTable>
class Rebuild {
public:
    Rebuild(ReplaceLeaf replace_leaf, EnterSelect enter_select, ReplaceTable replace_table = {}) :
        replace_leaf_(std::move(replace_leaf)),
        enter_select_(std::move(enter_select)),
        replace_table_(std::move(replace_table)) {}

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

    /// True when something is another now.
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
    bool change(Select& select) {
        bool changed = change(select.columns);
        for (auto& item : select.from) changed = change(item) || changed;
        for (auto& join : select.joins) {
            changed = change(join.target) || changed;
            changed = change(join.on) || changed;
        }
        changed = change(select.where) || changed;
        changed = change(select.group_by) || changed;
        changed = change(select.having) || changed;
        changed = change(select.order_by) || changed;
        changed = change(select.limit) || changed;
        changed = change(select.offset) || changed;
        return changed;
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
        if (subquery == nullptr) return change(std::get<std::shared_ptr<const TableRef>>(item));
        auto copied = std::make_shared<Subquery>(**subquery);
        bool changed = change(copied->select);
        for (auto& more : copied->and_all) changed = change(more) || changed;
        if (changed) *subquery = std::move(copied);
        return changed;
    }
    bool change(std::shared_ptr<const TableRef>& table) {
        auto replaced = replace_table_(table);
        if (replaced == table) return false;
        table = std::move(replaced);
        return true;
    }
    bool change(SelectPtr& select) {
        if (!enter_select_(*select)) return false;
        auto copied = std::make_shared<Select>(*select);
        const bool changed = change(*copied);
        if (changed) select = std::move(copied);
        return changed;
    }

    ReplaceLeaf replace_leaf_;
    EnterSelect enter_select_;
    ReplaceTable replace_table_;
};

} // namespace mercator::ast
