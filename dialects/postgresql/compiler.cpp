// SPDX-License-Identifier: MIT
#include "compiler.hpp"

#include "wire.hpp"

#include <mercator/dialect/dialect.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace mercator::postgresql {
namespace {

/// A name for the rows of a batch that is not the table's own.
std::string_view batch_name(const ast::TableRef& table) {
    return table.qualifier() == "batch" ? "batch_rows" : "batch";
}

/// Sums of integers are wider than their operands and averages of them NUMERIC: where the tree says
/// what it expects, it gets it.
bool needs_cast(const ast::Function& function) {
    if (function.type.kind == TypeKind::Unknown || function.arguments.empty()) return false;
    if (function.id == ast::FunctionId::Avg) return true;
    const SqlType& operand = function.arguments.front()->type;
    return function.id == ast::FunctionId::Sum &&
           !(operand.kind == TypeKind::Numeric && function.type.kind == TypeKind::Numeric);
}

} // namespace

void PostgresqlCompiler::visit_select(const ast::Select& select) {
    const bool outer = shares_binds_;
    shares_binds_ = !select.group_by.empty() || select.distinct;
    Compiler::visit_select(select);
    shares_binds_ = outer;
}

/// To the server `x + $1` and `x + $2` are different expressions, so that grouping by the one does
/// not allow selecting the other.
void PostgresqlCompiler::visit_bind(const ast::Bind& bind) {
    const auto& nodes = writer().bind_nodes();
    const auto known = shares_binds_ ? std::find(nodes.begin(), nodes.end(), &bind) : nodes.end();
    if (known == nodes.end()) return Compiler::visit_bind(bind);
    write_parameter(static_cast<std::size_t>(known - nodes.begin()) + 1, bind.type);
}

void PostgresqlCompiler::visit_literal(const ast::Literal& literal) {
    // X'…' would be a bit string, and a time without a zone would be read in that of the session.
    if (const auto* bytes = literal.value.get_if<Bytes>()) {
        std::string digits;
        for (const std::byte byte : *bytes)
            digits += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
        write_bytes_literal(digits);
    } else if (const auto* moment = literal.value.get_if<DateTime>()) {
        write_text_literal(to_string(*moment) + "+00");
    } else if (const auto* number = literal.value.get_if<double>();
               number && !std::isfinite(*number)) {
        write_special_number(*number);
    } else if (const auto* single = literal.value.get_if<float>();
               single && !std::isfinite(*single)) {
        write_special_number(double{*single});
    } else if (const auto* interval = literal.value.get_if<Interval>()) {
        write_text_literal(to_string(*interval));
        writer().text("::interval");
    } else {
        Compiler::visit_literal(literal);
    }
}

void PostgresqlCompiler::write_special_number(double value) {
    write_text_literal(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    writer().text("::double precision");
}

void PostgresqlCompiler::write_bytes_literal(std::string_view digits) {
    write_text_literal(fmt::format("\\x{}", digits));
    writer().text("::bytea");
}

void PostgresqlCompiler::write_uuid_literal(const Uuid& value, const SqlType& type) {
    if (type.kind != TypeKind::LargeBinary) return Compiler::write_uuid_literal(value, type);
    char digits[Uuid::digits_size];
    value.write_digits(digits);
    write_bytes_literal({digits, sizeof digits});
}

/// A text of the schema, read by sessions that are not ours: with the E, a backslash means the same
/// whatever standard_conforming_strings says.
void PostgresqlCompiler::write_text_literal(std::string_view text) {
    if (text.find('\\') == std::string_view::npos) return Compiler::write_text_literal(text);
    std::string doubled;
    for (const char c : text) doubled.append(c == '\\' ? 2 : 1, c);
    writer().text('E');
    Compiler::write_text_literal(doubled);
}

void PostgresqlCompiler::write_placeholder(std::size_t index, const SqlType& /*type*/) {
    writer().text('$').number(index);
}

void PostgresqlCompiler::visit_null_test(const ast::NullTest& test) {
    // Nothing else would tell the server the type of such a parameter.
    if (test.operand->kind == ast::NodeKind::Bind && test.operand->type.kind == TypeKind::Unknown) {
        process(*test.operand);
        writer().text("::text").text(test.negated ? " IS NOT NULL" : " IS NULL");
        return;
    }
    Compiler::visit_null_test(test);
}

void PostgresqlCompiler::visit_like(const ast::Like& like) {
    process_operand(*like.operand);
    if (like.negated) writer().text(" NOT");
    writer().text(like.case_insensitive ? " ILIKE " : " LIKE ");
    process_operand(*like.pattern);
    // Without the clause a backslash would escape; elsewhere it is a character like any other.
    writer().text(" ESCAPE ");
    write_text_literal(std::string_view(&like.escape, like.escape == 0 ? 0 : 1));
}

void PostgresqlCompiler::visit_function(const ast::Function& function) {
    using ast::FunctionId;
    switch (function.id) {
    case FunctionId::Year:
    case FunctionId::Month:
    case FunctionId::Day:
        return write_date_part(function);
    case FunctionId::Round:
        if (function.arguments.size() == 2) return write_rounding(function);
        break;
    case FunctionId::Sum:
    case FunctionId::Avg:
        if (needs_cast(function))
            return write_cast(function, &PostgresqlCompiler::write_base_function, function);
        break;
    default:
        break;
    }
    Compiler::visit_function(function);
}

void PostgresqlCompiler::write_base_function(const ast::Function& function) {
    Compiler::visit_function(function);
}

void PostgresqlCompiler::write_cast(const ast::Expression& result,
                                    void (PostgresqlCompiler::*write)(const ast::Function&),
                                    const ast::Function& function) {
    writer().text("CAST(");
    (this->*write)(function);
    writer().text(" AS ").text(dialect().types().compile_cast(result.type)).text(')');
}

void PostgresqlCompiler::write_date_part(const ast::Function& function) {
    using ast::FunctionId;
    const std::string_view part = function.id == FunctionId::Year    ? "YEAR"
                                  : function.id == FunctionId::Month ? "MONTH"
                                                                     : "DAY";
    writer().text("CAST(EXTRACT(").text(part).text(" FROM ");
    process_operand(*function.arguments.front());
    writer().text(") AS INTEGER)");
}

/// ROUND(x, digits) exists for NUMERIC only.
void PostgresqlCompiler::write_rounding(const ast::Function& function) {
    const ast::Expression& operand = *function.arguments[0];
    const bool is_binary =
        operand.type.kind == TypeKind::Float || operand.type.kind == TypeKind::Double;
    writer().text(is_binary ? "CAST(ROUND(CAST(" : "ROUND(");
    process(operand);
    writer().text(is_binary ? " AS NUMERIC), CAST(" : ", CAST(");
    process(*function.arguments[1]);
    writer().text(" AS INTEGER))");
    if (is_binary)
        writer().text(" AS ").text(dialect().types().compile_cast(operand.type)).text(')');
}

void PostgresqlCompiler::write_unnest(const std::vector<const ast::TargetColumn*>& columns) {
    std::string_view separator = "UNNEST(";
    for (const ast::TargetColumn* column : columns) {
        writer().text(separator);
        const SqlType type = here(column->type);
        write_placeholder(writer().add_bind(column->type), type);
        writer().text("::").text(wire_name(wire_type(type))).text("[]");
        separator = ", ";
    }
    writer().text(')');
}

void PostgresqlCompiler::write_names(std::string_view before, std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i)
        writer().text(i == 1 ? "" : ", ").text(before).number(i);
}

/// An array within an array is no element, so it came as its text.
void PostgresqlCompiler::write_batch_column(std::string_view batch, char letter, std::size_t index,
                                            const SqlType& type) {
    write_sent(type, [&] { writer().text(batch).text('.').text(letter).number(index + 1); });
    const SqlType own = here(type);
    if (own.kind == TypeKind::Array) writer().text("::").text(dialect().types().compile(own));
}

void PostgresqlCompiler::write_insert_arrays(const ast::Insert& insert) {
    std::vector<const ast::TargetColumn*> columns;
    for (const auto& column : insert.columns) columns.push_back(&column);
    writer().text(" SELECT ");
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) writer().text(", ");
        write_sent(columns[i]->type,
                   [&] { write_batch_column("batch", 'c', i, columns[i]->type); });
    }
    writer().text(" FROM ");
    write_unnest(columns);
    // The order of the input is the order in which generated keys are given.
    writer().text(" WITH ORDINALITY AS batch(");
    write_names("c", columns.size());
    writer().text(", position) ORDER BY batch.position");
}

void PostgresqlCompiler::write_default_rows(const ast::Insert& insert) {
    if (insert.rows <= 1) return Compiler::write_default_rows(insert);
    writer().text(" SELECT FROM generate_series(1, ").number(insert.rows).text(')');
}

void PostgresqlCompiler::write_update_rows(const ast::Update& update) {
    if (update.form != ast::BatchForm::Arrays) return Compiler::write_update_rows(update);
    const std::string_view batch = batch_name(*update.table);
    std::vector<const ast::TargetColumn*> columns;
    for (const auto& column : update.columns) columns.push_back(&column);
    for (const auto& key : update.keys) columns.push_back(&key);

    writer().text("UPDATE ");
    write_table(*update.table);
    writer().text(" SET ");
    for (std::size_t i = 0; i < update.columns.size(); ++i) {
        writer().text(i == 0 ? "" : ", ").identifier(update.columns[i].name).text(" = ");
        const SqlType& type = update.columns[i].type;
        write_sent(type, [&] { write_batch_column(batch, 'c', i, type); });
    }
    writer().text(" FROM ");
    write_unnest(columns);
    writer().text(" AS ").text(batch).text('(');
    write_names("c", update.columns.size());
    writer().text(", ");
    write_names("k", update.keys.size());
    writer().text(") WHERE ");
    for (std::size_t i = 0; i < update.keys.size(); ++i) {
        writer().text(i == 0 ? "" : " AND ").alias(update.table->qualifier()).text('.');
        writer().identifier(update.keys[i].name).text(" = ");
        const SqlType& type = update.keys[i].type;
        write_sent(type, [&] { write_batch_column(batch, 'k', i, type); });
    }
}

void PostgresqlCompiler::write_delete_rows(const ast::Delete& statement) {
    if (statement.form != ast::BatchForm::Arrays) return Compiler::write_delete_rows(statement);
    std::vector<const ast::TargetColumn*> keys;
    for (const auto& key : statement.keys) keys.push_back(&key);
    if (keys.size() == 1 && !is_wrapped_when_sent(keys.front()->type)) {
        const SqlType type = here(keys.front()->type);
        writer().identifier(keys.front()->name).text(" = ANY(");
        write_placeholder(writer().add_bind(keys.front()->type), type);
        writer().text("::").text(wire_name(wire_type(type))).text("[])");
        return;
    }
    writer().text('(');
    write_columns(statement.keys);
    writer().text(") IN (SELECT ");
    for (std::size_t i = 0; i < keys.size(); ++i) {
        writer().text(i == 0 ? "" : ", ");
        write_batch_column("batch", 'k', i, keys[i]->type);
    }
    writer().text(" FROM ");
    write_unnest(keys);
    writer().text(" AS batch(");
    write_names("k", keys.size());
    writer().text("))");
}

} // namespace mercator::postgresql
