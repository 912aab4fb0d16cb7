// SPDX-License-Identifier: MIT
#include "compiler.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace mercator::sqlite {
namespace {

using ast::Expression;
using ast::ExpressionPtr;
using ast::FunctionId;
using ast::NodeKind;
using ast::Operator;

bool is_decimal(const Expression& expression) {
    return expression.type.kind == TypeKind::Numeric;
}

bool is_floating(const Expression& expression) {
    return expression.type.kind == TypeKind::Float || expression.type.kind == TypeKind::Double;
}

int scale_of(const Expression& expression) {
    return is_decimal(expression) ? expression.type.scale : 0;
}

[[noreturn]] void refuse_long_decimals() {
    throw UnsupportedError(
        fmt::format("decimals of more than {} digits are kept as text here: they can be compared "
                    "and sorted with "
                    "each other, but not computed with; load them and compute in the program",
                    scaled_digits));
}

std::vector<ExpressionPtr> results_of(const ast::Case& expression) {
    std::vector<ExpressionPtr> results;
    for (const auto& branch : expression.branches) results.push_back(branch.result);
    if (expression.otherwise) results.push_back(expression.otherwise);
    return results;
}

bool any_decimal(const std::vector<ExpressionPtr>& list) {
    return std::any_of(list.begin(), list.end(),
                       [](const auto& item) { return is_decimal(*item); });
}

SqlType scaled_type(int scale) {
    return Numeric(scaled_digits, static_cast<std::uint8_t>(scale));
}

std::optional<Decimal> decimal_of(const Value& value) {
    if (const auto* decimal = value.get_if<Decimal>()) return *decimal;
    if (const auto* number = value.get_if<std::int64_t>()) return Decimal(*number);
    if (const auto* number = value.get_if<std::uint64_t>()) return Decimal(*number);
    if (const auto* text = value.get_if<std::string>()) return Decimal::parse(*text);
    if (const auto* number = value.get_if<double>())
        return Decimal::parse(fmt::format("{}", *number));
    return std::nullopt;
}

Decimal literal_decimal(const ast::Literal& literal) {
    const auto value = decimal_of(literal.value);
    if (!value)
        throw CompileError(fmt::format("a literal {} was expected", to_string(literal.type)));
    return *value;
}

bool is_flexible(const Expression& e) {
    return e.kind == NodeKind::Bind || e.kind == NodeKind::Literal;
}

const Expression& behind_label(const Expression& e) {
    return e.kind == NodeKind::Label ? *static_cast<const ast::Label&>(e).operand : e;
}

/// The expression behind a column of a subquery in FROM, or nullptr.
const Expression* find_column(const ast::Select& select, const std::string& name) {
    for (const auto& column : select.columns) {
        if (column->kind == NodeKind::Label && static_cast<const ast::Label&>(*column).name == name)
            return column.get();
        if (column->kind == NodeKind::ColumnRef &&
            static_cast<const ast::ColumnRef&>(*column).name == name) {
            return column.get();
        }
    }
    return nullptr;
}

} // namespace

void SqliteCompiler::require_statement(std::string_view what) const {
    if (purpose_ == Purpose::Statement) return;
    throw UnsupportedError(fmt::format(
        "{} of decimals needs a function that only this program's connections have; it cannot "
        "stand in a schema",
        what));
}

// What form an expression has

SqliteCompiler::Form SqliteCompiler::form_of_column(const ast::ColumnRef& column) const {
    for (auto it = derived_.rbegin(); it != derived_.rend(); ++it) {
        if ((*it)->alias != column.qualifier) continue;
        const Expression* source = find_column(*(*it)->select, column.name);
        // Its own FROM is not this one: a name that leads back to itself is a table's column.
        if (source != nullptr && source->kind != NodeKind::ColumnRef) return form_of(*source);
    }
    switch (decimal_form(column.type)) {
    case DecimalForm::Scaled:
        return Form::Scaled;
    case DecimalForm::SortableText:
        return Form::Text;
    case DecimalForm::Number:
        break;
    }
    return Form::Number;
}

SqliteCompiler::Form SqliteCompiler::form_of_all(const std::vector<ExpressionPtr>& list) const {
    Form form = Form::None;
    for (const auto& item : list) {
        if (item) form = std::max(form, form_of(*item));
    }
    return form;
}

SqliteCompiler::Form SqliteCompiler::form_of(const Expression& expression) const {
    if (!is_decimal(expression)) return Form::None;
    const auto settled = [&](Form form) { return form > Form::Flexible ? form : Form::Scaled; };
    switch (expression.kind) {
    case NodeKind::Bind:
    case NodeKind::Literal:
        return Form::Flexible;
    case NodeKind::Label:
        return form_of(behind_label(expression));
    case NodeKind::ColumnRef:
        return form_of_column(static_cast<const ast::ColumnRef&>(expression));
    case NodeKind::Unary:
        return settled(form_of(*static_cast<const ast::Unary&>(expression).operand));
    case NodeKind::Binary: {
        const auto& binary = static_cast<const ast::Binary&>(expression);
        return settled(std::max(form_of(*binary.left), form_of(*binary.right)));
    }
    case NodeKind::Function: {
        const auto& function = static_cast<const ast::Function&>(expression);
        if (function.id == FunctionId::Named) break;
        if (function.id == FunctionId::NullIf) return settled(form_of(*function.arguments.front()));
        return settled(form_of_all(function.arguments));
    }
    case NodeKind::Case:
        return settled(form_of_all(results_of(static_cast<const ast::Case&>(expression))));
    case NodeKind::Cast: {
        const Form form = form_of(*static_cast<const ast::Cast&>(expression).operand);
        if (expression.type.decimal_storage == DecimalStorage::Number) return Form::Number;
        if (form == Form::Scaled) return Form::Scaled;
        break;
    }
    case NodeKind::ScalarSubquery: {
        const auto& select = *static_cast<const ast::ScalarSubquery&>(expression).select;
        if (!select.columns.empty()) return settled(form_of(*select.columns.front()));
        break;
    }
    default:
        break;
    }
    switch (decimal_form(expression.type)) {
    case DecimalForm::Scaled:
        return Form::Scaled;
    case DecimalForm::SortableText:
        return Form::Text;
    case DecimalForm::Number:
        break;
    }
    return Form::Number;
}

SqliteCompiler::Common
SqliteCompiler::common_of(const std::vector<const Expression*>& operands) const {
    Common common;
    for (const Expression* operand : operands) {
        common.form =
            std::max(common.form, is_floating(*operand) ? Form::Number : form_of(*operand));
        common.scale = std::max(common.scale, scale_of(*operand));
    }
    if (common.form == Form::Flexible) common.form = Form::Scaled;
    return common;
}

/// The same for the operands that a CASE or COALESCE chooses from; beside a floating-point number
/// it makes one of the decimals.
SqliteCompiler::Common
SqliteCompiler::common_result(const Expression& expression,
                              const std::vector<ExpressionPtr>& operands) const {
    if (!is_decimal(expression)) return {Form::Number, 0};
    const Form form = form_of_all(operands);
    return {form > Form::Flexible ? form : Form::Scaled, expression.type.scale};
}

// Writing an expression in a form

void SqliteCompiler::write_bind_as(const ast::Bind& bind, const SqlType& type) {
    if (purpose_ == Purpose::Schema) return visit_bind(bind); // says that it is an error
    const std::size_t index = writer().add_bind(bind);
    SqlType& bound = writer().compiled().binds.back().type;
    bound = type;
    bound.sensitive = bind.type.sensitive;
    write_placeholder(index, type);
}

/// `from` and `to` are scales of the expression as it stands and as it is wanted.
void SqliteCompiler::write_rescaled(const Expression& expression, int from, int to) {
    if (to > scaled_digits) refuse_long_decimals();
    if (from == to) return process_operand(expression);
    if (from < to) {
        writer().text('(');
        process_operand(expression);
        writer().text(fmt::format(" * {})", power_of_ten(to - from)));
        return;
    }
    require_statement("rounding");
    writer().text("decimal_divide(");
    process(expression);
    writer().text(fmt::format(", 1, {})", to - from));
}

void SqliteCompiler::write_scaled(const Expression& labelled, int scale) {
    const Expression& expression = behind_label(labelled);
    if (scale > scaled_digits) refuse_long_decimals();
    if (expression.kind == NodeKind::Bind) {
        return write_bind_as(static_cast<const ast::Bind&>(expression), scaled_type(scale));
    }
    if (expression.kind == NodeKind::Literal &&
        !static_cast<const ast::Literal&>(expression).value.is_null()) {
        const auto units =
            literal_decimal(static_cast<const ast::Literal&>(expression)).scaled_units(scale);
        if (!units)
            throw CompileError(
                fmt::format("a literal decimal does not fit scale {} exactly", scale));
        writer().text(fmt::format("{}", *units));
        return;
    }
    const Form form = form_of(expression);
    if (form == Form::Text) refuse_long_decimals();
    if (form == Form::Scaled || expression.type.is_integer())
        return write_rescaled(expression, scale_of(expression), scale);
    writer().text("CAST(round(");
    process_operand(expression);
    writer().text(fmt::format(" * {}.0) AS INTEGER)", power_of_ten(scale)));
}

void SqliteCompiler::write_as(const Expression& labelled, Common common) {
    const Expression& expression = behind_label(labelled);
    if (common.form == Form::Scaled) return write_scaled(expression, common.scale);
    const bool number = common.form == Form::Number;
    if (is_flexible(expression) && !is_floating(expression)) {
        // Its own scale: the text form needs no common one.
        const SqlType type =
            Numeric(38, static_cast<std::uint8_t>(number ? scale_of(expression) : common.scale),
                    number ? DecimalStorage::Number : DecimalStorage::Exact);
        if (expression.kind == NodeKind::Bind)
            return write_bind_as(static_cast<const ast::Bind&>(expression), type);
        const auto& literal = static_cast<const ast::Literal&>(expression);
        if (literal.value.is_null()) return Compiler::visit_literal(literal);
        const Decimal value = literal_decimal(literal);
        if (!number) return write_text_literal(to_sortable_text(value));
        writer().text(value.to_string());
        return;
    }
    const Form form = form_of(expression);
    if (!number && form != Form::Text) refuse_long_decimals();
    if (number && form == Form::Text) refuse_long_decimals();
    if (!number || form != Form::Scaled) return process_operand(expression);
    writer().text('(');
    process_operand(expression);
    writer().text(fmt::format(" / {}.0)", power_of_ten(scale_of(expression))));
}

// Operators

void SqliteCompiler::visit_binary(const ast::Binary& binary) {
    if (write_if_documents(binary)) return;
    const TypeKind left = binary.left->type.kind;
    const TypeKind right = binary.right->type.kind;
    if (left == TypeKind::Numeric || right == TypeKind::Numeric) {
        if (ast::is_arithmetic(binary.op)) return write_arithmetic(binary);
        if (ast::is_comparison(binary.op)) {
            const Common common = common_of({binary.left.get(), binary.right.get()});
            write_as(*binary.left, common);
            writer().text(' ').text(operator_text(binary.op)).text(' ');
            return write_as(*binary.right, common);
        }
    }
    const bool dates = left != right && (left == TypeKind::Date || right == TypeKind::Date) &&
                       (left == TypeKind::DateTime || right == TypeKind::DateTime);
    if (!dates || !ast::is_comparison(binary.op)) return Compiler::visit_binary(binary);
    // As texts a day is less than its own midnight.
    const auto write_moment = [&](const Expression& e) {
        process_operand(e);
        if (e.type.kind == TypeKind::Date) writer().text(" || ' 00:00:00'");
    };
    write_moment(*binary.left);
    writer().text(' ').text(operator_text(binary.op)).text(' ');
    write_moment(*binary.right);
}

void SqliteCompiler::write_arithmetic(const ast::Binary& binary) {
    const Expression& left = *binary.left;
    const Expression& right = *binary.right;
    const Common common = common_of({&left, &right});
    const int scale = binary.type.scale;
    if (common.form == Form::Text) refuse_long_decimals();
    if (common.form == Form::Number) {
        write_as(left, common);
        if (binary.op == Operator::Divide) writer().text(" * 1.0");
        writer().text(' ').text(operator_text(binary.op)).text(' ');
        return write_as(right, common);
    }
    if (binary.op != Operator::Multiply && binary.op != Operator::Divide) {
        write_scaled(left, scale);
        writer().text(' ').text(operator_text(binary.op)).text(' ');
        return write_scaled(right, scale);
    }
    const int left_scale = scale_of(left);
    const int right_scale = scale_of(right);
    const bool multiply = binary.op == Operator::Multiply;
    if (multiply && left_scale + right_scale != scale) refuse_long_decimals();
    if (!multiply) {
        require_statement("division");
        writer().text("decimal_divide(");
    } else if (scale > scaled_digits) {
        refuse_long_decimals();
    }
    write_scaled(left, left_scale);
    writer().text(multiply ? " * " : ", ");
    write_scaled(right, right_scale);
    if (!multiply) writer().text(fmt::format(", {})", scale - left_scale + right_scale));
}

void SqliteCompiler::visit_in(const ast::In& in) {
    if ((!is_decimal(*in.operand) && !any_decimal(in.values)) || in.values.empty())
        return Compiler::visit_in(in);
    std::vector<const Expression*> operands{in.operand.get()};
    for (const auto& value : in.values) operands.push_back(value.get());
    const Common common = common_of(operands);
    write_as(*in.operand, common);
    writer().text(in.negated ? " NOT IN (" : " IN (");
    for (std::size_t i = 0; i < in.values.size(); ++i) {
        if (i != 0) writer().text(", ");
        write_as(*in.values[i], common);
    }
    writer().text(')');
}

void SqliteCompiler::visit_in_subquery(const ast::InSubquery& in) {
    const Expression& inner = *in.select->columns.at(0);
    if (!is_decimal(*in.operand) && !is_decimal(inner)) return Compiler::visit_in_subquery(in);
    const Common common = common_of({in.operand.get(), &inner});
    write_as(*in.operand, common);
    writer().text(in.negated ? " NOT IN (" : " IN (");
    if (form_of(inner) == common.form &&
        (common.form != Form::Scaled || scale_of(inner) == common.scale)) {
        visit_select(*in.select);
    } else {
        if (common.form == Form::Text) refuse_long_decimals();
        SqlType type = scaled_type(common.scale);
        if (common.form == Form::Number) type.decimal_storage = DecimalStorage::Number;
        ast::Select fitted = *in.select;
        fitted.columns.front() = ast::cast(fitted.columns.front(), type);
        visit_select(fitted);
    }
    writer().text(')');
}

void SqliteCompiler::visit_between(const ast::Between& between) {
    if (!is_decimal(*between.operand) && !is_decimal(*between.low) && !is_decimal(*between.high)) {
        return Compiler::visit_between(between);
    }
    const Common common = common_of({between.operand.get(), between.low.get(), between.high.get()});
    write_as(*between.operand, common);
    writer().text(between.negated ? " NOT BETWEEN " : " BETWEEN ");
    write_as(*between.low, common);
    writer().text(" AND ");
    write_as(*between.high, common);
}

void SqliteCompiler::visit_case(const ast::Case& expression) {
    const std::vector<ExpressionPtr> results = results_of(expression);
    if (!any_decimal(results)) return Compiler::visit_case(expression);
    const Common common = common_result(expression, results);
    writer().text("CASE");
    for (const auto& branch : expression.branches) {
        writer().text(" WHEN ");
        process(*branch.condition);
        writer().text(" THEN ");
        write_as(*branch.result, common);
    }
    if (expression.otherwise) {
        writer().text(" ELSE ");
        write_as(*expression.otherwise, common);
    }
    writer().text(" END");
}

// Functions

/// Rounds half away from zero, as SQL's own ROUND does for decimals elsewhere.
void SqliteCompiler::write_rounded(const ast::Function& function) {
    require_statement("rounding");
    const Expression& operand = *function.arguments.front();
    const int own = scale_of(operand);
    const int wanted = function.type.scale;
    writer().text(own == wanted ? "decimal_round(" : "decimal_divide(decimal_round(");
    write_scaled(operand, own);
    writer().text(fmt::format(", {}, ", own));
    if (function.arguments.size() > 1) {
        process(*function.arguments[1]);
    } else {
        writer().text('0');
    }
    writer().text(own == wanted ? ")" : fmt::format("), 1, {})", wanted - own));
}

void SqliteCompiler::write_average(const ast::Function& function) {
    require_statement("an average");
    const Expression& operand = *function.arguments.front();
    const std::string_view distinct = function.distinct ? "DISTINCT " : "";
    writer().text("decimal_divide(SUM(").text(distinct);
    write_scaled(operand, scale_of(operand));
    writer().text("), COUNT(").text(distinct);
    process(operand);
    writer().text(fmt::format("), {})", function.type.scale - scale_of(operand)));
}

/// The two may be kept in different ways, and the first is the result as it is.
void SqliteCompiler::write_null_if(const ast::Function& function) {
    const Expression& first = *function.arguments.at(0);
    const Expression& second = *function.arguments.at(1);
    const Common common = common_of({&first, &second});
    const Common own{form_of(function), scale_of(function)};
    if (own.form == common.form && own.scale == common.scale)
        return write_decimal_function("NULLIF", function);
    writer().text("CASE WHEN ");
    write_as(first, common);
    writer().text(" = ");
    write_as(second, common);
    writer().text(" THEN NULL ELSE ");
    if (is_decimal(function)) {
        write_as(first, own);
    } else {
        process(first);
    }
    writer().text(" END");
}

void SqliteCompiler::write_decimal_function(std::string_view name, const ast::Function& function) {
    const Common common = common_result(function, function.arguments);
    writer().text(name).text('(');
    if (function.distinct) writer().text("DISTINCT ");
    for (std::size_t i = 0; i < function.arguments.size(); ++i) {
        if (i != 0) writer().text(", ");
        write_as(*function.arguments[i], common);
    }
    writer().text(')');
}

bool SqliteCompiler::write_if_decimal(const ast::Function& function) {
    const bool takes_decimal =
        !function.arguments.empty() && is_decimal(*function.arguments.front());
    if (function.id == FunctionId::Avg && takes_decimal && !is_decimal(function)) {
        const Form form = form_of(*function.arguments.front());
        if (form == Form::Text) refuse_long_decimals();
        if (form == Form::Number) return false;
        writer().text("(");
        Compiler::visit_function(function);
        writer().text(fmt::format(" / {}.0)", power_of_ten(scale_of(*function.arguments.front()))));
        return true;
    }
    if (function.id == FunctionId::NullIf && any_decimal(function.arguments)) {
        write_null_if(function);
        return true;
    }
    if (function.id == FunctionId::Coalesce && any_decimal(function.arguments)) {
        write_decimal_function("COALESCE", function);
        return true;
    }
    if (!is_decimal(function)) return false;
    const Form form = form_of(function);
    if (form == Form::Number) {
        if (function.id != FunctionId::Sum) return false;
        // Binary sums of equal decimals differ in their last bits; rounded they are equal and sort
        // as equals.
        writer().text("ROUND(");
        Compiler::visit_function(function);
        writer().text(fmt::format(", {})", scale_of(function)));
        return true;
    }
    switch (function.id) {
    case FunctionId::Min:
        write_decimal_function("MIN", function);
        return true;
    case FunctionId::Max:
        write_decimal_function("MAX", function);
        return true;
    default:
        break;
    }
    if (function.id == FunctionId::Named) return false;
    if (form == Form::Text) refuse_long_decimals();
    switch (function.id) {
    case FunctionId::Sum:
        write_decimal_function("SUM", function);
        return true;
    case FunctionId::Abs:
        write_decimal_function("ABS", function);
        return true;
    case FunctionId::Avg:
        write_average(function);
        return true;
    case FunctionId::Round:
        write_rounded(function);
        return true;
    default:
        return false;
    }
}

// CAST

void SqliteCompiler::write_cast_to_decimal(const ast::Cast& cast) {
    const Form operand = form_of(*cast.operand);
    const bool untyped_text = cast.operand->type.is_text() && !is_flexible(*cast.operand);
    if (form_of(cast) == Form::Scaled && untyped_text) {
        writer().text("CAST(round(CAST(");
        process(*cast.operand);
        writer().text(fmt::format(" AS REAL) * {}.0) AS INTEGER)", power_of_ten(cast.type.scale)));
        return;
    }
    if (form_of(cast) == Form::Scaled) return write_scaled(*cast.operand, cast.type.scale);
    if (form_of(cast) == Form::Text && operand != Form::Text && !is_flexible(*cast.operand))
        refuse_long_decimals();
    write_as(*cast.operand, {form_of(cast), cast.type.scale});
}

void SqliteCompiler::write_cast_from_decimal(const ast::Cast& cast) {
    const Expression& operand = *cast.operand;
    const Form form = form_of(operand);
    if (form == Form::Text) refuse_long_decimals();
    if (is_flexible(operand) || form == Form::Number) return Compiler::visit_cast(cast);
    if (cast.type.is_integer()) return write_rescaled(operand, scale_of(operand), 0);
    if (cast.type.is_text()) {
        require_statement("text");
        writer().text("decimal_text(");
        process(operand);
        writer().text(fmt::format(", {})", scale_of(operand)));
        return;
    }
    write_as(operand, {Form::Number, 0});
}

} // namespace mercator::sqlite
