// SPDX-License-Identifier: MIT
#include <mercator/dialect/compiler.hpp>

#include <mercator/ast/implied_join.hpp>
#include <mercator/ast/traverse.hpp>

#include <mercator/dialect/dialect.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mercator {
namespace {

const ast::Label* as_label(const ast::Expression& e) noexcept {
    return e.kind == ast::NodeKind::Label ? static_cast<const ast::Label*>(&e) : nullptr;
}

bool selects_label(const ast::Select* select, std::string_view name) {
    if (select == nullptr) return false;
    return std::any_of(select->columns.begin(), select->columns.end(),
                       [name](const ast::ExpressionPtr& column) {
                           const auto* label = as_label(*column);
                           return label != nullptr && label->name == name;
                       });
}

std::string result_name(const ast::Expression& column, std::size_t position) {
    if (const auto* label = as_label(column)) return label->name;
    if (column.kind == ast::NodeKind::ColumnRef)
        return static_cast<const ast::ColumnRef&>(column).name;
    return fmt::format("column_{}", position + 1);
}

/// Leaves the scope of a SELECT again, also when the compilation fails in it.
template <class T>
class Restore {
public:
    Restore(T& place, T value) : place_(place), before_(std::exchange(place, std::move(value))) {}
    Restore(const Restore&) = delete;
    Restore& operator=(const Restore&) = delete;
    ~Restore() { place_ = std::move(before_); }

private:
    T& place_;
    T before_;
};

} // namespace

void Compiler::visit_select(const ast::Select& select) {
    if (const ast::ColumnRef* column = ast::ungrouped_column(select)) {
        throw CompileError(
            fmt::format("{}.{} stands beside an aggregate, but the rows are not grouped; "
                        "add it to group_by(), or take it out of the select",
                        column->qualifier, column->name),
            column->name);
    }
    if (follows_paths_) {
        if (const auto joined = ast::with_implied_joins(select)) return write_select(*joined);
    }
    write_select(select);
}

void Compiler::write_select(const ast::Select& select) {
    const Restore scope(scope_start_, visible_.size());
    const Restore current(select_, &select);
    const Restore qualified(qualify_, true);
    push_scope(select);
    ++depth_;
    writer_.text(select.distinct ? "SELECT DISTINCT " : "SELECT ");
    write_column_list(select);
    write_from(select);
    if (!select.where.empty()) {
        writer_.text(" WHERE ");
        write_conditions(select.where);
    }
    write_group_and_order(select);
    write_limit(select);
    if (select.for_update) write_for_update(select);
    --depth_;
    visible_.resize(scope_start_);
}

void Compiler::write_column_list(const ast::Select& select) {
    const bool is_outermost = depth_ == 1 && !ddl_;
    if (select.columns.empty()) {
        writer_.text('1');
        if (is_outermost) writer_.add_result_column("column_1", Integer(), false);
        return;
    }
    if (is_outermost) writer_.compiled().columns.reserve(select.columns.size());
    for (std::size_t i = 0; i < select.columns.size(); ++i) {
        const ast::Expression& column = *select.columns[i];
        if (i != 0) writer_.text(", ");
        if (!is_outermost) {
            write_selected(column);
            continue;
        }
        const bool is_plain = column.type.rules == nullptr;
        if (is_plain || !write_read_by_sql(column, result_name(column, i))) write_selected(column);
        writer_.add_result_column(result_name(column, i), column.type, column.nullable);
    }
}

/// A column whose type is read through SQL of its own, under the name that it would have without.
bool Compiler::write_read_by_sql(const ast::Expression& column, std::string_view name) {
    const std::string around = sql_around(column.type).read;
    const auto place = around.find("{}");
    if (place == std::string::npos) return false;
    const auto* label = as_label(column);
    writer_.text(std::string_view(around).substr(0, place));
    process(label == nullptr ? column : *label->operand);
    writer_.text(std::string_view(around).substr(place + 2)).text(" AS ").alias(name);
    return true;
}

void Compiler::write_selected(const ast::Expression& column) {
    const auto* label = as_label(column);
    if (label == nullptr) return process(column);
    process_operand(*label->operand);
    writer_.text(" AS ").alias(label->name);
}

void Compiler::write_from(const ast::Select& select) {
    if (select.from.empty()) {
        if (!select.joins.empty())
            throw CompileError(
                "a join needs a table to join to; add the first table to the statement");
        return;
    }
    writer_.text(" FROM ");
    write_from_item(select.from.front());
    // Not commas: they bind weaker than JOIN, and its condition could not name the tables before
    // them.
    for (auto item = std::next(select.from.begin()); item != select.from.end(); ++item) {
        writer_.text(" CROSS JOIN ");
        write_from_item(*item);
    }
    for (const auto& join : select.joins) write_join(join);
}

void Compiler::write_from_item(const ast::FromItem& item) {
    if (const auto* table = std::get_if<std::shared_ptr<const ast::TableRef>>(&item)) {
        write_table(**table);
        return;
    }
    write_derived_table(*std::get<std::shared_ptr<const ast::Subquery>>(item));
}

void Compiler::write_derived_table(const ast::Subquery& subquery) {
    // It stands beside the other tables of this FROM and does not see them.
    const auto own = visible_.begin() + static_cast<std::ptrdiff_t>(scope_start_);
    const std::vector<Visible> siblings(own, visible_.end());
    visible_.erase(own, visible_.end());
    writer_.text('(');
    visit_select(*subquery.select);
    for (const auto& more : subquery.and_all) {
        writer_.text(" UNION ALL ");
        visit_select(*more);
    }
    writer_.text(") AS ").alias(subquery.alias);
    visible_.insert(visible_.end(), siblings.begin(), siblings.end());
}

void Compiler::write_table(const ast::TableRef& table) {
    if (!table.schema.empty()) writer_.identifier(table.schema).text('.');
    writer_.identifier(table.name);
    if (!table.alias.empty()) writer_.text(" AS ").alias(table.alias);
}

void Compiler::write_join(const ast::Join& join) {
    const Capabilities& can = dialect_.capabilities();
    if ((join.kind == ast::JoinKind::Right && !can.right_join) ||
        (join.kind == ast::JoinKind::Full && !can.full_join)) {
        throw UnsupportedError(
            fmt::format("{} has no {} outer join; turn the tables around or use two queries",
                        dialect_.name(), join.kind == ast::JoinKind::Right ? "right" : "full"));
    }
    switch (join.kind) {
    case ast::JoinKind::Inner:
        writer_.text(" JOIN ");
        break;
    case ast::JoinKind::Left:
        writer_.text(" LEFT JOIN ");
        break;
    case ast::JoinKind::Right:
        writer_.text(" RIGHT JOIN ");
        break;
    case ast::JoinKind::Full:
        writer_.text(" FULL JOIN ");
        break;
    case ast::JoinKind::Cross:
        writer_.text(" CROSS JOIN ");
        break;
    }
    write_from_item(join.target);
    if (join.kind == ast::JoinKind::Cross) return;
    if (join.on == nullptr)
        throw CompileError("a join has no condition; give it one, or make it a cross join");
    writer_.text(" ON ");
    process(*join.on);
}

void Compiler::write_group_and_order(const ast::Select& select) {
    if (!select.group_by.empty()) {
        writer_.text(" GROUP BY ");
        write_list(select.group_by, ", ");
    }
    if (!select.having.empty()) {
        writer_.text(" HAVING ");
        write_conditions(select.having);
    }
    if (!select.order_by.empty()) {
        writer_.text(" ORDER BY ");
        write_order(select.order_by);
    }
}

void Compiler::write_order(const std::vector<ast::ExpressionPtr>& terms) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
        if (i != 0) writer_.text(", ");
        const ast::Expression& term = *terms[i];
        if (term.kind == ast::NodeKind::Ordering) {
            visit_ordering(static_cast<const ast::Ordering&>(term));
        } else {
            write_order_operand(term);
        }
    }
}

void Compiler::visit_over(const ast::Over& over) {
    const auto& function = static_cast<const ast::Function&>(*over.function);
    if (!dialect_.capabilities().window_functions) {
        throw UnsupportedError(
            fmt::format("{} {} has no window functions, so it cannot number the rows of a group; "
                        "number them in the program, or use a newer server",
                        dialect_.name(), dialect_.capabilities().version));
    }
    writer_.text(function.id == ast::FunctionId::Rank        ? "RANK() OVER ("
                 : function.id == ast::FunctionId::DenseRank ? "DENSE_RANK() OVER ("
                                                             : "ROW_NUMBER() OVER (");
    // A window knows nothing of the labels in the column list.
    const Restore<const ast::Select*> current(select_, nullptr);
    if (!over.partition_by.empty()) {
        writer_.text("PARTITION BY ");
        write_list(over.partition_by, ", ");
    }
    if (!over.order_by.empty()) {
        writer_.text(over.partition_by.empty() ? "ORDER BY " : " ORDER BY ");
        write_order(over.order_by);
    }
    writer_.text(')');
}

void Compiler::visit_ordering(const ast::Ordering& ordering) {
    const bool is_special = ordering.nulls != ast::NullsOrder::Default;
    if (is_special && !dialect_.capabilities().nulls_ordering) write_emulated_nulls(ordering);
    write_order_operand(*ordering.operand);
    if (ordering.descending) writer_.text(" DESC");
    if (is_special && dialect_.capabilities().nulls_ordering) {
        writer_.text(ordering.nulls == ast::NullsOrder::First ? " NULLS FIRST" : " NULLS LAST");
    }
}

void Compiler::write_emulated_nulls(const ast::Ordering& ordering) {
    writer_.text("CASE WHEN ");
    process_operand(*ordering.operand);
    writer_.text(ordering.nulls == ast::NullsOrder::First ? " IS NULL THEN 0 ELSE 1 END, "
                                                          : " IS NULL THEN 1 ELSE 0 END, ");
}

/// A label is written by its name: its expression would carry binds of its own, and not be the
/// selected one any more.
void Compiler::write_order_operand(const ast::Expression& operand) {
    const auto* label = as_label(operand);
    if (label == nullptr || !selects_label(select_, label->name)) return process(operand);
    writer_.alias(label->name);
}

void Compiler::write_limit(const ast::Select& select) {
    if (select.limit) {
        writer_.text(" LIMIT ");
        process(*select.limit);
    }
    if (select.offset) {
        writer_.text(" OFFSET ");
        process(*select.offset);
    }
}

void Compiler::write_for_update(const ast::Select& /*select*/) {
    writer_.text(" FOR UPDATE");
}

} // namespace mercator
