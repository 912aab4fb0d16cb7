// SPDX-License-Identifier: MIT
#pragma once

#include "decimal_form.hpp"

#include <mercator/dialect/compiler.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace mercator::sqlite {

/// Where SQLite's grammar differs from ANSI, and exact decimals in a database that has none: every
/// Numeric expression is written as an integer of units at the scale of its type, so operands are
/// brought to one scale here.
class SqliteCompiler : public Compiler {
public:
    enum class Purpose : std::uint8_t { Statement, Schema };
    explicit SqliteCompiler(const Dialect& dialect, Purpose purpose = Purpose::Statement) :
        Compiler(dialect),
        purpose_(purpose) {}

protected:
    // compiler.cpp
    void visit_literal(const ast::Literal& literal) override;
    void visit_function(const ast::Function& function) override;
    void visit_cast(const ast::Cast& cast) override;
    void visit_select(const ast::Select& select) override;
    void write_limit(const ast::Select& select) override;
    void write_for_update(const ast::Select& select) override;
    void visit_insert(const ast::Insert& insert) override;
    void write_default_rows(const ast::Insert& insert) override;
    void visit_update(const ast::Update& update) override;

    // compiler_decimal.cpp
    void visit_binary(const ast::Binary& binary) override;
    void visit_in(const ast::In& in) override;
    void visit_in_subquery(const ast::InSubquery& in) override;
    void visit_between(const ast::Between& between) override;
    void visit_case(const ast::Case& expression) override;

private:
    /// How an expression's decimal is kept; a bind can still become either.
    enum class Form : std::uint8_t { None, Flexible, Scaled, Text, Number };
    struct Common {
        Form form = Form::None;
        int scale = 0;
    };

    void write_part(const ast::Function& function, std::string_view format);

    [[nodiscard]] Form form_of(const ast::Expression& expression) const;
    [[nodiscard]] Form form_of_column(const ast::ColumnRef& column) const;
    [[nodiscard]] Form form_of_all(const std::vector<ast::ExpressionPtr>& list) const;
    [[nodiscard]] Common common_of(const std::vector<const ast::Expression*>& operands) const;
    [[nodiscard]] Common common_result(const ast::Expression& expression,
                                       const std::vector<ast::ExpressionPtr>& operands) const;
    void write_as(const ast::Expression& expression, Common common);
    void write_scaled(const ast::Expression& expression, int scale);
    void write_rescaled(const ast::Expression& expression, int from, int to);
    void write_bind_as(const ast::Bind& bind, const SqlType& type);
    void write_arithmetic(const ast::Binary& binary);
    void write_rounded(const ast::Function& function);
    void write_average(const ast::Function& function);
    void write_null_if(const ast::Function& function);
    void write_decimal_function(std::string_view name, const ast::Function& function);
    bool write_if_decimal(const ast::Function& function);
    void write_cast_to_decimal(const ast::Cast& cast);
    void write_cast_from_decimal(const ast::Cast& cast);
    // compiler_json.cpp
    struct JsonPlace;
    void visit_json_path(const ast::JsonPath& path) override;
    void visit_containment(const ast::Containment& containment) override;
    [[nodiscard]] static JsonPlace place_of(const ast::JsonPath& path);
    void write_json_document(const JsonPlace& place, std::size_t end);
    void write_json_steps(const JsonPlace& place, std::size_t begin, std::size_t end);
    void write_json_call(std::string_view function, const JsonPlace& place);
    void write_json_number(const JsonPlace& place, bool is_whole);
    bool write_if_documents(const ast::Binary& binary);

    void require_statement(std::string_view what) const;

    Purpose purpose_;
    int depth_ = 0;
    std::vector<const ast::Subquery*> derived_; ///< subqueries in the FROMs around this point
};

} // namespace mercator::sqlite
