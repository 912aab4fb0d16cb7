// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>

namespace mercator::ast {

template <class Node>
[[nodiscard]] const Node& as(const Expression& expression) noexcept {
    return static_cast<const Node&>(expression);
}

/// Calls `visit` for each direct operand; subqueries are handed to `visit_select`.
template <class Visit, class VisitSelect>
void for_each_child(const Expression& e, Visit&& visit, VisitSelect&& visit_select) {
    const auto all = [&visit](const std::vector<ExpressionPtr>& list) {
        for (const auto& item : list) visit(item);
    };
    switch (e.kind) {
    case NodeKind::Unary:
        visit(as<Unary>(e).operand);
        break;
    case NodeKind::Binary:
        visit(as<Binary>(e).left);
        visit(as<Binary>(e).right);
        break;
    case NodeKind::Logical:
        all(as<Logical>(e).operands);
        break;
    case NodeKind::NullTest:
        visit(as<NullTest>(e).operand);
        break;
    case NodeKind::In:
        visit(as<In>(e).operand);
        all(as<In>(e).values);
        break;
    case NodeKind::InSubquery:
        visit(as<InSubquery>(e).operand);
        visit_select(*as<InSubquery>(e).select);
        break;
    case NodeKind::Like:
        visit(as<Like>(e).operand);
        visit(as<Like>(e).pattern);
        break;
    case NodeKind::Between:
        visit(as<Between>(e).operand);
        visit(as<Between>(e).low);
        visit(as<Between>(e).high);
        break;
    case NodeKind::Function:
        all(as<Function>(e).arguments);
        break;
    case NodeKind::Case:
        for (const auto& branch : as<Case>(e).branches) {
            visit(branch.condition);
            visit(branch.result);
        }
        if (as<Case>(e).otherwise) visit(as<Case>(e).otherwise);
        break;
    case NodeKind::Cast:
        visit(as<Cast>(e).operand);
        break;
    case NodeKind::Label:
        visit(as<Label>(e).operand);
        break;
    case NodeKind::Exists:
        visit_select(*as<Exists>(e).select);
        break;
    case NodeKind::ScalarSubquery:
        visit_select(*as<ScalarSubquery>(e).select);
        break;
    case NodeKind::Over:
        visit(as<Over>(e).function);
        all(as<Over>(e).partition_by);
        all(as<Over>(e).order_by);
        break;
    case NodeKind::Ordering:
        visit(as<Ordering>(e).operand);
        break;
    case NodeKind::Text:
        all(as<Text>(e).values);
        break;
    case NodeKind::Extension:
        all(as<Extension>(e).arguments);
        break;
    case NodeKind::JsonPath:
        visit(as<JsonPath>(e).document);
        break;
    case NodeKind::Containment:
        visit(as<Containment>(e).whole);
        visit(as<Containment>(e).part);
        break;
    default:
        break; // leaves
    }
}

} // namespace mercator::ast
