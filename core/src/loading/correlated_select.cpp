// SPDX-License-Identifier: MIT
#include "correlated_select.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mercator {

namespace {

using TablePtr = CorrelatedSelect::TablePtr;
using Names = std::vector<std::string>;

bool is_among(const Names& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// The owner's name, and those of the tables on the path to it.
Names names_outside(const TablePtr& owner) {
    Names names;
    for (const ast::TableRef* table = owner.get(); table != nullptr;
         table = table->implied == nullptr ? nullptr : table->implied->owner.get())
        names.push_back(table->qualifier());
    return names;
}

void add_mentioned(const std::vector<ast::ExpressionPtr>& expressions, Names& names) {
    const auto note = [&](const ast::ColumnRef& column) -> ast::ExpressionPtr {
        if (!is_among(names, column.qualifier)) names.push_back(column.qualifier);
        return nullptr;
    };
    for (const auto& expression : expressions)
        static_cast<void>(ast::replace_columns(expression, note));
}

/// Room for a number, and for the databases with the shortest names.
constexpr std::size_t longest_stem = 40;

TablePtr under_new_name(const TablePtr& table, const char* suffix, const Names& taken) {
    const std::string stem = table->name.substr(0, longest_stem) + suffix;
    std::string name = stem;
    for (int number = 2; is_among(taken, name); ++number) name = fmt::format("{}_{}", stem, number);
    auto other = std::make_shared<ast::TableRef>(*table);
    other->alias = std::move(name);
    return other;
}

} // namespace

ast::ExpressionPtr column_of(const TablePtr& table, const ast::ColumnRef& column) {
    auto ref = std::make_shared<ast::ColumnRef>(table->qualifier(), column.name, column.type,
                                                column.nullable);
    ref->table = table;
    return ref;
}

CorrelatedSelect::CorrelatedSelect(const Relationship& relationship, TablePtr owner,
                                   const std::vector<ast::ExpressionPtr>& conditions,
                                   std::vector<ast::ExpressionPtr> columns) :
    relationship_(relationship),
    owner_(std::move(owner)),
    target_(relationship.target->table_ref()),
    link_(relationship.secondary_ref) {
    if (relationship.limit != 0) {
        throw CompileError(
            fmt::format("{} is the first {} only, which a condition on related rows cannot tell; "
                        "use a relationship without limit() in it",
                        relationship.where, relationship.limit),
            relationship.where);
    }
    choose_names(conditions, columns);
    for (auto& column : columns) column = of_user(column);
    select_->columns = std::move(columns);
    select_->from.emplace_back(target_);
    if (link_ != nullptr) {
        select_->joins.push_back(
            {ast::JoinKind::Inner, link_, of_mapping(relationship.secondary_condition)});
    }
    where(of_mapping(relationship.condition));
    for (const auto& condition : conditions) where(of_user(condition));
}

void CorrelatedSelect::choose_names(const std::vector<ast::ExpressionPtr>& conditions,
                                    const std::vector<ast::ExpressionPtr>& columns) {
    Names taken = names_outside(owner_);
    const bool target_is_hidden = is_among(taken, target_->qualifier());
    const bool link_is_hidden = link_ != nullptr && (is_among(taken, link_->qualifier()) ||
                                                     link_->qualifier() == target_->qualifier());
    if (!target_is_hidden && !link_is_hidden) return;
    add_mentioned(conditions, taken);
    add_mentioned(columns, taken);
    if (target_is_hidden) {
        target_ = under_new_name(target_, "_related", taken);
        taken.push_back(target_->alias);
    }
    if (link_is_hidden) link_ = under_new_name(link_, "_between", taken);
}

ast::ExpressionPtr CorrelatedSelect::owner_column(std::uint16_t index) const {
    return column_of(owner_, *relationship_.owner->columns()[index].ref);
}

ast::ExpressionPtr CorrelatedSelect::target_column(std::uint16_t index) const {
    return column_of(target_, *relationship_.target->columns()[index].ref);
}

ast::ExpressionPtr CorrelatedSelect::link_column(std::uint16_t index) const {
    const Column& column = relationship_.secondary->columns[index];
    return ast::column(link_->qualifier(), column.name, column.type, column.accepts_null());
}

void CorrelatedSelect::read_link_alone() {
    select_->from = {link_};
    select_->joins.clear();
}

ast::ExpressionPtr CorrelatedSelect::of_user(const ast::ExpressionPtr& expression) const {
    const std::string& own = relationship_.target->table_ref()->qualifier();
    if (own == target_->qualifier()) return expression;
    return ast::requalify(expression, own, target_->qualifier());
}

ast::ExpressionPtr CorrelatedSelect::of_mapping(const ast::ExpressionPtr& expression) const {
    auto named =
        ast::requalify(expression, std::string(Relationship::target_side), target_->qualifier());
    if (link_ != nullptr)
        named = ast::requalify(named, std::string(Relationship::link_side), link_->qualifier());
    return ast::replace_columns(
        named, std::string(Relationship::owner_side),
        [this](const ast::ColumnRef& column) { return column_of(owner_, column); });
}

} // namespace mercator
