// SPDX-License-Identifier: MIT
#include <mercator/loading/criteria.hpp>

#include "class_tables.hpp"
#include "spread_criterion.hpp"

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

/// One that repeats its columns for a class that inherits it.
bool repeats_table_of(const Mapper& mapper, const ast::TableRef& table) {
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
    std::size_t part = 0;
    const bool is_part = is_part_of(mapper, table, part);
    const auto column =
        ast::column(table.qualifier(), is_part ? mapper.parts()[part].key_names.front() : key.name,
                    key.type, true);
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

namespace {

/// A query for a base joins the table of a column of a class by itself; a criterion is told which
/// tables there are.
ast::ExpressionPtr without_joins_to_parts(const Mapper& mapper, ast::ExpressionPtr condition) {
    if (mapper.parts().size() == 1) return condition;
    return ast::replace_columns(condition, [&](const ast::ColumnRef& e) -> ast::ExpressionPtr {
        std::size_t part = 0;
        const bool is_part = e.table != nullptr && e.table->alias.empty() &&
                             e.table->implied != nullptr && is_part_of(mapper, *e.table, part);
        return is_part ? ast::column(e.qualifier, e.name, e.type, e.nullable) : nullptr;
    });
}

} // namespace

void Criteria::add(const Mapper& mapper, ast::ExpressionPtr condition) {
    conditions_.push_back(
        {&mapper, if_of_class(mapper, without_joins_to_parts(mapper, std::move(condition)))});
}

void Criteria::append(const Criteria& more) {
    conditions_.insert(conditions_.end(), more.conditions_.begin(), more.conditions_.end());
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
    std::erase_if(conditions_, [&](const Condition& entry) { return entry.mapper->is_a(mapper); });
    // What holds for a base goes on holding for its other classes.
    for (Condition& entry : conditions_) {
        if (mapper.is_a(*entry.mapper) && mapper.is_polymorphic())
            entry.condition = ast::or_({is_of_class(mapper), entry.condition});
    }
}

bool Criteria::concern(const Mapper& mapper) const noexcept {
    return std::any_of(conditions_.begin(), conditions_.end(), [&](const Condition& entry) {
        return entry.mapper->is_a(mapper) || mapper.is_a(*entry.mapper) ||
               is_same_table(*entry.mapper->table_ref(), *mapper.table_ref());
    });
}

bool Criteria::concern(const ast::Select& select) const {
    const auto tables = ast::tables_read(select);
    const auto is_read = [&](const std::string& name) {
        return std::find(tables.begin(), tables.end(), name) != tables.end();
    };
    return std::any_of(conditions_.begin(), conditions_.end(), [&](const Condition& entry) {
        const auto& parts = entry.mapper->parts();
        const auto& classes = entry.mapper->descendants();
        return std::any_of(parts.begin(), parts.end(),
                           [&](const TablePart& part) { return is_read(part.ref->name); }) ||
               std::any_of(classes.begin(), classes.end(), [&](const Mapper* descendant) {
                   return is_read(descendant->table_ref()->name);
               });
    });
}

namespace {

/// A condition of a class in one table, under the name that this has in the statement.
ast::ExpressionPtr in_table(const Mapper& mapper, ast::ExpressionPtr condition,
                            const ast::TableRef& table) {
    for (const TablePart& part : mapper.parts()) {
        if (part.ref->qualifier() != table.qualifier())
            condition = ast::requalify(condition, part.ref->qualifier(), table.qualifier());
    }
    return condition;
}

} // namespace

/// What holds for the rows of the table at this position, in the names of the statement.
Criteria::Found Criteria::of_table(const std::vector<ReadTable>& tables,
                                   std::size_t position) const {
    Found found;
    if (tables[position].table == nullptr) return found;
    const ast::TableRef& table = *tables[position].table;
    for (const Condition& entry : conditions_) {
        const Mapper& mapper = *entry.mapper;
        std::size_t part = 0;
        ast::ExpressionPtr condition;
        if (is_part_of(mapper, table, part)) {
            condition = mapper.parts().size() == 1
                            ? in_table(mapper, entry.condition, table)
                            : criterion_at(mapper, entry.condition, part, tables, position);
        } else if (repeats_table_of(mapper, table)) {
            condition = in_table(mapper, entry.condition, table);
        }
        if (condition == nullptr) continue;
        add_to(found.condition, condition);
        found.mapper = &mapper;
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

void Criteria::restrict_from(ast::Select& select, const std::vector<ReadTable>& tables) const {
    for (std::size_t i = 0; i < select.from.size(); ++i) {
        const Found found = of_table(tables, i);
        if (found.mapper != nullptr)
            restrict_kept(select, 0, found.condition, *found.mapper, *tables[i].table);
    }
}

void Criteria::restrict_joins(ast::Select& select, const std::vector<ReadTable>& tables) const {
    for (std::size_t i = 0; i < select.joins.size(); ++i) {
        ast::Join& join = select.joins[i];
        const std::size_t position = select.from.size() + i;
        const Found found = of_table(tables, position);
        if (found.mapper == nullptr) continue;
        const ast::TableRef& table = *tables[position].table;
        if (join.kind == ast::JoinKind::Right || join.kind == ast::JoinKind::Cross) {
            restrict_kept(select, i + 1, found.condition, *found.mapper, table);
            continue;
        }
        add_to(join.on, found.condition);
        if (join.kind == ast::JoinKind::Full)
            select.where.push_back(or_absent(found.condition, *found.mapper, table));
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
    const auto tables = tables_in_order(result);
    restrict_from(result, tables);
    restrict_joins(result, tables);
    return result;
}

void Criteria::apply(ast::Update& update) const {
    in_subqueries(update.where);
    for (auto& assignment : update.assignments) assignment.value = in_subqueries(assignment.value);
    if (auto found = of_table({ReadTable{update.table, nullptr}}, 0); found.condition)
        update.where.push_back(std::move(found.condition));
}

void Criteria::apply(ast::Delete& statement) const {
    in_subqueries(statement.where);
    if (auto found = of_table({ReadTable{statement.table, nullptr}}, 0); found.condition)
        statement.where.push_back(std::move(found.condition));
}

void CriteriaInUse::add(const Criteria& more) {
    auto both = all == nullptr ? std::make_shared<Criteria>() : std::make_shared<Criteria>(*all);
    both->append(more);
    all = std::move(both);
    choose();
}

void CriteriaInUse::choose() {
    now = paused > 0 ? nullptr : all;
    if (now == nullptr || waived.empty()) return;
    auto less = std::make_shared<Criteria>(*now);
    for (const Mapper* mapper : waived) less->remove(*mapper);
    now = less->empty() ? nullptr : std::move(less);
}

CriteriaPause::CriteriaPause(std::shared_ptr<CriteriaInUse> in_use, const CriteriaWaiver& waiver) {
    if (in_use == nullptr || waiver.empty()) return;
    in_use_ = std::move(in_use);
    before_ = in_use_->now;
    all_before_ = in_use_->all;
    all_ = waiver.all;
    classes_ = all_ ? 0 : waiver.classes.size();
    in_use_->paused += all_ ? 1 : 0;
    if (!all_)
        in_use_->waived.insert(in_use_->waived.end(), waiver.classes.begin(), waiver.classes.end());
    in_use_->choose();
}

CriteriaPause::~CriteriaPause() {
    if (in_use_ == nullptr) return;
    in_use_->paused -= all_ ? 1 : 0;
    in_use_->waived.resize(in_use_->waived.size() - classes_);
    if (in_use_->all == all_before_) {
        in_use_->now = std::move(before_);
    } else {
        in_use_->choose();
    }
}

} // namespace mercator
