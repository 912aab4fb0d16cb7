// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/compiler.hpp>

#include <cstdint>

namespace mercator::mysql {

/// Where MySQL's and MariaDB's SQL differs from ANSI's.
class Compiler : public mercator::Compiler {
public:
    /// Who will read the text: a session with our settings, or also people with settings of their
    /// own (the schema). Text in an expression of the schema is kept as text by MariaDB and read
    /// again, which not every spelling survives.
    enum class Reader : std::uint8_t { OwnSession, Anybody, AnybodyInExpression };

    explicit Compiler(const mercator::Dialect& dialect, Reader reader = Reader::OwnSession) :
        mercator::Compiler(dialect),
        reader_(reader) {}

protected:
    void visit_bind(const ast::Bind& bind) override;
    void write_placeholder(std::size_t index, const SqlType& type) override;
    void visit_literal(const ast::Literal& literal) override;
    void write_text_literal(std::string_view text) override;
    void write_uuid_literal(const Uuid& value, const SqlType& type) override;
    void visit_binary(const ast::Binary& binary) override;
    void visit_concat(const ast::Binary& binary) override;
    void visit_like(const ast::Like& like) override;
    void visit_function(const ast::Function& function) override;
    void visit_cast(const ast::Cast& cast) override;

    void write_from_item(const ast::FromItem& item) override;
    void write_limit(const ast::Select& select) override;

    void write_default_rows(const ast::Insert& insert) override;
    void visit_update(const ast::Update& update) override;
    void write_update_rows(const ast::Update& update) override;
    void visit_delete(const ast::Delete& statement) override;

    // compiler_json.cpp
    void visit_json_path(const ast::JsonPath& path) override;
    void visit_containment(const ast::Containment& containment) override;

private:
    void write_extract(const ast::JsonPath& path, std::size_t count);
    void write_place(const ast::JsonPath& path);
    void write_place_in(std::string_view function, const ast::JsonPath& path);
    void write_guard(const ast::JsonPath& path, std::string_view type);
    void write_number(const ast::JsonPath& path);
    void write_whole_number(const ast::JsonPath& path);
    void write_text(const ast::JsonPath& path);
    void write_json_equals(const ast::Expression& left, const ast::Expression& right);
    bool write_if_documents(const ast::Binary& binary);
    void write_function(std::string_view name, const std::vector<ast::ExpressionPtr>& arguments);
    void write_sum(const ast::Function& function);
    void write_update_row(const ast::Update& update, bool first);
    void write_update_value(ast::TargetColumn column, std::string_view alias, std::size_t number,
                            bool first);
    void write_aliased(std::string_view alias, std::size_t number);
    [[nodiscard]] const ast::TableRef* unreadable(const ast::TableRef& table) const;

    Reader reader_;
    const ast::TableRef* changed_ = nullptr; ///< what the statement changes, if it may not read it
};

} // namespace mercator::mysql
