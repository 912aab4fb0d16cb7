// SPDX-License-Identifier: MIT
#include <mercator/loading/criteria.hpp>

#include "class_tables.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/ast/traverse.hpp>

#include <algorithm>
#include <utility>

namespace mercator {

namespace {

using TablePtr = std::shared_ptr<const ast::TableRef>;
using SubqueryPtr = std::shared_ptr<const ast::Subquery>;

bool is_same_table(const ast::TableRef& a, const ast::TableRef& b) {
    return a.name == b.name && a.schema == b.schema;
}

/// Its own, or one that repeats its columns for a class that inherits it.
bool is_table_of(const Mapper& mapper, const ast::TableRef& table) {
    if (is_same_table(*mapper.table_ref(), table)) return true;
    const auto& classes = mapper.descendants();
    return std::any_of(classes.begin(), classes.end(), [&](const Mapper* descendant) {
        return descendant->inheritance() == Inheritance::Concrete &&
               is_same_table(*descendant->table_ref(), table);
    });
}

void add_to(ast::ExpressionPtr& condition, const ast::ExpressionPtr& more) {
    condition = condition == nullptr ? more : ast::and_({condition, more});
}

bool keeps_right(ast::JoinKind kind) {
    return kind == ast::JoinKind::Right || kind == ast::JoinKind::Full;
}

/// The first join from `position` on that can leave the rows before it out of a result row.
ast::Join* later_outer_join(ast::Select& select, std::size_t position) {
    const auto from = select.joins.begin() + static_cast<std::ptrdiff_t>(position);
    const auto found = std::find_if(from, select.joins.end(),
                                    [](const auto& join) { return keeps_right(join.kind); });
    return found == select.joins.end() ? nullptr : &*found;
}

/// "Holds, or there is no row of this table here."
ast::ExpressionPtr or_absent(const ast::ExpressionPtr& condition, const Mapper& mapper,
                             const ast::TableRef& table) {
    const ast::ColumnRef& key = *mapper.columns()[mapper.primary_key().front()].ref;
    const auto column = ast::column(table.qualifier(), key.name, key.type, true);
    return ast::or_({condition, ast::is_null(column)});
}

/// A table whose rows are all kept at its place in FROM: its condition goes to WHERE, unless a
/// later join may give rows without it.
void restrict_kept(ast::Select& select, std::size_t next_join, const ast::ExpressionPtr& condition,
                   const Mapper& mapper, const ast::TableRef& table) {
    ast::Join* outer = later_outer_join(select, next_join);
    if (outer == nullptr) {
        select.where.push_back(condition);
        return;
    }
    const bool full = outer->kind == ast::JoinKind::Full;
    add_to(outer->on, condition);
    if (full) select.where.push_back(or_absent(condition, mapper, table));
}

} // namespace

void Criteria::add(const Mapper& mapper, ast::ExpressionPtr condition) {
    conditions_.push_back({&mapper, if_of_class(mapper, std::move(condition))});
}

void Criteria::add_mapped(const Mapper& mapper) {
    const auto own = [&](const ast::Expression& e) -> ast::ExpressionPtr {
        if (e.kind != ast::NodeKind::ColumnRef) return nullptr;
        const auto* property = mapper.find_column(static_cast<const ast::ColumnRef&>(e).name);
        return property == nullptr ? nullptr : property->ref;
    };
    for (const auto& condition : mapper.criteria()) add(mapper, ast::replace_nodes(condition, own));
}

void Criteria::remove(const Mapper& mapper) {
    std::erase_if(conditions_,
                  [&](const Condition& condition) { return condition.mapper == &mapper; });
}

bool Criteria::concern(const Mapper& mapper) const noexcept {
    return std::any_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
        return is_table_of(*condition.mapper, *mapper.table_ref());
    });
}

bool Criteria::concern(const ast::Select& select) const {
    const auto tables = ast::tables_read(select);
    const auto is_read = [&](const Mapper& mapper) {
        return std::find(tables.begin(), tables.end(), mapper.table_ref()->name) != tables.end();
    };
    return std::any_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
        const auto& classes = condition.mapper->descendants();
        return is_read(*condition.mapper) ||
               std::any_of(classes.begin(), classes.end(),
                           [&](const Mapper* descendant) { return is_read(*descendant); });
    });
}

/// What holds for the rows of the table, under the name that it has there.
Criteria::Found Criteria::of_table(const ast::TableRef& table) const {
    Found found;
    for (const Condition& entry : conditions_) {
        if (!is_table_of(*entry.mapper, table)) continue;
        const std::string& own = entry.mapper->table_ref()->qualifier();
        add_to(found.condition, own == table.qualifier()
                                    ? entry.condition
                                    : ast::requalify(entry.condition, own, table.qualifier()));
        found.mapper = entry.mapper;
    }
    return found;
}

ast::ExpressionPtr Criteria::in_subqueries(const ast::ExpressionPtr& expression) const {
    const auto filtered = [this](const ast::SelectPtr& select) {
        return std::make_shared<const ast::Select>(applied(*select));
    };
    return ast::replace_nodes(expression, [&](const ast::Expression& e) -> ast::ExpressionPtr {
        if (e.kind == ast::NodeKind::Exists) {
            const auto& exists = static_cast<const ast::Exists&>(e);
            return std::make_shared<ast::Exists>(filtered(exists.select), exists.negated);
        }
        if (e.kind == ast::NodeKind::ScalarSubquery) {
            const auto& scalar = static_cast<const ast::ScalarSubquery&>(e);
            return std::make_shared<ast::ScalarSubquery>(filtered(scalar.select), scalar.type);
        }
        if (e.kind == ast::NodeKind::InSubquery) {
            const auto& in = static_cast<const ast::InSubquery&>(e);
            return std::make_shared<ast::InSubquery>(in_subqueries(in.operand), filtered(in.select),
                                                     in.negated);
        }
        return nullptr;
    });
}

void Criteria::in_subqueries(std::vector<ast::ExpressionPtr>& list) const {
    for (auto& expression : list) expression = in_subqueries(expression);
}

void Criteria::in_subquery(ast::FromItem& item) const {
    auto* subquery = std::get_if<SubqueryPtr>(&item);
    if (subquery == nullptr) return;
    auto copy = std::make_shared<ast::Subquery>(**subquery);
    copy->select = std::make_shared<const ast::Select>(applied(*copy->select));
    for (auto& more : copy->and_all) more = std::make_shared<const ast::Select>(applied(*more));
    *subquery = std::move(copy);
}

void Criteria::restrict_from(ast::Select& select) const {
    for (const auto& item : select.from) {
        const auto* table = std::get_if<TablePtr>(&item);
        const Found found = table == nullptr ? Found() : of_table(**table);
        if (found.mapper != nullptr)
            restrict_kept(select, 0, found.condition, *found.mapper, **table);
    }
}

void Criteria::restrict_joins(ast::Select& select) const {
    for (std::size_t i = 0; i < select.joins.size(); ++i) {
        ast::Join& join = select.joins[i];
        const auto* table = std::get_if<TablePtr>(&join.target);
        const Found found = table == nullptr ? Found() : of_table(**table);
        if (found.mapper == nullptr) continue;
        if (join.kind == ast::JoinKind::Right || join.kind == ast::JoinKind::Cross) {
            restrict_kept(select, i + 1, found.condition, *found.mapper, **table);
            continue;
        }
        add_to(join.on, found.condition);
        if (join.kind == ast::JoinKind::Full)
            select.where.push_back(or_absent(found.condition, *found.mapper, **table));
    }
}

ast::Select Criteria::applied(const ast::Select& select) const {
    auto joined = ast::with_implied_joins(select);
    ast::Select result = joined ? std::move(*joined) : select;
    in_subqueries(result.columns);
    for (auto& item : result.from) in_subquery(item);
    for (auto& join : result.joins) {
        in_subquery(join.target);
        join.on = in_subqueries(join.on);
    }
    in_subqueries(result.where);
    in_subqueries(result.group_by);
    in_subqueries(result.having);
    in_subqueries(result.order_by);
    restrict_from(result);
    restrict_joins(result);
    return result;
}

void Criteria::apply(ast::Update& update) const {
    in_subqueries(update.where);
    for (auto& assignment : update.assignments) assignment.value = in_subqueries(assignment.value);
    if (auto found = of_table(*update.table); found.condition)
        update.where.push_back(std::move(found.condition));
}

void Criteria::apply(ast::Delete& statement) const {
    in_subqueries(statement.where);
    if (auto found = of_table(*statement.table); found.condition)
        statement.where.push_back(std::move(found.condition));
}

CriteriaPause::CriteriaPause(std::shared_ptr<CriteriaInUse> in_use, const CriteriaWaiver& waiver) {
    if (in_use == nullptr || in_use->now == nullptr || waiver.empty()) return;
    std::shared_ptr<Criteria> less;
    if (!waiver.all) {
        less = std::make_shared<Criteria>(*in_use->now);
        for (const Mapper* mapper : waiver.classes) less->remove(*mapper);
        if (less->empty()) less = nullptr;
    }
    before_ = std::exchange(in_use->now, std::move(less));
    in_use_ = std::move(in_use);
    all_ = waiver.all;
    in_use_->paused += all_ ? 1 : 0;
}

CriteriaPause::~CriteriaPause() {
    if (in_use_ == nullptr) return;
    in_use_->now = std::move(before_);
    in_use_->paused -= all_ ? 1 : 0;
}

} // namespace mercator
