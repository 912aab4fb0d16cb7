// SPDX-License-Identifier: MIT
#include "correlated_select.hpp"

#include "class_tables.hpp"
#include "concrete_rows.hpp"

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
    other->implied = nullptr;
    return other;
}

} // namespace

ast::ExpressionPtr column_of(const TablePtr& table, const ast::ColumnRef& column) {
    auto ref = std::make_shared<ast::ColumnRef>(table->qualifier(), column.name, column.type,
                                                column.nullable);
    ref->table = table;
    return ref;
}

CorrelatedSelect::CorrelatedSelect(const Relationship& relationship, const Mapper& target,
                                   TablePtr owner,
                                   const std::vector<ast::ExpressionPtr>& conditions,
                                   std::vector<ast::ExpressionPtr> columns) :
    relationship_(relationship),
    class_(target),
    owner_class_(class_under(*relationship.owner, *owner)),
    owner_(std::move(owner)),
    target_(target.table_ref()),
    link_(relationship.secondary_ref) {
    refuse_first_rows();
    choose_names(conditions, columns);
    for (auto& column : columns) column = of_user(column);
    select_->columns = std::move(columns);
    read_related();
    for (const auto& condition : conditions) where(of_user(condition));
}

CorrelatedSelect::CorrelatedSelect(const Relationship& relationship, TablePtr owner,
                                   TablePtr target, std::vector<std::string> taken,
                                   std::vector<ast::ExpressionPtr> columns,
                                   const ast::ExpressionPtr& condition) :
    relationship_(relationship),
    class_(*relationship.target),
    owner_class_(class_under(*relationship.owner, *owner)),
    owner_(std::move(owner)),
    target_(std::move(target)),
    link_(relationship.secondary_ref) {
    refuse_first_rows();
    taken.push_back(target_->qualifier());
    if (link_ != nullptr && is_among(taken, link_->qualifier()))
        link_ = under_new_name(link_, "_between", taken);
    select_->columns = std::move(columns);
    read_related();
    if (condition != nullptr) where(condition);
}

void CorrelatedSelect::refuse_first_rows() const {
    if (relationship_.limit == 0) return;
    throw CompileError(
        fmt::format("{} is the first {} only, which a condition on related rows cannot tell; "
                    "use a relationship without limit() in it",
                    relationship_.where, relationship_.limit),
        relationship_.where);
}

void CorrelatedSelect::read_related() {
    read_target();
    if (link_ != nullptr) {
        select_->joins.push_back(
            {ast::JoinKind::Inner, link_, of_mapping(relationship_.secondary_condition)});
    }
    where(of_mapping(relationship_.condition));
}

TablePtr CorrelatedSelect::free_name(const TablePtr& table, const Names& taken) {
    return is_among(taken, table->qualifier()) ? under_new_name(table, "_related", taken) : table;
}

Names CorrelatedSelect::names_of(const TablePtr& table) {
    return names_outside(table);
}

void CorrelatedSelect::read_target() {
    if (has_concrete_classes(class_)) {
        select_->from.push_back(concrete_rows(class_, target_->qualifier()));
        return;
    }
    read_tables_as(*select_, class_, target_);
    if (auto condition = class_condition(class_, target_)) where(std::move(condition));
}

void CorrelatedSelect::choose_names(const std::vector<ast::ExpressionPtr>& conditions,
                                    const std::vector<ast::ExpressionPtr>& columns) {
    Names taken = names_outside(owner_);
    for (const TablePart& part : owner_class_.parts()) taken.push_back(part.ref->qualifier());
    const bool target_is_hidden =
        std::any_of(class_.parts().begin(), class_.parts().end(),
                    [&](const TablePart& part) { return is_among(taken, part.ref->qualifier()); });
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
    return class_column(owner_class_, owner_, *owner_class_.columns()[index].ref);
}

ast::ExpressionPtr CorrelatedSelect::target_column(std::uint16_t index) const {
    return class_column(class_, target_, *class_.columns()[index].ref);
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
    return class_in_names(expression, class_, target_);
}

ast::ExpressionPtr CorrelatedSelect::of_mapping(const ast::ExpressionPtr& expression) const {
    auto named = side_in_names(expression, Relationship::target_side, class_, target_);
    if (link_ != nullptr)
        named = ast::requalify(named, std::string(Relationship::link_side), link_->qualifier());
    return side_in_names(named, Relationship::owner_side, owner_class_, owner_);
}

} // namespace mercator
