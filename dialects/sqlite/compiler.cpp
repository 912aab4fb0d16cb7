// SPDX-License-Identifier: MIT
#include "compiler.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace mercator::sqlite {
namespace {

using ast::FunctionId;

/// The text that a column of DateTime holds at this moment; SQLite's clock has milliseconds.
constexpr std::string_view now_text =
    "replace(strftime('%Y-%m-%d %H:%M:%f000', 'now'), '.000000', '')";

bool is_exact_decimal(const SqlType& type) {
    return type.kind == TypeKind::Numeric && type.decimal_storage == DecimalStorage::Exact;
}

/// A value at the scale of the column that it is written to.
ast::ExpressionPtr fitted(const ast::ExpressionPtr& value, const SqlType& column) {
    return is_exact_decimal(column) && value->type != column ? ast::cast(value, column) : value;
}

void add_derived(const ast::FromItem& item, std::vector<const ast::Subquery*>& list) {
    if (const auto* subquery = std::get_if<std::shared_ptr<const ast::Subquery>>(&item))
        list.push_back(subquery->get());
}

} // namespace

void SqliteCompiler::visit_literal(const ast::Literal& literal) {
    if (literal.type.kind == TypeKind::Numeric && !literal.value.is_null()) {
        const Form form = decimal_form(literal.type) == DecimalForm::Scaled         ? Form::Scaled
                          : decimal_form(literal.type) == DecimalForm::SortableText ? Form::Text
                                                                                    : Form::Number;
        return write_as(literal, {form, literal.type.scale});
    }
    const auto* number = literal.value.get_if<double>();
    const auto* single = literal.value.get_if<float>();
    const double floating = number != nullptr ? *number : single != nullptr ? double{*single} : 0.0;
    if (std::isinf(floating)) {
        writer().text(floating > 0 ? "9e999" : "-9e999"); // there is no word for it
        return;
    }
    if (const auto* interval = literal.value.get_if<Interval>()) {
        writer().text(fmt::format("{}", interval->count()));
        return;
    }
    Compiler::visit_literal(literal);
}

void SqliteCompiler::write_part(const ast::Function& function, std::string_view format) {
    writer().text("CAST(strftime('").text(format).text("', ");
    process(*function.arguments.front());
    writer().text(") AS INTEGER)");
}

void SqliteCompiler::visit_function(const ast::Function& function) {
    if (write_if_decimal(function)) return;
    switch (function.id) {
    case FunctionId::Now:
        writer().text(now_text);
        return;
    case FunctionId::CurrentDate:
        writer().text("date('now')");
        return;
    case FunctionId::Year:
        return write_part(function, "%Y");
    case FunctionId::Month:
        return write_part(function, "%m");
    case FunctionId::Day:
        return write_part(function, "%d");
    case FunctionId::Length:
        return write_call("LENGTH", function);
    default:
        return Compiler::visit_function(function);
    }
}

void SqliteCompiler::visit_cast(const ast::Cast& cast) {
    if (cast.operand->kind == ast::NodeKind::Literal) return Compiler::visit_cast(cast); // NULL
    if (cast.type.kind == TypeKind::Numeric) return write_cast_to_decimal(cast);
    if (form_of(*cast.operand) == Form::Scaled || cast.operand->type.kind == TypeKind::Numeric) {
        return write_cast_from_decimal(cast);
    }
    if (cast.type.kind == TypeKind::Date && cast.operand->type.kind == TypeKind::DateTime) {
        writer().text("date(");
        process(*cast.operand);
        writer().text(')');
        return;
    }
    Compiler::visit_cast(cast);
}

void SqliteCompiler::visit_select(const ast::Select& select) {
    const std::size_t outer = derived_.size();
    for (const auto& item : select.from) add_derived(item, derived_);
    for (const auto& join : select.joins) add_derived(join.target, derived_);
    ++depth_;
    Compiler::visit_select(select);
    --depth_;
    auto& columns = writer().compiled().columns;
    for (std::size_t i = 0; depth_ == 0 && i < columns.size() && i < select.columns.size(); ++i) {
        // The driver must know what is in the cells, whatever type the arithmetic gave the result.
        if (form_of(*select.columns[i]) == Form::Number)
            columns[i].type.decimal_storage = DecimalStorage::Number;
    }
    derived_.resize(outer);
}

/// OFFSET needs a LIMIT before it; -1 is none.
void SqliteCompiler::write_limit(const ast::Select& select) {
    if (!select.limit && !select.offset) return;
    writer().text(" LIMIT ");
    if (select.limit) {
        process(*select.limit);
    } else {
        writer().text("-1");
    }
    if (!select.offset) return;
    writer().text(" OFFSET ");
    process(*select.offset);
}

/// There are no row locks: who writes has the whole file.
void SqliteCompiler::write_for_update(const ast::Select&) {}

void SqliteCompiler::visit_insert(const ast::Insert& insert) {
    if (insert.values.empty()) return Compiler::visit_insert(insert);
    ast::Insert copy = insert;
    for (std::size_t i = 0; i < copy.values.size() && i < copy.columns.size(); ++i) {
        copy.values[i] = fitted(copy.values[i], copy.columns[i].type);
    }
    Compiler::visit_insert(copy);
}

/// DEFAULT VALUES makes one row; for several, a NULL row id asks for the next one and leaves the
/// rest to the defaults.
void SqliteCompiler::write_default_rows(const ast::Insert& insert) {
    const std::uint32_t rows = insert.form == ast::BatchForm::Single ? 1 : insert.rows;
    if (rows == 1) {
        writer().text(" DEFAULT VALUES");
        return;
    }
    writer().text(" (rowid) VALUES ");
    for (std::uint32_t i = 0; i < rows; ++i) writer().text(i == 0 ? "(NULL)" : ", (NULL)");
}

void SqliteCompiler::visit_update(const ast::Update& update) {
    if (update.assignments.empty()) return Compiler::visit_update(update);
    ast::Update copy = update;
    for (auto& assignment : copy.assignments)
        assignment.value = fitted(assignment.value, assignment.column.type);
    Compiler::visit_update(copy);
}

} // namespace mercator::sqlite
