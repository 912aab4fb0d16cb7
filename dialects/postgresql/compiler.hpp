// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/compiler.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace mercator::postgresql {

/// What PostgreSQL spells differently from the base.
class PostgresqlCompiler : public Compiler {
public:
    using Compiler::Compiler;

protected:
    void visit_select(const ast::Select& select) override;
    void visit_bind(const ast::Bind& bind) override;
    void visit_literal(const ast::Literal& literal) override;
    void write_text_literal(std::string_view text) override;
    void write_uuid_literal(const Uuid& value, const SqlType& type) override;
    void write_placeholder(std::size_t index, const SqlType& type) override;
    void visit_null_test(const ast::NullTest& test) override;
    void visit_like(const ast::Like& like) override;
    void visit_function(const ast::Function& function) override;
    void write_insert_arrays(const ast::Insert& insert) override;
    void write_default_rows(const ast::Insert& insert) override;
    void write_update_rows(const ast::Update& update) override;
    void write_delete_rows(const ast::Delete& statement) override;

private:
    void write_cast(const ast::Expression& result,
                    void (PostgresqlCompiler::*write)(const ast::Function&),
                    const ast::Function& function);
    void write_base_function(const ast::Function& function);
    void write_special_number(double value);
    void write_bytes_literal(std::string_view digits);
    void write_date_part(const ast::Function& function);
    void write_rounding(const ast::Function& function);
    /// `UNNEST($1::bigint[], …)`, one array per column; notes the binds.
    void write_unnest(const std::vector<const ast::TargetColumn*>& columns);
    /// `c1, c2` after `prefix`.
    void write_names(std::string_view before, std::size_t count);
    // compiler_json.cpp
    void visit_json_path(const ast::JsonPath& path) override;
    void visit_containment(const ast::Containment& containment) override;
    void write_place(const ast::JsonPath& path);
    void write_steps(const ast::JsonPath& path, std::size_t count);
    void write_guard(const ast::JsonPath& path, std::string_view kind);
    void write_whole_number(const ast::JsonPath& path);
    void write_length(const ast::JsonPath& path);
    void write_array(const ast::Expression& array);
    void write_common_element(const ast::Containment& containment);

    void write_batch_column(std::string_view batch, char letter, std::size_t index,
                            const SqlType& type);

    bool shares_binds_ = false; // in a SELECT that groups: a value met again gets its old number
};

} // namespace mercator::postgresql
