// SPDX-License-Identifier: MIT
#include "compiler.hpp"

#include <mercator/dialect/dialect.hpp>

#include <string_view>

namespace mercator::postgresql {

/// `(document -> 'key' -> 0)`. To the server the first element of a plain value is the value
/// itself.
void PostgresqlCompiler::write_place(const ast::JsonPath& path) {
    if (path.steps.empty()) return process_operand(*path.document);
    std::size_t guards = 0;
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        if (path.steps[i].index != 0) continue;
        writer().text(guards++ == 0 ? "(CASE WHEN jsonb_typeof(" : " AND jsonb_typeof(");
        write_steps(path, i);
        writer().text(") = 'array'");
    }
    if (guards > 0) writer().text(" THEN ");
    write_steps(path, path.steps.size());
    if (guards > 0) writer().text(" END)");
}

/// The first `count` steps.
void PostgresqlCompiler::write_steps(const ast::JsonPath& path, std::size_t count) {
    if (count == 0) return process(*path.document);
    writer().text('(');
    process_operand(*path.document);
    for (std::size_t i = 0; i < count; ++i) {
        const ast::JsonStep& step = path.steps[i];
        writer().text(" -> ");
        if (step.is_index()) {
            writer().number(static_cast<std::uint64_t>(step.index));
        } else {
            write_text_literal(step.key);
        }
    }
    writer().text(')');
}

/// `CASE WHEN jsonb_typeof(place) = 'kind' THEN`: the server refuses to convert other kinds, and
/// only CASE keeps it from trying.
void PostgresqlCompiler::write_guard(const ast::JsonPath& path, std::string_view kind) {
    writer().text("CASE WHEN jsonb_typeof(");
    write_place(path);
    writer().text(") = '").text(kind).text("' THEN ");
}

void PostgresqlCompiler::write_whole_number(const ast::JsonPath& path) {
    write_guard(path, "number");
    writer().text("CASE WHEN ");
    write_place(path);
    writer().text("::numeric % 1 = 0 AND ");
    write_place(path);
    writer().text("::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN ");
    write_place(path);
    writer().text("::numeric::bigint END END");
}

void PostgresqlCompiler::visit_json_path(const ast::JsonPath& path) {
    using ast::JsonForm;
    switch (path.form) {
    case JsonForm::Document:
        return write_place(path);
    case JsonForm::Text:
        write_guard(path, "string");
        write_place(path);
        writer().text(" #>> '{}' END");
        return;
    case JsonForm::Integer:
        return write_whole_number(path);
    case JsonForm::Double:
        write_guard(path, "number");
        write_place(path);
        writer().text("::double precision END");
        return;
    case JsonForm::Boolean:
        write_guard(path, "boolean");
        write_place(path);
        writer().text("::boolean END");
        return;
    case JsonForm::Length:
        return write_length(path);
    case JsonForm::IsNull:
        writer().text("COALESCE(jsonb_typeof(");
        write_place(path);
        writer().text(") = 'null', FALSE)");
        return;
    case JsonForm::Exists:
        writer().text('(');
        write_place(path);
        writer().text(" IS NOT NULL)");
        return;
    }
}

void PostgresqlCompiler::write_length(const ast::JsonPath& path) {
    const bool is_array = path.document->type.kind == TypeKind::Array;
    if (!is_array) write_guard(path, "array");
    writer().text(is_array ? "CARDINALITY(" : "jsonb_array_length(");
    write_place(path);
    writer().text(is_array ? ")" : ") END");
}

/// An operand of `@>` and `&&`, which take two arrays of one type. A column of VARCHAR(n)[] is
/// brought to text[], since a cast the other way would cut what is looked for.
void PostgresqlCompiler::write_array(const ast::Expression& array) {
    process_operand(array);
    if (array.type.kind == TypeKind::Array && array.type.element_type().is_text())
        writer().text("::text[]");
}

void PostgresqlCompiler::visit_containment(const ast::Containment& containment) {
    using ast::ContainmentOf;
    const bool is_array = containment.whole->type.kind == TypeKind::Array;
    if (!is_array && containment.of == ContainmentOf::Any) return write_common_element(containment);
    writer().text('(');
    if (is_array && containment.of == ContainmentOf::Element) {
        process_operand(*containment.part);
        writer().text(" = ANY(");
        process(*containment.whole);
        writer().text("))");
        return;
    }
    write_array(*containment.whole);
    writer().text(containment.of == ContainmentOf::Any ? " && " : " @> ");
    write_array(*containment.part);
    writer().text(')');
}

void PostgresqlCompiler::write_common_element(const ast::Containment& containment) {
    writer().text("CASE WHEN ");
    process_operand(*containment.whole);
    writer().text(" IS NOT NULL THEN EXISTS (SELECT 1 FROM jsonb_array_elements(");
    process(*containment.part);
    writer().text(") AS mercator_part(element) WHERE ");
    process_operand(*containment.whole);
    writer().text(" @> mercator_part.element) END");
}

} // namespace mercator::postgresql
