// SPDX-License-Identifier: MIT
#include <mercator/dialect/compiler.hpp>

#include <mercator/dialect/dialect.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {
namespace {

[[noreturn]] void refuse_batch(const Dialect& dialect, std::string_view statement,
                               const ast::TableRef& table) {
    throw UnsupportedError(fmt::format("{} cannot {} several rows of \"{}\" in one statement of "
                                       "this form; see its capabilities",
                                       dialect.name(), statement, table.name),
                           table.name);
}

} // namespace

void Compiler::write_columns(const std::vector<ast::TargetColumn>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i != 0) writer_.text(", ");
        writer_.identifier(columns[i].name);
    }
}

void Compiler::write_row_placeholders(const std::vector<ast::TargetColumn>& columns,
                                      std::uint32_t rows) {
    std::size_t index = 0;
    for (std::uint32_t row = 0; row < rows; ++row) {
        writer_.text(row == 0 ? "(" : ", (");
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i != 0) writer_.text(", ");
            if (row == 0) writer_.add_bind(columns[i].type);
            write_parameter(++index, columns[i].type);
        }
        writer_.text(')');
    }
}

void Compiler::write_column_equals(const std::vector<ast::TargetColumn>& columns,
                                   std::string_view separator) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i != 0) writer_.text(separator);
        writer_.identifier(columns[i].name).text(" = ");
        write_parameter(writer_.add_bind(columns[i].type), columns[i].type);
    }
}

void Compiler::write_target(const ast::TableRef& table) {
    write_table(table);
    push_qualifier(table.qualifier());
}

void Compiler::visit_insert(const ast::Insert& insert) {
    writer_.compiled().form = insert.form;
    writer_.compiled().rows = insert.form == ast::BatchForm::MultiRow ? insert.rows : 1;
    writer_.text("INSERT INTO ");
    write_table(*insert.table);
    if (insert.columns.empty()) {
        write_default_rows(insert);
        write_returning(insert.returning);
        return;
    }
    writer_.text(" (");
    write_columns(insert.columns);
    writer_.text(')');
    if (!insert.values.empty()) {
        if (insert.values.size() != insert.columns.size()) {
            throw CompileError(fmt::format("{} values for {} columns of \"{}\"",
                                           insert.values.size(), insert.columns.size(),
                                           insert.table->name),
                               insert.table->name);
        }
        writer_.text(" VALUES (");
        write_list(insert.values, ", ");
        writer_.text(')');
    } else if (insert.form == ast::BatchForm::Arrays) {
        write_insert_arrays(insert);
    } else {
        writer_.text(" VALUES ");
        write_row_placeholders(insert.columns, writer_.compiled().rows);
    }
    write_returning(insert.returning);
}

void Compiler::write_insert_arrays(const ast::Insert& insert) {
    refuse_batch(dialect_, "insert", *insert.table);
}

void Compiler::write_default_rows(const ast::Insert& insert) {
    if (insert.form != ast::BatchForm::Single && insert.rows != 1)
        refuse_batch(dialect_, "insert", *insert.table);
    writer_.text(" DEFAULT VALUES");
}

void Compiler::write_returning(const std::vector<ast::TargetColumn>& columns) {
    if (columns.empty()) return;
    if (!dialect_.capabilities().insert_returning) {
        throw UnsupportedError(fmt::format(
            "{} cannot return columns of inserted rows; read them afterwards", dialect_.name()));
    }
    writer_.text(" RETURNING ");
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& column = columns[i];
        if (i != 0) writer_.text(", ");
        const std::string around =
            column.type.rules == nullptr ? std::string() : sql_around(column.type).read;
        const auto place = around.find("{}");
        if (place == std::string::npos) {
            writer_.identifier(column.name);
        } else {
            writer_.text(std::string_view(around).substr(0, place)).identifier(column.name);
            writer_.text(std::string_view(around).substr(place + 2)).text(" AS ");
            writer_.alias(column.name);
        }
        writer_.add_result_column(column.name, column.type, column.nullable);
    }
}

void Compiler::visit_update(const ast::Update& update) {
    writer_.compiled().form = update.form;
    writer_.compiled().rows = update.form == ast::BatchForm::MultiRow ? update.rows : 1;
    if (update.columns.empty() && update.assignments.empty()) {
        throw CompileError(fmt::format("an update of \"{}\" changes no column", update.table->name),
                           update.table->name);
    }
    if (update.assignments.empty() && update.keys.empty()) {
        throw CompileError(
            fmt::format("an update of \"{}\" by key has no key columns", update.table->name),
            update.table->name);
    }
    if (update.assignments.empty() && update.form != ast::BatchForm::Single)
        return write_update_rows(update);
    writer_.text("UPDATE ");
    write_target(*update.table);
    writer_.text(" SET ");
    if (update.assignments.empty()) {
        write_column_equals(update.columns, ", ");
        writer_.text(" WHERE ");
        write_column_equals(update.keys, " AND ");
        return;
    }
    qualify_ = false;
    for (std::size_t i = 0; i < update.assignments.size(); ++i) {
        if (i != 0) writer_.text(", ");
        writer_.identifier(update.assignments[i].column.name).text(" = ");
        process(*update.assignments[i].value);
    }
    qualify_ = true;
    if (update.where.empty()) return;
    writer_.text(" WHERE ");
    write_conditions(update.where);
}

void Compiler::write_update_rows(const ast::Update& update) {
    refuse_batch(dialect_, "update", *update.table);
}

void Compiler::visit_delete(const ast::Delete& statement) {
    writer_.compiled().form = statement.form;
    writer_.compiled().rows = statement.form == ast::BatchForm::MultiRow ? statement.rows : 1;
    writer_.text("DELETE FROM ");
    write_target(*statement.table);
    if (!statement.keys.empty()) {
        writer_.text(" WHERE ");
        if (statement.form == ast::BatchForm::Single)
            return write_column_equals(statement.keys, " AND ");
        return write_delete_rows(statement);
    }
    if (statement.where.empty()) return;
    writer_.text(" WHERE ");
    write_conditions(statement.where);
}

void Compiler::write_delete_rows(const ast::Delete& statement) {
    if (statement.form != ast::BatchForm::MultiRow)
        refuse_batch(dialect_, "delete", *statement.table);
    const auto& keys = statement.keys;
    for (const auto& key : keys) writer_.add_bind(key.type);
    std::size_t index = 0;
    if (keys.size() == 1) writer_.identifier(keys.front().name).text(" IN (");
    for (std::uint32_t row = 0; row < statement.rows; ++row) {
        if (keys.size() == 1) {
            if (row != 0) writer_.text(", ");
            write_parameter(++index, keys.front().type);
            continue;
        }
        writer_.text(row == 0 ? "(" : " OR (");
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (i != 0) writer_.text(" AND ");
            writer_.identifier(keys[i].name).text(" = ");
            write_parameter(++index, keys[i].type);
        }
        writer_.text(')');
    }
    if (keys.size() == 1) writer_.text(')');
}

} // namespace mercator
