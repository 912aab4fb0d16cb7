// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/dialect/compiled.hpp>
#include <mercator/dialect/sql_writer.hpp>
#include <mercator/dialect/type_compiler.hpp>
#include <mercator/support/export.hpp>

#include <string_view>
#include <vector>

namespace mercator {
inline namespace abi1 {

class Dialect;

/// Statement tree -> SQL text. The base class spells ANSI SQL; a dialect overrides the `visit_*`
/// that differ and nothing else. One object compiles one statement; it lives on the stack of
/// `Dialect::compile`.
///
/// Checked here: a column whose qualifier is no table of the statement's FROM (or an enclosing one)
/// is a CompileError that names the column and the tables present.
class MERCATOR_API Compiler {
public:
    explicit Compiler(const Dialect& dialect);
    Compiler(const Compiler&) = delete;
    Compiler& operator=(const Compiler&) = delete;
    virtual ~Compiler();

    /// The whole statement. Throws CompileError or UnsupportedError.
    [[nodiscard]] Compiled compile(const ast::Statement& statement);
    /// An expression alone, for DDL: literals are spelled, binds are an error.
    [[nodiscard]] std::string compile_ddl_expression(const ast::Expression& expression);

    /// Writes any expression: switches on the kind once and calls its visitor. Dialects call it for
    /// operands.
    void process(const ast::Expression& expression);
    /// The same in parentheses when the operand binds weaker than a comparison (operators, logic,
    /// CASE, subqueries).
    void process_operand(const ast::Expression& expression);

protected:
    // expressions
    virtual void visit_column(const ast::ColumnRef& column);
    virtual void visit_bind(const ast::Bind& bind);
    /// Placeholder number `index` (from 1): `?` in the base.
    virtual void write_placeholder(std::size_t index, const SqlType& type);
    virtual void visit_literal(const ast::Literal& literal);
    /// A quoted character literal for DDL.
    virtual void write_text_literal(std::string_view text);
    /// A UUID for DDL, for a column of `type`: text, unless the column is binary.
    virtual void write_uuid_literal(const Uuid& value, const SqlType& type);
    virtual void visit_unary(const ast::Unary& unary);
    virtual void visit_binary(const ast::Binary& binary);
    virtual void visit_concat(const ast::Binary& binary);
    virtual void visit_logical(const ast::Logical& logical);
    virtual void visit_null_test(const ast::NullTest& test);
    virtual void visit_in(const ast::In& in);
    virtual void visit_in_subquery(const ast::InSubquery& in);
    virtual void visit_like(const ast::Like& like);
    virtual void visit_between(const ast::Between& between);
    virtual void visit_function(const ast::Function& function);
    virtual void visit_case(const ast::Case& expression);
    virtual void visit_cast(const ast::Cast& cast);
    virtual void visit_label(const ast::Label& label); ///< outside the column list: the operand
    virtual void visit_exists(const ast::Exists& exists);
    virtual void visit_scalar_subquery(const ast::ScalarSubquery& subquery);
    /// UnsupportedError without `Capabilities::window_functions`.
    virtual void visit_over(const ast::Over& over);
    virtual void visit_ordering(const ast::Ordering& ordering);
    virtual void visit_text(const ast::Text& text);
    virtual void visit_extension(const ast::Extension& extension);
    /// Asked only with `Capabilities::json_functions` (or for the length of the database's own
    /// array); UnsupportedError in the base.
    virtual void visit_json_path(const ast::JsonPath& path);
    /// The same.
    virtual void visit_containment(const ast::Containment& containment);
    virtual void write_boolean(bool value);

    // SELECT
    virtual void visit_select(const ast::Select& select);
    virtual void write_column_list(const ast::Select& select);
    virtual void write_from(const ast::Select& select);
    virtual void write_from_item(const ast::FromItem& item);
    virtual void write_table(const ast::TableRef& table);
    virtual void write_join(const ast::Join& join);
    virtual void write_limit(const ast::Select& select);
    virtual void write_for_update(const ast::Select& select);

    // INSERT, UPDATE, DELETE
    virtual void visit_insert(const ast::Insert& insert);
    /// BatchForm::Arrays: what follows `INSERT INTO t (a, b)`. No ANSI spelling: UnsupportedError
    /// in the base.
    virtual void write_insert_arrays(const ast::Insert& insert);
    /// INSERT without columns: what follows `INSERT INTO t`. More than one row is an
    /// UnsupportedError in the base.
    virtual void write_default_rows(const ast::Insert& insert);
    /// Writes nothing for an empty list; UnsupportedError in the base without
    /// `Capabilities::insert_returning`.
    virtual void write_returning(const std::vector<ast::TargetColumn>& columns);
    virtual void visit_update(const ast::Update& update);
    /// MultiRow and Arrays: the whole statement. UnsupportedError in the base.
    virtual void write_update_rows(const ast::Update& update);
    virtual void visit_delete(const ast::Delete& statement);
    /// MultiRow and Arrays: what follows `DELETE FROM t WHERE `. The base knows MultiRow: an IN
    /// list or an OR of keys.
    virtual void write_delete_rows(const ast::Delete& statement);
    /// `(?, ?), (?, ?)`; the binds are noted once, for one row.
    void write_row_placeholders(const std::vector<ast::TargetColumn>& columns, std::uint32_t rows);
    /// `a = ?` with `separator` between; notes the binds.
    void write_column_equals(const std::vector<ast::TargetColumn>& columns,
                             std::string_view separator);
    /// `NAME(a, b)`, with DISTINCT where the node says so.
    void write_call(std::string_view name, const ast::Function& function);
    /// The bare word between two operands: `=`, `<>`, `%`.
    [[nodiscard]] virtual std::string_view operator_text(ast::Operator op) const;
    void write_list(const std::vector<ast::ExpressionPtr>& list, std::string_view separator);
    void write_conditions(const std::vector<ast::ExpressionPtr>& conditions);
    void write_columns(const std::vector<ast::TargetColumn>& columns);
    /// The placeholder with what its type wants around it: what every parameter is written with.
    void write_parameter(std::size_t index, const SqlType& type);
    /// The same around a value that is written by `write`, as one of an array parameter's elements.
    template <class Write>
    void write_sent(const SqlType& type, Write&& write) {
        if (type.rules == nullptr) return write();
        const std::string around = sql_around(type).write;
        const auto place = around.find("{}");
        if (place == std::string::npos) return write();
        writer_.text(std::string_view(around).substr(0, place));
        write();
        writer_.text(std::string_view(around).substr(place + 2));
    }
    /// The type as it is on this dialect.
    [[nodiscard]] SqlType here(const SqlType& type) const;
    [[nodiscard]] bool is_wrapped_when_sent(const SqlType& type) const;

    [[nodiscard]] SqlWriter& writer() noexcept { return writer_; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return dialect_; }
    /// Inside a column list or WHERE the columns are written with their qualifier; in DDL and SET
    /// lists without.
    [[nodiscard]] bool qualifies_columns() const noexcept { return qualify_; }
    void set_qualifies_columns(bool value) noexcept { qualify_ = value; }

private:
    /// What stands in a FROM: a table, or a SELECT read like one.
    struct Visible {
        std::string_view qualifier;
        bool is_derived;
    };

    /// The FROM item that the column belongs to, or nullptr for a bare name. Throws CompileError.
    const Visible* source_of(const ast::ColumnRef& column) const;
    [[noreturn]] void refuse_column(const ast::ColumnRef& column) const;
    void require_documents(const ast::Expression& document) const;
    void write_select(const ast::Select& select);
    void write_order(const std::vector<ast::ExpressionPtr>& terms);
    void write_qualified(const ast::ColumnRef& column, const Visible* source);
    void push_scope(const ast::Select& select);
    void push_qualifier(std::string_view qualifier, bool is_derived = false);
    void write_selected(const ast::Expression& column);
    bool write_read_by_sql(const ast::Expression& column, std::string_view name);
    [[nodiscard]] SqlAround sql_around(const SqlType& type) const;
    void settle_types();
    void write_derived_table(const ast::Subquery& subquery);
    void write_group_and_order(const ast::Select& select);
    void write_target(const ast::TableRef& table);
    void write_condition(const ast::Expression& condition);
    void write_emulated_nulls(const ast::Ordering& ordering);
    void write_order_operand(const ast::Expression& operand);
    void number_binds(const ast::Statement& statement);
    void write_statement(const ast::Statement& statement);

    const Dialect& dialect_;
    SqlWriter writer_;
    bool qualify_ = true;
    bool ddl_ = false;
    bool check_columns_ = false;
    bool follows_paths_ = false; ///< SELECTs get the joins that their paths imply
    bool met_path_ = false;
    std::size_t scope_start_ = 0;         ///< where the innermost FROM begins in `visible_`
    std::vector<Visible> visible_;        ///< the FROMs around this point
    const ast::Select* select_ = nullptr; ///< the SELECT being written, for ORDER BY a label
    unsigned depth_ = 0;                  ///< only the outermost SELECT has result columns
};

} // namespace abi1
} // namespace mercator
