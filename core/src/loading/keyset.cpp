// SPDX-License-Identifier: MIT
#include "loading/keyset.hpp"

#include "loading/cursor_text.hpp"
#include "mapping/scratch_object.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/field.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>

namespace mercator {
namespace {

const ColumnProperty* property_of(const Mapper& mapper, const ast::Expression& expression) {
    if (expression.kind != ast::NodeKind::ColumnRef) return nullptr;
    const auto& wanted = static_cast<const ast::ColumnRef&>(expression);
    for (const auto& property : mapper.columns()) {
        if (property.ref->name == wanted.name && property.ref->qualifier == wanted.qualifier)
            return &property;
    }
    return nullptr;
}

} // namespace

KeysetOrder::KeysetOrder(const Mapper& mapper, std::span<const ast::ExpressionPtr> order_by) :
    mapper_(&mapper) {
    for (const auto& given : order_by) {
        const auto* ordering = given->kind == ast::NodeKind::Ordering
                                   ? static_cast<const ast::Ordering*>(given.get())
                                   : nullptr;
        const ColumnProperty* column =
            property_of(mapper, ordering == nullptr ? *given : *ordering->operand);
        if (column == nullptr) {
            throw ArgumentError(
                fmt::format("a list of {} that is paged by cursors is ordered by columns of {} "
                            "alone, as order_by(col(&{}::member).desc())",
                            mapper.class_name(), mapper.class_name(), mapper.class_name()),
                std::string(mapper.class_name()));
        }
        terms_.push_back({column, ordering != nullptr && ordering->descending});
    }
    for (const std::uint16_t key : mapper.primary_key()) {
        const ColumnProperty* column = &mapper.columns()[key];
        if (std::none_of(terms_.begin(), terms_.end(),
                         [&](const Term& term) { return term.column == column; }))
            terms_.push_back({column, false});
    }
}

std::vector<ast::ExpressionPtr> KeysetOrder::terms(bool backward) const {
    std::vector<ast::ExpressionPtr> list;
    for (const Term& term : terms_) {
        const auto nulls = !term.column->ref->nullable ? ast::NullsOrder::Default
                           : backward                  ? ast::NullsOrder::First
                                                       : ast::NullsOrder::Last;
        list.push_back(ast::order(term.column->ref, term.descending != backward, nulls));
    }
    return list;
}

ast::ExpressionPtr KeysetOrder::equal(const Term& term, const Value& value) const {
    if (value.is_null()) return ast::is_null(term.column->ref);
    return ast::binary(ast::Operator::Equal, term.column->ref,
                       ast::bind(value, term.column->field.type));
}

/// NULL comes last, so nothing follows it, and it follows everything.
ast::ExpressionPtr KeysetOrder::later(const Term& term, const Value& value) const {
    if (value.is_null()) return nullptr;
    auto beyond = ast::binary(term.descending ? ast::Operator::Less : ast::Operator::Greater,
                              term.column->ref, ast::bind(value, term.column->field.type));
    if (!term.column->ref->nullable) return beyond;
    return ast::or_({std::move(beyond), ast::is_null(term.column->ref)});
}

ast::ExpressionPtr KeysetOrder::earlier(const Term& term, const Value& value) const {
    if (value.is_null()) return ast::is_null(term.column->ref, true);
    return ast::binary(term.descending ? ast::Operator::Greater : ast::Operator::Less,
                       term.column->ref, ast::bind(value, term.column->field.type));
}

ast::ExpressionPtr KeysetOrder::beyond(std::span<const Value> values, bool backward) const {
    std::vector<ast::ExpressionPtr> ways;
    for (std::size_t end = 0; end < terms_.size(); ++end) {
        auto last = backward ? earlier(terms_[end], values[end]) : later(terms_[end], values[end]);
        if (last == nullptr) continue;
        std::vector<ast::ExpressionPtr> parts;
        for (std::size_t i = 0; i < end; ++i) parts.push_back(equal(terms_[i], values[i]));
        parts.push_back(std::move(last));
        ways.push_back(parts.size() == 1 ? parts.front() : ast::and_(std::move(parts)));
    }
    return ways.size() == 1 ? ways.front() : ast::or_(std::move(ways));
}

/// Tells lists apart: a cursor of one means nothing in another.
std::string KeysetOrder::name() const {
    std::string text(mapper_->class_name());
    for (const Term& term : terms_) {
        fmt::format_to(std::back_inserter(text), " {}{}", term.descending ? "-" : "",
                       term.column->ref->name);
    }
    return text;
}

std::string KeysetOrder::cursor_of(const std::byte* object) const {
    std::vector<Value> values;
    for (const Term& term : terms_) values.push_back(load(term.column->field, object));
    return to_cursor_text(name(), values);
}

/// Could an object of the class have them?
bool KeysetOrder::are_of_columns(std::span<const Value> values) const {
    ScratchObject scratch(mapper_->object_type());
    try {
        for (std::size_t i = 0; i < terms_.size(); ++i) {
            const Field& field = terms_[i].column->field;
            if (values[i].is_null() && !field.optional) return false;
            store(field, scratch.object(), values[i]);
            if (load(field, scratch.object()).kind() != values[i].kind()) return false;
        }
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        return false;
    }
    return true;
}

std::vector<Value> KeysetOrder::values_of(std::string_view cursor) const {
    auto values = from_cursor_text(name(), cursor);
    if (values && values->size() == terms_.size() && are_of_columns(*values))
        return std::move(*values);
    throw ArgumentError(fmt::format("this cursor does not belong to the list of {} that is asked "
                                    "for; take `next` or `previous` of one of its pages",
                                    mapper_->class_name()),
                        "cursor");
}

} // namespace mercator
