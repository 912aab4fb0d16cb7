// SPDX-License-Identifier: MIT
#include "compiler.hpp"

#include "dialect.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator::mysql {
namespace {

constexpr std::string_view batch = "mercator_rows";
/// No limit, where one must be spelled: the largest number, as the manual says.
constexpr std::string_view all_rows = "18446744073709551615";

/// Types whose parameters travel as text. Without a cast the server would compare a column with
/// text: decimals as binary floating-point numbers, moments as strings.
std::string cast_of_text_parameter(const mercator::Dialect& dialect, const SqlType& type) {
    switch (type.kind) {
    case TypeKind::Numeric: {
        // Keep all 38 digits before the point, and as many behind it as a value may have.
        SqlType wide = type;
        wide.precision = 65;
        wide.scale = std::max<std::uint8_t>(type.scale, 27);
        return dialect.types().compile_cast(wide);
    }
    case TypeKind::DateTime:
    case TypeKind::Date:
    case TypeKind::Time:
        return dialect.types().compile_cast(type);
    default:
        return {};
    }
}

/// A long parameter travels as bytes, of which MySQL makes no document.
constexpr std::string_view document_placeholder = "CONVERT(? USING utf8mb4)";

bool is_floating(const SqlType& type) {
    return type.kind == TypeKind::Float || type.kind == TypeKind::Double;
}

bool reads_column(const ast::ExpressionPtr& value, const std::string& name) {
    bool found = false;
    ast::traverse(value, [&](const ast::Expression& part) {
        found = found || (part.kind == ast::NodeKind::ColumnRef &&
                          static_cast<const ast::ColumnRef&>(part).name == name);
    });
    return found;
}

using Assignments = std::vector<ast::Update::Assignment>;

/// Is the column's old value of no more use to the other assignments?
bool is_free(const Assignments& assignments, const ast::Update::Assignment& next) {
    return std::none_of(assignments.begin(), assignments.end(), [&next](const auto& other) {
        return &other != &next && reads_column(other.value, next.column.name);
    });
}

} // namespace

void Compiler::visit_bind(const ast::Bind& bind) {
    const SqlType type =
        here(bind.type.kind == TypeKind::Unknown ? ast::natural_type(bind.value) : bind.type);
    const std::string cast = cast_of_text_parameter(dialect(), type);
    if (cast.empty()) return mercator::Compiler::visit_bind(bind);
    writer().text("CAST(");
    mercator::Compiler::visit_bind(bind);
    writer().text(" AS ").text(cast).text(')');
}

/// UUIDs travel as 32 digits: what UNHEX makes of them fits a column of 16 bytes and MariaDB's
/// UUID.
void Compiler::write_placeholder(std::size_t index, const SqlType& type) {
    if (type.kind == TypeKind::Json) {
        writer().text(document_placeholder);
        return;
    }
    if (type.kind != TypeKind::Uuid) return mercator::Compiler::write_placeholder(index, type);
    writer().text("UNHEX(?)");
}

void Compiler::visit_literal(const ast::Literal& literal) {
    const auto* interval = literal.value.get_if<Interval>();
    if (interval == nullptr) return mercator::Compiler::visit_literal(literal);
    writer().text(fmt::format("{}", interval->count()));
}

void Compiler::write_uuid_literal(const Uuid& value, const SqlType& type) {
    mercator::Compiler::write_uuid_literal(value, type.is_text() ? type : LargeBinary());
}

void Compiler::write_text_literal(std::string_view text) {
    if (reader_ == Reader::OwnSession || text.find('\\') == std::string_view::npos) {
        return mercator::Compiler::write_text_literal(text);
    }
    // What a backslash means depends on the sql_mode of whoever runs the text; hexadecimal digits
    // do not.
    const bool converts = reader_ == Reader::AnybodyInExpression;
    writer().text(converts ? "CONVERT(X'" : "_utf8mb4 X'");
    for (const char c : text) writer().text(fmt::format("{:02X}", static_cast<unsigned char>(c)));
    writer().text(converts ? "' USING utf8mb4)" : "'");
}

void Compiler::visit_binary(const ast::Binary& binary) {
    if (write_if_documents(binary)) return;
    if (binary.op != ast::Operator::Divide || !binary.type.is_integer()) {
        return mercator::Compiler::visit_binary(binary);
    }
    // `/` of integers makes a decimal here; the tree says the quotient is an integer.
    process_operand(*binary.left);
    writer().text(" DIV ");
    process_operand(*binary.right);
}

/// Without the clause a backslash escapes here, in every sql_mode; elsewhere it is a character like
/// any other. No escape character at all cannot be spelled, so it is one that no text has.
void Compiler::visit_like(const ast::Like& like) {
    mercator::Compiler::visit_like(like);
    if (like.escape == 0) writer().text(" ESCAPE X'01'");
}

void Compiler::visit_concat(const ast::Binary& binary) {
    write_function("CONCAT", {binary.left, binary.right});
}

void Compiler::write_function(std::string_view name,
                              const std::vector<ast::ExpressionPtr>& arguments) {
    writer().text(name).text('(');
    write_list(arguments, ", ");
    writer().text(')');
}

void Compiler::write_sum(const ast::Function& function) {
    // The sum of integers is a decimal here; the tree says it is an integer.
    if (function.type.is_integer()) writer().text("CAST(");
    mercator::Compiler::visit_function(function);
    if (function.type.is_integer())
        writer().text(" AS ").text(dialect().types().compile_cast(function.type)).text(')');
}

void Compiler::visit_function(const ast::Function& function) {
    switch (function.id) {
    case ast::FunctionId::Sum:
        return write_sum(function);
    case ast::FunctionId::Concat:
        return write_function("CONCAT", function.arguments);
    case ast::FunctionId::Length:
        return write_function("CHAR_LENGTH", function.arguments);
    case ast::FunctionId::Substring:
        return write_function("SUBSTRING", function.arguments);
    case ast::FunctionId::Year:
        return write_function("YEAR", function.arguments);
    case ast::FunctionId::Month:
        return write_function("MONTH", function.arguments);
    case ast::FunctionId::Day:
        return write_function("DAYOFMONTH", function.arguments);
    case ast::FunctionId::Now:
        writer().text("UTC_TIMESTAMP(6)");
        return;
    case ast::FunctionId::CurrentDate:
        writer().text("UTC_DATE()");
        return;
    default:
        return mercator::Compiler::visit_function(function);
    }
}

void Compiler::visit_cast(const ast::Cast& cast) {
    if (cast.type.kind == TypeKind::Boolean) {
        writer().text('(');
        process_operand(*cast.operand);
        writer().text(" <> 0)");
    } else if (is_floating(cast.type)) {
        // MySQL learnt CAST(... AS DOUBLE) in 8.0.17; adding a floating-point zero works
        // everywhere.
        writer().text('(');
        process_operand(*cast.operand);
        writer().text(" + 0E0)");
    } else {
        mercator::Compiler::visit_cast(cast);
    }
}

/// A statement may not read the table that it changes (error 1093), but may read a copy of it: a
/// derived table that a LIMIT keeps from being merged into the rest.
void Compiler::write_from_item(const ast::FromItem& item) {
    const auto* table = std::get_if<std::shared_ptr<const ast::TableRef>>(&item);
    if (changed_ == nullptr || table == nullptr || (*table)->name != changed_->name ||
        (*table)->schema != changed_->schema) {
        return mercator::Compiler::write_from_item(item);
    }
    writer().text("(SELECT * FROM ");
    ast::TableRef plain = **table;
    plain.alias.clear();
    write_table(plain);
    writer().text(" LIMIT ").text(all_rows).text(") AS ").identifier((*table)->qualifier());
}

void Compiler::visit_delete(const ast::Delete& statement) {
    changed_ = unreadable(*statement.table);
    mercator::Compiler::visit_delete(statement);
}

/// The table, if this server cannot read it in a statement that changes it.
const ast::TableRef* Compiler::unreadable(const ast::TableRef& table) const {
    return static_cast<const Dialect&>(dialect()).reads_what_it_changes() ? nullptr : &table;
}

void Compiler::write_limit(const ast::Select& select) {
    if (select.limit == nullptr && select.offset == nullptr) return;
    writer().text(" LIMIT ");
    // OFFSET alone cannot be spelled.
    if (select.limit == nullptr)
        writer().text(all_rows);
    else
        process(*select.limit);
    if (select.offset == nullptr) return;
    writer().text(" OFFSET ");
    process(*select.offset);
}

/// The server assigns from left to right, and what stands behind reads the new values; standard SQL
/// reads the old ones. So each column is set when nobody needs its old value any more.
void Compiler::visit_update(const ast::Update& update) {
    changed_ = unreadable(*update.table);
    if (update.assignments.size() < 2) return mercator::Compiler::visit_update(update);
    ast::Update sorted = update;
    sorted.assignments.clear();
    for (Assignments left = update.assignments; !left.empty();) {
        const auto next = std::find_if(left.begin(), left.end(), [&left](const auto& assignment) {
            return is_free(left, assignment);
        });
        if (next == left.end()) {
            throw UnsupportedError(
                fmt::format("this database sets one column after the other, and the new values of "
                            "\"{}\" and others need the old ones of each other; load the objects "
                            "and set their members",
                            left.front().column.name),
                update.table->name);
        }
        sorted.assignments.push_back(*next);
        left.erase(next);
    }
    mercator::Compiler::visit_update(sorted);
}

void Compiler::write_default_rows(const ast::Insert& insert) {
    writer().text(" () VALUES ()");
    for (std::uint32_t row = 1; row < insert.rows; ++row) writer().text(", ()");
}

void Compiler::write_aliased(std::string_view alias, std::size_t number) {
    writer().identifier(batch).text('.').identifier(fmt::format("{}{}", alias, number));
}

void Compiler::write_update_value(ast::TargetColumn column, std::string_view alias,
                                  std::size_t number, bool first) {
    column.type = here(column.type);
    column.type.rules = nullptr; // what stands around the value stands where it is used
    // The first row decides the columns' types, so its parameters, which may be NULL, are cast;
    // whatever travels as text or bytes is cast in every row.
    const bool text_or_integer = column.type.has_text_value() || column.type.is_integer() ||
                                 column.type.kind == TypeKind::Boolean ||
                                 column.type.kind == TypeKind::Interval;
    const bool cast = column.type.kind != TypeKind::Unknown && (first || !text_or_integer) &&
                      !is_floating(column.type);
    if (column.type.kind == TypeKind::Uuid) {
        writer().text("CAST(UNHEX(?) AS BINARY(16))");
    } else if (column.type.kind == TypeKind::Json) {
        writer().text(document_placeholder);
    } else if (cast) {
        SqlType type = column.type;
        if (type.is_text())
            type = Text(); // as long as the value: the column itself judges its length
        writer().text("CAST(? AS ").text(dialect().types().compile_cast(type)).text(')');
    } else {
        writer().text(first && is_floating(column.type) ? "? + 0E0" : "?");
    }
    if (first) writer().text(" AS ").identifier(fmt::format("{}{}", alias, number));
}

void Compiler::write_update_row(const ast::Update& update, bool first) {
    writer().text(first ? "SELECT " : " UNION ALL SELECT ");
    for (std::size_t i = 0; i < update.columns.size(); ++i) {
        if (i > 0) writer().text(", ");
        write_update_value(update.columns[i], "c", i, first);
    }
    for (std::size_t i = 0; i < update.keys.size(); ++i) {
        writer().text(", ");
        write_update_value(update.keys[i], "k", i, first);
    }
}

/// UPDATE (rows as a derived table) STRAIGHT_JOIN table: the derived table is read once and each of
/// its rows finds its row in the table by key, whatever the optimizer thinks of the sizes.
void Compiler::write_update_rows(const ast::Update& update) {
    if (update.form != ast::BatchForm::MultiRow) {
        throw UnsupportedError("this database has no array parameters; use rows");
    }
    const std::string& target = update.table->qualifier();
    writer().text("UPDATE (");
    for (std::uint32_t row = 0; row < update.rows; ++row) write_update_row(update, row == 0);
    writer().text(") AS ").identifier(batch).text(" STRAIGHT_JOIN ");
    write_table(*update.table);
    writer().text(" ON ");
    for (std::size_t i = 0; i < update.keys.size(); ++i) {
        if (i > 0) writer().text(" AND ");
        writer().alias(target).text('.').identifier(update.keys[i].name).text(" = ");
        write_sent(update.keys[i].type, [&] { write_aliased("k", i); });
    }
    writer().text(" SET ");
    for (std::size_t i = 0; i < update.columns.size(); ++i) {
        if (i > 0) writer().text(", ");
        writer().alias(target).text('.').identifier(update.columns[i].name).text(" = ");
        write_sent(update.columns[i].type, [&] { write_aliased("c", i); });
    }
    for (const auto& column : update.columns) writer().add_bind(column.type);
    for (const auto& key : update.keys) writer().add_bind(key.type);
}

} // namespace mercator::mysql
