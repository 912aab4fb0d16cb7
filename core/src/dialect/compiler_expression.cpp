// SPDX-License-Identifier: MIT
#include <mercator/dialect/compiler.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <cmath>

namespace mercator {
namespace {

template <class Node>
const Node& as(const ast::Expression& expression) noexcept {
    return static_cast<const Node&>(expression);
}

bool binds_weaker_than_comparison(const ast::Expression& e) noexcept {
    switch (e.kind) {
    case ast::NodeKind::Unary:
    case ast::NodeKind::Binary:
    case ast::NodeKind::Logical:
    case ast::NodeKind::NullTest:
    case ast::NodeKind::In:
    case ast::NodeKind::InSubquery:
    case ast::NodeKind::Like:
    case ast::NodeKind::Between:
    case ast::NodeKind::Case:
    case ast::NodeKind::Exists:
    case ast::NodeKind::Text:
        return true;
    case ast::NodeKind::Label:
        return binds_weaker_than_comparison(*as<ast::Label>(e).operand);
    case ast::NodeKind::Literal: {
        // A minus sign before another one would begin a comment.
        const auto& value = as<ast::Literal>(e).value;
        if (const auto* integer = value.get_if<std::int64_t>()) return *integer < 0;
        if (const auto* decimal = value.get_if<Decimal>()) return decimal->is_negative();
        if (const auto* floating = value.get_if<double>()) return std::signbit(*floating);
        if (const auto* floating = value.get_if<float>()) return std::signbit(*floating);
        return false;
    }
    default:
        return false;
    }
}

/// A float is spelled as the double that it is: the few digits that tell it from other floats make
/// another number, where a column or the server's arithmetic is wider.
std::string floating_literal(double value) {
    if (!std::isfinite(value))
        throw CompileError("a number that is infinite or no number has no spelling in the schema");
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::string hexadecimal(const Bytes& bytes) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        text.push_back(digits[std::to_integer<unsigned>(byte) >> 4]);
        text.push_back(digits[std::to_integer<unsigned>(byte) & 0xFU]);
    }
    return text;
}

std::string_view function_name(ast::FunctionId id) noexcept {
    using ast::FunctionId;
    switch (id) {
    case FunctionId::Count:
    case FunctionId::CountStar:
        return "COUNT";
    case FunctionId::Sum:
        return "SUM";
    case FunctionId::Avg:
        return "AVG";
    case FunctionId::Min:
        return "MIN";
    case FunctionId::Max:
        return "MAX";
    case FunctionId::Lower:
        return "LOWER";
    case FunctionId::Upper:
        return "UPPER";
    case FunctionId::Length:
        return "CHAR_LENGTH";
    case FunctionId::Substring:
        return "SUBSTR";
    case FunctionId::Trim:
        return "TRIM";
    case FunctionId::Concat:
        return "CONCAT";
    case FunctionId::Replace:
        return "REPLACE";
    case FunctionId::Coalesce:
        return "COALESCE";
    case FunctionId::NullIf:
        return "NULLIF";
    case FunctionId::Abs:
        return "ABS";
    case FunctionId::Round:
        return "ROUND";
    case FunctionId::Now:
        return "CURRENT_TIMESTAMP";
    case FunctionId::CurrentDate:
        return "CURRENT_DATE";
    case FunctionId::Year:
        return "YEAR";
    case FunctionId::Month:
        return "MONTH";
    case FunctionId::Day:
        return "DAY";
    case FunctionId::RowNumber:
    case FunctionId::Rank:
    case FunctionId::DenseRank:
    case FunctionId::Named:
        break;
    }
    return {};
}

} // namespace

void Compiler::process(const ast::Expression& e) {
    switch (e.kind) {
    case ast::NodeKind::ColumnRef:
        return visit_column(as<ast::ColumnRef>(e));
    case ast::NodeKind::Bind:
        return visit_bind(as<ast::Bind>(e));
    case ast::NodeKind::Literal:
        return visit_literal(as<ast::Literal>(e));
    case ast::NodeKind::Unary:
        return visit_unary(as<ast::Unary>(e));
    case ast::NodeKind::Binary:
        return visit_binary(as<ast::Binary>(e));
    case ast::NodeKind::Logical:
        return visit_logical(as<ast::Logical>(e));
    case ast::NodeKind::NullTest:
        return visit_null_test(as<ast::NullTest>(e));
    case ast::NodeKind::In:
        return visit_in(as<ast::In>(e));
    case ast::NodeKind::InSubquery:
        return visit_in_subquery(as<ast::InSubquery>(e));
    case ast::NodeKind::Like:
        return visit_like(as<ast::Like>(e));
    case ast::NodeKind::Between:
        return visit_between(as<ast::Between>(e));
    case ast::NodeKind::Function:
        return visit_function(as<ast::Function>(e));
    case ast::NodeKind::Case:
        return visit_case(as<ast::Case>(e));
    case ast::NodeKind::Cast:
        return visit_cast(as<ast::Cast>(e));
    case ast::NodeKind::Label:
        return visit_label(as<ast::Label>(e));
    case ast::NodeKind::Exists:
        return visit_exists(as<ast::Exists>(e));
    case ast::NodeKind::ScalarSubquery:
        return visit_scalar_subquery(as<ast::ScalarSubquery>(e));
    case ast::NodeKind::Over:
        return visit_over(as<ast::Over>(e));
    case ast::NodeKind::Ordering:
        return visit_ordering(as<ast::Ordering>(e));
    case ast::NodeKind::Text:
        return visit_text(as<ast::Text>(e));
    case ast::NodeKind::Extension:
        return visit_extension(as<ast::Extension>(e));
    case ast::NodeKind::JsonPath:
        require_documents(*as<ast::JsonPath>(e).document);
        return visit_json_path(as<ast::JsonPath>(e));
    case ast::NodeKind::Containment:
        require_documents(*as<ast::Containment>(e).whole);
        return visit_containment(as<ast::Containment>(e));
    default:
        break;
    }
    throw CompileError("this node of the tree is no expression");
}

void Compiler::process_operand(const ast::Expression& e) {
    if (!binds_weaker_than_comparison(e)) return process(e);
    writer_.text('(');
    process(e);
    writer_.text(')');
}

void Compiler::visit_column(const ast::ColumnRef& column) {
    if (column.table != nullptr && column.table->implied != nullptr) met_path_ = true;
    if (qualify_ && !column.qualifier.empty()) {
        const Visible* source = source_of(column);
        if (column.is_plain && writer_.takes_plain_names()) {
            writer_.plain_identifier(column.qualifier, column.name);
        } else {
            write_qualified(column, source);
        }
        return;
    }
    if (check_columns_ && column.table != nullptr && column.table->implied != nullptr)
        static_cast<void>(source_of(column));
    writer_.identifier(column.name);
}

/// A qualifier may be an alias; if it is a table that has too long a name, its FROM says so. What a
/// derived table calls its columns may be labels.
void Compiler::write_qualified(const ast::ColumnRef& column, const Visible* source) {
    writer_.alias(column.qualifier).text('.');
    if (source != nullptr && source->is_derived) {
        writer_.alias(column.name);
    } else {
        writer_.identifier(column.name);
    }
}

void Compiler::visit_bind(const ast::Bind& bind) {
    if (ddl_)
        throw CompileError(
            "the schema cannot hold a bound value; use ast::to_ddl, which spells it out");
    const std::size_t index = writer_.add_bind(bind);
    SqlType& type = writer_.compiled().binds.back().type;
    if (type.kind == TypeKind::Unknown) {
        type = bind.is_deferred ? static_cast<const ast::DeferredBind&>(bind).own_type
                                : ast::natural_type(bind.value);
    }
    const SqlType written = type; // the list of binds may move while SQL around it is written
    write_parameter(index, written);
}

void Compiler::write_placeholder(std::size_t /*index*/, const SqlType& /*type*/) {
    writer_.text('?');
}

void Compiler::visit_literal(const ast::Literal& literal) {
    if (!ddl_ && !literal.value.is_null())
        throw CompileError(
            "a value spelled in the text belongs to the schema only; use ast::bind in a statement");
    const Value& value = literal.value;
    switch (value.kind()) {
    case ValueKind::Null:
        writer_.text("NULL");
        break;
    case ValueKind::Boolean:
        write_boolean(*value.get_if<bool>());
        break;
    case ValueKind::Integer:
        writer_.text(fmt::format("{}", *value.get_if<std::int64_t>()));
        break;
    case ValueKind::Unsigned:
        writer_.number(*value.get_if<std::uint64_t>());
        break;
    case ValueKind::Float:
        writer_.text(floating_literal(double{*value.get_if<float>()}));
        break;
    case ValueKind::Double:
        writer_.text(floating_literal(*value.get_if<double>()));
        break;
    case ValueKind::String:
        write_text_literal(*value.get_if<std::string>());
        break;
    case ValueKind::Bytes:
        writer_.text("X'").text(hexadecimal(*value.get_if<Bytes>())).text('\'');
        break;
    case ValueKind::Decimal:
        writer_.text(value.get_if<Decimal>()->to_string());
        break;
    case ValueKind::DateTime:
        write_text_literal(to_string(*value.get_if<DateTime>()));
        break;
    case ValueKind::Date:
        write_text_literal(to_string(*value.get_if<Date>()));
        break;
    case ValueKind::Time:
        write_text_literal(to_string(*value.get_if<Time>()));
        break;
    case ValueKind::Interval:
        writer_.text("INTERVAL ");
        write_text_literal(to_string(*value.get_if<Interval>()));
        writer_.text(" HOUR TO SECOND(6)");
        break;
    case ValueKind::Uuid:
        write_uuid_literal(*value.get_if<Uuid>(), literal.type);
        break;
    }
}

void Compiler::write_uuid_literal(const Uuid& value, const SqlType& type) {
    if (type.kind != TypeKind::LargeBinary) return write_text_literal(value.to_string());
    char digits[Uuid::digits_size];
    value.write_digits(digits);
    writer_.text("X'").text(std::string_view(digits, sizeof digits)).text('\'');
}

void Compiler::write_text_literal(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
        throw CompileError("a text in the schema holds a NUL byte");
    writer_.text('\'');
    for (const char c : text) {
        if (c == '\'') writer_.text('\'');
        writer_.text(c);
    }
    writer_.text('\'');
}

std::string_view Compiler::operator_text(ast::Operator op) const {
    using ast::Operator;
    switch (op) {
    case Operator::Equal:
        return "=";
    case Operator::NotEqual:
        return "<>";
    case Operator::Less:
        return "<";
    case Operator::LessEqual:
        return "<=";
    case Operator::Greater:
        return ">";
    case Operator::GreaterEqual:
        return ">=";
    case Operator::Add:
        return "+";
    case Operator::Subtract:
    case Operator::Negate:
        return "-";
    case Operator::Multiply:
        return "*";
    case Operator::Divide:
        return "/";
    case Operator::Modulo:
        return "%";
    case Operator::Concat:
        return "||";
    case Operator::Not:
        return "NOT";
    }
    return {};
}

void Compiler::visit_unary(const ast::Unary& unary) {
    writer_.text(operator_text(unary.op));
    if (unary.op == ast::Operator::Not) writer_.text(' ');
    process_operand(*unary.operand);
}

void Compiler::visit_binary(const ast::Binary& binary) {
    if (binary.op == ast::Operator::Concat) return visit_concat(binary);
    process_operand(*binary.left);
    writer_.text(' ').text(operator_text(binary.op)).text(' ');
    process_operand(*binary.right);
}

void Compiler::visit_concat(const ast::Binary& binary) {
    process_operand(*binary.left);
    writer_.text(" || ");
    process_operand(*binary.right);
}

void Compiler::visit_logical(const ast::Logical& logical) {
    if (logical.operands.empty()) return write_boolean(logical.is_and);
    const std::string_view separator = logical.is_and ? " AND " : " OR ";
    for (std::size_t i = 0; i < logical.operands.size(); ++i) {
        if (i != 0) writer_.text(separator);
        write_condition(*logical.operands[i]);
    }
}

/// AND and OR bind weaker than every condition but each other and text of unknown content.
void Compiler::write_condition(const ast::Expression& condition) {
    if (condition.kind != ast::NodeKind::Logical && condition.kind != ast::NodeKind::Text &&
        condition.kind != ast::NodeKind::Between) {
        return process(condition);
    }
    writer_.text('(');
    process(condition);
    writer_.text(')');
}

void Compiler::visit_null_test(const ast::NullTest& test) {
    process_operand(*test.operand);
    writer_.text(test.negated ? " IS NOT NULL" : " IS NULL");
}

void Compiler::visit_in(const ast::In& in) {
    if (in.values.empty()) {
        writer_.text(in.negated ? "1 = 1" : "1 = 0");
        return;
    }
    process_operand(*in.operand);
    writer_.text(in.negated ? " NOT IN (" : " IN (");
    write_list(in.values, ", ");
    writer_.text(')');
}

void Compiler::visit_in_subquery(const ast::InSubquery& in) {
    process_operand(*in.operand);
    writer_.text(in.negated ? " NOT IN (" : " IN (");
    visit_select(*in.select);
    writer_.text(')');
}

void Compiler::visit_like(const ast::Like& like) {
    const auto write_side = [&](const ast::Expression& side) {
        if (!like.case_insensitive) return process_operand(side);
        writer_.text("LOWER(");
        process(side);
        writer_.text(')');
    };
    write_side(*like.operand);
    writer_.text(like.negated ? " NOT LIKE " : " LIKE ");
    write_side(*like.pattern);
    if (like.escape == 0) return;
    writer_.text(" ESCAPE ");
    write_text_literal(std::string_view(&like.escape, 1));
}

void Compiler::visit_between(const ast::Between& between) {
    process_operand(*between.operand);
    writer_.text(between.negated ? " NOT BETWEEN " : " BETWEEN ");
    process_operand(*between.low);
    writer_.text(" AND ");
    process_operand(*between.high);
}

void Compiler::visit_function(const ast::Function& function) {
    using ast::FunctionId;
    switch (function.id) {
    case FunctionId::CountStar:
        writer_.text("COUNT(*)");
        return;
    case FunctionId::Now:
    case FunctionId::CurrentDate:
        writer_.text(function_name(function.id));
        return;
    case FunctionId::Year:
    case FunctionId::Month:
    case FunctionId::Day:
        writer_.text("EXTRACT(").text(function_name(function.id)).text(" FROM ");
        write_list(function.arguments, ", ");
        writer_.text(')');
        return;
    case FunctionId::Concat:
        for (std::size_t i = 0; i < function.arguments.size(); ++i) {
            writer_.text(i == 0 ? "(" : " || ");
            process_operand(*function.arguments[i]);
        }
        writer_.text(function.arguments.empty() ? "''" : ")");
        return;
    case FunctionId::Named:
        write_call(function.name, function);
        return;
    case FunctionId::RowNumber:
    case FunctionId::Rank:
    case FunctionId::DenseRank:
        throw CompileError("a row number or a rank is taken over a window: use ast::over");
    default:
        write_call(function_name(function.id), function);
        return;
    }
}

void Compiler::write_call(std::string_view name, const ast::Function& function) {
    writer_.text(name).text(function.distinct ? "(DISTINCT " : "(");
    write_list(function.arguments, ", ");
    writer_.text(')');
}

void Compiler::visit_case(const ast::Case& expression) {
    writer_.text("CASE");
    for (const auto& branch : expression.branches) {
        writer_.text(" WHEN ");
        process(*branch.condition);
        writer_.text(" THEN ");
        process(*branch.result);
    }
    if (expression.otherwise) {
        writer_.text(" ELSE ");
        process(*expression.otherwise);
    }
    writer_.text(" END");
}

void Compiler::visit_cast(const ast::Cast& cast) {
    writer_.text("CAST(");
    process(*cast.operand);
    writer_.text(" AS ").text(dialect_.types().compile_cast(here(cast.type))).text(')');
}

void Compiler::visit_label(const ast::Label& label) {
    process(*label.operand);
}

void Compiler::visit_exists(const ast::Exists& exists) {
    writer_.text(exists.negated ? "NOT EXISTS (" : "EXISTS (");
    visit_select(*exists.select);
    writer_.text(')');
}

void Compiler::visit_scalar_subquery(const ast::ScalarSubquery& subquery) {
    writer_.text('(');
    visit_select(*subquery.select);
    writer_.text(')');
}

void Compiler::visit_text(const ast::Text& text) {
    if (text.pieces.size() != text.values.size() + 1) {
        throw CompileError(fmt::format(
            "text of {} pieces needs {} values between them, it has {}", text.pieces.size(),
            text.pieces.empty() ? 0 : text.pieces.size() - 1, text.values.size()));
    }
    writer_.text(text.pieces.front());
    for (std::size_t i = 0; i < text.values.size(); ++i) {
        process_operand(*text.values[i]);
        writer_.text(text.pieces[i + 1]);
    }
}

void Compiler::visit_extension(const ast::Extension& extension) {
    throw UnsupportedError(
        fmt::format(
            "the dialect {} does not know \"{}\"; use it on a database whose dialect has it",
            dialect_.name(), extension.name),
        extension.name);
}

void Compiler::require_documents(const ast::Expression& document) const {
    const Capabilities& can = dialect_.capabilities();
    const bool is_array = document.type.kind == TypeKind::Array;
    if (is_array ? can.array_type : can.json_functions) return;
    throw UnsupportedError(
        is_array
            ? fmt::format("{} has no arrays; keep the values as JSON, with Array(...).as_json()",
                          can.product)
            : fmt::format("{} {} cannot look into JSON documents; load them and look in the "
                          "program",
                          can.product, can.version));
}

void Compiler::visit_json_path(const ast::JsonPath& /*path*/) {
    throw UnsupportedError(
        fmt::format("the dialect {} cannot look into JSON documents", dialect_.name()));
}

void Compiler::visit_containment(const ast::Containment& /*containment*/) {
    throw UnsupportedError(fmt::format(
        "the dialect {} cannot tell what is in an array or a JSON document", dialect_.name()));
}

void Compiler::write_boolean(bool value) {
    writer_.text(value ? "TRUE" : "FALSE");
}

void Compiler::write_list(const std::vector<ast::ExpressionPtr>& list, std::string_view separator) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i != 0) writer_.text(separator);
        process(*list[i]);
    }
}

void Compiler::write_conditions(const std::vector<ast::ExpressionPtr>& conditions) {
    if (conditions.size() == 1) return process(*conditions.front());
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        if (i != 0) writer_.text(" AND ");
        write_condition(*conditions[i]);
    }
}

} // namespace mercator
