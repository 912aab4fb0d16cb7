// SPDX-License-Identifier: MIT
#include <mercator/ast/build.hpp>

#include "ast/bind_type.hpp"
#include "ast/node_pool.hpp"

#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace mercator::ast {
namespace {

constexpr char match_escape = '!';

bool is_untyped_bind(const ExpressionPtr& e) noexcept {
    return e->kind == NodeKind::Bind && e->type.kind == TypeKind::Unknown;
}

bool is_null_value(const ExpressionPtr& e) noexcept {
    if (e->kind == NodeKind::Bind) {
        const auto& bind = static_cast<const Bind&>(*e);
        return bind.value.is_null() && !bind.is_deferred;
    }
    return e->kind == NodeKind::Literal && static_cast<const Literal&>(*e).value.is_null();
}

/// Gives an untyped bind its type, in place when nobody else can see it (the usual case: it was
/// made for this call).
void give_type(ExpressionPtr& operand, const SqlType& type) {
    if (!is_untyped_bind(operand) || type.kind == TypeKind::Unknown) return;
    if (operand.use_count() == 1) {
        std::const_pointer_cast<Expression>(operand)->type = type;
        return;
    }
    const auto& bind = static_cast<const Bind&>(*operand);
    if (bind.is_deferred) {
        const auto& deferred = static_cast<const DeferredBind&>(bind);
        operand =
            make_node<DeferredBind>(deferred.object, deferred.convert, deferred.own_type, type);
    } else {
        operand = make_node<Bind>(bind.value, type);
    }
}

void give_natural_type(ExpressionPtr& operand) {
    if (!is_untyped_bind(operand)) return;
    const auto& bind = static_cast<const Bind&>(*operand);
    give_type(operand, bind.is_deferred ? static_cast<const DeferredBind&>(bind).own_type
                                        : natural_type(bind.value));
}

/// The value itself may have to change with its type: a day beside a moment becomes its midnight.
void adopt_type(ExpressionPtr& operand, const SqlType& neighbour) {
    if (!is_untyped_bind(operand)) return;
    const Value& value = static_cast<const Bind&>(*operand).value;
    if (neighbour.kind == TypeKind::DateTime && value.get_if<Date>() != nullptr) {
        const DateTime midnight{std::chrono::sys_days(*value.get_if<Date>())};
        operand = make_node<Bind>(Value(midnight), neighbour);
        return;
    }
    if (neighbour.rules != nullptr && neighbour.rules->conversion != nullptr && !value.is_null()) {
        operand = make_node<Bind>(neighbour.rules->conversion->encode(value), neighbour);
        return;
    }
    give_type(operand, bind_type(value, neighbour));
}

void adopt_types(ExpressionPtr& left, ExpressionPtr& right) {
    if (is_untyped_bind(right)) {
        give_natural_type(left);
        adopt_type(right, left->type);
    } else {
        adopt_type(left, right->type);
    }
}

std::string_view operation_name(Operator op) noexcept {
    switch (op) {
    case Operator::Add:
        return "add";
    case Operator::Subtract:
        return "subtract";
    case Operator::Multiply:
        return "multiply";
    case Operator::Divide:
        return "divide";
    case Operator::Modulo:
        return "take the remainder of";
    case Operator::Negate:
        return "negate";
    case Operator::Concat:
        return "concatenate";
    default:
        return "compare";
    }
}

std::string describe(const ExpressionPtr& e) {
    if (e->kind != NodeKind::ColumnRef) return to_string(e->type);
    const auto& column = static_cast<const ColumnRef&>(*e);
    return fmt::format("{}{}{} ({})", column.qualifier, column.qualifier.empty() ? "" : ".",
                       column.name, to_string(e->type));
}

[[noreturn]] void refuse(Operator op, const ExpressionPtr& left, const ExpressionPtr& right) {
    throw CompileError(
        fmt::format("cannot {} {} and {}: they have no common type; cast one of them",
                    operation_name(op), describe(left), describe(right)));
}

void require_comparable(Operator op, const ExpressionPtr& left, const ExpressionPtr& right) {
    if (!are_comparable(left->type, right->type)) refuse(op, left, right);
}

SqlType result_type(Operator op, const ExpressionPtr& left, const ExpressionPtr& right) {
    const bool is_known =
        left->type.kind != TypeKind::Unknown && right->type.kind != TypeKind::Unknown;
    if (op == Operator::Concat) {
        const auto may_be_text = [](const SqlType& t) {
            return t.kind == TypeKind::Unknown || t.is_text();
        };
        if (!may_be_text(left->type) || !may_be_text(right->type)) refuse(op, left, right);
        return mercator::Text();
    }
    const auto may_be_number = [](const SqlType& t) {
        return t.kind == TypeKind::Unknown || is_number(t);
    };
    if (!may_be_number(left->type) || !may_be_number(right->type)) refuse(op, left, right);
    if (!is_known) return {};
    return arithmetic_type(op, left->type, right->type);
}

/// Of two documents or arrays databases say whether they are equal, and disagree on which is less.
void require_order(Operator op, const ExpressionPtr& operand) {
    const bool is_unordered =
        operand->type.kind == TypeKind::Json || operand->type.kind == TypeKind::Array;
    if (!is_unordered || op == Operator::Equal || op == Operator::NotEqual) return;
    throw CompileError(fmt::format("{} has no order; compare what is in it", describe(operand)));
}

void require_condition(const ExpressionPtr& operand) {
    if (operand->type.kind == TypeKind::Boolean || operand->type.kind == TypeKind::Unknown) return;
    throw CompileError(
        fmt::format("{} is no condition; compare it with something", describe(operand)));
}

void require_text(const ExpressionPtr& operand) {
    if (operand->type.is_text() || operand->type.kind == TypeKind::Unknown) return;
    throw CompileError(
        fmt::format("{} is no text, so it cannot be matched with a pattern", describe(operand)));
}

bool is_flat(const std::vector<ExpressionPtr>& operands, bool is_and) {
    for (const auto& operand : operands) {
        if (operand->kind == NodeKind::Logical &&
            static_cast<const Logical&>(*operand).is_and == is_and)
            return false;
    }
    return true;
}

ExpressionPtr logical(std::vector<ExpressionPtr> operands, bool is_and) {
    for (auto& operand : operands) {
        if (is_untyped_bind(operand)) give_natural_type(operand);
        require_condition(operand);
    }
    if (operands.size() == 1) return std::move(operands.front());
    if (is_flat(operands, is_and)) return make_node<Logical>(is_and, std::move(operands));
    std::vector<ExpressionPtr> flat;
    for (auto& operand : operands) {
        const auto* nested = operand->kind == NodeKind::Logical
                                 ? static_cast<const Logical*>(operand.get())
                                 : nullptr;
        if (nested != nullptr && nested->is_and == is_and) {
            flat.insert(flat.end(), nested->operands.begin(), nested->operands.end());
        } else {
            flat.push_back(std::move(operand));
        }
    }
    if (flat.size() == 1) return std::move(flat.front());
    return make_node<Logical>(is_and, std::move(flat));
}

/// Of two decimals, the type that holds all digits of both.
SqlType wider_decimal(const SqlType& a, const SqlType& b) {
    const int scale = std::max(a.scale, b.scale);
    const int whole = std::max(a.precision - a.scale, b.precision - b.scale);
    return Numeric(static_cast<std::uint8_t>(std::min(whole + scale, 38)),
                   static_cast<std::uint8_t>(scale));
}

SqlType wider(const SqlType& a, const SqlType& b) {
    if (a == b) return a;
    if (a.kind == TypeKind::Numeric && b.kind == TypeKind::Numeric) return wider_decimal(a, b);
    if (is_number(a) && is_number(b)) return arithmetic_type(Operator::Add, a, b);
    return a.is_text() ? mercator::Text() : a;
}

SqlType common_type(const std::vector<ExpressionPtr>& operands) {
    SqlType common;
    const ExpressionPtr* first = nullptr;
    for (const auto& operand : operands) {
        if (operand->type.kind == TypeKind::Unknown) continue;
        if (first != nullptr) require_comparable(Operator::Equal, *first, operand);
        common = first == nullptr ? operand->type : wider(common, operand->type);
        if (first == nullptr) first = &operand;
    }
    return common;
}

/// Operands that must agree take the type of the first that has one, where it can hold them.
/// Returns the type that holds them all.
SqlType unify(std::vector<ExpressionPtr>& operands) {
    SqlType first;
    for (const auto& operand : operands) {
        if (operand->type.kind != TypeKind::Unknown) {
            first = operand->type;
            break;
        }
    }
    for (auto& operand : operands) {
        adopt_type(operand, first);
        give_natural_type(operand);
    }
    return common_type(operands);
}

/// List lengths are a part of a statement's text: rounding them up keeps the number of different
/// statements small.
constexpr std::size_t exact_list = 8;
constexpr std::size_t longest_rounded_list = 4096;

void round_up(std::vector<ExpressionPtr>& list) {
    if (list.size() <= exact_list || list.size() > longest_rounded_list) return;
    list.resize(std::bit_ceil(list.size()), list.back());
}

bool is_identifier(std::string_view name) noexcept {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    if (name.empty() || !is_letter(name.front())) return false;
    for (const char c : name) {
        if (!is_letter(c) && !(c >= '0' && c <= '9')) return false;
    }
    return true;
}

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 4);
    for (const char c : text) {
        if (c == '%' || c == '_' || c == match_escape) out.push_back(match_escape);
        out.push_back(c);
    }
    return out;
}

} // namespace

ExpressionPtr column(std::string qualifier, std::string name, SqlType type, bool nullable) {
    return make_node<ColumnRef>(std::move(qualifier), std::move(name), type, nullable);
}

ExpressionPtr bind(Value value, SqlType type) {
    return make_node<Bind>(std::move(value), type);
}

ExpressionPtr deferred_bind(std::shared_ptr<const void> object,
                            Value (*convert)(const void*, const DialectInfo&), SqlType own_type) {
    return make_node<DeferredBind>(std::move(object), convert, own_type);
}

ExpressionPtr bind_for_column(ExpressionPtr bind, const SqlType& type) {
    if (bind->kind != NodeKind::Bind) return bind;
    const auto& node = static_cast<const Bind&>(*bind);
    if (node.is_deferred) {
        give_type(bind, type);
        return bind;
    }
    const bool converts = type.rules != nullptr && type.rules->conversion != nullptr;
    return make_node<Bind>(
        converts && !node.value.is_null() ? type.rules->conversion->encode(node.value) : node.value,
        type);
}

ExpressionPtr literal(Value value, SqlType type) {
    if (type.kind == TypeKind::Unknown) type = natural_type(value);
    return make_node<Literal>(std::move(value), type);
}

ExpressionPtr text(std::string sql, SqlType type) {
    return make_node<Text>(std::vector<std::string>{std::move(sql)}, std::vector<ExpressionPtr>(),
                           type);
}

ExpressionPtr binary(Operator op, ExpressionPtr left, ExpressionPtr right) {
    if (op == Operator::Equal || op == Operator::NotEqual) {
        const bool negated = op == Operator::NotEqual;
        if (is_null_value(right)) return is_null(std::move(left), negated);
        if (is_null_value(left)) return is_null(std::move(right), negated);
    }
    if (op == Operator::Concat) {
        give_natural_type(left);
        give_natural_type(right);
    } else {
        adopt_types(left, right);
    }
    if (is_comparison(op)) {
        require_comparable(op, left, right);
        require_order(op, left);
        return make_node<Binary>(op, std::move(left), std::move(right), Boolean());
    }
    SqlType type = result_type(op, left, right);
    type.sensitive = left->type.sensitive || right->type.sensitive;
    auto node = make_node<Binary>(op, std::move(left), std::move(right), type);
    // A division by zero is NULL on some databases.
    if (op == Operator::Divide || op == Operator::Modulo) node->nullable = true;
    return node;
}

ExpressionPtr not_(ExpressionPtr operand) {
    give_natural_type(operand);
    require_condition(operand);
    return make_node<Unary>(Operator::Not, std::move(operand), Boolean());
}

ExpressionPtr negate(ExpressionPtr operand) {
    give_natural_type(operand);
    if (operand->type.kind != TypeKind::Unknown && !is_number(operand->type)) {
        throw CompileError(fmt::format("cannot negate {}: it is no number", describe(operand)));
    }
    SqlType type = arithmetic_type(Operator::Negate, operand->type, operand->type);
    type.sensitive = operand->type.sensitive;
    return make_node<Unary>(Operator::Negate, std::move(operand), type);
}

ExpressionPtr and_(std::vector<ExpressionPtr> operands) {
    return logical(std::move(operands), true);
}
ExpressionPtr or_(std::vector<ExpressionPtr> operands) {
    return logical(std::move(operands), false);
}

ExpressionPtr is_null(ExpressionPtr operand, bool negated) {
    give_natural_type(operand);
    return make_node<NullTest>(std::move(operand), negated);
}

ExpressionPtr in(ExpressionPtr operand, std::vector<Value> values, bool negated) {
    give_natural_type(operand);
    if (operand->type.kind == TypeKind::Json) {
        throw CompileError(fmt::format("{} is compared with == and !=, one document at a time",
                                       describe(operand)));
    }
    std::vector<ExpressionPtr> binds;
    binds.reserve(values.size());
    for (auto& value : values) {
        ExpressionPtr item = ast::bind(std::move(value));
        adopt_type(item, operand->type);
        require_comparable(Operator::Equal, operand, item);
        binds.push_back(std::move(item));
    }
    round_up(binds);
    return make_node<In>(std::move(operand), std::move(binds), negated);
}

ExpressionPtr in_expressions(ExpressionPtr operand, std::vector<ExpressionPtr> list, bool negated) {
    give_natural_type(operand);
    for (auto& item : list) {
        adopt_type(item, operand->type);
        require_comparable(Operator::Equal, operand, item);
    }
    round_up(list);
    return make_node<In>(std::move(operand), std::move(list), negated);
}

ExpressionPtr in(ExpressionPtr operand, SelectPtr select, bool negated) {
    if (select->columns.size() != 1) {
        throw CompileError(
            fmt::format("a subquery in a membership test must have one column, this one has {}",
                        select->columns.size()));
    }
    adopt_type(operand, select->columns.front()->type);
    require_comparable(Operator::Equal, operand, select->columns.front());
    return make_node<InSubquery>(std::move(operand), std::move(select), negated);
}

ExpressionPtr like(ExpressionPtr operand, ExpressionPtr pattern, char escape, bool case_insensitive,
                   bool negated) {
    // Not the operand's own type: a pattern may be longer than what the column can hold, and no
    // name of an enumeration.
    const TypeRules* rules = operand->type.rules;
    if (rules != nullptr && rules->conversion != nullptr) {
        throw CompileError(fmt::format("{} is stored in another form than its value has, so it "
                                       "cannot be matched with a pattern; compare it as a whole",
                                       describe(operand)));
    }
    SqlType text = mercator::Text();
    text.sensitive = operand->type.sensitive;
    give_type(pattern, text);
    give_natural_type(operand);
    require_text(operand);
    require_text(pattern);
    return make_node<Like>(std::move(operand), std::move(pattern), escape, case_insensitive,
                           negated);
}

ExpressionPtr match(ExpressionPtr operand, TextMatch where, std::string_view text) {
    std::string pattern = escaped(text);
    if (where != TextMatch::StartsWith) pattern.insert(pattern.begin(), '%');
    if (where != TextMatch::EndsWith) pattern.push_back('%');
    return like(std::move(operand), ast::bind(std::move(pattern)), match_escape);
}

ExpressionPtr between(ExpressionPtr operand, ExpressionPtr low, ExpressionPtr high, bool negated) {
    if (is_untyped_bind(operand))
        adopt_type(operand, is_untyped_bind(low) ? high->type : low->type);
    give_natural_type(operand);
    adopt_type(low, operand->type);
    adopt_type(high, operand->type);
    require_comparable(Operator::GreaterEqual, operand, low);
    require_comparable(Operator::LessEqual, operand, high);
    return make_node<Between>(std::move(operand), std::move(low), std::move(high), negated);
}

ExpressionPtr function(FunctionId id, std::vector<ExpressionPtr> arguments, SqlType type,
                       bool nullable, bool distinct) {
    if (id == FunctionId::Coalesce || id == FunctionId::NullIf) {
        const SqlType common = unify(arguments);
        if (id == FunctionId::Coalesce) type = common;
    }
    for (auto& argument : arguments) {
        give_natural_type(argument);
        type.sensitive = type.sensitive || argument->type.sensitive;
    }
    auto node = make_node<Function>(id, std::move(arguments), type, nullable);
    node->distinct = distinct;
    return node;
}

ExpressionPtr function(std::string name, std::vector<ExpressionPtr> arguments, SqlType type) {
    if (!is_identifier(name)) {
        throw CompileError(fmt::format(
            "\"{}\" is no name of a function; use letters, digits and underscores", name));
    }
    for (auto& argument : arguments) {
        give_natural_type(argument);
        type.sensitive = type.sensitive || argument->type.sensitive;
    }
    auto node = make_node<Function>(FunctionId::Named, std::move(arguments), type, true);
    node->name = std::move(name);
    return node;
}

ExpressionPtr case_(std::vector<Case::Branch> branches, ExpressionPtr otherwise) {
    if (branches.empty()) throw CompileError("a case needs at least one condition");
    std::vector<ExpressionPtr> results;
    for (auto& branch : branches) {
        give_natural_type(branch.condition);
        require_condition(branch.condition);
        results.push_back(std::move(branch.result));
    }
    if (otherwise) results.push_back(std::move(otherwise));
    SqlType type = unify(results);
    for (const auto& result : results) type.sensitive = type.sensitive || result->type.sensitive;
    bool nullable = results.size() == branches.size();
    for (const auto& result : results) nullable = nullable || result->nullable;
    for (std::size_t i = 0; i < branches.size(); ++i) branches[i].result = std::move(results[i]);
    ExpressionPtr rest =
        results.size() > branches.size() ? std::move(results.back()) : ExpressionPtr();
    auto node = make_node<Case>(std::move(branches), std::move(rest), type);
    node->nullable = nullable;
    return node;
}

ExpressionPtr label(ExpressionPtr operand, std::string name) {
    give_natural_type(operand);
    return make_node<Label>(std::move(operand), std::move(name));
}

ExpressionPtr cast(ExpressionPtr operand, SqlType type) {
    give_natural_type(operand);
    type.sensitive = type.sensitive || operand->type.sensitive;
    return make_node<Cast>(std::move(operand), type);
}

ExpressionPtr exists(SelectPtr select, bool negated) {
    return make_node<Exists>(std::move(select), negated);
}

ExpressionPtr over(FunctionId id, std::vector<ExpressionPtr> partition_by,
                   std::vector<ExpressionPtr> order_by) {
    if (!is_ranking(id)) {
        throw CompileError("only a row number, a rank or a dense rank can be taken over a window");
    }
    for (auto& term : partition_by) give_natural_type(term);
    for (auto& term : order_by) give_natural_type(term);
    return make_node<Over>(function(id, {}, BigInteger(), false), std::move(partition_by),
                           std::move(order_by));
}

ExpressionPtr row_number_over(std::vector<ExpressionPtr> partition_by,
                              std::vector<ExpressionPtr> order_by) {
    return over(FunctionId::RowNumber, std::move(partition_by), std::move(order_by));
}

ExpressionPtr order(ExpressionPtr operand, bool descending, NullsOrder nulls) {
    give_natural_type(operand);
    return make_node<Ordering>(std::move(operand), descending, nulls);
}

} // namespace mercator::ast
